"""Verdicts: what an error means for its item, and for those after it."""

import inspect
from datetime import UTC, datetime

import pytest

from zohocrm_async import exceptions as errors
from zohocrm_async.jobs import verdicts
from zohocrm_async.jobs.items import Item, ItemState

ITEM = Item(key="1", position=1, record_id="1", state=ItemState.SENDING)
S = ItemState


def lost(cause: Exception) -> errors.OutcomeUnknown:
    error = errors.OutcomeUnknown("the answer was lost.", look_at="Look there.", path="/x")
    error.__cause__ = cause
    return error


REFUSAL = errors.NotAllowed(
    "the recipient has opted out",
    status=400,
    code="NOT_ALLOWED",
    details={"api_name": "Email_Opt_Out"},
)
EXHAUSTED = errors.CreditsExhausted(
    needed=20, remaining=3, resumes_at=datetime(2026, 1, 2, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("error", "state", "code", "stops"),
    [
        (REFUSAL, S.REFUSED, "NOT_ALLOWED", False),
        (errors.RecordLocked(code="RECORD_LOCKED"), S.REFUSED, "RECORD_LOCKED", False),
        (errors.InvalidRequest("wrong"), S.REFUSED, "INVALID_REQUEST", False),
        (errors.MailLimitExceeded(code="LIMIT_EXCEEDED"), S.PLANNED, "LIMIT_EXCEEDED", True),
        (errors.FleetError("Redis is away"), S.PLANNED, "FLEET_ERROR", True),
        (errors.LedgerError("no space"), S.PLANNED, "LEDGER_ERROR", True),
        (lost(errors.TimedOut("late")), S.UNKNOWN, "TIMED_OUT", False),
        (lost(errors.ServerError(code="INTERNAL_ERROR")), S.UNKNOWN, "INTERNAL_ERROR", False),
        (errors.UnexpectedAnswer("HTML", status=200), S.UNKNOWN, "UNEXPECTED_ANSWER", False),
        (errors.ConnectionFailed("cut", sent=True), S.UNKNOWN, "CONNECTION_FAILED", False),
        (errors.ServerError(code="INTERNAL_ERROR"), S.UNKNOWN, "INTERNAL_ERROR", False),
        (errors.ConnectionFailed("no host", sent=False), S.PLANNED, "CONNECTION_FAILED", True),
        (errors.InvalidCredentials("no", code="invalid_code"), S.PLANNED, "invalid_code", True),
        (errors.TokenThrottled("slow", retry_after=600), S.PLANNED, "TOKEN_THROTTLED", True),
        (
            errors.ScopeMismatch(code="OAUTH_SCOPE_MISMATCH"),
            S.PLANNED,
            "OAUTH_SCOPE_MISMATCH",
            True,
        ),
        (
            errors.ConcurrencyExceeded(code="TOO_MANY_REQUESTS"),
            S.PLANNED,
            "TOO_MANY_REQUESTS",
            True,
        ),
        (
            errors.BudgetExceeded(budget="b", needed=20, remaining=1),
            S.PLANNED,
            "BUDGET_EXCEEDED",
            True,
        ),
        (EXHAUSTED, S.PLANNED, "CREDITS_EXHAUSTED", True),
        (errors.SchedulerClosed("closed"), S.PLANNED, "SCHEDULER_CLOSED", True),
        (errors.QueueFull("full"), S.PLANNED, "QUEUE_FULL", True),
    ],
)
def test_after_sending(
    error: errors.ZohoCRMError,
    state: ItemState,
    code: str,
    stops: bool,
) -> None:
    """Refused if the service said so, planned if surely nothing was done, else unknown."""
    item = verdicts.after_sending(ITEM, error)
    assert (item.state, item.code, verdicts.stops(error)) == (state, code, stops)
    assert item.message


def test_no_error_makes_an_item_done() -> None:
    """Every class of the tree leads to refused, planned or unknown."""
    made = 0
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.APIError):
            made += 1
            state = verdicts.after_sending(ITEM, kind("sentence", code="WORD", status=400)).state
            assert state in {S.REFUSED, S.PLANNED, S.UNKNOWN}
    assert made > 20


def test_a_refusal_keeps_the_sentence_and_the_key_of_the_service() -> None:
    """One word covers several causes; the sentence tells them apart."""
    item = verdicts.after_sending(ITEM, REFUSAL)
    assert (item.message, item.field) == ("the recipient has opted out", "Email_Opt_Out")


def test_an_unknown_item_says_where_to_look() -> None:
    """The message is that of the error, look_at included."""
    assert "Look there." in str(verdicts.after_sending(ITEM, lost(errors.TimedOut("t"))).message)


def test_a_failed_merge_is_refused_and_any_other_end_of_a_look_leaves_it_merging() -> None:
    """A scheduled merge goes on, whoever looks."""
    failed = errors.MergeFailed(module="Leads", master_id="1", job_id="9", state="FAILURE")
    assert verdicts.after_following(ITEM, failed).state is S.REFUSED
    assert verdicts.after_following(ITEM, failed).code == "MERGE_FAILED"
    assert not verdicts.stops(failed)
    assert verdicts.after_following(ITEM, EXHAUSTED).state is S.MERGING
    assert verdicts.after_following(ITEM, errors.ServerError(code="X")).state is S.MERGING


def test_a_call_that_was_broken_off_is_unknown() -> None:
    """It may have left."""
    item = verdicts.cut_short(ITEM, ValueError("x"))
    assert (item.state, item.code) == (S.UNKNOWN, "BROKEN_OFF")
    assert "ValueError" in str(item.message)
