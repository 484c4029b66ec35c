"""Forecasts: what a job costs, and when it can be done at the earliest."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from desk import DAY, Desk, MakeDesk, desks, quote, turns

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.models.credits import Forecast
from zohocrm_async.scheduler import Budget


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


def seconds(d: Desk, forecast: Forecast) -> float | None:
    end = forecast.ends_at
    return None if end is None else (end - d.clock.now()).total_seconds()


async def test_what_fits_now_is_done_now(desk: MakeDesk) -> None:
    d = desk(credits=100)
    forecast = d.scheduler.forecast(4, quote(10, maximum=25))
    assert (forecast.credits_most, forecast.credits_expected) == (100, 40)
    assert forecast.parts == ((d.clock.now(), 4),)
    assert seconds(d, forecast) == 0


async def test_thirteen_days_of_mail(desk: MakeDesk) -> None:
    """100,000 mails of 20 credits at 150,000 a day: the last part begins after 13 days."""
    d = desk(credits=150_000)
    forecast = d.scheduler.forecast(100_000, quote(20), heavy=True)
    assert seconds(d, forecast) == 13 * 86_400
    assert [calls for _, calls in forecast.parts] == [7_500] * 13 + [2_500]
    assert forecast.credits_most == 2_000_000


async def test_what_was_spent_comes_back_first(desk: MakeDesk) -> None:
    """Parts follow the minutes in which credits come back."""
    d = desk(credits=100)
    await d.spend(60)
    await d.passes(3_600)
    await d.spend(40)
    forecast = d.scheduler.forecast(10, quote(10))
    assert [calls for _, calls in forecast.parts] == [6, 4]
    assert forecast.starts_at == d.clock.now() + timedelta(seconds=DAY - 3_600)
    assert seconds(d, forecast) == DAY


async def test_a_forecast_comes_true(desk: MakeDesk) -> None:
    """The calls alone, started at once, are done when it said; the ledger adds its minute."""
    d = desk(credits=100, concurrency=50, max_wait=None)
    await d.spend(35)
    await d.passes(7_200)
    told = seconds(d, d.scheduler.forecast(12, quote(10)))
    for index in range(12):
        d.start(f"c{index}", 10)
    await turns()
    began = d.clock.monotonic()
    while len(d.order) < 12:
        for name in [n for n in d.order if n not in d.ended]:
            d.ended.append(name)
            await d.end(name)
        await d.passes(60)
    assert told is not None
    assert told - 60 <= d.clock.monotonic() - began <= told + 180


async def test_slots_bind_where_calls_take_long(desk: MakeDesk) -> None:
    """Ten calls of 3 s in 2 slots take 15 s, and heavy ones in 1 slot 30."""
    d = desk(concurrency=2, heavy_concurrency=1)
    assert seconds(d, d.scheduler.forecast(10, quote(1), seconds_per_call=3)) == 15
    assert seconds(d, d.scheduler.forecast(10, quote(1), heavy=True, seconds_per_call=3)) == 30


async def test_calls_of_several_slots_go_fewer_at_once(desk: MakeDesk) -> None:
    """As many as the tighter of both pools has room for, or one."""
    d = desk(concurrency=12, heavy_concurrency=3, credits=1_000)
    for slots, heavy, took in ((5, 0, 30), (5, 2, 60), (50, 0, 60)):
        told = d.scheduler.forecast(6, quote(1), slots=slots, heavy=heavy, seconds_per_call=10.0)
        assert seconds(d, told) == took


async def test_pace_rate_and_budget_bind(desk: MakeDesk) -> None:
    d = desk(credits=1_000)
    slow = Budget("slow", credits=100, pace=1_000, clock=d.clock)
    assert seconds(d, d.scheduler.forecast(10, quote(10), budget=slow)) == 900
    assert seconds(d, d.scheduler.forecast(11, quote(10), budget=slow)) is None
    few = Budget("few", rate=0.5, clock=d.clock)
    assert seconds(d, d.scheduler.forecast(11, quote(1), budget=few)) == 20


async def test_downloads_go_ten_a_minute(desk: MakeDesk) -> None:
    """Two at once, then one every seven and a half seconds."""
    d = desk(credits=1_000)
    forecast = d.scheduler.forecast(10, quote(1), windows=("downloads",))
    assert seconds(d, forecast) == 60


async def test_days_of_mails_bind(desk: MakeDesk) -> None:
    """Three a day: seven need until the day after tomorrow."""
    d = desk(credits=1_000, daily_mails=3)
    await d.passes(3_600)
    forecast = d.scheduler.forecast(7, quote(1), windows=("mails",))
    assert [calls for _, calls in forecast.parts] == [3, 3, 1]
    assert seconds(d, forecast) == 2 * 86_400 - 3_600


async def test_the_impossible_and_the_empty(desk: MakeDesk) -> None:
    """A call dearer than the allowance never ends; no calls end at once."""
    d = desk(credits=100, floor=10)
    assert d.scheduler.forecast(1, quote(91)).ends_at is None
    assert seconds(d, d.scheduler.forecast(0, quote(91))) == 0
    with pytest.raises(ConfigurationError, match="-1 calls"):
        d.scheduler.forecast(-1, quote(1))


async def test_a_call_may_cost_all_there_is_and_no_more(desk: MakeDesk) -> None:
    """The floor is not there for it."""
    d = desk(credits=100, floor=40)
    assert seconds(d, d.scheduler.forecast(1, quote(60))) == 0
    assert seconds(d, d.scheduler.forecast(1, quote(61))) is None


async def test_a_plan_that_takes_the_last_credit_waits_for_it(desk: MakeDesk) -> None:
    d = desk(credits=100)
    await d.spend(1)
    assert seconds(d, d.scheduler.forecast(9, quote(11))) == 0
    assert seconds(d, d.scheduler.forecast(10, quote(10))) == DAY


async def test_heavy_calls_go_as_many_at_once_as_there_are_heavy_slots(desk: MakeDesk) -> None:
    """Or slots, if these are fewer."""
    for heavy_slots, end in ((2, 40.0), (5, 30.0)):
        d = desk(credits=1_000, concurrency=3, heavy_concurrency=heavy_slots)
        how = d.scheduler.forecast(7, quote(1), heavy=1, seconds_per_call=10.0)
        assert seconds(d, how) == end


async def test_the_budget_of_the_block_is_reckoned_with(desk: MakeDesk) -> None:
    """Unless another is named."""
    d = desk(credits=100)
    async with d.scheduler.budget("job", credits=20):
        assert seconds(d, d.scheduler.forecast(3, quote(10))) is None
        assert seconds(d, d.scheduler.forecast(3, quote(10), budget=Budget("other"))) == 0
