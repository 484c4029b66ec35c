"""zohocrm_async.cli.watching: what a human sees of a running job."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from zohocrm_async import AccessToken, Limits, Priority, ZohoCRM
from zohocrm_async._clock import ManualClock
from zohocrm_async.cli.watching import Account, Watch, bars, told
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import Item, ItemState
from zohocrm_async.jobs.job import Terms
from zohocrm_async.jobs.progress import Begun, ItemEnded, Resumed, Stopped, Waiting

TERMS = Terms(
    kind="mail",
    heavy=True,
    journal=Path("leads.csv.journal"),
    budget=None,
    priority=Priority.BULK,
    max_wait=None,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def crm(clock: ManualClock) -> ZohoCRM:
    limits = Limits(concurrency=10, heavy_concurrency=10, credits=1_000)
    return ZohoCRM(AccessToken(token="t"), limits=limits, clock=clock)


@pytest.fixture
def watch() -> Watch:
    with bars() as progress:
        return Watch(progress, "leads.csv", 10)


def ended(number: int, state: ItemState = ItemState.SENT) -> ItemEnded:
    return ItemEnded(Item(key=str(number), position=number, state=state))


class TestWatch:
    """Items by state, each counted once."""

    def test_what_is_done_already_is_counted_in(self, watch: Watch) -> None:
        """What is still open is not: it comes by again."""
        watch.event(Begun({ItemState.SENT: 4, ItemState.REFUSED: 1, ItemState.UNKNOWN: 2}))
        watch.event(ended(1))
        assert str(watch) == "1 refused, 5 sent"

    def test_an_item_that_is_told_twice_is_counted_as_it_was_told_last(self, watch: Watch) -> None:
        """Lost, and found again by its look-up."""
        watch.event(ended(1, ItemState.UNKNOWN))
        assert str(watch) == "1 unknown"
        watch.event(ended(1, ItemState.SENT))
        assert (str(watch), watch.states.total()) == ("1 sent", 1)

    def test_it_waits_until_the_job_goes_on(self, watch: Watch) -> None:
        """Other events are no end of a wait."""
        waiting = Waiting(datetime(2026, 1, 2, tzinfo=UTC), "no credits")
        for event, expected in ((waiting, waiting), (Stopped("x"), waiting), (Resumed(), None)):
            watch.event(event)
            assert watch.waiting is expected


class TestAccount:
    """One line: items, credits, calls in flight, time left, what it waits for."""

    def test_it_begins_with_nothing(self, crm: ZohoCRM, watch: Watch) -> None:
        """No time is promised before something is done."""
        line = Account(crm, TERMS, watch).line()
        assert line == "nothing done yet; 0 credits; 0 in flight"

    def test_the_time_left_follows_from_this_run_alone(
        self, crm: ZohoCRM, clock: ManualClock, watch: Watch
    ) -> None:
        """What an earlier run did took no time of this one."""
        watch.event(Begun({ItemState.SENT: 6}))
        account = Account(crm, TERMS, watch)
        clock.advance(30)
        watch.event(ended(7))
        assert account.line() == "7 sent; 0 credits; 0 in flight; about 0:01:30 left"

    async def test_what_the_credits_pay_for_is_told_where_it_is_less_than_the_rest(
        self, watch: Watch
    ) -> None:
        """A time would be too good to be true: the rest waits for credits of another day."""
        async with Emulator(credits=100) as org, org.client() as crm:
            account = Account(crm, TERMS, watch)
            async with crm.budget("mail job leads.csv.journal"):
                for number in (1, 2):
                    await crm.organization.get()
                    watch.event(ended(number))
            org.advance(1)
            assert "about 0:00:0" in account.line()
            watch.total = 1_000
            assert account.line() == "2 sent; 2 credits; 0 in flight; credits for about 97 more"

    async def test_credits_are_those_of_its_own_budget(self, crm: ZohoCRM, watch: Watch) -> None:
        """Another job's budget is its own affair."""
        async with crm.budget("mail job other.journal", credits=5):
            assert "0 credits" in Account(crm, TERMS, watch).line()

    def test_a_wait_is_told_with_its_end_and_its_reason(self, crm: ZohoCRM, watch: Watch) -> None:
        """In words: colour says nothing that they do not. No time left is guessed meanwhile."""
        until = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        account = Account(crm, TERMS, watch)
        watch.event(ended(1))
        watch.event(Waiting(until, "the mails of the day are spent"))
        assert account.line() == (
            "1 sent; 0 credits; 0 in flight; "
            f"waiting until {until.astimezone():%Y-%m-%d %H:%M:%S}: the mails of the day are spent"
        )


class TestBars:
    """Where somebody looks, a bar, and below it what is told."""

    def test_neither_is_cut_short_on_a_narrow_terminal(self) -> None:
        """However long the reason of a wait is."""
        why = "the mails of the organisation's day (7,500) are spent, and then some words"
        with bars() as progress:
            watch = Watch(progress, "leads.csv", 10_000)
            watch.event(ended(1))
            watch.event(ended(2))
            watch.draw(f"2 sent; waiting until 2026-01-02 03:04:05: {why}")
            console = Console(width=80, file=io.StringIO(), record=True)
            console.print(progress.get_renderable())
        lines = console.export_text().splitlines()
        assert lines[0].startswith("leads.csv ")
        assert "2/10000" in lines[0]
        assert " ".join(" ".join(lines[1:]).split()).endswith(why)


class TestLines:
    """Where nobody looks, a plain line now and then."""

    async def test_a_line_every_ten_seconds_if_something_is_new(
        self, crm: ZohoCRM, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With how many there are, once that is counted."""
        async with told(crm, TERMS, "leads.csv", lambda: 1_500) as (watch, _):
            while watch.total is None:
                await asyncio.sleep(0.001)
            watch.event(ended(1))
            for seconds in (10, 10, 10):
                await asyncio.sleep(0)
                clock.advance(seconds)
                await asyncio.sleep(0)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 3  # the time left changes, though nothing else does
        assert all("1 of 1,500: 1 sent; 0 credits; 0 in flight" in line for line in lines)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=10)
        assert lines[0].startswith(f"{at.astimezone():%H:%M:%S} ")

    async def test_nothing_new_is_no_line(
        self, crm: ZohoCRM, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A log is not filled by a job that waits overnight."""
        async with told(crm, TERMS, "leads.csv", None) as (watch, _):
            watch.event(Waiting(datetime(2026, 1, 2, tzinfo=UTC), "no credits"))
            for _ in range(50):
                await asyncio.sleep(0)
                clock.advance(10)
                await asyncio.sleep(0)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert "waiting until" in lines[0]

    async def test_it_ends_with_the_job(self, crm: ZohoCRM, clock: ManualClock) -> None:
        """An error of the job leaves no task behind."""
        before = asyncio.all_tasks()
        with pytest.raises(OSError, match="disk full"):
            async with told(crm, TERMS, "leads.csv", None):
                raise OSError("disk full")
        assert asyncio.all_tasks() == before
