"""The mails of a day, counted for all processes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from members import LEASE, until

from benchmarks.redis_server import Server
from zohocrm_async._clock import OffsetClock
from zohocrm_async.redis import RedisFleet, RedisMails, _mails

Join = Callable[..., Awaitable[RedisMails]]


@pytest.fixture
async def count(server: Server) -> AsyncIterator[Join]:
    """Let another process join that counts mails."""
    made: list[RedisMails] = []

    async def make(limit: int | None = 100, *, clock: OffsetClock | None = None) -> RedisMails:
        fleet = RedisFleet(server.url, prefix=server.prefix, lease=LEASE, clock=clock)
        mails = fleet.mails("acme")
        mails.limit = limit
        await mails.open()
        made.append(mails)
        return mails

    yield make
    for mails in made:
        await mails.close()


async def send(mails: RedisMails) -> bool:
    """Send one mail, when there is a place; return whether there was."""
    woken = asyncio.Event()
    mails.listen(woken.set)
    async with asyncio.timeout(5):
        while not mails.has_room:
            if mails.is_spent:
                return False
            woken.clear()
            await woken.wait()
    mails.reserve()
    mails.settle(counted=True)
    return True


async def test_all_together_send_what_is_allowed(count: Join) -> None:
    async def all_of(mails: RedisMails) -> int:
        sent = 0
        while await send(mails):
            sent += 1
        return sent

    processes = [await count(50) for _ in range(3)]
    assert sum(await asyncio.gather(*(all_of(mails) for mails in processes))) == 50
    assert (await count(50)).used == 50


async def test_a_call_that_did_not_act_frees_its_place(count: Join) -> None:
    mails = await count(1)
    for counted in (False, True):
        await until(lambda: mails.has_room)
        mails.reserve()
        assert not mails.has_room
        mails.settle(counted=counted)
    assert mails.is_spent


async def test_what_is_not_used_goes_back_at_the_close(count: Join) -> None:
    one, two = await count(200), await count(200)
    assert await send(one)
    await one.close()
    for _ in range(199):
        assert await send(two)
    assert not await send(two)


async def test_without_a_limit_they_are_counted(count: Join) -> None:
    one = await count(None)
    assert await send(one)
    assert one.left is None
    await one.close()
    assert (await count(None)).used == 1


async def test_the_word_of_the_service_is_for_all(count: Join) -> None:
    one, two = await count(), await count()
    assert await send(two)
    one.fill()
    assert not await send(one)
    await until(lambda: not one._tasks)
    two._tick()
    await until(lambda: two.is_spent)


async def test_another_day_begins_anew(count: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await count(1)
    assert await send(one)
    assert not await send(one)
    tomorrow = one._today() + timedelta(days=1)
    monkeypatch.setattr(one, "_today", lambda: tomorrow)
    assert one.used == 0
    assert await send(one)


async def test_that_a_day_was_spent_is_not_said_of_the_next(
    count: Join, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even by a process that could tell nobody before the day was over."""
    one, two = await count(), await count()
    assert await send(one)
    server.pause()
    one.fill()
    await until(lambda: one._away)
    tomorrow = one._today() + timedelta(days=1)
    for mails in (one, two):
        monkeypatch.setattr(mails, "_today", lambda: tomorrow)
    server.resume()
    assert await send(one)
    assert await send(two)


async def test_who_is_cancelled_while_it_closes_leaves_no_connection(
    count: Join, server: Server
) -> None:
    """The order that is under way may take as long as the server is away."""
    mails = await count()
    server.pause()
    assert not mails.has_room  # asks for places
    closing = asyncio.create_task(mails.close())
    await asyncio.sleep(0)
    closing.cancel()
    server.resume()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert mails._fleet._hearing is None


async def test_a_clock_that_is_wrong_does_no_harm(count: Join) -> None:
    """The day is that of the server."""
    clock = OffsetClock()
    clock.advance(3 * 86_400)
    right, wrong = await count(2), await count(2, clock=clock)
    assert wrong._day == right._day
    assert await send(right)
    assert await send(wrong)
    assert not await send(right)


async def test_while_the_server_is_away_calls_wait(count: Join, server: Server) -> None:
    mails = await count()
    server.pause()
    waiting = asyncio.create_task(send(mails))
    await asyncio.sleep(LEASE / 2)
    assert not waiting.done()
    server.resume()
    assert await waiting


async def test_that_it_is_away_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_mails, "_AGAIN", 0.01)
    with Server() as own:
        mails = RedisFleet(own.url, lease=LEASE).mails("acme")
        mails.limit = 100
        await mails.open()
        own.kill()
        asked = 0
        while asked < 5:
            if not mails.has_room and mails._tasks:
                asked += 1
                await asyncio.wait(mails._tasks)
            await asyncio.sleep(0.005)
        own.start()
        assert await send(mails)
        await mails.close()
    assert [record.name for record in caplog.records] == ["zohocrm_async.redis"]
