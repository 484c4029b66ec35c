"""``zohocrm demo``: the package's main job against an emulator, and two accounts of it."""

import asyncio
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import aiohttp
import orjson
import typer
from attrs import Factory, asdict, define, frozen
from rich.progress import Progress

from zohocrm_async import Priority, ZohoCRM
from zohocrm_async._events import AttemptFinished, Event
from zohocrm_async.cli.accounts import Books, ClientAccount, Line, compare
from zohocrm_async.cli.emulated import emulator_process
from zohocrm_async.cli.jobs import Watch, bars
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import json_lines, note, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.jobs import Item, JobReport, MailJob, MergeJob
from zohocrm_async.models.records import Record

_FIELDS = ("First_Name", "Last_Name", "Company", "Email")
_SENDER = "crm@example.com"
_SUBJECT = "A question for $Company"
_CONTENT = "<p>Dear $First_Name $Last_Name,</p><p>may we show you what is new this spring?</p>"
_LOOKS = 10
_MOST_IN_GROUP = 3
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
    turns: asyncio.Semaphore = Factory(lambda: asyncio.Semaphore(0))
    """Released for each further interactive call."""

    def hear(self, event: Event) -> None:
        """Count the answers that say "too many"; a hook of the client."""
        if isinstance(event, AttemptFinished) and event.status == _TOO_MANY:
            self.too_many += 1


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
