"""Outcomes that many wait for: each gets an error of its own."""

import asyncio
import copy
from typing import TypeVar

from zohocrm_async.exceptions import ZohoCRMError

R = TypeVar("R")
T = TypeVar("T", bound=ZohoCRMError)


def own(error: T) -> T:
    """Return a copy of *error* for one of those who get it.

    Each adds its own traceback, and the name of its own call.
    """
    copied = copy.copy(error)
    copied.__cause__ = error.__cause__
    if hasattr(error, "__notes__"):  # a list, to which each adds
        copied.__notes__ = [*error.__notes__]
    return copied


def outcome_of(task: "asyncio.Task[R]") -> R:
    """Return what a task that has ended returned, or raise what it raised, as one's own."""
    failure = None if task.cancelled() else task.exception()
    if isinstance(failure, ZohoCRMError):
        raise own(failure).with_traceback(failure.__traceback__)
    return task.result()
