"""``zohocrm demo``: the package's main job against an emulator, and two accounts of it."""

import asyncio
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from attrs import Factory, asdict, define, frozen
from rich.progress import Progress

from zohocrm_async import AttemptFinished, Event, Priority, ZohoCRM
from zohocrm_async.cli.accounts import Books, ClientAccount, Line, compare
from zohocrm_async.cli.emulated import emulator_process
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import json_lines, note, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.cli.watching import Watch, bars
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.jobs import Item, ItemState, JobReport, MailJob, MergeJob
from zohocrm_async.models.records import Record

_FIELDS = ("First_Name", "Last_Name", "Company", "Email")
_SENDER = "crm@example.com"
_SUBJECT = "A question for $Company"
_CONTENT = "<p>Dear $First_Name $Last_Name,</p><p>may we show you what is new this spring?</p>"
_LOOKS = 10
_CREDITS_A_MAIL = 20
_CREDITS_A_MERGE = 55  # 50, and a few looks at a scheduled one
_TOO_MANY = 429


@frozen
class _Work:
    """What there is to do: mails to some leads, merges of others."""

    leads: int
    mails: Sequence[Record]
    merges: Sequence[Mapping[str, str]]


@define
class _Beside:
    """What happens beside the jobs."""

    too_many: int = 0
    looks: list[float] = Factory(list[float])
    scheduled: int = 0
    sentences: defaultdict[str, set[str]] = Factory(lambda: defaultdict(set))
    ended: bool = False
    turns: asyncio.Semaphore = Factory(lambda: asyncio.Semaphore(0))
    """Released for each further interactive call, and at the end."""

    def hear(self, event: Event) -> None:
        """Count the answers that say "too many"; a hook of the client."""
        if isinstance(event, AttemptFinished) and event.status == _TOO_MANY:
            self.too_many += 1

    def note(self, item: Item) -> None:
        """Keep what is told of *item* beyond its state."""
        self.scheduled += item.job_id is not None
        if item.state is ItemState.REFUSED:
            self.sentences[item.code or ""].add(item.message or "")


def demo(
    mails: Annotated[int, typer.Option(metavar="N", min=1, help="Mails to send.")] = 1000,
    merges: Annotated[int, typer.Option(metavar="N", min=1, help="Merges to do.")] = 150,
    latency: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.001, help="How long each call takes.")
    ] = 0.1,
    as_json: AsJson = False,
) -> None:
    """Run the main job on an emulated organisation, and compare two accounts of it.

    An emulator starts in a process of its own with 2,000 invented leads, some of them
    duplicates, opted out or invalid. 1,000 mails and 150 merges run at once under a budget
    each, with a few interactive calls that overtake them. In the end the client's account
    stands beside the emulator's books; the command exits 1 if the two differ. No
    credentials are needed and nothing leaves this machine.
    """
    run(_demo(mails, merges, latency, as_json=as_json))


async def _demo(mails: int, merges: int, latency: float, *, as_json: bool) -> bool:
    async with emulator_process("--csv", "Leads=demo", "--latency", str(latency)) as emulator:
        beside, url = _Beside(), emulator["url"]
        async with ZohoCRM.from_env(emulator["env"], hooks=[beside.hear]) as crm:
            leads = [lead async for lead in crm.records.list("Leads", fields=_FIELDS)]
            work = _share_out(leads, await _ask(url, "duplicates"), mails, merges)
            _introduce(crm, work, latency)
            with tempfile.TemporaryDirectory(prefix="zohocrm-demo-") as folder, bars() as progress:
                sent, merged = await _work(crm, work, Path(folder), beside, progress)
            ours = ClientAccount(
                mails=sent,
                merges=merged,
                scheduled_merges=beside.scheduled,
                credits=crm.credits(),
                too_many=beside.too_many,
                sentences=beside.sentences,
            )
        lines = compare(ours, Books(await _ask(url, "books"), await _ask(url, "merges")))
    speed = _speed(ours, beside, latency)
    if as_json:
        json_lines(map(asdict, lines))
        json_lines([speed])
    else:
        _print(lines, speed)
    return all(line.agree for line in lines)


def _share_out(
    leads: Sequence[Record], duplicates: Mapping[str, Sequence[str]], mails: int, merges: int
) -> _Work:
    """Take the first groups of *duplicates* for merges, and mail leads of no group."""
    grouped = {id_ for master, others in duplicates.items() for id_ in (master, *others)}
    singles = [lead for lead in leads if lead.id not in grouped]
    if len(duplicates) < merges or len(singles) < mails:
        raise ConfigurationError(
            f"the demo's leads are enough for {len(singles):,} mails and {len(duplicates):,} merges"
        )
    groups = itertools.islice(duplicates.items(), merges)
    rows = [{"master": master, "children": " ".join(others)} for master, others in groups]
    return _Work(len(leads), singles[:mails], rows)


async def _work(
    crm: ZohoCRM, work: _Work, folder: Path, beside: _Beside, progress: Progress
) -> tuple[JobReport, JobReport]:
    """Run both jobs and the interactive calls at once."""
    mail_job, merge_job = _jobs(crm, work, folder)
    watch_mail = Watch(progress, "mails", len(work.mails))
    watch_merge = Watch(progress, "merges", len(work.merges))
    step = max(len(work.mails) // _LOOKS, 1)

    def on_mail(item: Item) -> None:
        watch_mail(item)
        beside.note(item)
        if watch_mail.states.total() % step == 0:
            beside.turns.release()

    def on_merge(item: Item) -> None:
        watch_merge(item)
        beside.note(item)

    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(mail_job.run(work.mails, on_item=on_mail))
        merging = tasks.create_task(merge_job.run(work.merges, on_item=on_merge))
        tasks.create_task(_look(crm, work.mails, beside))
        await asyncio.wait([sending, merging])
        beside.ended = True
        beside.turns.release()
    return sending.result(), merging.result()


def _jobs(crm: ZohoCRM, work: _Work, folder: Path) -> tuple[MailJob, MergeJob]:
    mails = MailJob(
        crm,
        journal=folder / "mails.journal",
        module="Leads",
        sender=_SENDER,
        subject=_SUBJECT,
        content=_CONTENT,
        budget=len(work.mails) * _CREDITS_A_MAIL,
    )
    merges = MergeJob(
        crm,
        journal=folder / "merges.journal",
        module="Leads",
        budget=len(work.merges) * _CREDITS_A_MERGE,
    )
    return mails, merges


async def _look(crm: ZohoCRM, leads: Iterable[Record], beside: _Beside) -> None:
    """Read a lead as a user at a screen would, each time it is our turn."""
    async with crm.budget("interactive", priority=Priority.INTERACTIVE):
        for lead in leads:
            await beside.turns.acquire()
            if beside.ended:
                return
            began = crm.clock.monotonic()
            await crm.records.get("Leads", lead.id)
            beside.looks.append(crm.clock.monotonic() - began)


async def _ask(url: str, page: str) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/__emulator__/{page}") as answer,
    ):
        lines = [orjson.loads(line) for line in (await answer.read()).splitlines()]
        return lines if answer.content_type == "application/x-ndjson" else lines[0]


def _introduce(crm: ZohoCRM, work: _Work, latency: float) -> None:
    report = crm.credits()
    note(
        f"An emulated organisation: {work.leads:,} leads, {report.allowance:,} credits a day, "
        f"{report.slots.limit} calls in flight, {report.heavy_slots.limit} of them heavy.",
        f"{len(work.mails):,} mails at 20 credits and {len(work.merges):,} merges at 50; "
        f"each call takes {latency * 1000:.0f} ms.",
    )


def _speed(ours: ClientAccount, beside: _Beside, latency: float) -> Mapping[str, float]:
    return {
        "mails_per_second": ours.credits.by_operation["mail.send"].calls / ours.mails.seconds,
        "most_the_slots_allow": ours.credits.heavy_slots.limit / latency,
        "interactive_calls": len(beside.looks),
        "slowest_interactive_seconds": max(beside.looks, default=0.0),
    }


def _print(lines: Sequence[Line], speed: Mapping[str, float]) -> None:
    table(
        ("", "CLIENT", "EMULATOR", ""),
        [(x.what, x.client, x.emulator, "" if x.agree else "differs") for x in lines],
        title="Two accounts of the same work",
        right=(1, 2),
    )
    rate, most = speed["mails_per_second"], speed["most_the_slots_allow"]
    show(
        f"{rate:,.1f} mails a second; the slots allow {most:,.1f} at the very most "
        f"({rate / most:.0%}).",
        f"{speed['interactive_calls']} interactive calls overtook them, the slowest in "
        f"{speed['slowest_interactive_seconds']:.2f} s.",
    )
    if all(line.agree for line in lines):
        show("The two accounts agree.", style="bold green")
    else:
        show("The two accounts differ.", style="bold red")
    note(
        "Try the commands: zohocrm emulator --csv Leads=demo. With an account: zohocrm --help.",
        style="dim",
    )
