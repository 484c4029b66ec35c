"""What a job will do and cost, before it does anything."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

import typer
from attrs import asdict

from zohocrm_async.cli.output import json_lines, show, table
from zohocrm_async.jobs.estimate import JobPlan
from zohocrm_async.jobs.items import Item
from zohocrm_async.jobs.report import item_row
from zohocrm_async.jobs.timetable import PlanPart

SecondsPerCall = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", min=0.001, help="What a call is taken to last; the time follows from it."
    ),
]

_SHOWN = 20


def show_plan(plan: JobPlan, *, as_json: bool) -> None:
    """Print *plan*: as one JSON object, or as tables."""
    if as_json:
        json_lines([_facts(plan)])
        return
    table(("PLAN", ""), _rows(plan), right=(1,))
    if len(plan.parts) > 1:
        _show_parts(plan.parts)
    if plan.examples:
        table(("ROW", "RECORD", "STATE", "WHY"), map(_example, plan.examples[:_SHOWN]))
    told = sum((*plan.refused.values(), *plan.skipped.values()))
    if told > _SHOWN:
        show(f"... and {told - _SHOWN:,} more; --json prints the first hundred.")
    for line in _warnings(plan):
        show(line)


def _rows(plan: JobPlan) -> Iterable[tuple[str, str]]:
    what = "Mails" if plan.kind == "mail" else "Groups"
    yield f"{what} in the input", f"{plan.items:,}"
    yield "  to be tried", f"{plan.planned:,}"
    for name, codes in (("refused", plan.refused), ("skipped", plan.skipped)):
        for code, count in codes.items():
            yield f"  {name} before any call: {code}", f"{count:,}"
    yield "Calls", f"{plan.calls:,}"
    if plan.beyond_budget:
        yield "  beyond the budget", f"{plan.beyond_budget:,}"
    yield "Credits", _between(plan.credits_min, plan.credits_max)
    yield "  free now, of any 24 hours", f"{plan.free:,} of {plan.allowance:,}"
    yield "Calls at once, seconds each (assumed)", f"{plan.slots}, {plan.seconds_per_call:g}"
    if plan.daily_mails is not None:
        yield "Mails of the organisation's day, by its edition", f"{plan.daily_mails:,}"
    if plan.ends_at is not None:
        yield "Begins", _time(plan.parts[0].starts_at)
        yield "Ends", _time(plan.ends_at)
        yield "Takes", _duration(plan.ends_at - plan.parts[0].starts_at)


def _between(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _time(when: datetime) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _duration(time: timedelta) -> str:
    return str(timedelta(seconds=math.ceil(time.total_seconds())))


def _show_parts(parts: tuple[PlanPart, ...]) -> None:
    table(
        ("PART", "BEGINS", "ENDS", "CALLS", "WAITS FOR"),
        [
            (
                str(number),
                _time(part.starts_at),
                _time(part.ends_at),
                f"{part.calls:,}",
                {"credits": "credits", "mails": "the next day's mails"}.get(
                    part.waits_for or "", ""
                ),
            )
            for number, part in enumerate(parts[:_SHOWN], 1)
        ],
        right=(0, 3),
    )
    if len(parts) > _SHOWN:
        show(f"... and {len(parts) - _SHOWN:,} more parts; --json prints them all.")


def _example(item: Item) -> tuple[str, ...]:
    why = ": ".join(part for part in (item.code, item.message) if part)
    return (str(item.position), item.record_id, str(item.state), why)


def _warnings(plan: JobPlan) -> Iterable[str]:
    yield f"Price: {plan.price}."
    if plan.credits_max > plan.credits_min and plan.kind == "merge":
        yield "The higher sum holds if the service makes a job of five minutes of every merge."
    if plan.calls > plan.beyond_budget and not plan.parts:
        yield "These calls can never be made: one costs more than the allowance, or no mail is."
    if plan.daily_mails is not None:
        yield "How many mails were sent today is not known: the plan counts none."


def _facts(plan: JobPlan) -> dict[str, object]:
    facts = asdict(plan, recurse=False)
    facts["parts"] = [asdict(part) for part in plan.parts]
    facts["examples"] = [{"row": item.position, **item_row(item)} for item in plan.examples]
    facts["windows"] = len(plan.parts)
    facts["ends_at"] = plan.ends_at
    return facts
