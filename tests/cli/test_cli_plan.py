"""A plan on the screen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from zohocrm_async.cli.plan import show_plan
from zohocrm_async.jobs import Item, ItemState, JobPlan
from zohocrm_async.jobs.timetable import PlanPart

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def part(day: int, **settings: Any) -> PlanPart:
    begin = NOON + timedelta(days=day)
    given = {"starts_at": begin, "ends_at": begin + timedelta(minutes=5), "calls": 10}
    return PlanPart(**{**given, **settings})


def plan(**settings: Any) -> JobPlan:
    given: dict[str, Any] = {
        "kind": "merge", "items": 12, "planned": 10, "refused": {}, "skipped": {},
        "duplicates": 0, "examples": (), "calls": 10, "credits_min": 500, "credits_max": 610,
        "beyond_budget": 0, "price": "50 credits a call, by the list", "slots": 10,
        "seconds_per_call": 1.0, "allowance": 1_000, "free": 900, "daily_mails": None,
        "parts": (part(0),),
    }  # fmt: skip
    return JobPlan(**{**given, **settings})


def shown(capsys: pytest.CaptureFixture[str], made: JobPlan) -> str:
    show_plan(made, as_json=False)
    return " ".join(capsys.readouterr().out.split())


def test_one_part_needs_no_table_of_parts(capsys: pytest.CaptureFixture[str]) -> None:
    """Its time is among the sums."""
    text = shown(capsys, plan())
    assert "Credits 500 to 610" in text
    assert "Takes 0:05:00" in text
    assert "PART" not in text


def test_parts_say_what_they_wait_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Beyond twenty the rest is counted."""
    parts = tuple(part(day, waits_for="mails" if day else None) for day in range(25))
    text = shown(capsys, plan(kind="mail", parts=parts, daily_mails=10))
    assert text.count("the next day's mails") == 19
    assert "... and 5 more parts" in text


def test_what_can_never_be_done_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Not shown as a job that ends at once."""
    made = plan(parts=())
    assert "can never be made" in shown(capsys, made)
    assert (made.ok, made.ends_at) == (False, None)


def test_rows_to_correct_are_shown_and_the_rest_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty of them."""
    items = tuple(
        Item(
            key=f"row {n}", position=n, state=ItemState.REFUSED, code="INVALID_ID", message="no id"
        )
        for n in range(1, 31)
    )
    text = shown(capsys, plan(refused={"INVALID_ID": 30}, examples=items))
    assert "refused before any call: INVALID_ID 30" in text
    assert "20 refused INVALID_ID: no id" in text
    assert "21 refused" not in text
    assert "... and 10 more" in text


def test_as_json_it_is_one_object_with_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Times are ISO 8601."""
    item = Item(key="row 3", position=3, state=ItemState.SKIPPED, code="ALONE")
    show_plan(plan(skipped={"ALONE": 1}, examples=(item,), beyond_budget=2), as_json=True)
    found = orjson.loads(capsys.readouterr().out)
    assert found["skipped"] == {"ALONE": 1}
    assert found["examples"][0]["row"] == 3
    assert found["parts"] == [
        {
            "starts_at": "2026-05-01T12:00:00+00:00",
            "ends_at": "2026-05-01T12:05:00+00:00",
            "calls": 10,
            "waits_for": None,
        }
    ]
    assert (found["windows"], found["ends_at"]) == (1, "2026-05-01T12:05:00+00:00")
