"""A call is tried again only when it may pass and cannot act twice."""

import pytest
from hypothesis import given, strategies as st

from zohocrm_async import _retry, exceptions as errors
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.options import Retry

NEVER_SENT = errors.ConnectionFailed("x", sent=False)
LOST = errors.ConnectionFailed("x", sent=True)
LATE = errors.TimedOut("x", sent=True)
HTML_500 = errors.UnexpectedAnswer("x", status=500)
HTML_502 = errors.UnexpectedAnswer("x", status=502)
HTML_200 = errors.UnexpectedAnswer("x", status=200)
HTML_400 = errors.UnexpectedAnswer("x", status=400)
HTML_499 = errors.UnexpectedAnswer("x", status=499)
FAILED = errors.ServerError("x", status=500)
NO_SLOT = errors.ConcurrencyExceeded("x", status=429)
REFUSED = errors.InvalidData("x", status=400)
NO_CREDITS = errors.CreditsExhausted(needed=1, remaining=0, resumes_at=None)


def again(error: errors.ZohoCRMError, *, repeatable: bool, attempt: int = 1) -> bool:
    return (
        _retry.pause(Retry(), error, attempt=attempt, repeatable=repeatable, random=lambda: 0.5)
        is not None
    )


@pytest.mark.parametrize("error", [NEVER_SENT, NO_SLOT], ids=["never sent", "no slot"])
def test_what_the_service_never_began_is_tried_again_even_if_it_must_not_be_repeated(
    error: errors.ZohoCRMError,
) -> None:
    assert again(error, repeatable=False)
    assert again(error, repeatable=True)


@pytest.mark.parametrize("error", [LOST, LATE, HTML_500, HTML_502, HTML_200, FAILED])
def test_a_lost_answer_is_tried_again_only_where_a_repeat_does_no_harm(
    error: errors.ZohoCRMError,
) -> None:
    assert again(error, repeatable=True)
    assert not again(error, repeatable=False)


@pytest.mark.parametrize("error", [REFUSED, NO_CREDITS, HTML_400, HTML_499])
def test_a_refusal_is_final(error: errors.ZohoCRMError) -> None:
    assert not again(error, repeatable=True)


def test_attempts_are_counted() -> None:
    assert again(LOST, repeatable=True, attempt=4)
    assert not again(LOST, repeatable=True, attempt=5)


@given(st.integers(1, 40), st.floats(0, 1))
def test_pauses_are_drawn_below_a_backoff_that_doubles_up_to_the_ceiling(
    attempt: int, drawn: float
) -> None:
    retry = Retry(attempts=100, base=0.5, ceiling=30.0)
    pause = _retry.pause(retry, LOST, attempt=attempt, repeatable=True, random=lambda: drawn)
    assert pause is not None
    assert pause == pytest.approx(drawn * min(30.0, 0.5 * 2 ** (attempt - 1)))


SEND = Operation("POST", "/x", name="mail.send", look_at="Read the e-mails.")
GET = Operation("GET", "/x", name="records.get", repeatable=True)


@pytest.mark.parametrize("error", [LOST, LATE, HTML_500, HTML_502, HTML_200, FAILED])
def test_the_end_of_a_call_that_must_not_be_repeated_is_an_unknown_outcome(
    error: errors.ZohoCRMError,
) -> None:
    shown = _retry.final(Call(SEND, "/Leads/1"), error)
    assert isinstance(shown, errors.OutcomeUnknown)
    assert (shown.look_at, shown.path) == ("Read the e-mails.", "/Leads/1")
    assert _retry.final(Call(GET, "/Leads/1"), error) is error


def test_an_unknown_outcome_always_says_what_to_look_at() -> None:
    shown = _retry.final(Call(Operation("POST", "/x", name="request"), "/x"), LOST)
    assert "Look at what the call would have changed." in str(shown)


@pytest.mark.parametrize("error", [NEVER_SENT, NO_SLOT, REFUSED, NO_CREDITS, HTML_400, HTML_499])
def test_what_surely_did_not_act_keeps_its_name(error: errors.ZohoCRMError) -> None:
    assert _retry.final(Call(SEND, "/Leads/1"), error) is error


def test_the_pause_is_never_shorter_than_the_service_asks_for() -> None:
    asked = errors.ConcurrencyExceeded("x", status=429)
    asked.retry_after = 7.0
    pause = _retry.pause(Retry(), asked, attempt=1, repeatable=False, random=lambda: 1.0)
    assert pause == 7.0


@pytest.mark.parametrize("kind", [errors.ServerError, errors.UnexpectedAnswer])
def test_nobody_waits_longer_than_the_ceiling(kind: type[errors.APIError]) -> None:
    """A service that asks for an hour gets no further attempt: the error says for how long."""
    asked = kind("x", status=503)
    retry = Retry(ceiling=30.0)
    for seconds, pause in ((30.0, 30.0), (30.5, None)):
        asked.retry_after = seconds
        drawn = _retry.pause(retry, asked, attempt=1, repeatable=True, random=lambda: 1.0)
        assert drawn == pause


def test_the_backoff_of_a_thousandth_attempt_is_a_number() -> None:
    retry = Retry(attempts=10_000, base=0.5, ceiling=30.0)
    pause = _retry.pause(retry, LOST, attempt=9_999, repeatable=True, random=lambda: 1.0)
    assert pause == 30.0


def test_retries_end_when_the_budget_is_spent_and_come_back_with_successes() -> None:
    """Twenty retries of a full budget, then one for every five calls that are served."""
    budget = _retry.RetryBudget(100)
    assert [budget.draw() for _ in range(21)] == [True] * 20 + [False]
    for _ in range(4):
        budget.succeed()
    assert not budget.draw()
    budget.succeed()
    assert budget.draw()


@given(st.integers(0, 200), st.lists(st.booleans(), max_size=200))
def test_the_retry_budget_never_leaves_its_bounds(units: int, calls: list[bool]) -> None:
    budget = _retry.RetryBudget(units)
    for served in calls:
        if served:
            budget.succeed()
        else:
            budget.draw()
        assert 0 <= budget.units <= units
