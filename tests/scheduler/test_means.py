"""Means: the one account that says whether a call can go now, and when it could."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from desk import BULK, DAY, INTERACTIVE, Desk, MakeDesk, desks, quote

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget, Permit, current_budget


@pytest.fixture
async def make_desk() -> AsyncIterator[MakeDesk]:
    async with desks() as make:
        yield make


def asks(desk: Desk, price: int = 1, *, priority: Any = BULK, **how: Any) -> Permit:
    """Return the permit of a call that asks for nothing yet."""
    settings = {"heavy": False, "operation": "a call", "windows": (), **how}
    outer = current_budget.set(Budget("class", priority=priority))
    try:
        return desk.scheduler.admit(quote(price), **settings)
    finally:
        current_budget.reset(outer)


async def test_a_call_goes_when_every_one_of_its_means_is_there(make_desk: MakeDesk) -> None:
    """A slot, a heavy slot if it is heavy, its credits, its windows."""
    desk = make_desk(concurrency=3, heavy_concurrency=1, credits=100, daily_mails=1)
    means = desk.scheduler._means
    assert means.fits(asks(desk, 100, heavy=True, windows=("mails",)))
    assert not means.fits(asks(desk, 101))
    await desk.begin("a", heavy=True)
    assert not means.fits(asks(desk, heavy=True))
    assert means.fits(asks(desk))
    await desk.begin("b", windows=("mails",))
    assert not means.fits(asks(desk, windows=("mails",)))
    assert means.fits(asks(desk))
    await desk.begin("c")
    assert not means.fits(asks(desk))


async def test_the_floor_and_the_headroom_are_for_interactive_calls(make_desk: MakeDesk) -> None:
    """All others leave them."""
    desk = make_desk(concurrency=2, headroom=1, credits=100, floor=30)
    means = desk.scheduler._means
    assert means.fits(asks(desk, 70))
    assert not means.fits(asks(desk, 71))
    assert means.fits(asks(desk, 100, priority=INTERACTIVE))
    await desk.begin("a")
    assert not means.fits(asks(desk))
    assert means.fits(asks(desk, priority=INTERACTIVE))


async def test_a_call_that_costs_nothing_needs_no_credits(make_desk: MakeDesk) -> None:
    """Neither of a spent window nor of one that is parked."""
    desk = make_desk(credits=10)
    await desk.spend(10)
    desk.scheduler.credits_refused()
    means = desk.scheduler._means
    assert means.fits(asks(desk, 0))
    assert not means.fits(asks(desk, 1))


async def test_limits_hold_from_the_moment_they_are_set(make_desk: MakeDesk) -> None:
    """For all means at once."""
    desk = make_desk(concurrency=1, credits=10, daily_mails=0)
    means = desk.scheduler._means
    permit = asks(desk, 20, windows=("mails",))
    assert not means.fits(permit)
    means.configure(Limits(concurrency=4, credits=100, floor=5, daily_mails=7))
    assert means.fits(permit)
    assert (means.slots.limit, means.ledger.allowance, means.floors) == (4, 100, (0, 5, 5))
    assert means.window("mails").left == 7
    means.configure(Limits(heavy_concurrency=3))
    assert means.heavy.limit == 3


async def test_windows_of_a_day_and_rates_are_told_apart(make_desk: MakeDesk) -> None:
    """And a name that is neither is an error that lists both."""
    means = make_desk().scheduler._means
    days, rates = means.split(("mails", "downloads"))
    assert (days, [rate.max_rate for rate in rates]) == (("mails",), [2])
    assert means.split(()) == ((), ())
    with pytest.raises(ConfigurationError, match="'fax'; there is mails, downloads"):
        means.window("fax")


async def test_the_first_window_that_is_full_is_named_and_whether_it_is_spent(
    make_desk: MakeDesk,
) -> None:
    """Full with calls in flight is not spent: their places may come back."""
    desk = make_desk(daily_mails=1)
    means = desk.scheduler._means
    await desk.begin("a", windows=("mails",))
    assert means.full(("mails",)) is means.window("mails")
    assert means.spent(("mails",)) is None
    await desk.end("a")
    assert means.spent(("mails",)) == ("mails", means.window("mails"))


async def test_the_wait_for_credits_goes_by_what_is_ahead(make_desk: MakeDesk) -> None:
    """Nothing now, a window for what is spent, another for each allowance ahead; or never."""
    desk = make_desk(credits=100)
    means = desk.scheduler._means
    permit = asks(desk, 40)
    assert means.credit_wait(permit, 60) == 0
    await desk.spend(100)
    assert means.credit_wait(permit, 0) == DAY
    assert means.credit_wait(permit, 100) == pytest.approx(2 * DAY, abs=60)
    assert means.credit_wait(asks(desk, 101), 0) is None
    assert means.due(permit) == DAY


async def test_what_a_call_lacks_has_a_name(make_desk: MakeDesk) -> None:
    """That which comes back the latest first."""
    desk = make_desk(concurrency=2, heavy_concurrency=1, credits=100, daily_mails=1)
    lack = desk.scheduler.lack
    assert lack(asks(desk, 100, heavy=True, windows=("mails",))) is None
    assert lack(asks(desk, 101)) == "credits"
    await desk.begin("a", heavy=True)
    assert lack(asks(desk, heavy=True)) == "slots"
    assert lack(asks(desk)) is None
    await desk.begin("b", windows=("mails",))
    assert lack(asks(desk)) == "slots"
    assert lack(asks(desk, 200, windows=("mails",))) == "windows"


async def test_calls_that_are_parked_lack_credits(make_desk: MakeDesk) -> None:
    """Until it is time for one of them to find out; those that cost nothing lack nothing."""
    desk = make_desk()
    desk.scheduler.credits_refused()
    assert desk.scheduler.lack(asks(desk)) == "credits"
    assert desk.scheduler.lack(asks(desk, 0)) is None
    await desk.passes(61)
    assert desk.scheduler.lack(asks(desk)) is None


async def test_a_budget_may_be_what_a_call_lacks(make_desk: MakeDesk) -> None:
    """Whatever else there is."""
    desk = make_desk()
    assert desk.scheduler.lack(desk.scheduler.admit(quote(1), heavy=0, operation="x")) is None
    async with desk.scheduler.budget("paused") as budget:
        call = desk.scheduler.admit(quote(1), heavy=False, operation="a call")
        assert desk.scheduler.lack(call) is None
        budget.pause()
        assert desk.scheduler.lack(call) == "budget"
