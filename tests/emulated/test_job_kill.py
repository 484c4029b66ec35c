"""Mail jobs whose process is killed, again and again, while everything else goes wrong.

Each seed is one story: hundreds of rows, faults of every kind, several kills at
random moments, and resumes until the job is through. Then the journal and the books of
the emulator have to agree item by item. ZOHOCRM_SOAK_SEEDS=200 tells so many more.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
from attrs import frozen
from killing import GRACE, ROWS, carried, go_wrong
from soaking import SOAK_SEEDS

from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.jobs import Item, ItemState, Journal
from zohocrm_async.jobs.items import ABSENT

# Together less than the grace, or nobody could tell what is absent.
LATENESS, LISTING_DELAY = 0.4, 0.3
assert LATENESS + LISTING_DELAY < GRACE

JOB = """MailJob(
    crm, journal=journal, module="Leads", sender="crm@example.com",
    subject="To $Last_Name", content="Dear $Last_Name",
)"""


@frozen
class Story:
    """One seed: what happens, and what has to hold at its end."""

    seed: int
    rows: int
    kills: int

    async def told(self, folder: Path) -> None:
        """Run the job, kill it, resume it, and compare it with the books."""
        dice = random.Random(self.seed)
        resend = dice.random() < 0.7
        async with Emulator(latency=dice.choice([0.0, 0.002, 0.01]), seed=self.seed) as org:
            org.state.email_delay = LISTING_DELAY
            self._prepare(org, folder, dice)
            for _ in range(self.kills):
                self._go_wrong(org, dice)
                lines = dice.randint(0, self.rows // self.kills)
                await carried(org, folder, JOB, resend_absent=resend, until=lines)
                self._check(await journaled(folder), org)
            org.clear_faults()
            await self._to_its_end(org, folder, resend=resend)
            items = await journaled(folder)
            self._check(items, org)
            self._check_end(items, org, resend=resend)

    def _prepare(self, org: Emulator, folder: Path, dice: random.Random) -> None:
        people = [
            {"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(self.rows)
        ]
        ids = org.add_records("Leads", people)
        org.bounced |= {str(one["Email"]) for one in dice.sample(people, self.rows // 50)}
        lines = [orjson.dumps({"id": i, **one}) for i, one in zip(ids, people, strict=True)]
        (folder / ROWS).write_bytes(b"\n".join(lines))

    def _go_wrong(self, org: Emulator, dice: random.Random) -> None:
        go_wrong(org, dice, lateness=LATENESS, within=self.rows // self.kills, path="send_mail")
        if dice.random() < 0.5:
            org.fail_next(Fault.CUT_BEFORE, path="/Emails", after=dice.randint(0, 5))

    async def _to_its_end(self, org: Emulator, folder: Path, *, resend: bool) -> None:
        for _ in range(8):
            through = await carried(org, folder, JOB, resend_absent=resend)
            items = await journaled(folder)
            open_ones = [item for item in items.values() if item.state is ItemState.UNKNOWN]
            if through and all(item.code == ABSENT for item in open_ones):
                return
        raise AssertionError(f"{self}: the job does not come to an end")

    def _check(self, items: Mapping[str, Item], org: Emulator) -> None:
        """Nobody is mailed twice, and what the journal says is so."""
        mails = {mail.record_id: mail.message_id for mail in org.mails}
        assert len(mails) == len(org.mails), f"{self}: somebody was mailed twice"
        for item in items.values():
            if item.state is ItemState.SENT:
                assert mails.get(item.record_id) == item.message_id, f"{self}: {item}"
            elif item.state is not ItemState.UNKNOWN or item.code == ABSENT:
                assert item.record_id not in mails, f"{self}: {item}"
        assert mails.keys() <= items.keys(), f"{self}: mailed, and not in the journal"

    def _check_end(self, items: Mapping[str, Item], org: Emulator, *, resend: bool) -> None:
        """No row is forgotten, and nothing is left open that could be known."""
        assert len(items) == self.rows, f"{self}: rows are missing"
        counts = Counter(item.state for item in items.values())
        refused = len(org.bounced)
        if resend:
            sent = self.rows - refused
            assert counts == {ItemState.SENT: sent, ItemState.REFUSED: refused}, f"{self}"
        else:
            absent = counts[ItemState.UNKNOWN]  # all of them, or it had not come to its end
            assert refused - absent <= counts[ItemState.REFUSED] <= refused, f"{self}: {counts}"
            assert counts[ItemState.SENT] == len(org.mails), f"{self}: {counts}"


async def journaled(folder: Path) -> dict[str, Item]:
    """Return the items of the journal, if there is one yet."""
    path = folder / "journal"
    if not await asyncio.to_thread(path.exists):
        return {}
    async with Journal.open(path) as journal:
        return {item.record_id: item async for item in journal.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_any_moment_a_job_neither_repeats_nor_forgets(
    tmp_path: Path, seed: int
) -> None:
    """After all resumes the journal and the books agree on every one of 400 rows."""
    await Story(seed, rows=400, kills=3).told(tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 100 + SOAK_SEEDS))
async def test_the_same_of_many_more_stories(tmp_path: Path, seed: int) -> None:
    """More rows and more kills, with as many seeds as are asked for."""
    await Story(seed, rows=3_000, kills=5).told(tmp_path)
