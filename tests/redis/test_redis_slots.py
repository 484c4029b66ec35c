"""Slots that processes lend each other: never too many, fair, and soon back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import orjson
import pytest
from attrs import evolve
from members import LEASE, Member, Service, until

from benchmarks.redis_server import Server
from zohocrm_async import Limits, Priority, exceptions as errors
from zohocrm_async._clock import Clock, OffsetClock
from zohocrm_async.redis import RedisFleet
from zohocrm_async.scheduler import Scheduler
from zohocrm_async.scheduler.leases import LeaseLapsed

Join = Callable[..., Awaitable[Member]]
LIMITS = Limits(concurrency=4, heavy_concurrency=4, credits=100_000)


@pytest.fixture
async def join(server: Server) -> AsyncIterator[Join]:
    """Let another process join, as far as that can be had in one."""
    members: list[Member] = []

    async def make(
        limits: Limits | None = None,
        *,
        lease: float = LEASE,
        away_share: float | None = None,
        clock: Clock | None = None,
    ) -> Member:
        fleet = RedisFleet(
            server.url, prefix=server.prefix, lease=lease, away_share=away_share, clock=clock
        )
        member = Member(fleet, limits or LIMITS)
        await member.open()
        members.append(member)
        return member

    yield make
    for member in members:
        await member.close()


class TestSharing:
    """All processes together use what is allowed, and no more."""

    async def test_one_uses_all_while_no_other_wants_any(self, join: Join) -> None:
        service, one = Service(), await join()
        one.keep_calling(service)
        await until(lambda: len(service.served) > 50)
        assert service.peak == 4

    @pytest.mark.parametrize("members", [2, 3, 7])
    async def test_they_get_equal_parts(self, join: Join, members: int) -> None:
        """Also where there are more processes than slots, or no even number for each."""
        service = Service()
        for number in range(members):
            (await join()).keep_calling(service, str(number))
        await until(lambda: len(set(service.served)) == members)
        service.served.clear()
        await until(lambda: len(service.served) > 350)
        counts = Counter(service.served).values()
        jain = sum(counts) ** 2 / (members * sum(count**2 for count in counts))
        assert jain > 0.7
        assert service.peak <= 4

    async def test_what_is_not_used_goes_to_others_at_once(self, join: Join) -> None:
        service, one, two = Service(), await join(), await join()
        async with one.permit(), one.permit(), one.permit(), one.permit():
            two.keep_calling(service)
            await asyncio.sleep(0.05)
            assert not service.served
        began = asyncio.get_running_loop().time()
        await until(lambda: service.peak == 4)
        assert asyncio.get_running_loop().time() - began < LEASE / 2

    async def test_unused_slots_go_back_by_themselves(self, join: Join) -> None:
        one = await join()
        async with one.permit():
            assert one.slots._loan.held[0] >= 1
        await until(lambda: one.slots._loan.held == (0, 0))

    async def test_a_paused_job_goes_on_when_its_slots_have_gone_back(self, join: Join) -> None:
        one = await join()
        async with one.scheduler.budget("job") as job:
            job.pause()
            waiting = asyncio.create_task(one.permit().__aenter__())
            await until(lambda: one.slots._loan.held != (0, 0))
        await until(lambda: one.slots._loan.held == (0, 0) and one.slots._asking is None)
        job.resume()
        async with asyncio.timeout(5):
            permit = await waiting
        await permit.__aexit__(None, None, None)

    async def test_a_lone_call_asks_twice(self, join: Join, server: Server) -> None:
        """Once for a slot, once to give it back; and nothing is asked after that."""
        one = await join()
        before = one.slots._seq
        async with one.permit():
            pass
        await until(lambda: one.slots._loan.held == (0, 0))
        await asyncio.sleep(LEASE)
        assert one.slots._seq - before == 2

    async def test_heavy_calls_have_their_own_pool(self, join: Join) -> None:
        limits = evolve(LIMITS, heavy_concurrency=1)
        heavy, light = Service(), Service()
        for _ in range(2):
            member = await join(limits)
            member.keep_calling(heavy, heavy=True, tasks=3)
            member.keep_calling(light, tasks=6)
        await until(lambda: len(heavy.served) > 20 and len(light.served) > 20)
        assert (heavy.peak, light.peak <= 4) == (1, True)


class TestPriority:
    """A class goes before a lower one, whatever the process."""

    async def test_interactive_before_bulk(self, join: Join) -> None:
        service, one, two = Service(), await join(), await join()
        one.keep_calling(service, "bulk", priority=Priority.BULK, tasks=20, seconds=0.02)
        await until(lambda: service.in_flight == 4)
        two.keep_calling(service, "user", priority=Priority.INTERACTIVE, tasks=4, seconds=0.02)
        await until(lambda: "user" in service.served)
        await asyncio.sleep(0.05)
        service.served.clear()
        await until(lambda: len(service.served) > 60)
        assert Counter(service.served)["user"] > 0.8 * len(service.served)

    async def test_a_lower_class_is_not_shut_out(self, join: Join) -> None:
        limits = evolve(LIMITS, bulk_share=0.25)
        service, one, two = Service(), await join(limits), await join(limits)
        one.keep_calling(service, "user", priority=Priority.INTERACTIVE)
        two.keep_calling(service, "bulk", priority=Priority.BULK)
        await until(lambda: len(service.served) > 100)
        service.served.clear()
        await until(lambda: len(service.served) > 400)
        assert 0.05 < Counter(service.served)["bulk"] / len(service.served) < 0.5

    async def test_headroom_is_that_of_all(self, join: Join) -> None:
        limits = evolve(LIMITS, headroom=2)
        service = Service()
        for _ in range(2):
            (await join(limits)).keep_calling(service, priority=Priority.BULK)
        await until(lambda: len(service.served) > 50)
        service.peak = 0
        service.served.clear()
        await until(lambda: len(service.served) > 50)
        assert service.peak == 2
        three = await join(limits)
        three.keep_calling(service, "user", priority=Priority.INTERACTIVE)
        await until(lambda: service.peak == 4)

    @pytest.mark.parametrize("heavy", [0, 1])
    async def test_who_may_not_use_what_it_holds_has_not_had_it(
        self, join: Join, heavy: int
    ) -> None:
        """Processes take turns at the one slot that the headroom leaves."""
        limits = evolve(LIMITS, concurrency=2 if not heavy else 8, heavy_concurrency=2, headroom=1)
        service = Service()
        for name in ("one", "two"):
            (await join(limits)).keep_calling(service, name, tasks=2, heavy=heavy, seconds=0.002)
        await until(lambda: len(set(service.served)) == 2)
        service.served.clear()
        await until(lambda: len(service.served) > 200)
        assert min(Counter(service.served).values()) > 40
        assert service.peak <= 2


class TestLease:
    """Who gives no sign of life loses its slots, and knows it."""

    async def test_slots_of_the_dead_come_back(self, join: Join) -> None:
        service, one, two = Service(), await join(), await join()
        one.keep_calling(service, "dead")
        await until(lambda: service.in_flight == 4)
        one.die()
        two.keep_calling(service, "alive")
        await asyncio.sleep(LEASE / 4)
        assert "alive" not in service.served
        await until(lambda: "alive" in service.served, LEASE * 2)

    async def test_a_call_does_not_leave_on_a_lapsed_lease(self, join: Join) -> None:
        """As if the process had been stopped between the grant and the send."""
        clock = OffsetClock()
        one = await join(clock=clock)
        async with one.permit() as permit:
            clock.advance(LEASE)
            with pytest.raises(LeaseLapsed):
                permit.may_leave()
        async with asyncio.timeout(2), one.permit() as permit:
            permit.may_leave()

    async def test_no_call_is_granted_on_a_lapsed_lease(self, join: Join) -> None:
        clock = OffsetClock()
        one, two = await join(clock=clock), await join()
        async with one.permit():
            await until(lambda: one.slots._loan.held[0] > 0)
        one.die()
        clock.advance(LEASE)
        async with two.permit(), two.permit(), two.permit(), two.permit():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), one.permit():
                    pass


class TestServersClock:
    """Times are those of the server alone, and it may be set."""

    async def test_a_clock_that_is_set_back_keeps_no_slots(
        self, join: Join, server: Server
    ) -> None:
        """Or was that of another host: the dead have theirs for one lease at most."""
        one, two = await join(), await join()
        async with one.permit(), one.permit(), one.permit(), one.permit():
            one.die()
            await self.put_back(one, seconds=3_600)
            async with asyncio.timeout(3 * LEASE), two.permit():
                pass

    async def test_clocks_of_hosts_need_not_agree(self, join: Join) -> None:
        """Not even in how long they have run."""
        service = Service()
        for number in range(3):
            clock = OffsetClock()
            clock.advance(number * 100_000.0)
            (await join(clock=clock)).keep_calling(service, str(number))
        await until(lambda: len(set(service.served)) == 3)
        await until(lambda: len(service.served) > 200)
        assert service.peak == 4

    async def put_back(self, member: Member, *, seconds: int) -> None:
        """Leave everything as if the clock had been ahead when it was written."""
        fleet = member.fleet
        key = fleet.key("acme", "slots")
        found = await fleet.ask("HGETALL", key)
        for name, text in found.items():
            value = orjson.loads(text)
            for time in ("expires", "last", "quiet"):
                if time in value:
                    value[time] += seconds * 1000
            await fleet.ask("HSET", key, name, orjson.dumps(value))


async def test_who_is_cancelled_while_it_closes_leaves_no_connection(
    join: Join, server: Server
) -> None:
    """Nor the claim to be the one client of the organisation in this process."""
    one = await join()
    server.pause()
    one.slots._ask_soon()
    closing = asyncio.create_task(one.slots.close())
    await asyncio.sleep(0)
    closing.cancel()
    server.resume()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert (one.fleet._hearing, one.fleet._listeners) == (None, {})


class TestLimits:
    """All work with the same limits."""

    async def test_two_configurations_are_refused_and_both_shown(self, join: Join) -> None:
        one = await join(LIMITS)
        async with one.permit():
            with pytest.raises(errors.ConfigurationError) as caught:
                await join(evolve(LIMITS, concurrency=9))
        assert "concurrency=9" in str(caught.value)
        assert "concurrency=4" in str(caught.value)
        assert "credits" not in str(caught.value)

    async def test_who_knows_no_limits_is_told_those_of_the_others(
        self, join: Join, server: Server
    ) -> None:
        one = await join(LIMITS)
        async with one.permit(), RedisFleet(server.url, prefix=server.prefix) as fleet:
            slots = fleet.slots("acme")
            Scheduler(Limits(), clock=fleet.clock, leases=slots)
            known = await slots.open(None)
            await slots.close()
        assert known is not None
        assert (known.concurrency, known.credits) == (4, 100_000)

    async def test_who_comes_back_to_other_limits_is_refused(self, join: Join) -> None:
        """For as long as the others work; its calls say so, and do not wait."""
        one = await join(LIMITS)
        two = await join(evolve(LIMITS, concurrency=9))
        async with two.permit():
            for _ in range(2):
                with pytest.raises(errors.ConfigurationError, match="concurrency=9"):
                    async with asyncio.timeout(2), one.permit():
                        pass
        await until(lambda: two.slots._loan.held == (0, 0))
        await asyncio.sleep(LEASE)
        async with asyncio.timeout(2), one.permit():
            pass

    async def test_two_clients_of_one_process_are_told_to_be_one(
        self, join: Join, server: Server
    ) -> None:
        one = await join()
        other = one.fleet.slots("acme")
        Scheduler(LIMITS, clock=one.fleet.clock, leases=other)
        with pytest.raises(errors.ConfigurationError, match="share one client"):
            await other.open(LIMITS)
        assert one.fleet._listeners

    async def test_slots_are_for_one_client(self, server: Server) -> None:
        async with RedisFleet(server.url) as fleet:
            slots = fleet.slots("acme")
            Scheduler(LIMITS, clock=fleet.clock, leases=slots)
            with pytest.raises(errors.ConfigurationError, match="two clients"):
                Scheduler(LIMITS, clock=fleet.clock, leases=slots)


class TestAway:
    """While the server is away nothing is granted that it did not grant."""

    async def test_calls_wait_and_go_on(self, join: Join, server: Server) -> None:
        service, one = Service(), await join()
        one.keep_calling(service)
        await until(lambda: service.served)
        server.pause()
        await asyncio.sleep(LEASE)
        service.served.clear()
        await asyncio.sleep(LEASE / 4)
        assert not service.served
        server.resume()
        await until(lambda: service.served)
        assert service.peak == 4

    async def test_calls_go_on_with_a_share(self, join: Join, server: Server) -> None:
        service = Service()
        members = [await join(away_share=0.25, lease=0.4) for _ in range(2)]
        for member in members:
            member.keep_calling(service)
        await until(lambda: service.in_flight == 4)
        server.pause()
        await asyncio.sleep(0.4)
        await until(lambda: all(member.slots._alone for member in members))
        service.peak = 0
        service.served.clear()
        await until(lambda: len(service.served) > 20)
        assert service.peak == 2
        server.resume()
        await until(lambda: service.peak == 4)
        await until(lambda: len(service.served) > 200)
        assert service.peak == 4
