"""Items of a job: what each row became, and which state may follow which."""

import enum
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen


class ItemState(enum.StrEnum):
    """Where an item stands."""

    PLANNED = "planned"
    """Not sent; nothing is in doubt."""
    SENDING = "sending"
    """The call may leave from now on."""
    SENT = "sent"
    SCHEDULED = "scheduled"
    """The service took the mail and sends it at its time."""
    MERGED = "merged"
    MERGING = "merging"
    """The service merges as a job of its own; ``job_id`` names it."""
    REFUSED = "refused"
    """By the service, or before anything was sent; ``code`` says why."""
    UNKNOWN = "unknown"
    """The answer was lost; the service may have acted."""
    SKIPPED = "skipped"
    """Another row already stands for the same record."""


_S = ItemState
FIRST_STATES = frozenset({_S.PLANNED, _S.SENDING, _S.REFUSED, _S.SKIPPED})
"""States in which an item may enter a journal."""

BEFORE: Mapping[ItemState, frozenset[ItemState]] = {
    # Back to planned only while it is certain that nothing is in doubt: the service
    # refused, did nothing, or was asked and knows nothing of it.
    _S.PLANNED: frozenset({_S.SENDING, _S.REFUSED, _S.UNKNOWN}),
    # From sending and merging: the next step of the same item.
    _S.SENDING: frozenset({_S.PLANNED, _S.SENDING, _S.MERGING}),
    _S.SENT: frozenset({_S.SENDING, _S.UNKNOWN}),
    _S.SCHEDULED: frozenset({_S.SENDING, _S.UNKNOWN}),
    _S.MERGED: frozenset({_S.SENDING, _S.MERGING, _S.UNKNOWN}),
    _S.MERGING: frozenset({_S.SENDING, _S.MERGING, _S.UNKNOWN}),
    _S.REFUSED: frozenset({_S.PLANNED, _S.SENDING, _S.MERGING, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.SENDING, _S.MERGING, _S.UNKNOWN}),
    _S.SKIPPED: frozenset({_S.PLANNED}),
}
"""For each state, those that it may follow."""

DONE = frozenset({_S.SENT, _S.SCHEDULED, _S.MERGED, _S.SKIPPED})
"""States that ask nothing more of anybody."""

ABSENT = "ABSENT"
"""The code of an unknown item of which the service certainly knows nothing."""


@frozen(kw_only=True)
class Item:
    """One row of the input, and what became of it."""

    key: str
    """What tells the item from all others of its job."""
    position: int
    """The number of its row, from 1; header and empty lines do not count."""
    record_id: str = ""
    """The record of the mail, or the master of the merge; as given, where refused."""
    state: ItemState = ItemState.PLANNED
    message_id: str | None = None
    job_id: str | None = None
    """Of a scheduled merge: the service's job."""
    code: str | None = None
    """Why it was refused, skipped or left unknown, in one word."""
    message: str | None = None
    field: str | None = None
    """Which column, or which key of the request, was refused."""
    began_at: datetime | None = None
    """When it was last about to be sent."""
    updated_at: datetime | None = None
    step: int = 0
    """How many of its calls are done."""
    trace: str | None = None
    """By what the service's answer to a look-up is known, as JSON."""

    def became(
        self, state: ItemState, *, message_id: str | None = None, message: str | None = None
    ) -> "Item":
        """Return the item in another state, without what was said of it before.

        A third of the time that `attrs.evolve` takes: each item comes by here twice.
        """
        return Item(
            key=self.key,
            position=self.position,
            record_id=self.record_id,
            state=state,
            message_id=message_id,
            message=message,
            began_at=self.began_at,
            updated_at=self.updated_at,
            step=self.step,
            trace=self.trace,
        )
