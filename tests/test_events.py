"""Hooks are told of every attempt and can do no harm."""

import logging
import subprocess
import sys

import pytest
from attrs import evolve

from zohocrm_async import (
    AttemptFinished,
    CallFinished,
    CallStarted,
    Event,
    ForeignUse,
    LimitChanged,
    Parked,
    PriceCorrected,
    Resumed,
    RetryPlanned,
    RetryRefused,
)
from zohocrm_async._events import log, tell
from zohocrm_async.exceptions import ConnectionFailed

DONE = AttemptFinished(
    operation="mail.send", method="POST", path="/Leads/1", attempt=1, status=200, credits=20,
    seconds=0.25, waited=1.0,
)  # fmt: skip
AGAIN = RetryPlanned("mail.send", 1, 0.5, ConnectionFailed("h: refused"))


def test_every_hook_is_told_even_after_one_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A hook's fault is logged and goes no further."""
    told: list[Event] = []

    def broken(_: Event) -> None:
        raise RuntimeError("broken hook")

    tell([broken, told.append], DONE)
    assert told == [DONE]
    assert "broken hook" in caplog.text


def test_the_log_is_a_hook(caplog: pytest.LogCaptureFixture) -> None:
    """Attempts are logged for debugging, retries for information."""
    caplog.set_level(logging.DEBUG, "zohocrm_async")
    tell([log], DONE)
    tell([log], AGAIN)
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("DEBUG", "mail.send: status 200, 20 credits, 0.250 s"),
        ("INFO", "mail.send: attempt 1 failed (ConnectionFailed), the next in 0.5 s"),
    ]


@pytest.mark.parametrize(
    ("event", "level", "line"),
    [
        (
            RetryRefused("mail.send", 2, ConnectionFailed("h: refused")),
            "WARNING",
            "mail.send: attempt 2 failed (ConnectionFailed), and the retry budget is spent",
        ),
        (
            PriceCorrected("mail.send", "/Leads/1/actions/send_mail", 20, 25),
            "WARNING",
            (
                "mail.send: /Leads/1/actions/send_mail costs 25 credits and not 20, "
                "going by the service's count"
            ),
        ),
        (LimitChanged("slots", 4, 10, "429"), "INFO", "slots: 4 of 10 in force (429)"),
        (Parked(60.0, "credits"), "WARNING", "calls are parked for 60 s: credits"),
        (Resumed(), "INFO", "calls go again"),
        (
            CallFinished(
                operation="mail.send",
                method="POST",
                status=500,
                attempts=2,
                credits=40,
                seconds=1.5,
                waits={"slots": 1.0},
                error=ConnectionFailed("h: refused"),
                call=7,
            ),
            "DEBUG",
            "mail.send: ConnectionFailed after 2 attempts, 40 credits, 1.500 s",
        ),
        (ForeignUse(70), "DEBUG", "others have spent 70 credits"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_queue_does_is_logged(
    caplog: pytest.LogCaptureFixture, event: Event, level: str, line: str
) -> None:
    """What keeps calls from going is a warning."""
    caplog.set_level(logging.DEBUG, "zohocrm_async")
    log(event)
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [(level, line)]


def test_records_carry_the_facts_as_fields(caplog: pytest.LogCaptureFixture) -> None:
    """By the names of spans; but for paths and messages, which may name people."""
    caplog.set_level(logging.DEBUG, "zohocrm_async")
    failed = evolve(DONE, error=ConnectionFailed("h: refused"), waits={"slots": 0.75}, call=7)
    log(failed)
    (record,) = caplog.records
    found = {name: value for name, value in vars(record).items() if name.startswith("zohocrm.")}
    assert found == {
        "zohocrm.event": "AttemptFinished",
        "zohocrm.operation": "mail.send",
        "zohocrm.method": "POST",
        "zohocrm.attempt": 1,
        "zohocrm.status": 200,
        "zohocrm.credits": 20,
        "zohocrm.seconds": 0.25,
        "zohocrm.waited.total": 1.0,
        "zohocrm.waited.slots": 0.75,
        "zohocrm.error": "ConnectionFailed",
        "zohocrm.call": 7,
    }


def test_loggers_are_named_after_the_modules(caplog: pytest.LogCaptureFixture) -> None:
    """So that each can be silenced by itself."""
    log(AGAIN)
    caplog.set_level(logging.INFO, "zohocrm_async")
    log(AGAIN)
    log(Resumed())
    assert [record.name for record in caplog.records] == [
        "zohocrm_async.client",
        "zohocrm_async.scheduler",
    ]


def test_nothing_is_printed_until_logging_is_configured() -> None:
    """Warnings neither: the program decides what it shows."""
    code = "from zohocrm_async import _events; _events.log(_events.Parked(60.0, 'credits'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_beginning_of_a_call_is_no_record(caplog: pytest.LogCaptureFixture) -> None:
    """Its end tells all."""
    caplog.set_level(logging.DEBUG, "zohocrm_async")
    log(CallStarted(operation="a.b", method="GET", server="https://h", template=None, call=1))
    assert not caplog.records
