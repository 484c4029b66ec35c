"""Calls of several slots: all of them at once, in their turn, and no more than there are."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from desk import BULK, INTERACTIVE, Desk, MakeDesk, desks, turns

from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget, Permit


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


async def lights(d: Desk, names: str, **how: Any) -> None:
    for name in names:
        await d.begin(name, **how)


def slots(d: Desk) -> tuple[int, int]:
    report = d.scheduler.report()
    return report.slots.in_flight, report.heavy_slots.in_flight


def refuse(permit: Permit) -> None:
    permit.mark_sent()
    permit.refused()


class TestTaking:
    """A call takes all its slots in one decision, and gives all of them back."""

    async def test_all_or_none(self, desk: MakeDesk) -> None:
        d = desk(concurrency=6, heavy_concurrency=3)
        await lights(d, "ab")
        await d.begin("S", slots=5, heavy=2)
        assert (d.went, slots(d)) == ("ab", (2, 0))
        await d.end("a")
        assert (d.went, slots(d)) == ("abS", (6, 2))
        await d.end("S")
        assert slots(d) == (1, 0)
        assert d.scheduler.report().slots.peak == 6

    async def test_where_there_are_fewer_it_takes_them_all(self, desk: MakeDesk) -> None:
        """And gives back what it took, though there are more by then."""
        d = desk(concurrency=3, heavy_concurrency=2)
        await lights(d, "a")
        await d.begin("S", slots=5, heavy=4)
        await lights(d, "b")
        await d.end("a")
        assert (d.went, slots(d)) == ("aS", (3, 2))
        d.scheduler.set_limits(Limits(concurrency=9, heavy_concurrency=9, credits=100))
        await turns()
        assert (d.went, slots(d)) == ("aSb", (4, 2))
        await d.end("S")
        assert slots(d) == (1, 0)

    async def test_where_the_headroom_leaves_fewer_it_takes_that_too(self, desk: MakeDesk) -> None:
        """Once no other is in flight, and people's calls wait for it meanwhile."""
        d = desk(concurrency=5, headroom=2)
        await lights(d, "a", priority=INTERACTIVE)
        await d.begin("S", slots=5, priority=BULK)
        assert d.went == "a"
        await d.end("a")
        await lights(d, "b", priority=INTERACTIVE)
        assert (d.went, slots(d)) == ("aS", (5, 0))
        await d.end("S")
        assert d.went == "aSb"

    @pytest.mark.parametrize("granted", [False, True])
    async def test_who_is_cancelled_leaves_nothing(self, desk: MakeDesk, *, granted: bool) -> None:
        """Neither slots nor the place for which they were kept."""
        d = desk(concurrency=5, heavy_concurrency=3)
        await lights(d, "" if granted else "ab")
        several = await d.begin("S", slots=5, heavy=3)
        await lights(d, "cd")
        assert d.went == ("S" if granted else "ab")
        await several.cancelled()
        assert d.went[-2:] == "cd"


class TestItsTurn:
    """Slots that fall free are kept for the next call, if it takes several."""

    async def test_who_comes_later_waits(self, desk: MakeDesk) -> None:
        d = desk(concurrency=4)
        await lights(d, "abcd")
        await d.begin("S", slots=3)
        await lights(d, "ef")
        for name in "abc":
            await d.end(name)
        assert d.went == "abcdS"
        await d.end("d")
        assert d.went == "abcdSe"

    async def test_people_go_first(self, desk: MakeDesk) -> None:
        d = desk(concurrency=3)
        await lights(d, "abc")
        await d.begin("S", slots=3)
        await d.end("a")
        await lights(d, "p", priority=INTERACTIVE)
        assert d.went == "abcp"

    async def test_a_lower_class_keeps_them_once_its_turn_is_due(self, desk: MakeDesk) -> None:
        """From people's calls, too; and then it has had as many turns as slots."""
        d = desk(concurrency=4, credits=1_000, bulk_share=0.5)
        people = Budget("people", priority=INTERACTIVE)
        await lights(d, "abcdefgh", budget=people)
        await d.begin("S", slots=4, priority=BULK)
        await d.begin("T", slots=4, priority=BULK)
        for name in "abcdef":
            await d.end(name)
        assert d.went == "abcdefS"
        await lights(d, "ijklmnop", budget=people)
        await d.end("S")
        for name in "ghij":
            assert "T" not in d.went
            await d.end(name)
        # Half of all turns are its part, so that four for one call are four for the others.
        assert d.went == "abcdefSghijT"

    async def test_one_that_lacks_credits_keeps_nothing(self, desk: MakeDesk) -> None:
        d = desk(concurrency=3, credits=100, max_wait=None)
        await d.spend(95)
        await lights(d, "ab", price=0)
        await d.begin("S", 10, slots=3)
        await lights(d, "cd", price=0)
        assert d.went == "abc"
        await d.end("a")
        assert d.went == "abcd"

    async def test_one_of_several_heavy_slots_keeps_those_alone(self, desk: MakeDesk) -> None:
        """Light calls go on, and heavy ones of a lower class do not."""
        d = desk(concurrency=9, heavy_concurrency=3)
        await lights(d, "ab", heavy=1)
        await d.begin("S", heavy=3)
        await lights(d, "cd")
        await lights(d, "h", heavy=1)
        await lights(d, "k", heavy=1, priority=BULK)
        assert d.went == "abcd"
        await d.end("a")
        await d.end("b")
        assert d.went == "abcdS"
        await d.end("S")
        assert d.went == "abcdShk"


class TestRefused:
    """The service has fewer slots than are configured."""

    async def test_what_stays_in_flight_is_what_it_grants(self, desk: MakeDesk) -> None:
        d = desk(concurrency=10)
        await lights(d, "abcd")
        await d.begin("S", slots=5)
        await d.end("S", refuse)
        assert d.scheduler.report().slots.in_force == 4

    async def test_others_go_while_fewer_are_in_force_than_it_takes(self, desk: MakeDesk) -> None:
        """It goes once as many were tried."""
        d = desk(concurrency=6, credits=1_000)
        await d.begin("S", slots=5)
        await d.end("S", refuse)
        await lights(d, "ab")
        assert (d.went, d.scheduler.report().slots.in_force) == ("Sa", 1)
        await d.end("a")
        assert d.went == "Sab"
        await d.end("b")
        for _ in range(12):
            await d.passes(0.5)
        assert d.went == "SabS"
        await d.end("S")
