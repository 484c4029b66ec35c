"""Tokens in Redis: one refresh serves all, and a lock outlives nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from members import LEASE, until

from benchmarks.redis_server import Server
from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._clock import Clock
from zohocrm_async.auth import Token
from zohocrm_async.emulator import Emulator
from zohocrm_async.redis import RedisFleet, RedisTokenStore, _tokens

TOKEN = Token(access_token="a", expires_at=datetime(2030, 1, 1, tzinfo=UTC), refresh_token="r")


@pytest.fixture
async def fleet(server: Server) -> AsyncIterator[RedisFleet]:
    async with RedisFleet(server.url, prefix=server.prefix, lease=LEASE) as fleet:
        yield fleet


@pytest.fixture
def store(fleet: RedisFleet) -> RedisTokenStore:
    return fleet.token_store()


class TestKeeping:
    """What is saved is there for all."""

    async def test_a_token_comes_back_whole(self, store: RedisTokenStore, server: Server) -> None:
        assert await store.load("key") is None
        await store.save("key", TOKEN)
        async with RedisFleet(server.url, prefix=server.prefix) as other:
            assert await other.token_store().load("key") == TOKEN
        await store.delete("key")
        assert await store.load("key") is None

    async def test_what_is_no_token_is_passed_over(
        self, store: RedisTokenStore, fleet: RedisFleet, caplog: pytest.LogCaptureFixture
    ) -> None:
        await fleet.ask("SET", f"{fleet.prefix}:token:key", b'{"access_token": "hush"}')
        assert await store.load("key") is None
        assert "holds no token" in caplog.text
        assert "hush" not in caplog.text


class HoursAhead(Clock):
    """The clock of a host on which it is wrong."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=2)


class TestClocks:
    """Tokens end by the server's clock, whatever that of a host says."""

    async def test_a_token_is_good_for_as_long(
        self, server: Server, store: RedisTokenStore
    ) -> None:
        now = store.fleet.clock.now()
        await store.save("key", evolve(TOKEN, expires_at=now + timedelta(hours=1)))
        async with RedisFleet(server.url, prefix=server.prefix, clock=HoursAhead()) as wrong:
            told = await wrong.token_store().load("key")
            assert told is not None
            left = told.expires_at - wrong.clock.now()
            assert abs(left - timedelta(hours=1)) < timedelta(seconds=10)
            await wrong.token_store().save("key", told)
        back = await store.load("key")
        assert back is not None
        assert abs(back.expires_at - now - timedelta(hours=1)) < timedelta(seconds=10)


class TestLock:
    """One renews, the others wait and use what it got."""

    async def test_one_refresh_for_the_whole_fleet(self, server: Server) -> None:
        async with Emulator() as org:
            fleets = [RedisFleet(server.url, prefix=server.prefix) for _ in range(4)]
            clients = [
                ZohoCRM(
                    org.credentials,
                    data_center=org.data_center,
                    limits=org.limits,
                    token_store=fleet.token_store(),
                    clock=org.clock,
                )
                for fleet in fleets
            ]
            await asyncio.gather(*(client.organization.get() for client in clients))
            assert org.tokens_minted == 1
            for client, fleet in zip(clients, fleets, strict=True):
                await client.close()
                await fleet.open()
                await fleet.close()

    async def test_who_waits_gets_it_when_it_is_released(self, store: RedisTokenStore) -> None:
        order: list[int] = []

        async def hold(number: int) -> None:
            async with store.lock("key"):
                order.append(number)
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*(hold(number) for number in range(3)))
        assert order[0::2] == order[1::2]

    async def test_one_that_was_given_without_an_answer_is_held_all_the_same(
        self, store: RedisTokenStore, server: Server
    ) -> None:
        """The order was carried out late, and who gave it need not wait for its own lock."""
        async with store.lock("key"):
            pass  # from here on the script is there, and a connection
        server.pause()

        async def hold() -> None:
            async with store.lock("key"):
                pass

        holding = asyncio.create_task(hold())
        await asyncio.sleep(LEASE / 4 + 0.5)  # longer than an answer is waited for
        server.resume()
        async with asyncio.timeout(5):
            await holding

    async def test_who_is_cancelled_while_asking_holds_none(
        self, store: RedisTokenStore, server: Server
    ) -> None:
        """The order may be carried out nevertheless, and others would wait for its end."""
        async with store.lock("key"):
            pass
        server.pause()
        lock = store.lock("key")
        asking = asyncio.create_task(lock.__aenter__())
        await asyncio.sleep(0.05)
        asking.cancel()
        server.resume()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(5), store.lock("key"):
            pass

    async def test_that_of_the_dead_ends(
        self, store: RedisTokenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_tokens, "_LOCKED", 0.15)
        dead = await store.fleet.ask("SET", store._name("key") + ":lock", "x", "NX", "PX", "150")
        assert dead
        async with asyncio.timeout(2), store.lock("key"):
            pass

    async def test_that_of_the_living_lasts(
        self, store: RedisTokenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_tokens, "_LOCKED", 0.6)
        async with store.lock("key"):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.3), store.lock("key"):
                    pass


class TestAway:
    """A server that is away keeps nobody from a token for ever."""

    async def test_who_needs_a_token_waits(self, store: RedisTokenStore, server: Server) -> None:
        server.pause()
        loading = asyncio.create_task(store.load("key"))
        await asyncio.sleep(0.2)
        server.resume()
        assert await loading is None

    async def test_or_asks_for_one_of_its_own(
        self, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with RedisFleet(
            server.url, prefix=server.prefix, lease=LEASE, away_share=0.5
        ) as fleet:
            store = fleet.token_store()
            server.pause()
            async with store.lock("key"):
                assert await store.load("key") is None
                await store.save("key", TOKEN)
            server.resume()
            await until(lambda: "others do not know" in caplog.text)

    async def test_a_wrong_password_is_no_absence(self) -> None:
        with Server("--requirepass", "right") as server:
            store = RedisFleet(server.url).token_store()
            with pytest.raises(errors.ConfigurationError):
                await store.load("key")
            await store.fleet._redis.aclose(close_connection_pool=True)
