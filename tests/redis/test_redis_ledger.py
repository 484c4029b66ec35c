"""The 24-hour window in Redis: shared to the last credit, and never forgotten."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from members import LEASE, until

from benchmarks.redis_server import Server
from zohocrm_async import exceptions as errors
from zohocrm_async.redis import RedisFleet, RedisLedger, _ledger

Join = Callable[..., Awaitable[RedisLedger]]


@pytest.fixture
async def share(server: Server) -> AsyncIterator[Join]:
    """Let another process join, each with a connection of its own."""
    ledgers: list[RedisLedger] = []

    async def make(
        allowance: int = 1_000, *, url: str = "", away_share: float | None = None
    ) -> RedisLedger:
        fleet = RedisFleet(
            url or server.url, prefix=server.prefix, lease=LEASE, away_share=away_share
        )
        ledger = fleet.ledger("acme")
        await ledger.open()
        ledger.allowance = allowance
        ledgers.append(ledger)
        return ledger

    yield make
    for ledger in ledgers:
        await ledger.close()


async def reserve(ledger: RedisLedger, amount: int) -> bool:
    """Hold *amount*, waiting for others to give back; return whether there was as much."""
    woken = asyncio.Event()
    ledger.listen(woken.set)
    while ledger.free() < amount:
        ledger.want(amount)
        wait = ledger.when(amount)
        if wait is None or wait > 60:
            return False
        woken.clear()
        async with asyncio.timeout(5):
            await woken.wait()
    ledger.reserve(amount)
    return True


async def spend(ledger: RedisLedger, amount: int) -> bool:
    if not await reserve(ledger, amount):
        return False
    ledger.settle(amount, amount)
    return True


async def told_anew(ledger: RedisLedger, run: str) -> None:
    """Give orders until one got through to another server than *run*."""
    async with asyncio.timeout(5):
        while ledger._run == run:
            ledger._ask()
            await asyncio.sleep(0.01)


async def written(ledger: RedisLedger) -> None:
    """Have everything written that was spent."""
    while ledger._writing is not None:
        await asyncio.wait([ledger._writing])
    ledger._tick()
    await until(lambda: ledger._writing is None and not ledger._pending)


class TestSharing:
    """All processes together spend what is allowed."""

    async def test_to_the_last_credit(self, share: Join) -> None:
        ledgers = [await share() for _ in range(3)]
        spent = 0
        while any([await spend(ledger, 10) for ledger in ledgers]):
            spent += 1
        for ledger in ledgers:
            await written(ledger)
        other = await share()
        assert other.used == 1_000
        assert other.reserved == 0

    async def test_who_joins_is_told_the_allowance(self, share: Join, server: Server) -> None:
        one = await share(allowance=777)
        await spend(one, 1)
        fleet = RedisFleet(server.url, prefix=server.prefix)
        ledger = fleet.ledger("acme")
        assert await ledger.open() == 777
        await ledger.close()

    async def test_few_orders_serve_many_calls(self, share: Join) -> None:
        one = await share(allowance=1_000_000)
        await spend(one, 20)
        before = one._total, one._run
        orders = 0
        original = one._begin

        def count(order: object) -> object:
            nonlocal orders
            orders += 1
            return original(order)  # type: ignore[arg-type]  # an order it is

        one._begin = count  # type: ignore[assignment,method-assign]  # counted on the way
        for _ in range(2_000):
            assert await spend(one, 20)
        assert before[1] == one._run
        assert orders < 100

    async def test_what_is_not_spent_goes_back_at_the_close(
        self, share: Join, server: Server
    ) -> None:
        one = await share(allowance=100)
        await spend(one, 60)
        fleet = RedisFleet(server.url, prefix=server.prefix)
        other = fleet.ledger("acme")
        await other.open()
        other.allowance = 100
        assert await spend(other, 40)
        await other.close()


class TestService:
    """What the service says is judged once for all."""

    async def test_strangers_are_counted_once(self, share: Join) -> None:
        ledgers = [await share() for _ in range(3)]
        for ledger in ledgers:
            assert await spend(ledger, 10)
            await written(ledger)
        for ledger in ledgers:
            ledger.observe(900, sent_at=ledger._clock.monotonic())
            await written(ledger)
        assert (await share()).used == 100

    async def test_a_count_that_is_lower_takes_back_what_was_inferred(
        self, share: Join, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = await share()
        one.observe(500, sent_at=one._clock.monotonic())
        await written(one)
        assert one.foreign == 500
        minutes = one._minutes
        # The call that hears of less left in the next minute.
        one._offset += 60
        minutes.turn(one._shared_time())
        one.observe(900, sent_at=one._clock.monotonic())
        assert one.used == 100


class TestDeath:
    """Who dies has spent what it held."""

    async def test_what_was_held_counts_as_spent(
        self, share: Join, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_ledger, "_SILENCE", 0.2)
        one, two = await share(), await share()
        assert await reserve(one, 100)
        held = one._lease + 100
        one._opened = False
        if one._ticking is not None:
            one._ticking.cancel()
        await asyncio.sleep(0.3)
        assert await spend(two, 10)
        await written(two)
        assert two.used == held + 10
        assert two.foreign == held
        one._opened = True

    async def test_who_was_silent_for_too_long_spends_nothing(
        self, share: Join, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_ledger, "_SILENCE", 0.2)
        one = await share(allowance=100_000)
        assert await spend(one, 1)
        await until(lambda: one.free() > 0)
        await asyncio.sleep(0.15)
        assert one.free() <= 0


class TestAway:
    """A server that is away, and one that comes back without its memory."""

    async def test_it_is_told_again_what_was_spent(self, share: Join) -> None:
        with Server() as own:
            one, two = await share(url=own.url), await share(url=own.url)
            for ledger in (one, two):
                assert await spend(ledger, 100)
                await written(ledger)
            assert await spend(one, 7)
            run = one._run
            await asyncio.to_thread(own.kill)
            await asyncio.to_thread(own.start)
            for ledger in (one, two):
                await told_anew(ledger, run)
                await written(ledger)
            three = await share(url=own.url)
            assert three.used == 207
            for ledger in (one, two, three):
                await ledger.close()

    def test_what_is_still_to_be_told_is_not_told_twice(self) -> None:
        """It is the last that was spent, in however many minutes."""
        ledger = RedisFleet("redis://127.0.0.1").ledger("acme")
        minutes = ledger._minutes
        first = minutes.number
        for number, inferred in ((0, False), (1, True), (1, False)):
            minutes.turn((first + number) * 60.0)
            minutes.book(5, inferred=inferred)
        assert ledger._known(7) == ((first + 1, 5, 5), (first, 3, 0))

    async def test_it_is_asked_until_it_is_back(
        self, share: Join, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """As what it grants again, it grants a lease after it was first spoken to."""
        monkeypatch.setattr(_ledger, "_RETURN", 0.05)
        with Server() as own:
            one = await share(url=own.url)
            assert await spend(one, 10)
            run = one._run
            await asyncio.to_thread(own.kill)
            one._tick()
            await until(lambda: one._away_since is not None)
            await asyncio.to_thread(own.start)
            await until(lambda: one._run != run)
            assert (one._away_since, one.used) == (None, 10)
            assert "cannot be reached or does not answer" in caplog.text
            await one.close()

    async def test_an_order_whose_answer_was_lost_counts_once(
        self, share: Join, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = await share()
        assert await spend(one, 10)
        run, lost = one._script.run, False

        async def lose(keys: tuple[str, ...], order: dict[str, object]) -> dict[str, object]:
            nonlocal lost
            answer = await run(keys, order)
            if order["spent"] and not lost:
                lost = True
                raise errors.FleetError("the connection was cut")
            return answer

        monkeypatch.setattr(one._script, "run", lose)
        one._tick()
        await until(lambda: lost and one._writing is None)
        assert one._pending == 10
        await written(one)
        assert (await share()).used == 10

    async def test_calls_wait(self, share: Join, server: Server) -> None:
        one = await share()
        server.pause()
        waiting = asyncio.create_task(spend(one, 50))
        await until(lambda: one._away_since is not None)
        assert one.failure is None
        wait = one.when(50)
        assert wait is not None
        assert wait < 1
        server.resume()
        assert await waiting

    async def test_it_goes_on_with_its_share(self, share: Join, server: Server) -> None:
        one = await share(away_share=0.25)
        assert await spend(one, 200)
        await written(one)
        server.pause()
        spent = 0
        while await spend(one, 10):
            spent += 10
            if spent == 200:
                break
            await asyncio.sleep(0)
        assert spent == 200
        one.want(10)
        await asyncio.sleep(0)
        assert one.free() < 10
        server.resume()


async def test_clients_of_a_process_share_it(share: Join) -> None:
    """The last one closes it."""
    one = await share()
    assert await one.open() == 1_000
    await one.close()
    assert await spend(one, 5)
    await one.close()
    assert one.failure is not None


async def test_a_ledger_that_is_closed_says_so(share: Join) -> None:
    one = await share()
    await one.close()
    assert isinstance(one.failure, errors.FleetError)
