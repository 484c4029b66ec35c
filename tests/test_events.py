"""Hooks are told of every attempt and can do no harm."""

import logging

import pytest

from zohocrm_async import (
    AttemptFinished,
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
