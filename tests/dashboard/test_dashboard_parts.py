"""zohocrm_async.dashboard._parts: what a page says, in words and numbers."""

import re
from datetime import timedelta
from html import unescape

from attrs import evolve
from dashboards import NOON, account, spent

from zohocrm_async import AttemptFinished
from zohocrm_async._clock import ManualClock
from zohocrm_async.dashboard import Recorder
from zohocrm_async.dashboard._account import Account, Summary
from zohocrm_async.dashboard._parts import NAMES, closed, overview, parts
from zohocrm_async.exceptions import ServerError
from zohocrm_async.models import BudgetReport, OperationReport, QueueReport, SlotReport
from zohocrm_async.models.credits import RefusalReport, WindowReport


def text(of: Account, name: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", parts(of)[name]))).strip()


def budget(**changes: object) -> BudgetReport:
    given: dict[str, object] = {"credits": None, "spent": 5, "reserved": 1, "remaining": None}
    return BudgetReport(**{**given, **changes})  # type: ignore[arg-type]  # of its fields


def test_there_is_a_part_for_each_heading() -> None:
    assert {*NAMES, "notices", "hours"} == set(parts(account()))


class TestNotices:
    """What holds calls back, each in words."""

    def test_nothing_does(self) -> None:
        assert text(account(), "notices") == "Nothing holds calls back."

    def test_credits(self) -> None:
        of = account(spent(1_000, hours=23), resumes_at=NOON + timedelta(hours=1))
        assert "No credits are free; the next come back at 2026-03-01 13:00" in text(of, "notices")

    def test_credits_that_do_not_suffice(self) -> None:
        """A job whose calls cost more than is free stands still, though some are."""
        done = {
            "mail.send": OperationReport(calls=10, credits=200),
            "records.get": OperationReport(calls=10, credits=10),
        }
        of = account(remaining=16, by_operation=done, resumes_at=NOON + timedelta(hours=1))
        told = text(of, "notices")
        assert told.startswith("16 free credits are too few for mail.send; the next come back at")
        assert text(account(remaining=20, by_operation=done), "notices").startswith("Nothing")

    def test_the_service(self) -> None:
        slots = SlotReport(limit=20, in_force=12, in_flight=12, peak=20)
        of = account(slots=slots, parked_until=NOON)
        assert "refused a call: calls wait until 2026-03-01 12:00:00 UTC" in text(of, "notices")
        assert "grants 12 of 20 slots for now" in text(of, "notices")
        assert "12 of 20 in flight, 12 granted for now; 20 at the peak" in text(of, "slots")

    def test_the_day(self) -> None:
        window = WindowReport(limit=50, used=50, reserved=0, resumes_at=NOON)
        of = account(windows={"mails": window})
        assert "The day's mails are spent; more go from 2026-03-01" in text(of, "notices")
        assert "The day's mails 50 of 50" in text(of, "allowance")

    def test_budgets(self) -> None:
        found = {
            "rest": budget(paused=True),
            "news": budget(credits=5, remaining=0, waiting=3),
            "done": budget(credits=5, remaining=0),
        }
        told = text(account(by_budget=found), "notices")
        assert "The budget rest is paused." in told
        assert "The budget news is spent, and its calls wait." in told
        assert "done" not in told


class TestNumbers:
    """The figures of a report, each by name."""

    def test_credits(self) -> None:
        of = account(spent(250, hours=1), reserved=30, remaining=720, foreign=9, floor=40)
        told = text(of, "allowance")
        for figure in (
            "Used 250 of 1,000 (25.0%)",
            "Reserved 30",
            "Free 720",
            "Used by others 9",
            "For interactive calls alone 40",
        ):
            assert figure in told

    def test_the_hours_to_come(self) -> None:
        """What is free adds up."""
        of = account(spent(500, hours=22.5), spent(250, hours=1), reserved=50, remaining=200)
        told = text(of, "hours")
        assert "in 1 h 0 200 in 2 h 500 700 in 3 h 0 700" in told
        assert told.endswith("in 24 h 250 950")

    def test_the_queue(self) -> None:
        ranks = {
            "normal": QueueReport(waiting=0, longest_wait=0.0),
            "bulk": QueueReport(waiting=1_500, longest_wait=2.5),
        }
        told = text(account(waiting=1_500, by_priority=ranks), "queue")
        assert "Calls that wait: 1,500." in told
        assert "normal 0 - bulk 1,500 2.50 s" in told

    def test_budgets_and_jobs(self) -> None:
        job = budget(credits=100, remaining=94, waiting=2, in_flight=1, longest_wait=3.0)
        told = text(account(by_budget={"mail job a.csv": job}), "budgets")
        assert "mail job a.csv open 5 100 1 2 1 3.00 s" in told
        assert text(account(), "budgets") == "None."

    def test_operations_the_dearest_first(self) -> None:
        found = {"a.list": OperationReport(5, 5), "mail.send": OperationReport(1, 20)}
        assert "mail.send 1 20 a.list 5 5" in text(account(by_operation=found), "operations")

    def test_refusals(self) -> None:
        refused = RefusalReport(
            credits=1, concurrency=2_000, queue=3, deadline=4, windows=5, service=6
        )
        told = text(account(refused=refused), "errors")
        assert "too many calls at once (429) 2,000" in told
        assert "credits spent (429) 6 Here, for want of credits 1" in told


class TestRecorded:
    """What a recorder adds."""

    def test_without_one_the_page_says_how(self) -> None:
        for name in ("errors", "calls"):
            assert "hooks=[dashboard.Recorder()]" in text(account(), name)

    def test_calls_errors_and_times(self) -> None:
        recorder = Recorder(clock=ManualClock(NOON))
        for status, error in ((200, None), (502, ServerError("<down>", status=502, code=""))):
            recorder(
                AttemptFinished("mail.send", "POST", "/Leads/1", 2, status, 20, 0.25, 1.5, error)
            )
        of = evolve(account(), recording=recorder.recording())
        assert "12:00:00 UTC mail.send, attempt 2 done 200 20 0.25 s 1.50 s" in text(of, "calls")
        assert "ServerError 502 20" in text(of, "calls")
        assert "ServerError 1 2026-03-01" in text(of, "errors")
        assert "Half of the answers within 0.25 s 95 % of them within 0.25 s" in text(of, "speed")


def test_names_of_others_are_no_markup() -> None:
    """Budgets and organisations are named by whoever uses the client."""
    name = "<img src=x onerror=alert(1)>"
    of = account(by_budget={name: budget(paused=True)})
    one = Summary(organisation=name, allowance=1, remaining=1, in_flight=0, waiting=0, calls=0.0)
    for markup in (*parts(of).values(), *overview([(one, './?"><img>')]).values()):
        assert "<img" not in markup


def test_a_closed_client_is_told() -> None:
    assert "was closed" in closed()["notices"]
