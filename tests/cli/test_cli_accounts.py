"""zohocrm_async.cli.accounts: two accounts, and where they differ."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from zohocrm_async.cli.accounts import Books, ClientAccount, compare
from zohocrm_async.jobs import ItemState, JobReport
from zohocrm_async.models.credits import (
    CreditReport,
    OperationReport,
    RateReport,
    RefusalReport,
    SlotReport,
)


def _report(**refusals: int) -> JobReport:
    return JobReport(
        counts={ItemState.SENT: 8, ItemState.MERGED: 3, ItemState.REFUSED: 3},
        refusals=refusals,
        credits=0,
        seconds=1.0,
        stopped=None,
        journal=Path("journal"),
    )


CREDITS = CreditReport(
    allowance=5_000,
    floor=0,
    used=351,
    reserved=0,
    foreign=0,
    remaining=4_649,
    resumes_at=None,
    slots=SlotReport(20, 20, 0, 20),
    heavy_slots=SlotReport(10, 10, 0, 10),
    parked_until=None,
    waiting=0,
    by_priority={},
    refused=RefusalReport(credits=0, concurrency=0, queue=0, deadline=0, windows=0, service=0),
    rates=RateReport(calls=0.0, credits=0.0),
    windows={},
    by_budget={},
    by_operation={
        "mail.send": OperationReport(10, 200),
        "merge.create": OperationReport(3, 150),
        "merge.status": OperationReport(1, 1),
    },
)
OURS = ClientAccount(
    mails=_report(NOT_ALLOWED=2, INVALID_ADDRESS=1),
    merges=_report(),
    scheduled_merges=1,
    credits=CREDITS,
    too_many=0,
    sentences={"NOT_ALLOWED": {"it bounced"}, "INVALID_ADDRESS": {"'x' is none", "'y' is none"}},
)
TOTALS: dict[str, Any] = {
    "credits_used": 351,
    "peak_in_flight": 19,
    "peak_heavy": 10,
    "refusals": {"credits": 0, "concurrency": 0},
    "mails": {"sent": 8},
    "calls": [
        {"operation": "mail.send", "status": 200, "code": "SUCCESS", "calls": 8},
        {"operation": "mail.send", "status": 400, "code": "NOT_ALLOWED", "calls": 2},
        {"operation": "merge.create", "status": 201, "code": "SUCCESS", "calls": 3},
        {"operation": "merge.status", "status": 200, "code": "COMPLETED", "calls": 1},
    ],
}
MERGES = [
    {"state": "COMPLETED", "scheduled": False},
    {"state": "COMPLETED", "scheduled": False},
    {"state": "COMPLETED", "scheduled": True},
]


def test_equal_accounts_agree_in_every_line() -> None:
    """Reasons are named with their sentence where there is but one."""
    lines = compare(OURS, Books(TOTALS, MERGES))
    assert [line.what for line in lines if not line.agree] == []
    shown = {line.what: (line.client, line.emulator) for line in lines}
    assert shown["Mails sent"] == ("8", "8")
    assert shown["Refused: NOT_ALLOWED, it bounced"] == ("2", "2")
    assert shown["Not sent: INVALID_ADDRESS"] == ("1", "-")
    assert shown["Merges done at once"] == ("2", "2")
    assert shown["Merges done as scheduled jobs"] == ("1", "1")
    assert shown["Calls in all"] == ("14", "14")


@pytest.mark.parametrize(
    ("totals", "differs"),
    [
        ({"mails": {"sent": 9}}, "Mails sent"),
        ({"mails": {}}, "Mails sent"),
        ({"credits_used": 350}, "Credits"),
        ({"refusals": {"credits": 0, "concurrency": 1}}, "Answers 429, too many requests"),
        ({"peak_in_flight": 21}, "Most calls in flight (20 allowed)"),
        ({"peak_heavy": 11}, "Most heavy calls in flight (10 allowed)"),
    ],
)
def test_a_difference_is_found(totals: dict[str, Any], differs: str) -> None:
    """Each line is compared for itself."""
    lines = compare(OURS, Books(TOTALS | totals, MERGES))
    assert [line.what for line in lines if not line.agree] == [differs]


def test_a_call_that_one_side_does_not_know_is_found() -> None:
    """One mail sent twice would be seen in the calls."""
    again = {"operation": "mail.send", "status": 200, "code": "SUCCESS", "calls": 1}
    lines = compare(OURS, Books(TOTALS | {"calls": [*TOTALS["calls"], again]}, MERGES))
    assert [line.what for line in lines if not line.agree] == ["Calls of mail.send", "Calls in all"]


def test_a_peak_over_the_limit_is_found_on_our_side_too() -> None:
    """The client may not even believe it had more in flight than allowed."""
    ours = evolve(OURS, credits=evolve(CREDITS, slots=SlotReport(20, 20, 0, 21)))
    lines = compare(ours, Books(TOTALS, MERGES))
    assert [line.what for line in lines if not line.agree] == ["Most calls in flight (20 allowed)"]


def test_a_merge_that_did_not_end_is_found() -> None:
    """Only completed merges count as done."""
    running = [*MERGES[:2], {"state": "RUNNING", "scheduled": True}]
    lines = compare(OURS, Books(TOTALS, running))
    assert [line.what for line in lines if not line.agree] == ["Merges done as scheduled jobs"]
