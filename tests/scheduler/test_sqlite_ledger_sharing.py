"""Ledgers of one file: beside each other, alone, and under schedulers."""

import asyncio
from pathlib import Path

import ledger_files
import pytest
from ledger_files import (
    ALLOWANCE,
    DAY,
    Open,
    answered,
    crash,
    hold,
    passes,
    spend,
)

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import CreditsExhausted, LedgerError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Quote, Scheduler
from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

path, clock, opened = ledger_files.path, ledger_files.clock, ledger_files.opened


class TestSharing:
    """Processes of a host take blocks of one allowance."""

    async def test_two_never_hold_more_than_there_is(self, opened: Open) -> None:
        """And between them nothing is left over."""
        one, two = await opened(allowance=1_000), await opened(allowance=1_000)
        spent = 0
        while True:
            a, b = await spend(one, 7), await spend(two, 7)
            spent += 7 * (a + b)
            assert spent + one._lease + two._lease <= 1_000
            if not (a or b):
                break
            if not (a and b):
                for ledger in (one, two):
                    ledger._poll()
                    await answered(ledger)
        assert spent == 994

    async def test_an_idle_one_gives_back_what_it_set_aside(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """After a few seconds without a call, all but what calls hold."""
        one, two = await opened(), await opened()
        assert await hold(one, 20)
        await answered(one)
        assert one._lease > 0
        await passes(clock, 10, one)
        assert one._lease == 0
        assert await spend(two, ALLOWANCE - 20)
        assert (two.reserved, two.remaining) == (20, 0)
        one.settle(20, 20)
        await passes(clock, 20, one, two)
        assert clock.next_timer() is None, "nothing is left to write"

    async def test_who_lacks_what_others_hold_looks_again(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """It is told to wait, not to go home; what comes back wakes it."""
        one, two = await opened(allowance=100), await opened(allowance=100)
        woken: list[int] = []
        two.listen(lambda: woken.append(two.free()))
        assert await hold(one, 90)
        assert not await spend(two, 20)
        two.want(20)
        await answered(two)
        assert two.used == 0
        one.settle(90, 0)
        await passes(clock, 10, one)
        two.want(20)
        await passes(clock, 5, two)
        assert woken
        assert two.free() >= 20

    async def test_the_dead_are_buried_by_the_living(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """Their blocks are spent, and are in nobody's way as held any more."""
        one, two = await opened(allowance=100), await opened(allowance=100)
        assert await hold(one, 50)
        assert not await hold(two, 60)
        await crash(one)
        two.want(60)
        clock.advance(1)
        await answered(two)
        assert two.reserved == 0
        assert 50 <= two.foreign == two.used

    async def test_strangers_are_counted_once(self, opened: Open, clock: ManualClock) -> None:
        """Two processes that hear of them from the service book them one time."""
        one, two = await opened(), await opened()
        assert await spend(one, 100)
        for ledger in (one, two):
            ledger.observe(4_900, sent_at=clock.monotonic())
        await answered(one, two)
        for ledger in (one, two):
            assert ledger.remaining <= 4_900
            await answered(ledger)
            assert ledger.foreign <= 5_000
        clock.advance(1)
        assert one.remaining
        await answered(one)
        assert one.used + one.reserved >= 5_100
        assert one.foreign == 5_000

    async def test_a_watcher_sees_what_others_do(self, opened: Open, clock: ManualClock) -> None:
        """Whoever reads the report again and again learns of the file's changes."""
        one, two = await opened(), await opened()
        assert await spend(one, 300)
        await passes(clock, 5, one)
        assert two.remaining
        await answered(two)
        assert two.used == 300

    async def test_the_floor_is_left(self, opened: Open) -> None:
        """Whoever respects it cannot have what lies below."""
        ledger = await opened(allowance=100)
        ledger.want(60, 50)
        await answered(ledger)
        assert ledger.free(50) < 60
        assert ledger.when(60, 50) is None
        ledger.want(50, 50)
        await answered(ledger)
        assert ledger.free(50) >= 50


class TestAlone:
    """Blocks cost a lone process nothing of its allowance."""

    @pytest.mark.parametrize("cost", [1, 7, 20])
    async def test_an_allowance_that_binds_is_used_up(self, opened: Open, cost: int) -> None:
        """To the last call that fits."""
        ledger = await opened(allowance=3_000)
        calls = 0
        while await spend(ledger, cost):
            calls += 1
        assert calls == 3_000 // cost
        assert ledger.when(cost) == pytest.approx(DAY, abs=61)

    async def test_commits_are_few(self, opened: Open) -> None:
        """A call costs no commit of its own: blocks grow with the demand."""
        ledger = await opened(allowance=100_000)
        commits = 0
        for _ in range(2_000):
            assert await hold(ledger, 1)
            ledger.settle(1, 1)
            if ledger._writing is not None:
                commits += 1
                await answered(ledger)
        assert commits < 40
        assert ledger._lease <= 100_000 // 100

    async def test_a_call_dearer_than_its_reserve_is_covered(self, opened: Open) -> None:
        """The block goes below nothing, and the next commit makes up for it."""
        ledger = await opened()
        assert await hold(ledger, 20)
        ledger.settle(20, 500)
        assert ledger.free() < 0
        await answered(ledger)
        assert ledger._lease >= 0
        await crash(ledger)
        assert (await opened()).used >= 500


class TestScheduled:
    """A scheduler sees no difference but a brief wait."""

    async def test_calls_wait_for_their_block(self, path: Path, clock: ManualClock) -> None:
        """Each goes as soon as it is set aside; the allowance is used up, and then refused."""
        ledger = SQLiteLedger(path, clock=clock)
        limits = Limits(credits=100, concurrency=5, max_wait=30.0)
        scheduler = Scheduler(limits, clock=clock, ledger=ledger)
        await ledger.open()

        async def call() -> int:
            price = Quote(20, 20, 20, exact=True, basis="test")
            async with scheduler.admit(price, heavy=False, operation="x") as permit:
                permit.mark_sent()
                permit.settle(20)
            return 20

        ends = await asyncio.gather(*(call() for _ in range(7)), return_exceptions=True)
        assert ends.count(20) == 5
        assert sum(isinstance(end, CreditsExhausted) for end in ends) == 2
        assert scheduler.report().remaining == 0
        await ledger.close()

    async def test_a_failure_refuses_whoever_lacks_credits(
        self, path: Path, clock: ManualClock
    ) -> None:
        """Nobody waits for a file that cannot be had."""
        scheduler = Scheduler(Limits(), clock=clock, ledger=SQLiteLedger(path, clock=clock))
        price = Quote(1, 1, 1, exact=True, basis="test")
        with pytest.raises(LedgerError, match="is not open"):
            await scheduler.admit(price, heavy=False, operation="x").__aenter__()

    async def test_clients_share_a_ledger(self, path: Path, clock: ManualClock) -> None:
        """The last one closes it."""
        ledger = SQLiteLedger(path, clock=clock)
        ledger.allowance = 100
        await ledger.open()
        await ledger.open()
        await ledger.close()
        assert await spend(ledger, 5)
        await ledger.close()
        assert ledger.failure is not None
