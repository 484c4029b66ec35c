"""What the client tells of its queue: as it changes, and ahead of time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from zohocrm_async import Limits, RefreshToken, ZohoCRM, exceptions as errors
from zohocrm_async._clock import Clock
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import CreditReport
from zohocrm_async.scheduler import MemoryLedger

NOBODY = RefreshToken(client_id="x", client_secret="y", refresh_token="z")


class Reader:
    """Takes all that a stream gives, as it comes."""

    def __init__(self, crm: ZohoCRM, interval: float) -> None:
        self.seen: list[CreditReport] = []
        self.task = asyncio.create_task(self._read(crm, interval))

    async def _read(self, crm: ZohoCRM, interval: float) -> None:
        async for report in crm.credits_stream(interval=interval):
            self.seen.append(report)

    async def settled(self, count: int) -> None:
        """Wait for the report number *count*, and see that there is no other."""
        async with asyncio.timeout(5):
            while len(self.seen) < count:
                await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(self.seen) == count


class TestStream:
    """`crm.credits_stream` gives the account as it changes, and never piles it up."""

    async def test_the_first_report_comes_at_once_and_the_next_with_a_change(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        await crm.organization.get()
        reader = Reader(crm, interval=0)
        await reader.settled(1)
        await crm.organization.get()
        async with asyncio.timeout(5):
            while reader.seen[-1].used < 3:
                await asyncio.sleep(0)
        assert reader.seen[0].used == 2
        reader.task.cancel()

    async def test_many_changes_are_one_report(self, org: Emulator, crm: ZohoCRM) -> None:
        await crm.organization.get()
        reader = Reader(crm, interval=60)
        await reader.settled(1)
        await asyncio.gather(*(crm.organization.get() for _ in range(20)))
        await reader.settled(1)
        org.advance(61)
        await reader.settled(2)
        assert reader.seen[-1].used == 22
        reader.task.cancel()

    async def test_credits_that_come_back_are_a_change(self, org: Emulator, crm: ZohoCRM) -> None:
        """Although nobody does anything."""
        await crm.organization.get()
        reader = Reader(crm, interval=0)
        await reader.settled(1)
        org.advance(hours=25)
        await reader.settled(2)
        assert [report.used for report in reader.seen] == [2, 0]
        reader.task.cancel()

    async def test_it_ends_with_the_client(self, org: Emulator) -> None:
        async with org.client() as crm:
            await crm.organization.get()
            reader = Reader(crm, interval=0)
            await reader.settled(1)
        await asyncio.wait_for(reader.task, 5)

    async def test_a_reader_that_leaves_is_forgotten(self, org: Emulator, crm: ZohoCRM) -> None:
        stream = crm.credits_stream(interval=0)
        await anext(stream)
        await stream.aclose()
        await crm.organization.get()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    @pytest.mark.parametrize("interval", [-1, float("nan")])
    def test_an_interval_is_no_less_than_nothing(self, interval: float) -> None:
        crm = ZohoCRM(NOBODY, limits=Limits())
        with pytest.raises(errors.ConfigurationError, match="interval"):
            crm.credits_stream(interval=interval)


class TestForecast:
    """`crm.forecast` says what so many calls cost, and when they can be done."""

    async def test_what_fits_ends_now(self, org: Emulator, crm: ZohoCRM) -> None:
        forecast = await crm.forecast(100, "POST", "/Leads/1/actions/send_mail")
        assert (forecast.credits_most, forecast.credits_expected) == (2_000, 2_000)
        assert forecast.ends_at is not None
        assert forecast.ends_at - forecast.starts_at < timedelta(seconds=1)
        assert [call.path for call in org.calls] == ["/__apis"]

    async def test_what_the_window_does_not_hold_takes_days(self) -> None:
        """100,000 mails at 150,000 credits a day: 13 days pass before the last one."""
        async with Emulator(credits=150_000) as org, org.client() as crm:
            forecast = await crm.forecast(100_000, "POST", "/Leads/1/actions/send_mail")
            assert forecast.ends_at is not None
            assert 13.0 <= (forecast.ends_at - forecast.starts_at) / timedelta(days=1) < 13.1
            assert sum(calls for _, calls in forecast.parts) == 100_000

    async def test_the_mails_of_a_day_bind(self) -> None:
        async with Emulator() as org:
            limits = evolve(org.limits, daily_mails=100)
            async with org.client(limits=limits) as crm:
                forecast = await crm.forecast(350, "POST", "/Leads/1/actions/send_mail")
                assert [calls for _, calls in forecast.parts] == [100, 100, 100, 50]

    async def test_rows_count(self, crm: ZohoCRM) -> None:
        forecast = await crm.forecast(3, "POST", "/Leads", rows=100)
        assert forecast.credits_most == 30


class Watched(MemoryLedger):
    """A ledger that notes what is done to it."""

    def __init__(self, allowance: int, *, clock: Clock, remembers: int | None = None) -> None:
        super().__init__(allowance, clock=clock)
        self.done: list[str] = []
        self._remembers = remembers

    async def open(self) -> int | None:
        await asyncio.sleep(0)
        self.done.append("open")
        return self._remembers

    async def close(self) -> None:
        self.done.append("close")


class TestLedger:
    """The client opens the ledger before its first call, and closes it."""

    async def test_one_that_was_never_opened_is_not_closed(self, org: Emulator) -> None:
        ledger = Watched(1_000, clock=org.clock)
        await org.client(ledger=ledger).close()
        assert ledger.done == []

    async def test_with_a_block(self, org: Emulator) -> None:
        ledger = Watched(1_000, clock=org.clock)
        async with org.client(ledger=ledger) as crm:
            assert ledger.done == ["open"]
            await crm.organization.get()
        assert ledger.done == ["open", "close"]

    async def test_without_one(self, org: Emulator) -> None:
        ledger = Watched(1_000, clock=org.clock)
        crm = org.client(ledger=ledger)
        assert ledger.done == []
        await asyncio.gather(*(crm.organization.get() for _ in range(5)))
        assert ledger.done == ["open"]
        await crm.close()
        assert ledger.done == ["open", "close"]

    async def test_the_allowance_it_remembers_serves_until_the_organisation_tells(
        self, org: Emulator
    ) -> None:
        """Or a client of a large organisation could not even ask for its limits."""
        ledger = Watched(1, clock=org.clock, remembers=40_000)
        ledger.reserve(20_000)
        ledger.settle(20_000, 20_000)
        async with org.client(ledger=ledger, limits=None) as crm:
            assert crm.credits().allowance == 40_000
            await crm.organization.get()
            assert crm.credits().allowance == org.limits.credits
        async with org.client(ledger=ledger) as crm:
            assert crm.credits().allowance == org.limits.credits

    async def test_it_is_closed_whatever_fails_before(self, org: Emulator) -> None:
        ledger = Watched(1_000, clock=org.clock)
        crm = org.client(ledger=ledger)
        await crm.organization.get()

        async def broken(*_: Any) -> None:
            raise errors.ConnectionFailed("x")

        crm._tokens.close = broken  # type: ignore[method-assign]
        with pytest.raises(errors.ConnectionFailed):
            await crm.close()
        assert ledger.done == ["open", "close"]
        await crm._sessions.close()
