"""What a process asks of the server for slots, and when: the server says what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from math import inf

import pytest
from scripted_slots import LEASE, LIMITS, Join, desks, pools

from zohocrm_async import exceptions as errors
from zohocrm_async.redis._loans import described


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    """Let processes join; they end at the end."""
    async with desks() as make:
        yield make


class TestOrders:
    """The server is asked when it can do something for us, or we for others."""

    async def test_who_waits_asks_at_once_and_who_has_a_slot_does_not(self, join: Join) -> None:
        d = await join()
        d.server.lent = (2, 0)
        await d.begin()
        assert d.order["waiting"]["every"] == (0, 1, 0)
        asked = len(d.server.orders)
        await d.begin()
        assert (len(d.in_flight), len(d.server.orders)) == (2, asked)
        await d.begin(heavy=1)
        assert d.order["waiting"]["heavy"] == (0, 1, 0)
        assert d.order["using"]["every"] == (0, 2, 0)

    async def test_a_process_without_calls_says_nothing(self, join: Join) -> None:
        d = await join()
        assert await d.orders_in(10 * LEASE) == 0

    async def test_signs_of_life_are_given_while_slots_are_used(self, join: Join) -> None:
        """Six in a lease; four times as many while calls wait for slots that others have."""
        d = await join()
        d.server.lent = (1, 0)
        await d.begin()
        beats = [await d.orders_in(LEASE / 6) for _ in range(3)]
        assert beats == [1, 1, 1]
        d.server.changes = {"starved": True}
        await d.begin()
        beats = [await d.orders_in(LEASE / 24) for _ in range(3)]
        assert beats == [1, 1, 1]

    async def test_what_was_in_use_since_the_last_order_is_kept(self, join: Join) -> None:
        """Where nobody else wants it; what was not goes back."""
        d = await join()
        d.server.lent = (3, 1)
        for _ in range(2):
            await d.begin()
        await d.passes(LEASE / 24)
        await d.end(1)
        await d.passes(LEASE / 24)
        kept = [order["keep"] for order in d.server.orders[-2:]]
        assert kept == [pools(2, 0), pools(2, 0)]
        d.server.lent = (2, 0)
        await d.passes(LEASE / 24)
        assert d.order["keep"] == pools(1, 0)

    async def test_what_was_in_use_only_between_two_orders_is_kept_as_well(
        self, join: Join
    ) -> None:
        """In each pool."""
        d = await join()
        d.server.lent = (3, 2)
        await d.begin(heavy=1)
        await d.passes(LEASE / 24)
        await d.begin(heavy=1)
        await d.end(1)
        await d.passes(LEASE / 24)
        assert d.order["keep"] == pools(2, 2)

    async def test_who_waits_for_something_else_keeps_what_it_has(self, join: Join) -> None:
        """Here for heavy slots, which all the others have."""
        d = await join()
        d.server.lent, d.server.changes = (2, 0), {"starved": True}
        await d.begin()
        await d.begin(heavy=1)
        await d.passes(LEASE / 24)
        assert d.order["keep"] == pools(2, 0)

    async def test_a_call_that_was_kept_back_asks_when_it_may_go(self, join: Join) -> None:
        """What it was lent in between has gone back, and nothing else would wake it."""
        d = await join()
        d.server.lent = (1, 0)
        job = d.scheduler.budget("job")
        job.pause()
        await d.begin(budget=job)
        await d.passes(LEASE / 24)
        assert d.order["keep"] == pools(0, 0)
        d.server.lent = (0, 0)
        await d.passes(LEASE / 24)
        assert await d.orders_in(10 * LEASE) == 0
        d.server.lent = (1, 0)
        job.resume()
        await d.passes(0)
        assert d.order["waiting"]["every"] == (0, 1, 0)
        assert len(d.in_flight) == 1

    async def test_what_is_given_back_is_used_by_nobody_from_then_on(self, join: Join) -> None:
        """Not even before the server has heard of it."""
        d = await join()
        d.server.lent, d.server.changes = (2, 0), {"starved": True}
        await d.begin()
        await d.begin()
        await d.passes(1.0)
        d.server.may_answer.clear()
        await d.end(1)
        await d.passes(0.03)
        assert d.order["keep"] == pools(1, 0)
        await d.begin()
        assert len(d.in_flight) == 1
        d.server.may_answer.set()
        await d.passes(0)
        assert len(d.in_flight) == 2

    async def test_what_another_asks_for_goes_back_at_once_where_it_is_not_used(
        self, join: Join
    ) -> None:
        """What is in use goes back when its call ends."""
        d = await join()
        d.server.lent = (2, 0)
        await d.begin()
        await d.begin()
        await d.hears(0, 99, held=2)
        asked = len(d.server.orders)
        d.server.lent = (1, 0)
        await d.end(1)
        assert len(d.server.orders) == asked + 1
        assert d.order["keep"] == pools(1, 0)

    async def test_what_is_lent_to_the_higher_class_alone_is_left(self, join: Join) -> None:
        d = await join()
        d.server.lent, d.server.changes = (3, 0), {"low": pools(2, 0)}
        for _ in range(3):
            await d.begin()
        assert len(d.in_flight) == 2

    async def test_what_is_not_used_goes_back_where_others_want_it(self, join: Join) -> None:
        """With a short pause between two orders."""
        d = await join()
        d.server.lent, d.server.changes = (2, 0), {"starved": True}
        for _ in range(2):
            await d.begin()
        await d.passes(0.5)
        await d.passes(0.5)
        asked = len(d.server.orders)
        await d.end(1)
        assert await d.orders_in(0.03) == 1
        assert d.order["keep"] == pools(1, 0)
        assert len(d.server.orders) <= asked + 2

    async def test_one_order_is_under_way_at_a_time(self, join: Join) -> None:
        d = await join()
        d.server.may_answer.clear()
        await d.begin()
        asked = len(d.server.orders)
        for _ in range(3):
            await d.begin()
        assert await d.orders_in(1.0) == 0
        d.server.lent = (1, 0)
        d.server.may_answer.set()
        await d.passes(0)
        assert len(d.server.orders) == asked + 1
        assert d.order["waiting"]["every"] == (0, 3, 0)


class TestLease:
    """No call leaves on slots that may be another's."""

    async def test_it_runs_from_when_the_order_left(self, join: Join) -> None:
        """For half of what the server reckons with, however long the answer took."""
        d = await join()
        d.server.lent = (1, 0)
        d.server.may_answer.clear()
        await d.begin()
        sent = d.clock.monotonic()
        await d.passes(2.0)
        d.server.may_answer.set()
        await d.passes(0)
        assert d.slots.until == sent + LEASE / 2
        assert len(d.in_flight) == 1

    async def test_an_answer_that_came_too_late_lends_nothing(self, join: Join) -> None:
        d = await join()
        d.server.lent = (1, 0)
        d.server.may_answer.clear()
        await d.begin()
        await d.passes(LEASE / 2)
        d.server.may_answer.set()
        await asyncio.sleep(0)
        assert not d.in_flight

    async def test_once_it_is_over_calls_wait_for_an_answer(self, join: Join) -> None:
        d = await join()
        d.server.lent = (2, 0)
        await d.begin()
        d.server.may_answer.clear()
        await d.passes(LEASE / 2)
        await d.begin()
        assert (len(d.in_flight), d.slots.until) == (1, -inf)
        d.server.may_answer.set()
        await d.passes(LEASE / 24)
        assert len(d.in_flight) == 2

    async def test_a_stale_answer_changes_nothing(self, join: Join) -> None:
        d = await join()
        d.server.lent = (1, 0)
        await d.begin()
        until = d.slots.until
        d.server.changes = {"stale": True}
        await d.passes(LEASE / 6)
        assert d.slots.until == until

    async def test_words_of_others_come_in_any_order(self, join: Join) -> None:
        """The latest holds, and none of them makes the lease longer."""
        d = await join()
        d.server.lent = (1, 0)
        for _ in range(3):
            await d.begin()
        until = d.slots.until
        await d.hears(2, d.server.version + 5)
        assert (len(d.in_flight), d.slots.until) == (2, until)
        for older in (5, 1):
            await d.hears(4, d.server.version + older)
        assert len(d.in_flight) == 2

    async def test_a_word_after_the_lease_brings_nothing(self, join: Join) -> None:
        d = await join()
        d.server.lent = (1, 0)
        await d.begin()
        await d.begin()
        d.server.away = True
        await d.passes(LEASE / 2)
        await d.hears(4, 99)
        assert len(d.in_flight) == 1


class TestAway:
    """A server that does not answer is asked again, and not too often."""

    async def test_it_is_asked_until_it_is_back(
        self, join: Join, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And told of once."""
        d = await join()
        d.server.away = True
        await d.begin()
        for _ in range(3):
            assert await d.orders_in(LEASE / 24) == 1
        assert caplog.text.count("no slots are lent until it is back") == 1
        d.server.away, d.server.lent = False, (1, 0)
        await d.passes(LEASE / 24)
        assert len(d.in_flight) == 1
        d.server.away = True
        await d.passes(LEASE / 6)
        assert caplog.text.count("no slots are lent until it is back") == 2

    async def test_calls_that_come_meanwhile_do_not_ask_each(self, join: Join) -> None:
        d = await join()
        d.server.away = True
        await d.begin()
        asked = len(d.server.orders)
        for _ in range(3):
            await d.begin()
        assert len(d.server.orders) == asked
        d.server.away, d.server.lent = False, (4, 0)
        await d.passes(LEASE / 24)
        assert len(d.in_flight) == 4

    async def test_with_a_share_calls_go_on_once_all_leases_are_over(self, join: Join) -> None:
        """Before any order the server is asked whether it is there."""
        d = await join(away_share=0.5)
        d.server.away = True
        for heavy in (1, 1, 0, 0):
            await d.begin(heavy)
        for _ in range(23):
            await d.passes(LEASE / 24)
        assert not d.in_flight
        await d.passes(LEASE / 24)
        assert (len(d.in_flight), d.slots.until, d.server.pings) == (2, inf, 0)
        assert sum(permit.heavy for permit in d.in_flight) == 1
        await d.hears(4, 99)
        assert len(d.in_flight) == 2
        asked = len(d.server.orders)
        await d.passes(LEASE / 24)
        assert (d.server.pings, len(d.server.orders)) == (1, asked)
        d.server.away, d.server.lent = False, (3, 0)
        await d.passes(LEASE / 24)
        assert (len(d.in_flight), d.server.pings, len(d.server.orders)) == (3, 2, asked + 1)
        assert d.slots.until < inf


class TestConflict:
    """Others work with other limits."""

    async def test_calls_are_refused_and_it_is_looked_again_after_a_lease(self, join: Join) -> None:
        """When another call comes: the others may be gone."""
        d = await join()
        d.server.changes = {"conflict": True, "limits": {**described(LIMITS), "floor": 7}}
        calls = [await d.begin(), await d.begin()]
        for call in calls:
            with pytest.raises(errors.ConfigurationError, match=r"Limits\(floor=7\)"):
                await call
        asked = len(d.server.orders)
        with pytest.raises(errors.ConfigurationError):
            await (await d.begin())
        assert len(d.server.orders) == asked
        d.server.changes, d.server.lent = {}, (1, 0)
        await d.passes(LEASE)
        await d.begin()
        await d.passes(LEASE / 24)
        assert len(d.in_flight) == 1

    async def test_what_was_lent_before_is_used_by_no_new_call(self, join: Join) -> None:
        d = await join()
        d.server.lent = (2, 0)
        await d.begin()
        d.server.changes = {"conflict": True, "limits": {**described(LIMITS), "floor": 7}}
        await d.passes(LEASE / 6)
        with pytest.raises(errors.ConfigurationError):
            await (await d.begin())
        assert len(d.in_flight) == 1


class TestClose:
    """What was lent goes back."""

    async def test_all_but_what_calls_in_flight_use(self, join: Join) -> None:
        d = await join()
        d.server.lent = (3, 0)
        await d.begin()
        await d.slots.close()
        assert d.order["keep"] == pools(1, 0)
        assert d.order["using"]["every"] == (0, 1, 0)
        assert d.slots.until == -inf

    async def test_who_has_nothing_says_nothing(self, join: Join) -> None:
        d = await join()
        asked = len(d.server.orders)
        await d.slots.close()
        await d.slots.close()
        assert len(d.server.orders) == asked
