"""The parts that a worker carries through, until it goes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from zohocrm_async._client import ZohoCRM
from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.jobs.job import Losses
from zohocrm_async.jobs.progress import ended
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_run import PartRun

logger = logging.getLogger("zohocrm_async.taskiq")


class Carrier:
    """Takes parts one by one as it is asked to, and looks for work while it has none.

    Args:
        crm: the worker's client.
        clock: the time.
        look: tells the workers of parts that nobody has, or carries them.
        every: seconds between two such looks.
    """

    def __init__(
        self, crm: ZohoCRM, clock: Clock, look: Callable[[], Awaitable[None]], every: float
    ) -> None:
        self._crm = crm
        self._clock = clock
        self._look = look
        self._every = every
        self._goes = False
        self._losses = Losses()
        self._taking: set[asyncio.Task[bool]] = set()
        self._carrying: set[asyncio.Task[bool]] = set()
        self._looking = asyncio.create_task(self._keep_looking())

    async def carry(self, journal: SqlJournal, name: str) -> bool:
        """Carry the first part of a job through that nobody has, if there is one.

        Returns:
            Whether there was one and it got anywhere, so that another may well be there.

        Raises:
            JournalError: the journal cannot be used.
        """
        if self._goes:
            return False  # others look by themselves
        taking = asyncio.create_task(self._take(journal, name))
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)
        # The end of the worker interrupts it, and not that of the broker's task.
        await asyncio.wait([taking])
        return taking.cancelled() or taking.result()

    async def interrupt(self) -> None:
        """End what is in flight, give all parts back, and take no more."""
        self._goes = True
        await ended(self._looking)
        await asyncio.gather(*map(ended, tuple(self._carrying)))
        if self._taking:  # what was being claimed is given back as well
            await asyncio.wait(self._taking)

    async def _take(self, journal: SqlJournal, name: str) -> bool:
        part = await journal.claim_any()
        if part is None:
            return False
        if self._goes:
            async with part:
                return True
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # `carry` has made one
        self._carrying.add(task)
        try:
            return await PartRun(self._crm, journal, part, name, self._losses).carry_through()
        finally:
            self._carrying.discard(task)

    async def _keep_looking(self) -> None:
        """See now and then, while there is nothing to do, whether work was left behind."""
        while True:
            if not self._taking:
                try:
                    await self._look()
                except ZohoCRMError as error:
                    logger.warning("%s", error)
                except Exception:  # a worker that looks no more would be idle for ever
                    logger.exception("the look for work that was left behind failed")
            await self._clock.sleep(self._every)
