"""A worker in the process of whoever calls it, by Taskiq's receiver."""

import asyncio
import logging

from taskiq.receiver import Receiver

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.jobs.progress import ended
from zohocrm_async.taskiq._brokers import opened
from zohocrm_async.taskiq._jobs import Jobs

logger = logging.getLogger("zohocrm_async.taskiq")

_AGAIN = 1.0


async def work(jobs: Jobs, *, parts: int = 1) -> None:
    """Carry jobs through until cancelled; then end what is in flight and give the parts back.

    Args:
        jobs: whose; their broker is opened and closed.
        parts: how many parts are carried at once; one takes all slots that the
            organisation has, where its items are enough for them.

    Raises:
        ConfigurationError: *parts* is less than 1.
    """
    if parts < 1:
        raise ConfigurationError(f"parts is {parts}: give 1 or more")
    jobs.broker.is_worker_process = True
    async with opened(jobs.broker):
        finish = asyncio.Event()
        listening = asyncio.create_task(_listen(jobs, parts, finish))
        try:
            await asyncio.shield(listening)
        finally:
            # Nothing more is taken; then the parts end, and with them the receiver's tasks.
            finish.set()
            try:
                await jobs.interrupt()
                await asyncio.wait([listening])
            finally:
                await ended(listening)


async def _listen(jobs: Jobs, parts: int, finish: asyncio.Event) -> None:
    """Take tasks of the broker, again and again, whatever becomes of it."""
    while not finish.is_set():
        receiver = Receiver(jobs.broker, max_async_tasks=parts, run_startup=False)
        try:
            await receiver.listen(finish)
        except Exception as error:  # noqa: BLE001  # brokers raise whatever they like
            logger.warning("the broker gives no tasks now: %s", type(error).__name__)
            await jobs.clock.sleep(_AGAIN)
