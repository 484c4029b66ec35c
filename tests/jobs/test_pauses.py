"""Waiting of a whole job: the gate, and when the next day of mails begins."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.jobs.pauses import Gate, next_mail_day


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_closed_gate_lets_nobody_pass_until_its_time() -> None:
    """All who wait go on together; the time may be put off meanwhile, never brought forward."""
    clock = ManualClock()
    gate = Gate(clock)
    assert await gate.passed()
    assert gate.close(clock.now() + timedelta(seconds=10))
    assert not gate.close(clock.now() + timedelta(seconds=5))
    waiting = [asyncio.create_task(gate.passed()) for _ in range(3)]
    opening = asyncio.create_task(gate.reopened())
    await settle()
    clock.advance(9)
    await settle()
    assert gate.close(clock.now() + timedelta(seconds=5))
    clock.advance(2)
    await settle()
    assert not any(task.done() for task in waiting)
    clock.advance(3)
    await opening
    assert await asyncio.gather(*waiting) == [True] * 3
    assert gate.until is None


async def test_a_gate_that_is_shut_down_lets_all_go_and_none_pass() -> None:
    """Nobody waits for a job that has stopped."""
    clock = ManualClock()
    gate = Gate(clock)
    gate.close(clock.now() + timedelta(days=1))
    waiting = asyncio.create_task(gate.passed())
    await settle()
    gate.shut_down()
    assert await waiting is False
    assert await gate.passed() is False
    assert not gate.close(clock.now() + timedelta(days=2))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "UTC"])
async def test_a_day_ends_in_the_organisation_s_zone(zone: str) -> None:
    """Shortly after its midnight; within the day's first hour the cap is tried again soon."""
    async with Emulator(time_zone=zone) as org, org.client() as crm:
        # Not within the first hour of a day, whenever the test runs.
        org.advance((12 - org.clock.now().astimezone(org.state.zone).hour) % 24 * 3600)
        until = await next_mail_day(crm)
        assert until is not None
        org.advance((until - org.clock.now()).total_seconds() + 60)
        local = org.clock.now().astimezone(org.state.zone)
        assert (local.hour, local.minute in {1, 2, 16, 17}) == (0, True)
        early = await next_mail_day(crm)
        assert early is not None
        assert early - org.clock.now() < timedelta(minutes=16)


async def test_a_zone_that_nobody_tells_is_not_guessed() -> None:
    """Without the scope for the organisation, the job cannot know when to go on."""
    async with Emulator() as org:
        credentials = org.credentials_with(scopes=["ZohoCRM.send_mail.all.CREATE"])
        async with org.client(credentials=credentials) as crm:
            assert await next_mail_day(crm) is None


async def test_a_service_that_fails_tells_no_zone_either() -> None:
    """The job stops in place of waiting for a time that it made up."""
    async with Emulator() as org, org.client() as crm:
        org.fail_next(Fault.SERVER_ERROR, path="/org", times=99)
        asking = asyncio.create_task(next_mail_day(crm))
        while not asking.done():
            org.advance(60)
            await asyncio.sleep(0.005)
        assert await asking is None


def test_times_are_aware() -> None:
    """A naive time would be compared with nothing."""
    assert Gate(ManualClock(datetime(2026, 1, 1, tzinfo=UTC))).until is None
