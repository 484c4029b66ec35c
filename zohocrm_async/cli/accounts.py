"""The client's account of the demo's work and the emulator's books, side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from zohocrm_async.jobs import ItemState, JobReport
from zohocrm_async.models.credits import CreditReport

_NEVER_SENT = "never sent"


@frozen
class Line:
    """One thing, as both sides have counted it."""

    what: str
    client: str
    emulator: str
    agree: bool


@frozen(kw_only=True)
class ClientAccount:
    """What the client says it did."""

    mails: JobReport
    merges: JobReport
    scheduled_merges: int
    credits: CreditReport
    too_many: int
    """Answers 429."""


def compare(ours: ClientAccount, books: Mapping[str, Any]) -> Sequence[Line]:
    """Set *ours* beside the emulator's *books*, a line for each thing."""
    calls = books["calls"]
    merged = Counter(bool(merge["scheduled"]) for merge in books["merges"])
    at_once = ours.merges.counts.get(ItemState.MERGED, 0) - ours.scheduled_merges
    report = ours.credits
    return [
        _same("Mails sent", ours.mails.counts.get(ItemState.SENT, 0), books["mails_sent"]),
        *_refusals("Mails", ours.mails.refusals, calls, "mail.send"),
        _same("Merges done at once", at_once, merged[False]),
        _same("Merges done as scheduled jobs", ours.scheduled_merges, merged[True]),
        *_refusals("Merges", ours.merges.refusals, calls, "merge.create"),
        _same("Calls", sum(o.calls for o in report.by_operation.values()), _number(calls)),
        _same("Credits spent", report.used, books["credits_used"]),
        _peak("Most calls in flight", report.slots.peak, books["peak_in_flight"], report.slots.limit),
    ]
