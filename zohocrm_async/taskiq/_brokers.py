"""Brokers: opened without leaking their errors; and one of Redis streams that suits jobs."""

import contextlib
from collections.abc import AsyncGenerator
from functools import partial

from redis.exceptions import RedisError
from taskiq import AckableMessage, AsyncBroker
from taskiq.utils import maybe_awaitable
from taskiq_redis import RedisStreamBroker

from zohocrm_async.exceptions import ConfigurationError, FleetError, ZohoCRMError

# A task only says that there is work, so that the oldest may go if nobody takes any.
_MOST_TASKS = 100_000


class _Streams(RedisStreamBroker):
    """Makes its group anew whenever it listens: a server may have come back without it."""

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yield the tasks that come."""
        await self._declare_consumer_group()
        async with contextlib.aclosing(super().listen()) as messages:
            async for message in messages:
                yield AckableMessage(data=message.data, ack=partial(acknowledge, message))


async def acknowledge(message: AckableMessage) -> None:
    """Tell the server that a task is done; one that it does not hear of may come again."""
    with contextlib.suppress(RedisError):
        await maybe_awaitable(message.ack())


def redis_broker(url: str, *, queue: str = "zohocrm:jobs") -> RedisStreamBroker:
    """Return a broker of Redis streams whose workers take one task at a time.

    By itself a worker would take a hundred and leave none to those that come later.

    Args:
        url: the server, such as ``redis://:password@host:6379/0``.
        queue: the name of the stream.

    Raises:
        ConfigurationError: the URL is none.
    """
    try:
        return _Streams(url, queue_name=queue, consumer_id="0", xread_count=1, maxlen=_MOST_TASKS)
    except (ValueError, TypeError, AttributeError):
        problem = "the broker's URL is none; give one such as redis://:password@host:6379/0"
    raise ConfigurationError(problem)


@contextlib.asynccontextmanager
async def opened(broker: AsyncBroker) -> AsyncGenerator[None, None]:
    """Open *broker* and close it again.

    Raises:
        FleetError: it cannot be reached.
    """
    problem = None
    try:
        await broker.startup()
    except BaseException as error:
        await broker.shutdown()
        if isinstance(error, ZohoCRMError) or not isinstance(error, Exception):
            raise
        problem = type(error).__name__
    # Apart from the error, whose text may show the URL.
    if problem is not None:
        raise FleetError(f"the broker cannot be opened ({problem}): check that it runs")
    try:
        yield
    finally:
        await broker.shutdown()
