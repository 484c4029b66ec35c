"""Paces: calls that wait for a rate before they line up."""

import asyncio

import pytest
from aiolimiter import AsyncLimiter
from desk import Desk, quote, turns

from zohocrm_async.exceptions import SchedulerClosed
from zohocrm_async.scheduler import Permit
from zohocrm_async.scheduler.paces import Paces


def paced(*rates: AsyncLimiter) -> Permit:
    """Return the permit of a call with these rates."""
    permit = Desk().scheduler.admit(quote(1), heavy=False, operation="x")
    permit.rates = rates
    return permit


async def test_a_call_whose_rates_have_room_does_not_wait() -> None:
    """And is not counted afterwards."""
    paces = Paces()
    await paces.wait(paced(AsyncLimiter(2), AsyncLimiter(1)))
    assert (len(paces), paces.waiting()) == (0, ())


async def test_a_call_waits_for_the_last_of_its_rates() -> None:
    """It is there to be seen meanwhile."""
    paces, slow = Paces(), AsyncLimiter(1, 3600)
    await paces.wait(paced(slow))
    permit = paced(AsyncLimiter(1), slow)
    waiting = asyncio.create_task(paces.wait(permit))
    await turns()
    assert (len(paces), paces.waiting()) == (1, (permit,))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(paces) == 0


async def test_a_call_that_is_refused_raises_the_first_refusal() -> None:
    """The others wait on."""
    paces, slow = Paces(), AsyncLimiter(1, 3600)
    await paces.wait(paced(slow))
    first, other = paced(slow), paced(slow)
    tasks = [asyncio.create_task(paces.wait(permit)) for permit in (first, other)]
    await turns()
    for why in ("closing", "again"):
        paces.refuse(first, SchedulerClosed(why))
    with pytest.raises(SchedulerClosed, match="closing"):
        await tasks[0]
    assert paces.waiting() == (other,)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("ticks", range(5))
async def test_a_refusal_may_come_at_any_moment_after_the_first(ticks: int) -> None:
    """A budget is closed, and then its client, before the call has heard of it."""
    paces, slow = Paces(), AsyncLimiter(1, 3600)
    await paces.wait(paced(slow))
    permit = paced(slow)
    task = asyncio.create_task(paces.wait(permit))
    await turns()
    paces.refuse(permit, SchedulerClosed("closing"))
    for _ in range(ticks):
        await asyncio.sleep(0)
    for waiting in paces.waiting():
        paces.refuse(waiting, SchedulerClosed("again"))
    with pytest.raises(SchedulerClosed, match="closing"):
        await task
