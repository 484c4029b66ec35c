"""The ends of a pool's clients: in time, in order, and remembered."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pools import Pair, pairs, settings
from queueing import until

from zohocrm_async import exceptions as errors
from zohocrm_async.scheduler import MemoryLedger


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with pairs() as made:
        yield made


class TestClosing:
    """What is not used is closed, and what was spent is remembered."""

    async def test_an_idle_client_is_closed(self, pair: Pair) -> None:
        async with pair.pool(idle=60) as pool:
            async with pool.organisation("acme") as first:
                pair.clock.advance(600)
                assert pool.open_organisations == ("acme",)
            pair.clock.advance(59)
            assert pool.open_organisations == ("acme",)
            pair.clock.advance(2)
            await until(lambda: not pool.open_organisations)
            with pytest.raises(errors.SchedulerClosed):
                await first.organization.get()
            async with pool.organisation("acme") as second:
                await second.organization.get()

    async def test_each_is_closed_when_its_own_time_is_over(
        self, pair: Pair, caplog: pytest.LogCaptureFixture
    ) -> None:
        pool = pair.pool(idle=60)
        async with pool.organisation("acme"):
            pass
        pair.clock.advance(40)
        async with pool.organisation("globex"):
            pass
        pair.clock.advance(30)
        await until(lambda: pool.open_organisations == ("globex",))
        pair.clock.advance(20)
        assert pool.peek("globex") is not None
        pair.clock.advance(20)
        assert pool.peek("globex") is None
        async with pool.organisation("acme"):
            pass
        await pool.close()
        assert (pool.open_organisations, pair.clock.next_timer()) == ((), None)
        assert not [record for record in caplog.records if record.name == "zohocrm_async.pool"]

    async def test_credits_are_remembered_beyond_it(self, pair: Pair) -> None:
        pair.store.known = {"acme": settings(pair.first, limits=None)}
        async with pair.pool(idle=60) as pool:
            async with pool.organisation("acme") as crm:
                await crm.organization.get()
                used, allowance = crm.credits().used, crm.credits().allowance
            pair.clock.advance(61)
            await until(lambda: not pool.open_organisations)
            async with pool.organisation("acme") as crm:
                assert (crm.credits().used, crm.credits().allowance) == (used, allowance)
            pair.clock.advance(2 * 86_400)
            async with pool.organisation("acme") as crm:
                assert crm.credits().used == 0

    async def test_who_comes_while_it_is_closed_gets_another(self, pair: Pair) -> None:
        async with pair.pool(idle=60) as pool:
            async with pool.organisation("acme") as old:
                pass
            pair.clock.advance(61)
            async with pool.organisation("acme") as new:
                assert new is not old
                await new.organization.get()

    async def test_what_is_remembered_is_forgotten_once_it_is_nothing(self, pair: Pair) -> None:
        """With the next look at who is idle, after the credits have come back."""
        async with pair.pool(idle=60) as pool:
            for name in ("acme", "globex"):
                async with pool.organisation(name) as crm:
                    await crm.organization.get()
                pair.clock.advance(61)
                await until(lambda: not pool.open_organisations)
            assert list(pool._books) == ["acme", "globex"]
            pair.clock.advance(2 * 86_400)
            async with pool.organisation("globex"):
                pass
            pair.clock.advance(61)
            await until(lambda: not pool.open_organisations)
            assert list(pool._books) == ["globex"]

    async def test_one_that_cannot_be_closed_cleanly_is_told(
        self, pair: Pair, caplog: pytest.LogCaptureFixture
    ) -> None:
        """By its name; the next client of it is a new one."""

        class Broken(MemoryLedger):
            async def close(self) -> None:
                raise errors.LedgerError("the disk is full")

        ledger = Broken(100, clock=pair.clock)
        pair.store.known = {"acme": settings(pair.first, ledger=ledger)}
        async with pair.pool(idle=60) as pool:
            async with pool.organisation("acme"):
                pass
            pair.clock.advance(61)
            await until(lambda: not pool.open_organisations)
            assert "'acme' was not closed cleanly: the disk is full" in caplog.text
            async with pool.organisation("acme") as crm:
                await crm.organization.get()

    async def test_forgotten_settings_are_read_anew(self, pair: Pair) -> None:
        """As soon as nobody uses the client; who comes meanwhile waits for that."""
        async with pair.pool() as pool:
            async with pool.organisation("acme") as old:
                forgetting = asyncio.create_task(pool.forget("acme"))
                await asyncio.sleep(0)
                pair.store.known = {"acme": settings(pair.second)}

                async def use() -> int:
                    async with pool.organisation("acme") as new:
                        await new.organization.get()
                        return id(new)

                using = asyncio.create_task(use())
                await old.organization.get()
                assert not using.done()
            await forgetting
            assert await using != id(old)
            assert pair.store.asked == ["acme", "acme"]

    async def test_the_end_refuses_who_waits_for_the_opening(self, pair: Pair) -> None:
        pair.store.open.clear()
        pool = pair.pool()

        async def use() -> None:
            async with pool.organisation("acme"):
                pass

        using = asyncio.create_task(use())
        await until(lambda: bool(pair.store.asked))
        await pool.close()
        with pytest.raises(errors.SchedulerClosed, match="pool of clients was closed"):
            await using

    async def test_the_end_is_orderly_though_an_opening_has_just_failed(self, pair: Pair) -> None:
        """The error is for who asked for the organisation."""
        pair.store.known = {}
        pair.store.open.clear()
        pool = pair.pool()

        async def use() -> None:
            async with pool.organisation("acme"):
                pass

        using = asyncio.create_task(use())
        await until(lambda: bool(pair.store.asked))
        opening = pool._members["acme"].opening
        pair.store.open.set()
        while not opening.done():
            await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(errors.UnknownOrganization):
            await using

    async def test_the_end_refuses_what_waits(self, pair: Pair) -> None:
        pool = pair.pool(clients=1)
        async with pool.organisation("acme") as crm:

            async def use() -> None:
                async with pool.organisation("globex"):
                    pass

            waiting = asyncio.create_task(use())
            await asyncio.sleep(0)
            await pool.close()
            with pytest.raises(errors.SchedulerClosed):
                await waiting
            with pytest.raises(errors.SchedulerClosed):
                await crm.organization.get()
