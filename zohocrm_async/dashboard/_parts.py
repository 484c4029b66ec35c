"""The parts of a page, each of them markup that is sent anew when it changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from zohocrm_async.dashboard._account import Account, Summary
from zohocrm_async.dashboard._html import Html, figures, join, moment, table, tag
from zohocrm_async.dashboard._picture import back_by, picture
from zohocrm_async.models.credits import BudgetReport, CreditReport, QueueReport, SlotReport

NAMES: Mapping[str, str] = {
    "allowance": "Credits of 24 hours",
    "slots": "Slots",
    "queue": "Queue",
    "speed": "Speed",
    "operations": "Credits by operation",
    "budgets": "Budgets and jobs",
    "errors": "Refusals and errors",
    "calls": "The last calls",
}
"""The parts of an organisation's page, in their order, with their headings."""

_NOTHING_RECORDED = (
    "Not recorded. Make the client with hooks=[dashboard.Recorder()] to see the last calls, "
    "their times and their errors."
)


def parts(account: Account) -> Mapping[str, Html]:
    """Return the parts of the page of *account*."""
    return {
        "notices": _notices(account),
        "allowance": _allowance(account),
        "hours": _hours(account),
        "slots": _slots(account),
        "queue": _queue(account),
        "speed": _speed(account),
        "budgets": _budgets(account.credits.by_budget),
        "errors": _errors(account),
        "calls": _calls(account),
        "operations": _operations(account),
    }


def overview(organisations: Sequence[tuple[Summary, str]]) -> Mapping[str, Html]:
    """Return the parts of the page that lists organisations, each with a link to its page."""
    rows = [
        (
            tag("a", one.organisation, href=link),
            f"{one.remaining:,}",
            f"{one.allowance:,}",
            one.in_flight,
            f"{one.waiting:,}",
            f"{one.calls:.1f}",
        )
        for one, link in organisations
    ]
    headings = ("Organisation", "Free", "Allowance", "In flight", "Waiting", "Calls a second")
    return {"organisations": table("Those with an open client", headings, rows)}


def closed() -> Mapping[str, Html]:
    """Return what is to be said of an organisation whose client was closed meanwhile."""
    said = "The client of this organisation was closed; what stands below is old."
    return {"notices": tag("ul", tag("li", said))}


def _notices(account: Account) -> Html:
    items = [tag("li", notice) for notice in _warnings(account)]
    return tag("ul", *items) if items else tag("p", "Nothing holds calls back.", class_="none")


def _warnings(account: Account) -> Iterator[Html]:
    report = account.credits
    if report.parked_until is not None:
        yield join(("The service refused a call: calls wait until ", moment(report.parked_until)))
    if not report.remaining:
        yield join(("No credits are free; the next come back at ", moment(report.resumes_at)))
    elif dear := _too_dear(report):
        said = f"{report.remaining:,} free credits are too few for {', '.join(dear)}; "
        yield join((said, "the next come back at ", moment(report.resumes_at)))
    for name, pool in (("slots", report.slots), ("heavy slots", report.heavy_slots)):
        if pool.in_force < pool.limit:
            yield Html(f"The service grants {pool.in_force} of {pool.limit} {name} for now.")
    for name, window in report.windows.items():
        if window.resumes_at is not None:
            yield join((f"The day's {name} are spent; more go from ", moment(window.resumes_at)))
    for name, budget in report.by_budget.items():
        if budget.paused:
            yield join((f"The budget {name} is paused.",))
        elif budget.remaining == 0 and budget.waiting:
            yield join((f"The budget {name} is spent, and its calls wait.",))


def _too_dear(report: CreditReport) -> list[str]:
    """Return the operations, of those called so far, that cost more than is free."""
    return [
        name
        for name, so_far in sorted(report.by_operation.items())
        if so_far.credits > so_far.calls * report.remaining
    ]


def _allowance(account: Account) -> Html:
    report = account.credits
    rows: list[tuple[str, object]] = [
        (
            "Used",
            f"{report.used:,} of {report.allowance:,} ({_share(report.used, report.allowance)})",
        ),
        ("Reserved", f"{report.reserved:,}"),
        ("Free", f"{report.remaining:,}"),
        ("The next come back", moment(report.resumes_at)),
    ]
    if report.foreign:
        rows.append(("Used by others", f"{report.foreign:,}"))
    if report.floor:
        rows.append(("For interactive calls alone", f"{report.floor:,}"))
    for name, window in report.windows.items():
        of_all = "" if window.limit is None else f" of {window.limit:,}"
        rows.append((f"The day's {name}", f"{window.used:,}{of_all}"))
    return join((figures(rows), picture(account)))


def _hours(account: Account) -> Html:
    """Return the picture in numbers."""
    rows: list[tuple[object, ...]] = []
    before = 0
    for hours in (1, 2, 3, 6, 9, 12, 15, 18, 21, 24):
        when = account.at + timedelta(hours=hours)
        back = back_by(account, when)
        left = account.credits.allowance - account.credits.used - account.credits.reserved + back
        rows.append((f"in {hours} h", f"{back - before:,}", f"{max(0, left):,}"))
        before = back
    return table(
        "What comes back, if nothing more is spent", ("By", "Come back", "Free then"), rows
    )


def _slots(account: Account) -> Html:
    report = account.credits
    return join((_pool("All calls", report.slots), _pool("Heavy calls", report.heavy_slots)))


def _pool(name: str, pool: SlotReport) -> Html:
    limited = "" if pool.in_force == pool.limit else f", {pool.in_force} granted for now"
    bar = tag(
        "svg",
        tag("rect", class_="ground", width=pool.limit, height=1),
        tag("rect", class_="used", width=min(pool.in_flight, pool.limit), height=1),
        tag("rect", class_="lost", x=pool.in_force, width=pool.limit - pool.in_force, height=1),
        viewBox=f"0 0 {pool.limit} 1",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )
    told = f"{pool.in_flight} of {pool.limit} in flight{limited}; {pool.peak} at the peak"
    return tag("div", tag("p", tag("b", name), f": {told}"), bar, class_="pool")


def _queue(account: Account) -> Html:
    report = account.credits
    rows = [(name, f"{rank.waiting:,}", _wait(rank)) for name, rank in report.by_priority.items()]
    waiting = tag("p", f"Calls that wait: {report.waiting:,}.")
    return join((waiting, table("By priority", ("Priority", "Waiting", "Longest wait"), rows)))


def _budgets(budgets: Mapping[str, BudgetReport]) -> Html:
    rows = [
        (
            name,
            "paused" if one.paused else "spent" if one.remaining == 0 else "open",
            f"{one.spent:,}",
            "no limit" if one.credits is None else f"{one.credits:,}",
            f"{one.reserved:,}",
            f"{one.waiting:,}",
            one.in_flight,
            _wait(one),
        )
        for name, one in budgets.items()
    ]
    headings = (
        "Budget", "State", "Spent", "Limit", "Reserved", "Waiting", "In flight", "Longest wait",
    )  # fmt: skip
    return table("Credits and calls of each", headings, rows, texts=2)


def _speed(account: Account) -> Html:
    rates, recording = account.credits.rates, account.recording
    rows: list[tuple[str, object]] = [
        ("Calls a second", f"{rates.calls:.1f}"),
        ("Credits a minute", f"{rates.credits:,.0f}"),
    ]
    if recording is not None:
        rows += [
            ("Half of the answers within", _seconds(recording.latency.p50)),
            ("95 % of them within", _seconds(recording.latency.p95)),
            ("Answers with status 429", recording.too_many),
        ]
    note = tag("p", "Of the last minute.", class_="note")
    return join((figures(rows), note))


def _errors(account: Account) -> Html:
    refused, recording = account.credits.refused, account.recording
    rows = [
        ("The service, too many calls at once (429)", f"{refused.concurrency:,}"),
        ("The service, credits spent (429)", f"{refused.service:,}"),
        ("Here, for want of credits", f"{refused.credits:,}"),
        ("Here, as too many waited", f"{refused.queue:,}"),
        ("Here, by deadline", f"{refused.deadline:,}"),
        ("Here, by a limit of the day", f"{refused.windows:,}"),
    ]
    kinds = tag("p", _NOTHING_RECORDED, class_="note")
    if recording is not None:
        found = [
            (kind, f"{one.count:,}", moment(one.last_at)) for kind, one in recording.errors.items()
        ]
        kinds = table("Attempts that failed", ("Kind of error", "Attempts", "Last at"), found)
    refusals = table("Refused since the start", ("By", "Calls"), rows)
    return tag("div", refusals, kinds, class_="pair")


def _calls(account: Account) -> Html:
    if account.recording is None:
        return tag("p", _NOTHING_RECORDED, class_="note")
    rows = [
        (
            moment(call.at),
            call.operation if call.attempt == 1 else f"{call.operation}, attempt {call.attempt}",
            call.error or "done",
            "-" if call.status is None else call.status,
            call.credits,
            _seconds(call.seconds),
            _seconds(call.waited),
        )
        for call in account.recording.last
    ]
    headings = ("At", "Operation", "Outcome", "Status", "Credits", "Took", "Waited before")
    return table("The newest first", headings, rows, texts=3)


def _operations(account: Account) -> Html:
    found = sorted(account.credits.by_operation.items(), key=lambda one: -one[1].credits)
    rows = [(name, f"{one.calls:,}", f"{one.credits:,}") for name, one in found]
    return table("By this client, since the start", ("Operation", "Calls", "Credits"), rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"


def _wait(of: QueueReport | BudgetReport) -> str:
    return _seconds(of.longest_wait if of.waiting else None)
