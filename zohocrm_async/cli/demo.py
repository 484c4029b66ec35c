"""``zohocrm demo``: the package's main job against an emulator, and two accounts of it."""

import asyncio
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from attrs import Factory, define, frozen
from rich.progress import Progress

from zohocrm_async import Priority, ZohoCRM
from zohocrm_async._events import AttemptFinished, Event
from zohocrm_async.cli.accounts import Line, compare
from zohocrm_async.cli.emulated import emulator_process
from zohocrm_async.cli.jobs import Watch, bars
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import json_lines, note, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.jobs import JobReport, MailJob, MergeJob
from zohocrm_async.models.credits import CreditReport
from zohocrm_async.models.records import Record

_FIELDS = ("First_Name", "Last_Name", "Company", "Email")
_SUBJECT = "A question for $Company"
_CONTENT = "<p>Dear $First_Name $Last_Name,</p><p>may we show you what is new this spring?</p>"
_LOOKS = 10
_MOST_IN_GROUP = 3


@frozen
class _Work:
    """What there is to do: mails to some leads, merges of others."""

    mails: Sequence[Record]
    merges: Sequence[Mapping[str, str]]


@define
class _Seen:
    """What the demo watches beside the jobs."""

    refused_429: int = 0
    looks: list[float] = Factory(list[float])

    def __call__(self, event: Event) -> None:
        """Count the answers that said "too many"."""
        if isinstance(event, AttemptFinished) and event.status == 429:
            self.refused_429 += 1
