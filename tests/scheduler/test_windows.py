"""Limits of the organisation's calendar day."""

from datetime import UTC, datetime, timedelta

import pytest
from desk import desks, quote, turns

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import ConfigurationError, WindowExhausted
from zohocrm_async.scheduler import Budget
from zohocrm_async.scheduler.windows import DayWindow


class WallClock(ManualClock):
    """A clock whose wall time can be set while its seconds run on."""

    offset = timedelta()

    def now(self) -> datetime:
        return super().now() + self.offset


def window(limit: int | None, zone: str = "UTC", **at: int) -> tuple[DayWindow, WallClock]:
    clock = WallClock(datetime(2026, 3, 28, tzinfo=UTC) + timedelta(**at))
    return DayWindow(limit, zone, clock=clock), clock


def test_a_day_holds_so_many_and_the_next_as_many_again() -> None:
    """What is in flight holds its place until it is known whether it counts."""
    day, clock = window(2, hours=23)
    day.reserve()
    day.reserve()
    assert (day.has_room, day.is_spent, day.left) == (False, False, 0)
    day.settle(counted=True)
    day.settle(counted=False)
    assert (day.has_room, day.used, day.left) == (True, 1, 1)
    day.reserve()
    day.settle(counted=True)
    assert (day.is_spent, day.wait()) == (True, 3600)
    clock.advance(3600)
    assert (day.has_room, day.used) == (True, 0)


def test_the_day_begins_at_the_organisations_midnight() -> None:
    """Also where that day has 23 hours."""
    day, _ = window(1, "Europe/Berlin", hours=23)
    assert day.resumes_at() == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert day.wait() == 23 * 3600


def test_what_the_service_says_is_spent_is_spent_until_midnight() -> None:
    """Also where no limit is known."""
    day, clock = window(None, hours=12)
    assert (day.has_room, day.left) == (True, None)
    day.fill()
    assert (day.has_room, day.is_spent) == (False, True)
    clock.advance(12 * 3600)
    assert day.has_room


def test_a_wall_clock_set_forward_and_back_finds_its_counts() -> None:
    """The days are known by their dates."""
    day, clock = window(1, hours=12)
    day.reserve()
    day.settle(counted=True)
    clock.offset = timedelta(days=1)
    assert day.has_room
    clock.offset = timedelta()
    assert day.is_spent


class TestMails:
    """A call names the windows it counts for, and they are judged with all the rest."""

    async def test_mails_end_with_the_day_and_nothing_else_does(self) -> None:
        """Other calls go on; who can wait for midnight waits, who cannot is told."""
        async with desks() as make:
            d = make(daily_mails=1, concurrency=9, heavy_concurrency=9)
            scheduler = d.scheduler
            async with scheduler.admit(
                quote(1), heavy=True, operation="mail.send", windows=("mails",)
            ) as permit:
                permit.settle(1)
            with pytest.raises(WindowExhausted) as told:
                await scheduler.admit(
                    quote(1), heavy=True, operation="mail.send", windows=("mails",)
                ).__aenter__()
            assert (told.value.window, told.value.limit) == ("mails", 1)
            assert told.value.resumes_at == d.clock.now() + timedelta(days=1)
            patient = d.start(
                "p", windows=("mails",), heavy=True, budget=Budget("j", max_wait=None)
            )
            await d.begin("h", heavy=True)
            assert d.went == "h"
            assert scheduler.report().windows["mails"].used == 1
            await d.passes(86_401)
            assert d.went == "hp"
            await patient.ends()

    async def test_a_refused_mail_does_not_count(self) -> None:
        async with desks() as make:
            d = make(daily_mails=1)
            for acted in (False, True):
                permit = d.scheduler.admit(
                    quote(1), heavy=True, operation="mail.send", windows=("mails",)
                )
                async with permit:
                    permit.mark_sent()
                    permit.settle(1, acted=acted)
                assert d.scheduler.windows["mails"].used == int(acted)

    async def test_a_cap_that_the_service_tells_fills_the_window(self) -> None:
        async with desks() as make:
            d = make()
            d.scheduler.window_spent("mails")
            attempt = d.start("m", windows=("mails",))
            await turns()
            assert isinstance(attempt.refusal, WindowExhausted)
            with pytest.raises(ConfigurationError, match="no window is called 'letters'"):
                d.scheduler.window_spent("letters")
