"""Hooks are told of every attempt and can do no harm."""

import logging

import pytest

from zohocrm_async import AttemptFinished, Event, RetryPlanned
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
