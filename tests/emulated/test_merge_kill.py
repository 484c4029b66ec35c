"""Merge jobs whose process is killed, again and again, while everything else goes wrong.

Each seed is one story, as for mails: chains of any length, scheduled merges, faults of
every kind, kills at random moments, and resumes until the job is through. The journal
and the books agree call by call all the while. ZOHOCRM_SOAK_SEEDS=200 tells so many more.
"""

import asyncio
import random
from pathlib import Path

import orjson
import pytest
from attrs import frozen
from killing import GRACE, ROWS, carried, go_wrong
from merges import check_against_books, journaled
from soaking import SOAK_SEEDS

from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.jobs import Item, ItemState
from zohocrm_async.jobs.items import ABSENT

# Less than the grace, or nobody could tell what is absent.
LATENESS = 0.5
assert LATENESS < GRACE

JOB = 'MergeJob(crm, journal=journal, module="Leads")'


@frozen
class Story:
    """One seed: what happens, and what has to hold at its end."""

    seed: int
    groups: int
    kills: int

    async def told(self, folder: Path) -> None:
        """Run the job, kill it, resume it, and compare it with the books."""
        dice = random.Random(self.seed)
        async with Emulator(
            latency=dice.choice([0.0, 0.002, 0.01]), seed=self.seed, scheduled_merge_seconds=0.5
        ) as org:
            self._prepare(org, folder, dice)
            for _ in range(self.kills):
                self._go_wrong(org, dice)
                await carried(org, folder, JOB, until=dice.randint(0, self.groups // self.kills))
                await self._check(org, folder)
            org.clear_faults()
            items = await self._to_its_end(org, folder)
            assert len(items) == self.groups, f"{self}: groups are missing"
            assert {item.state for item in items} == {ItemState.MERGED}, f"{self}"
            assert len(org.records("Leads")) == self.groups

    def _prepare(self, org: Emulator, folder: Path, dice: random.Random) -> None:
        sizes = [dice.randint(2, 8) for _ in range(self.groups)]
        ids = list(org.add_records("Leads", ({"Last_Name": "Stone"} for _ in range(sum(sizes)))))
        for id_ in dice.sample(ids, 5):
            org.related_records["Leads", id_] = 1_500
        lines: list[bytes] = []
        for size in sizes:
            master, *children = (ids.pop() for _ in range(size))
            lines.append(orjson.dumps({"master": master, "children": children}))
        (folder / ROWS).write_bytes(b"\n".join(lines))

    def _go_wrong(self, org: Emulator, dice: random.Random) -> None:
        calls = 2 * self.groups // self.kills
        go_wrong(org, dice, lateness=LATENESS, within=calls, method="POST", path="merge")
        if dice.random() < 0.5:
            org.fail_next(Fault.CUT_BEFORE, method="GET", path="merge", after=dice.randint(0, 5))

    async def _check(self, org: Emulator, folder: Path) -> tuple[Item, ...]:
        if not await asyncio.to_thread((folder / "journal").exists):
            assert org.merges == (), f"{self}"
            return ()
        items = await journaled(folder / "journal")
        check_against_books(items, org)
        return tuple(items)

    async def _to_its_end(self, org: Emulator, folder: Path) -> tuple[Item, ...]:
        for _ in range(8):
            through = await carried(org, folder, JOB)
            items = await self._check(org, folder)
            undone = [item for item in items if item.state is not ItemState.MERGED]
            if through and all(item.code == ABSENT for item in undone):
                return items
        raise AssertionError(f"{self}: the job does not come to an end")


@pytest.mark.parametrize("seed", [1])
async def test_killed_at_any_moment_no_merge_is_repeated_or_forgotten(
    tmp_path: Path, seed: int
) -> None:
    """After all resumes each of 50 groups is one record, by its own calls in their order."""
    await Story(seed, groups=50, kills=2).told(tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 100 + SOAK_SEEDS))
async def test_the_same_of_many_more_merges(tmp_path: Path, seed: int) -> None:
    """More groups and more kills, with as many seeds as are asked for."""
    await Story(seed, groups=300, kills=5).told(tmp_path)
