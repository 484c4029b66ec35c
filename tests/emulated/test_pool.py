"""Many organisations in one process: each for itself, all on the same connections."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
from attrs import evolve
from pools import Pair, Store, pairs, settings
from queueing import until

from zohocrm_async import ClientPool, exceptions as errors
from zohocrm_async.emulator import Fault
from zohocrm_async.scheduler import MemoryLedger
from zohocrm_async.scheduler.windows import DayWindow


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with pairs() as made:
        yield made


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

    async def test_books_that_its_settings_name_are_kept_by_these(self, pair: Pair) -> None:
        """And not by the pool, so that others may share them."""
        ledger = MemoryLedger(100, clock=pair.clock)
        mails = DayWindow(7, "UTC", clock=pair.clock)
        pair.store.known = {"acme": settings(pair.first, ledger=ledger, mails=mails)}
        async with pair.pool() as pool, pool.organisation("acme") as crm:
            await crm.organization.get()
            assert ledger.used == crm.credits().used > 0
            mails.reserve()
            assert crm.credits().windows["mails"].reserved == 1

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

    async def test_a_client_that_nobody_waited_for_is_closed_when_its_time_comes(
        self, pair: Pair
    ) -> None:
        pair.store.open.clear()
        async with pair.pool(idle=60) as pool:

            async def use() -> None:
                async with pool.organisation("acme"):
                    pass

            using = asyncio.create_task(use())
            await until(lambda: bool(pair.store.asked))
            using.cancel()
            pair.store.open.set()
            await until(lambda: pool.peek("acme") is not None)
            await asyncio.sleep(0)
            pair.clock.advance(61)
            await until(lambda: not pool.open_organisations)


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


class TestBound:
    """No more clients are open than allowed."""

    async def test_the_longest_unused_makes_room(self, pair: Pair) -> None:
        async with pair.pool(clients=1) as pool:
            async with pool.organisation("acme"):
                pass
            async with pool.organisation("globex"):
                assert pool.open_organisations == ("globex",)

    async def test_whose_last_use_is_the_longest_ago_makes_room(self, pair: Pair) -> None:
        """Whichever was opened first."""
        pair.store.known = {
            name: settings(pair.first, credentials=evolve(pair.first.credentials, client_id=name))
            for name in "abc"
        }
        async with pair.pool(clients=2) as pool:
            for name in "abac":
                async with pool.organisation(name):
                    pass
            assert pool.open_organisations == ("a", "c")

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
