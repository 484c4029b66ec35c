"""Changes that are undone as a whole."""

from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import attrs

from zohocrm_async.emulator.links import Links
from zohocrm_async.emulator.state import State
from zohocrm_async.emulator.store import SettingsStore


class Transaction:
    """What became of a block: it is undone if *failed* is set in it."""

    failed = False


@contextmanager
def transaction(state: State) -> Generator[Transaction]:
    """Undo what the block did to *state* if it fails; until then nobody is told of it."""
    observers = state.observers
    told: list[tuple[Any, ...]] = []

    def note(*change: Any) -> None:
        told.append(change)

    kept = deepcopy({name: getattr(state, name) for name in _held(state)})
    state.observers = [note]
    block = Transaction()
    try:
        yield block
    finally:
        state.observers = observers
        if block.failed:
            for name, value in kept.items():
                setattr(state, name, value)
    if not block.failed:
        for change in told:
            for observer in observers:
                observer(*change)


def _held(state: State) -> list[str]:
    """Return the names of what holds things: all that calls change."""
    names = [field.name for field in attrs.fields(State) if field.name != "observers"]
    return [
        name
        for name in names
        if isinstance(getattr(state, name), dict | list | set | SettingsStore | Links)
    ]
