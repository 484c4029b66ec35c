"""Looks at the scheduled merges of a run: one schedule for all of them."""

import asyncio
import heapq
from collections.abc import Iterator
from itertools import accumulate, repeat, takewhile

from attrs import define, field

from zohocrm_async._client import ZohoCRM
from zohocrm_async.models.merge import MergeState

_FIRST, _LONGEST, _GROWTH = 2.0, 60.0, 1.6
# A job may be a little late to be listed; one that stays away is gone.
_MOST_UNKNOWN = 3
# Looks that fall due so close together are made at once.
_TOGETHER = 0.5


@define(order=True)
class _Look:
    due: float
    number: int
    master_id: str = field(order=False)
    job_id: str = field(order=False)
    began: float = field(order=False)
    pause: float = field(order=False)
    ended: "asyncio.Future[MergeState | None]" = field(order=False)
    seen_at_work: float = field(order=False, default=0.0)
    """How old the job was when it was last seen at work."""
    unknown: int = field(order=False, default=0)


class MergeWatch:
    """Tells the ends of scheduled merges; 1 credit a look.

    Pauses grow with the age of each job. A job is not looked at before the age at
    which every one that has ended was still at work.
    """

    def __init__(self, crm: ZohoCRM, module: str) -> None:
        self._crm = crm
        self._module = module
        self._looks: list[_Look] = []
        self._soonest: float | None = None
        self._numbers = 0
        self._earlier = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def ended(self, master_id: str, job_id: str) -> MergeState | None:
        """Return how the job ended, once it has; None: the service knows no such job.

        Raises:
            ZohoCRMError: the job could not be looked at.
        """
        now = self._crm.clock.monotonic()
        pause = min(max(_FIRST, self._soonest or 0.0), _LONGEST)
        self._numbers += 1
        ended: asyncio.Future[MergeState | None] = asyncio.get_running_loop().create_future()
        self._add(_Look(now + pause, self._numbers, master_id, job_id, now, pause, ended))
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        return await ended

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _add(self, look: _Look) -> None:
        heapq.heappush(self._looks, look)
        if self._looks[0] is look:
            self._earlier.set()

    async def _watch(self) -> None:
        while True:
            await self._until_due()
            async with asyncio.TaskGroup() as round_:
                for look in self._due():
                    round_.create_task(self._look(look))

    async def _until_due(self) -> None:
        """Return once a look falls due."""
        clock = self._crm.clock
        while True:
            self._earlier.clear()
            wait = self._looks[0].due - clock.monotonic() if self._looks else None
            if wait is None:
                await self._earlier.wait()
            elif wait <= 0:
                return
            else:
                timer = clock.call_later(wait, self._earlier.set)
                try:
                    await self._earlier.wait()
                finally:
                    timer.cancel()

    def _due(self) -> Iterator[_Look]:
        until = self._crm.clock.monotonic() + _TOGETHER
        while self._looks and self._looks[0].due <= until:
            look = heapq.heappop(self._looks)
            if not look.ended.done():  # else nobody waits for it any more
                yield look

    async def _look(self, look: _Look) -> None:
        try:
            jobs = await self._crm.merge.status(self._module, look.master_id, job_id=look.job_id)
        except Exception as error:  # noqa: BLE001  # whoever waits for the end raises it
            _settle(look, error)
            return
        age = self._crm.clock.monotonic() - look.began
        state = jobs[0].state if jobs else None
        look.unknown = 0 if jobs else look.unknown + 1
        if state in {MergeState.COMPLETED, MergeState.FAILURE}:
            known = look.seen_at_work if self._soonest is None else self._soonest
            self._soonest = min(known, look.seen_at_work)
            _settle(look, state)
            return
        if look.unknown == _MOST_UNKNOWN:
            _settle(look, None)
            return
        look.seen_at_work = age
        look.pause = min(look.pause * _GROWTH, _LONGEST)
        look.due = self._crm.clock.monotonic() + look.pause
        self._add(look)


def _settle(look: _Look, end: MergeState | Exception | None) -> None:
    if look.ended.done():
        return  # cancelled: nobody waits for it any more
    if isinstance(end, Exception):
        look.ended.set_exception(end)
    else:
        look.ended.set_result(end)


def looks(seconds: float) -> int:
    """Return the looks at a merge that takes so long."""
    pauses = accumulate(
        repeat(_GROWTH), lambda pause, growth: min(pause * growth, _LONGEST), initial=_FIRST
    )
    return 1 + sum(1 for _ in takewhile(lambda at: at < seconds, accumulate(pauses)))
