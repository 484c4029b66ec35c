"""Calls of several slots in a fleet: all of them or none, each process in its turn."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from attrs import evolve
from members import Member, Service, until

from benchmarks.redis_server import Server
from zohocrm_async import Limits, Priority
from zohocrm_async.redis import RedisFleet

Join = Callable[..., Awaitable[Member]]
LIMITS = Limits(concurrency=8, heavy_concurrency=8, credits=100_000)


@pytest.fixture
async def join(server: Server) -> AsyncIterator[Join]:
    """Let another process join, as far as that can be had in one."""
    members: list[Member] = []

    async def make(limits: Limits = LIMITS) -> Member:
        fleet = RedisFleet(server.url, prefix=server.prefix, lease=1.0)
        member = await Member(fleet, limits).open()
        members.append(member)
        return member

    yield make
    for member in members:
        await member.close()


async def served(service: Service, calls: int) -> Counter[str]:
    """Return whose the next *calls* are."""
    service.served.clear()
    await until(lambda: len(service.served) >= calls)
    return Counter(service.served)


async def test_two_that_hold_a_part_each_do_not_wait_for_each_other(join: Join) -> None:
    """Three slots of eight each, and five wanted: one gets them all, then the other."""
    one, two = await join(), await join()
    held = [one.permit() for _ in range(3)] + [two.permit() for _ in range(3)]
    for permit in held:
        await permit.__aenter__()
    service = Service()
    for name, member in (("one", one), ("two", two)):
        member.keep_calling(service, name, tasks=1, slots=5)
    await asyncio.sleep(0.1)
    assert not service.in_flight
    for permit in held:
        await permit.__aexit__(None, None, None)
    assert min((await served(service, 20)).values()) >= 5
    assert service.peak == 5


@pytest.mark.parametrize("heavy", [0, 5])
async def test_processes_of_such_calls_take_turns(join: Join, heavy: int) -> None:
    """Whichever of the two pools has room for one of them only."""
    service = Service()
    for name in ("one", "two", "three"):
        member = await join(LIMITS if not heavy else evolve(LIMITS, concurrency=20))
        member.keep_calling(service, name, tasks=4, slots=5, heavy=heavy)
    await served(service, 10)
    counts = (await served(service, 90)).values()
    assert len(counts) == 3
    assert min(counts) >= 10
    assert service.peak == 5


async def test_neither_they_nor_others_are_shut_out(join: Join) -> None:
    """Beside a process that wants every slot for calls of one, and has both kinds itself."""
    service = Service()
    (await join()).keep_calling(service, "light", tasks=20)
    several = await join()
    several.keep_calling(service, "several", tasks=3, slots=5)
    several.keep_calling(service, "beside", tasks=3)
    await until(lambda: len(set(service.served)) == 3)
    counts = await served(service, 300)
    assert counts["several"] >= 10
    assert counts["light"] >= 50
    assert counts["beside"] >= 5
    assert service.peak <= 8


async def test_heavy_slots_are_collected_in_turn_as_well(join: Join) -> None:
    """Those of all calls come with them."""
    service, heavy = Service(), Service()
    for name in ("one", "two"):
        member = await join(evolve(LIMITS, concurrency=12, heavy_concurrency=4))
        member.keep_calling(service, name, tasks=3, slots=5, heavy=3)
        member.keep_calling(heavy, name, tasks=3, heavy=1)
    await until(lambda: len(set(service.served)) == len(set(heavy.served)) == 2)
    counts = await served(service, 20)
    assert min(counts.values()) >= 4
    assert service.peak == 5
    assert heavy.peak <= 4


@pytest.mark.parametrize("heavy", [0, 6])
async def test_a_lower_class_gets_all_that_a_call_needs(join: Join, heavy: int) -> None:
    """Though a higher one wants each slot that falls free: its part of the time is kept."""
    service, limits = Service(), evolve(LIMITS, bulk_share=0.2)
    one, two = await join(limits), await join(limits)
    user, bulk = Priority.INTERACTIVE, Priority.BULK
    one.keep_calling(service, "user", priority=user, tasks=20, heavy=min(heavy, 1))
    two.keep_calling(service, "bulk", priority=bulk, tasks=2, slots=5, heavy=heavy)
    await until(lambda: "bulk" in service.served)
    counts = await served(service, 600)
    assert counts["bulk"] >= 5
    assert counts["user"] > 300
    assert service.peak <= 8


@pytest.mark.parametrize("headroom", [0, 1])
async def test_where_there_are_fewer_a_call_takes_them_all(join: Join, headroom: int) -> None:
    """The headroom as well."""
    limits = evolve(LIMITS, concurrency=4, headroom=headroom)
    service = Service()
    for name in ("one", "two"):
        (await join(limits)).keep_calling(service, name, tasks=2, slots=5, counted=4)
    light = await join(limits)
    light.keep_calling(service, "light", tasks=3)
    await until(lambda: len(set(service.served)) == 3)
    counts = await served(service, 250)
    assert len(counts) == 3
    assert min(counts.values()) >= 5
    assert service.peak == 4


async def test_a_process_that_dies_while_slots_are_collected_for_it_leaves_them(join: Join) -> None:
    one, two = await join(), await join()
    async with two.permit(), two.permit(), two.permit(), two.permit():
        service = Service()
        one.keep_calling(service, "one", tasks=1, slots=5)
        await until(lambda: one.slots._loan.held[0] == 4)
        one.die()
    two.keep_calling(service, "two", tasks=1, slots=5)
    await until(lambda: "two" in service.served)
    assert service.peak == 5
