"""Many organisations in one process: each for itself, all on the same connections."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from attrs import evolve, frozen
from queueing import until

from zohocrm_async import ClientPool, OrganizationSettings, exceptions as errors
from zohocrm_async._clock import ManualClock
from zohocrm_async.emulator import Emulator, Fault


class Store:
    """Settings of organisations, and a note of who was asked for."""

    def __init__(self, **known: OrganizationSettings | None) -> None:
        self.known: Mapping[str, OrganizationSettings | None] = known
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def load(self, name: str) -> OrganizationSettings | None:
        self.asked.append(name)
        await self.open.wait()
        return self.known.get(name)


def settings(org: Emulator, **changes: Any) -> OrganizationSettings:
    known = OrganizationSettings(
        credentials=org.credentials, data_center=org.data_center, limits=org.limits
    )
    return evolve(known, **changes)


@frozen
class Pair:
    """Two organisations, a store that knows both, and a pool."""

    first: Emulator
    second: Emulator
    store: Store
    clock: ManualClock

    def pool(self, **options: Any) -> ClientPool:
        return ClientPool(self.store, clock=self.clock, **options)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    clock = ManualClock()
    async with Emulator(seed=1) as first, Emulator(seed=2) as second:
        store = Store(acme=settings(first), globex=settings(second))
        yield Pair(first, second, store, clock)


class TestOpening:
    """A client is there from its first use on."""

    async def test_it_is_opened_once_for_all_who_come_at_once(self, pair: Pair) -> None:
        async with pair.pool() as pool:

            async def use() -> int:
                async with pool.organisation("acme") as crm:
                    await crm.organization.get()
                    return id(crm)

            assert len(set(await asyncio.gather(*(use() for _ in range(20))))) == 1
            assert pair.store.asked == ["acme"]
            assert pool.open_organisations == ("acme",)

    async def test_each_has_its_own_credits_and_tokens(self, pair: Pair) -> None:
        async with pair.pool() as pool:
            async with pool.organisation("acme") as acme, pool.organisation("globex") as globex:
                await acme.organization.get()
                await acme.organization.get()
                await globex.organization.get()
                assert acme.credits().used - globex.credits().used == 1
            assert (len(pair.first.calls), len(pair.second.calls)) == (3, 2)

    async def test_one_that_is_not_in_the_store_is_named(self, pair: Pair) -> None:
        async with pair.pool() as pool:
            with pytest.raises(errors.UnknownOrganization, match="'initech'") as caught:
                async with pool.organisation("initech"):
                    pass
            assert caught.value.name == "initech"
            assert pool.open_organisations == ()

    async def test_each_who_waits_for_it_is_told_by_an_error_of_its_own(self, pair: Pair) -> None:
        """Each adds its traceback, and may add notes."""
        pair.store.open.clear()

        async def ask(pool: ClientPool) -> BaseException | None:
            with pytest.raises(errors.UnknownOrganization) as raised:
                async with pool.organisation("initech"):
                    pass
            return raised.value

        async with pair.pool() as pool:
            asking = [asyncio.create_task(ask(pool)) for _ in range(2)]
            await until(lambda: bool(pair.store.asked))
            pair.store.open.set()
            one, other = await asyncio.gather(*asking)
        assert pair.store.asked == ["initech"]
        assert one is not other
        assert str(one) == str(other)

    async def test_what_is_not_settings_is_named(self, pair: Pair) -> None:
        pair.store.known = {"acme": "acme's settings"}  # type: ignore[dict-item]  # the fault
        async with pair.pool() as pool:
            with pytest.raises(errors.ConfigurationError, match=r"str for organisation 'acme'"):
                async with pool.organisation("acme"):
                    pass

    async def test_a_store_that_fails_is_asked_again(self, pair: Pair) -> None:
        async with pair.pool() as pool:
            good, pair.store.known = pair.store.known, {}
            with pytest.raises(errors.UnknownOrganization):
                async with pool.organisation("acme"):
                    pass
            pair.store.known = good
            async with pool.organisation("acme") as crm:
                await crm.organization.get()

    async def test_credentials_of_another_data_centre(self, pair: Pair) -> None:
        """The error says what to check, and the note which organisation it is."""
        foreign = evolve(settings(pair.first), data_center=pair.second.data_center)
        pair.store.known = {"acme": foreign}
        async with pair.pool() as pool:
            with pytest.raises(errors.InvalidCredentials, match="data_center") as caught:
                async with pool.organisation("acme") as crm:
                    await crm.organization.get()
        assert caught.value.__notes__ == ["organisation 'acme'"]

    async def test_two_names_for_one_organisation(self, pair: Pair) -> None:
        """They would not know of each other's credits and slots."""
        pair.store.known = {"acme": settings(pair.first), "alias": settings(pair.first)}
        async with pair.pool() as pool, pool.organisation("acme"):
            with pytest.raises(errors.ConfigurationError, match="'acme' and 'alias'"):
                async with pool.organisation("alias"):
                    pass

    async def test_a_name_that_was_changed(self, pair: Pair) -> None:
        """What the organisation spent under the name before is counted still."""
        pair.store.known = {"acme": settings(pair.first), "acme-inc": settings(pair.first)}
        async with pair.pool() as pool:
            async with pool.organisation("acme") as crm:
                await crm.organization.get()
                used = crm.credits().used
            await pool.forget("acme")
            async with pool.organisation("acme-inc") as crm:
                assert crm.credits().used == used > 0

    async def test_who_is_cancelled_takes_nobody_along(self, pair: Pair) -> None:
        pair.store.open.clear()
        async with pair.pool() as pool:

            async def use() -> None:
                async with pool.organisation("acme") as crm:
                    await crm.organization.get()

            first, second = asyncio.create_task(use()), asyncio.create_task(use())
            await until(lambda: bool(pair.store.asked))
            first.cancel()
            pair.store.open.set()
            await second
            assert first.cancelled()
            assert pair.store.asked == ["acme"]


class TestTrouble:
    """The trouble of one organisation is its own."""

    async def test_a_dead_token(self, pair: Pair) -> None:
        dead = evolve(pair.first.credentials, refresh_token="dead")
        pair.store.known = {**pair.store.known, "acme": settings(pair.first, credentials=dead)}
        async with pair.pool() as pool:
            with pytest.raises(errors.InvalidCredentials):
                async with pool.organisation("acme") as acme:
                    await acme.organization.get()
            async with pool.organisation("globex") as globex:
                await globex.organization.get()

    async def test_slow_answers(self, pair: Pair) -> None:
        """They keep the organisation's own slots, and no connection of another."""
        pair.first.fail_next(Fault.SLOW, seconds=0.3, times=20)
        async with pair.pool(clients=2) as pool, pool.organisation("acme") as acme:
            slow = [asyncio.create_task(acme.organization.get()) for _ in range(100)]
            await until(lambda: pair.first.in_flight == acme.credits().slots.limit)
            async with pool.organisation("globex") as globex:
                await asyncio.gather(*(globex.organization.get() for _ in range(20)))
            assert not any(task.done() for task in slow)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    async def test_no_credits_left(self, pair: Pair) -> None:
        limits = evolve(pair.first.limits, credits=1, max_wait=0)
        pair.store.known = {**pair.store.known, "acme": settings(pair.first, limits=limits)}
        async with pair.pool() as pool:
            async with pool.organisation("acme") as acme:
                with pytest.raises(errors.CreditsExhausted):
                    await asyncio.gather(*(acme.organization.get() for _ in range(3)))
            async with pool.organisation("globex") as globex:
                await globex.organization.get()


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


class TestBound:
    """No more clients are open than allowed."""

    async def test_the_longest_unused_makes_room(self, pair: Pair) -> None:
        async with pair.pool(clients=1) as pool:
            async with pool.organisation("acme"):
                pass
            async with pool.organisation("globex"):
                assert pool.open_organisations == ("globex",)

    async def test_where_all_are_used_others_wait_in_turn(self, pair: Pair) -> None:
        order: list[str] = []
        async with pair.pool(clients=1) as pool:

            async def use(name: str) -> None:
                async with pool.organisation(name):
                    order.append(name)
                    await asyncio.sleep(0)

            async with pool.organisation("acme"):
                waiting = [asyncio.create_task(use("globex"))]
                await asyncio.sleep(0)
                waiting.append(asyncio.create_task(use("initech")))
                await use("acme")
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert order == ["acme", "globex"]
            assert isinstance(results[1], errors.UnknownOrganization)

    async def test_only_so_many_wait(self, pair: Pair) -> None:
        async with pair.pool(clients=1, max_waiting=0) as pool, pool.organisation("acme"):
            with pytest.raises(errors.QueueFull, match="1 clients"):
                async with pool.organisation("globex"):
                    pass

    async def test_who_is_cancelled_while_waiting_holds_up_nobody(self, pair: Pair) -> None:
        async with pair.pool(clients=1) as pool:

            async def use(name: str) -> str:
                async with pool.organisation(name):
                    return name

            async with pool.organisation("acme"):
                gone = asyncio.create_task(use("globex"))
                await asyncio.sleep(0)
                waits = asyncio.create_task(use("globex"))
                await asyncio.sleep(0)
                gone.cancel()
            assert await waits == "globex"

    async def test_nor_who_comes_before_that_is_heard(self, pair: Pair) -> None:
        """The client is free, and the one who is first in the line has just given up."""
        async with pair.pool(clients=1) as pool, asyncio.timeout(1):

            async def use() -> None:
                async with pool.organisation("globex"):
                    pass

            async with pool.organisation("acme"):
                gone = asyncio.create_task(use())
                await asyncio.sleep(0)
                gone.cancel()
            await use()

    async def test_nobody_waits_while_there_is_room(self, pair: Pair) -> None:
        """Whoever comes, gives up, fails or has settings read anew, in whatever order."""
        pair.store.known = {
            name: settings(pair.first, credentials=evolve(pair.first.credentials, client_id=name))
            for name in "abcde"
        }
        draw = random.Random(7)
        async with pair.pool(clients=2) as pool, asyncio.timeout(10):

            async def use(name: str) -> None:
                async with pool.organisation(name) as crm:
                    for _ in range(draw.randrange(4)):
                        await asyncio.sleep(0)
                    assert not crm.closed

            def stuck() -> bool:
                members = pool._members.values()
                busy = any(member.closing for member in members)
                room = len(members) < 2 or any(member.is_idle for member in members)
                return bool(len(pool._line) and room and not busy)

            async def come() -> None:
                for _ in range(150):
                    using = asyncio.create_task(use(draw.choice("abcde")))
                    for _ in range(draw.randrange(6)):
                        await asyncio.sleep(0)
                    if draw.random() < 0.2:
                        using.cancel()
                    if draw.random() < 0.05:
                        await pool.forget(draw.choice("abcde"))
                    await asyncio.wait((using,))
                    assert len(pool.open_organisations) <= 2

            coming = [asyncio.create_task(come()) for _ in range(8)]
            steps = 0
            while not all(task.done() for task in coming):
                await asyncio.sleep(0)
                steps = steps + 1 if stuck() else 0
                assert steps < 12
            await asyncio.gather(*coming)


class TestPeek:
    """A look at a client that is no use of it."""

    async def test_an_open_client_is_given_as_it_is(self, pair: Pair) -> None:
        async with pair.pool(idle=60) as pool:
            async with pool.organisation("acme") as crm:
                assert pool.peek("acme") is crm
            pair.clock.advance(50)
            assert pool.peek("acme") is crm
            pair.clock.advance(15)
            assert pool.peek("acme") is None
            await until(lambda: not pool.open_organisations)

    async def test_it_opens_none(self, pair: Pair) -> None:
        async with pair.pool() as pool:
            assert pool.peek("acme") is None
            assert pair.store.asked == []

    async def test_one_that_is_being_opened_is_not_there_yet(self, pair: Pair) -> None:
        """Nor is one that could not be opened."""
        pair.store.known, good = {}, pair.store.known
        pair.store.open.clear()
        async with pair.pool() as pool:

            async def use() -> None:
                async with pool.organisation("acme"):
                    pass

            using = asyncio.create_task(use())
            await until(lambda: bool(pair.store.asked))
            assert pool.peek("acme") is None
            opening = pool._members["acme"].opening
            pair.store.open.set()
            opening.add_done_callback(lambda _: seen.append(pool.peek("acme")))
            seen: list[object] = []
            with pytest.raises(errors.UnknownOrganization):
                await using
            assert seen == [None]
            pair.store.known = good


@pytest.mark.parametrize("wrong", [{"clients": 0}, {"idle": -1.0}, {"max_waiting": -1}])
def test_bounds_that_make_no_sense(wrong: Mapping[str, int]) -> None:
    make: Callable[..., ClientPool] = ClientPool
    with pytest.raises(errors.ConfigurationError, match=next(iter(wrong))):
        make(Store(), **wrong)
