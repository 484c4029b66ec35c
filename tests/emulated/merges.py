"""What the tests of merge jobs share: an organisation, and its books against the journal."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from zohocrm_async import Retry, Timeouts, ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import Item, ItemState, Journal, MergeJob
from zohocrm_async.jobs.steps import Steps

NO_PAUSE = Retry(base=0.001, ceiling=0.002)


@contextlib.asynccontextmanager
async def organisation(
    records: int, **settings: Any
) -> AsyncIterator[tuple[Emulator, ZohoCRM, tuple[str, ...]]]:
    """Open an organisation, a client of it, and the ids of its leads."""
    patience = settings.pop("read_timeout", 5.0)
    async with Emulator(**settings) as org:
        ids = org.add_records(
            "Leads",
            ({"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(records)),
        )
        async with org.client(retry=NO_PAUSE, timeouts=Timeouts(read=patience)) as crm:
            yield org, crm, ids


def merge_job(crm: ZohoCRM, folder: Path, **settings: Any) -> MergeJob:
    return MergeJob(crm, **{"journal": folder / "journal", "module": "Leads", **settings})


def pairs(ids: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"master": master, "children": child}
        for master, child in zip(ids[::2], ids[1::2], strict=True)
    ]


async def journaled(path: Path) -> list[Item]:
    async with Journal.open(path) as journal:
        return [item async for item in journal.items()]


def check_against_books(items: Sequence[Item], org: Emulator) -> None:
    """Compare every item, call by call, with the merges that the organisation did."""
    done: dict[str, list[tuple[str, ...]]] = {}
    pending: dict[str, tuple[str, ...]] = {}
    for merge in org.merges:
        if merge.state == "COMPLETED":
            done.setdefault(merge.master_id, []).append(merge.children)
        elif merge.state != "FAILURE":
            pending[merge.master_id] = merge.children
    children = Counter(child for calls in done.values() for call in calls for child in call)
    assert all(times == 1 for times in children.values()), "a child was merged twice"
    for item in items:
        if item.trace is None:
            continue  # refused before any call
        calls = [tuple(child.id for child in call) for call in Steps.of(item).calls]
        made = done.pop(item.record_id, [])
        assert made == calls[: len(made)], "not the calls of this group, in their order"
        if item.state is ItemState.UNKNOWN:
            assert len(made) in {item.step, item.step + 1}
            pending.pop(item.record_id, None)
            continue
        if item.state is ItemState.MERGING and item.job_id:
            at_work = pending.pop(item.record_id, None)
            # Or it has ended, and nobody has looked since.
            assert at_work == calls[item.step] if at_work else len(made) == item.step + 1
            continue
        assert len(made) == item.step, f"{item} and the books say {made}"
        assert (item.state is ItemState.MERGED) == (len(made) == len(calls))
    assert not done, "merged, and not in the journal"
    assert not pending, "being merged, and not in the journal"


async def through_time(
    org: Emulator, running: "asyncio.Task[Any]", *, seconds: float = 2.0
) -> None:
    """Let the clock run ahead until the job is done, and stand while a call is answered."""
    while not running.done():
        await asyncio.wait([running], timeout=0.002)
        if not org.in_flight:
            org.advance(seconds)
