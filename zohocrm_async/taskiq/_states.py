"""Where a job on many hosts stands, and what is told of it."""

import enum
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from zohocrm_async.jobs.items import ItemState


class JobState(enum.StrEnum):
    """Where a job stands."""

    PLANNING = "planning"
    """Its rows are being written; nothing is sent."""
    RUNNING = "running"
    """Its parts can be claimed."""
    STOPPED = "stopped"
    """No further part is claimed until it is resumed."""
    ENDED = "ended"
    """All its parts are done."""


@frozen(kw_only=True)
class JobSummary:
    """A job of a database."""

    name: str
    kind: str
    """``mail`` or ``merge``."""
    state: JobState
    stopped: str | None
    """Why, where it was stopped."""
    created_at: datetime


@frozen(kw_only=True)
class Progress:
    """How far a job has come, all its workers together."""

    state: JobState
    stopped: str | None
    """Why, where it was stopped."""
    counts: Mapping[ItemState, int]
    """Items in each state that occurs."""
    parts: int
    parts_done: int
    parts_held: int
    """Parts that a living worker has."""
    budget: int | None
    """Credits that the run may spend; None: no end."""
    spent: int
    """Credits that all runs have spent, as far as their workers have told.

    Of a budget, what a worker that died held is among them.
    """
    held: int
    """Credits of the budget that parts hold, and may spend or give back."""
    seconds: float
    """Since the run began, up to its end."""
