"""What ``zohocrm credits`` shows of an account."""

from datetime import UTC, datetime, timedelta

import orjson
from attrs import evolve

from zohocrm_async.cli.credits import _facts, _line, _rows, _state
from zohocrm_async.models import CreditReport, Organization, SlotReport
from zohocrm_async.models.credits import RateReport, RefusalReport, WindowReport

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORGANIZATION = Organization(id="1", company_name="Marlow & Finch")
CALM = CreditReport(
    allowance=75_000,
    floor=0,
    used=1_000,
    reserved=0,
    foreign=0,
    remaining=74_000,
    resumes_at=None,
    slots=SlotReport(limit=20, in_force=20, in_flight=0, peak=3),
    heavy_slots=SlotReport(limit=10, in_force=10, in_flight=0, peak=1),
    parked_until=None,
    waiting=0,
    by_priority={},
    refused=RefusalReport(credits=0, concurrency=0, queue=0, deadline=0, windows=0, service=0),
    rates=RateReport(calls=0.0, credits=0.0),
    windows={"mails": WindowReport(limit=None, used=12, reserved=0, resumes_at=None)},
    by_budget={},
    by_operation={},
)
PRESSED = evolve(
    CALM,
    foreign=700,
    resumes_at=NOON,
    slots=SlotReport(limit=20, in_force=12, in_flight=12, peak=20),
    parked_until=NOON,
    windows={"mails": WindowReport(limit=7_500, used=7_500, reserved=0, resumes_at=NOON)},
)


def test_a_calm_account_shows_what_is_granted() -> None:
    """Nothing that is not so."""
    rows = dict(_rows(ORGANIZATION, CALM))
    assert rows["Calls in flight, at most"] == "20"
    assert rows["Of these by others"] == "0"
    assert rows["The next come back at"] == "-"
    assert rows["The day's mails"] == "12 of 50", "those of the free edition"
    assert "Parked until" not in rows


def test_what_presses_is_shown() -> None:
    """Foreign use, the limit in force, the day's mails, and until when calls are parked."""
    rows = dict(_rows(ORGANIZATION, PRESSED))
    assert rows["Of these by others"] == "700"
    assert rows["The next come back at"] == "2026-03-01 12:00 UTC"
    assert rows["Calls in flight, at most"] == "20, 12 of them for now"
    assert rows["Heavy calls in flight, at most"] == "10"
    assert rows["The day's mails"] == "7,500 of 7,500"
    assert rows["Parked until"] == "2026-03-01 12:00 UTC"


def test_programs_read_the_same() -> None:
    """As one JSON object."""
    facts = orjson.loads(orjson.dumps(_facts(ORGANIZATION, PRESSED)))
    assert (facts["concurrency"], facts["concurrency_in_force"]) == (20, 12)
    assert facts["windows"] == {"mails": {"limit": 7_500, "used": 7_500}}
    assert facts["used_by_others"] == 700
    assert facts["parked_until"] == "2026-03-01T12:00:00+00:00"


def test_where_no_terminal_is_a_state_is_a_line() -> None:
    """With what presses, if something does."""
    assert _line(NOON, CALM) == (
        "2026-03-01 12:00:00 UTC: 1,000 of 75,000 credits used, 0 of them by others, "
        "0 held for calls, 74,000 free"
    )
    assert _line(NOON, PRESSED).endswith(
        "74,000 free, the next come back at 2026-03-01 12:00 UTC, "
        "12 of 20 calls in flight granted, parked until 2026-03-01 12:00 UTC"
    )


def test_times_alone_are_no_news() -> None:
    """They are reckoned anew at each look, and differ by a shade."""
    later = NOON + timedelta(microseconds=7)
    shade = evolve(PRESSED, resumes_at=later, parked_until=later)
    assert _state(ORGANIZATION, shade) == _state(ORGANIZATION, PRESSED)
    for news in (
        evolve(PRESSED, used=1_001),
        evolve(PRESSED, reserved=1),
        evolve(PRESSED, parked_until=None),
    ):
        assert _state(ORGANIZATION, news) != _state(ORGANIZATION, PRESSED)
