"""What the tests of mail jobs that go on share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from zohocrm_async import Retry, ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import Item, Journal, MailJob

NO_PAUSE = Retry(base=0.001, ceiling=0.002)
HOUR = 3_600
Row = Mapping[str, Any]
World = tuple[Emulator, ZohoCRM, list[Row]]


@contextlib.asynccontextmanager
async def world(leads: int, **settings: Any) -> AsyncIterator[World]:
    """Open an organisation, a client of it, and a row for each of its leads."""
    async with Emulator(**settings) as org:
        people = [{"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(leads)]
        ids = org.add_records("Leads", people)
        limits = evolve(org.limits, time_zone=org.state.time_zone)
        async with org.client(retry=NO_PAUSE, limits=limits) as crm:
            yield org, crm, [{"id": id_, **one} for id_, one in zip(ids, people, strict=True)]


def mail_job(crm: ZohoCRM, folder: Path, **settings: Any) -> MailJob:
    given: dict[str, Any] = {
        "journal": folder / "journal",
        "module": "Leads",
        "sender": "crm@example.com",
        "subject": "To $Last_Name",
        "content": "<p>Dear $Last_Name</p>",
    }
    return MailJob(crm, **{**given, **settings})


async def journaled(folder: Path) -> list[Item]:
    async with Journal.open(folder / "journal") as journal:
        return [item async for item in journal.items()]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what goes on over real sockets."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


def write_csv(path: Path, rows: list[Row]) -> Path:
    lines = ["id,Email,Last_Name", *(f"{r['id']},{r['Email']},{r['Last_Name']}" for r in rows)]
    path.write_text("\n".join(lines))
    return path
