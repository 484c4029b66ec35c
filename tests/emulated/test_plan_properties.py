"""Plans and what a run then does and costs: the same, whatever the input."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
from mailing import mail_job, world
from merges import merge_job, organisation, through_time
from soaking import examples

from zohocrm_async.jobs import ItemState

RECORDS = 6
ROWS = st.lists(
    st.tuples(
        st.integers(0, RECORDS),  # the last is no record's id
        st.sampled_from(["a@example.com", "b@example.com", "nobody"]),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=14,
)
SIZES = st.lists(st.integers(2, 7), min_size=1, max_size=5)


@given(ROWS, st.none() | st.integers(20, 150), st.sampled_from([None, "Email"]))
@settings(max_examples=examples(5), deadline=None, derandomize=True)
def test_mails(
    drawn: Sequence[tuple[int, str, bool]], budget: int | None, key_column: str | None
) -> None:
    """Rows that are refused or repeated, any budget, any key."""

    async def story(folder: Path) -> None:
        async with world(RECORDS) as (org, crm, rows):
            ids = [*(row["id"] for row in rows), "x"]
            source = [
                {"id": ids[n], "Email": email, **({"Last_Name": "Stone"} if named else {})}
                for n, email, named in drawn
            ]
            source.insert(0, {"id": ids[0], "Email": "c@example.com", "Last_Name": "Stone"})
            job = mail_job(crm, folder, budget=budget, key_column=key_column)
            plan = await job.plan(source)
            report = await job.run(source)
            assert report.counts[ItemState.SENT] == plan.planned - plan.beyond_budget
            assert report.counts[ItemState.SENT] == sum(part.calls for part in plan.parts)
            assert plan.credits_min == plan.credits_max == report.credits == 20 * len(org.mails)
            if not plan.beyond_budget:
                assert report.refusals == plan.refused
                assert report.counts.get(ItemState.SKIPPED, 0) == sum(plan.skipped.values())
                assert plan.items == report.total
                assert plan.ok == (not plan.refused)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))


@given(SIZES, st.lists(st.integers(0, 40), max_size=4), st.lists(st.integers(0, 40), max_size=3))
@settings(max_examples=examples(3), deadline=None, derandomize=True)
def test_merges(sizes: Sequence[int], scheduled: Sequence[int], repeated: Sequence[int]) -> None:
    """Chains of any length, records that are named twice, some merges scheduled."""

    async def story(folder: Path) -> None:
        async with organisation(sum(sizes), scheduled_merge_seconds=20) as (org, crm, ids):
            left = list(ids)
            groups: list[dict[str, Any]] = []
            for size in sizes:
                master, *children = (left.pop() for _ in range(size))
                groups.append({"master": master, "children": children})
            for number in repeated:
                groups[number % len(groups)]["children"].append(ids[number % len(ids)])
            for number in scheduled:
                org.related_records["Leads", ids[number % len(ids)]] = 1_500
            job = merge_job(crm, folder)
            plan = await job.plan(groups)
            running = asyncio.create_task(job.run(groups))
            await through_time(org, running, seconds=5)
            report = await running
            assert report.counts.get(ItemState.MERGED, 0) == plan.planned
            assert report.refusals == plan.refused
            assert plan.calls == len(org.merges)
            assert plan.credits_min <= report.credits <= plan.credits_max
            by_itself = not any(merge.scheduled for merge in org.merges)
            assert not by_itself or report.credits == plan.credits_min == 50 * plan.calls

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))
