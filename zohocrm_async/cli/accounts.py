"""The client's account of the demo's work and the emulator's books, side by side."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from zohocrm_async.jobs import ItemState, JobReport
from zohocrm_async.models.credits import CreditReport


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
    sentences: Mapping[str, Collection[str]]
    """For each word that refused an item: the different sentences that came with it."""


@frozen
class Books:
    """What the emulator says was done: its totals and its list of merges."""

    totals: Mapping[str, Any]
    merges: Sequence[Mapping[str, Any]]

    def calls(self, operation: str | None = None) -> int:
        """Return the calls of an operation, or of all."""
        return sum(
            count["calls"]
            for count in self.totals["calls"]
            if operation in {None, count["operation"]}
        )

    def refused(self, operation: str) -> Counter[str]:
        """Return the refused calls of an operation by the service's word."""
        found: Counter[str] = Counter()
        for count in self.totals["calls"]:
            if count["operation"] == operation and count["status"] >= 400:  # noqa: PLR2004
                found[count["code"]] += count["calls"]
        return found


def compare(ours: ClientAccount, books: Books) -> list[Line]:
    """Set both accounts side by side, a line for each thing."""
    report, totals = ours.credits, books.totals
    done, scheduled = _merges(books)
    at_once = ours.merges.counts.get(ItemState.MERGED, 0) - ours.scheduled_merges
    slots, heavy = report.slots, report.heavy_slots
    return [
        _same("Mails sent", _count(ours.mails, ItemState.SENT), totals["mails"].get("sent", 0)),
        *_refusals(ours, ours.mails, books.refused("mail.send")),
        _same("Merges done at once", at_once, done),
        _same("Merges done as scheduled jobs", ours.scheduled_merges, scheduled),
        *_refusals(ours, ours.merges, books.refused("merge.create")),
        *_calls(report, books),
        _same("Credits", report.used, totals["credits_used"]),
        _peak("Most calls in flight", slots.peak, totals["peak_in_flight"], slots.limit),
        _peak("Most heavy calls in flight", heavy.peak, totals["peak_heavy"], heavy.limit),
        _same("Answers 429, too many requests", ours.too_many, sum(totals["refusals"].values())),
    ]


def _count(report: JobReport, state: ItemState) -> int:
    return report.counts.get(state, 0)


def _same(what: str, client: int, emulator: int) -> Line:
    return Line(what, f"{client:,}", f"{emulator:,}", client == emulator)


def _peak(what: str, client: int, emulator: int, limit: int) -> Line:
    # A call has its slot with us before it reaches the emulator and until its answer is
    # read, so that our peak may be the higher one.
    within = emulator <= client <= limit
    return Line(f"{what} ({limit} allowed)", str(client), str(emulator), within)


def _merges(books: Books) -> tuple[int, int]:
    completed = [merge for merge in books.merges if merge["state"] == "COMPLETED"]
    scheduled = sum(1 for merge in completed if merge["scheduled"])
    return len(completed) - scheduled, scheduled


def _refusals(ours: ClientAccount, report: JobReport, theirs: Counter[str]) -> Iterable[Line]:
    """Yield a line for each reason; what the client refused itself was never sent."""
    for code in sorted(report.refusals.keys() | theirs):
        count = report.refusals.get(code, 0)
        if theirs[code]:
            yield _same(f"Refused: {_reason(ours, code)}", count, theirs[code])
        else:
            yield Line(f"Not sent: {_reason(ours, code)}", f"{count:,}", "-", agree=True)


def _reason(ours: ClientAccount, code: str) -> str:
    sentences = ours.sentences.get(code, ())
    return f"{code}, {next(iter(sentences))}" if len(sentences) == 1 else code


def _calls(report: CreditReport, books: Books) -> Iterable[Line]:
    ours = report.by_operation
    for name in ("mail.send", "merge.create"):
        made = ours[name].calls if name in ours else 0
        yield _same(f"Calls of {name}", made, books.calls(name))
    yield _same("Calls in all", sum(o.calls for o in ours.values()), books.calls())
