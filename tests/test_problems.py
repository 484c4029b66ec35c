"""Errors as problem details: each kind has a status, and no answer tells a secret."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zohocrm_async import exceptions as errors
from zohocrm_async._problems import Problem
from zohocrm_async.fastapi import problem

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BACK = NOW + timedelta(seconds=90.2)


def refused(kind: type[errors.APIError], status: int = 400) -> errors.APIError:
    return kind("no", status=status, code="WORD", operation="records.get")


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (errors.InvalidNotification("no"), 403, None),
        (refused(errors.PermissionDenied), 403, None),
        (refused(errors.FeatureNotSupported), 403, None),
        (refused(errors.RecordNotFound), 404, None),
        (refused(errors.NotFound), 404, None),
        (refused(errors.NotSubscribed), 404, None),
        (errors.UnknownOrganization("acme"), 404, None),
        (refused(errors.AlreadyModified, 412), 412, None),
        (refused(errors.NotModified, 304), 412, None),
        (errors.InvalidRequest(("a", "b")), 422, None),
        (refused(errors.InvalidData), 422, None),
        (refused(errors.SenderNotAllowed), 422, None),
        (refused(errors.MandatoryNotFound), 422, None),
        (refused(errors.DependentFieldMissing), 422, None),
        (refused(errors.DuplicateData), 422, None),
        (refused(errors.InvalidModule), 422, None),
        (refused(errors.InvalidQuery), 422, None),
        (refused(errors.InvalidPageToken), 422, None),
        (refused(errors.NotAllowed), 422, None),
        (refused(errors.ConsentMissing), 422, None),
        (refused(errors.RecipientOptedOut), 422, None),
        (refused(errors.RecipientBounced), 422, None),
        (refused(errors.RecipientMissing), 422, None),
        (refused(errors.FileTooLarge), 422, None),
        (refused(errors.RecordLocked), 422, None),
        (refused(errors.RecordNotInProcess), 422, None),
        (refused(errors.AlreadyConverted), 422, None),
        (refused(errors.APIError), 422, None),
        (refused(errors.APIError, 500), 502, None),
        (errors.CreditsExhausted(needed=1, remaining=0, resumes_at=BACK), 429, 91),
        (errors.CreditsExhausted(needed=9, remaining=0, resumes_at=None), 429, None),
        (errors.WindowExhausted(window="mails", limit=5, resumes_at=BACK), 429, 91),
        (errors.BudgetExceeded(budget="b", needed=2, remaining=1), 429, None),
        (errors.QueueFull("full"), 429, 1),
        (errors.TokenThrottled("wait", retry_after=40.0), 429, 40),
        (refused(errors.ConcurrencyExceeded, 429), 429, None),
        (refused(errors.CreditsRefused, 429), 429, None),
        (refused(errors.LimitExceeded), 429, None),
        (refused(errors.MailLimitExceeded), 429, None),
        (errors.ConfigurationError("missing"), 500, None),
        (errors.LedgerError("full"), 500, None),
        (errors.JournalError("full"), 500, None),
        (refused(errors.InvalidURL, 404), 500, None),
        (refused(errors.InvalidMethod), 500, None),
        (errors.AuthenticationError("no"), 502, None),
        (errors.InvalidCredentials("no", code="invalid_client"), 502, None),
        (refused(errors.InvalidToken, 401), 502, None),
        (refused(errors.AuthenticationFailure, 401), 502, None),
        (refused(errors.ScopeMismatch, 401), 502, None),
        (refused(errors.MailServerError), 502, None),
        (refused(errors.ServerError, 500), 502, None),
        (errors.TransportError("gone"), 502, None),
        (errors.ConnectionFailed("gone"), 502, None),
        (errors.UnexpectedAnswer("html"), 502, None),
        (errors.OutcomeUnknown("lost", look_at="Look.", path="/Leads"), 502, None),
        (errors.WriteInterrupted(()), 502, None),
        (errors.JobFailed("no", job_id="1", state="FAILED"), 502, None),
        (errors.MergeFailed(module="Leads", master_id="1", job_id="2", state="failed"), 502, None),
        (errors.ArchiveUnreadable("a.zip", "cut"), 502, None),
        (errors.SchedulerError("no"), 502, None),
        (errors.SchedulerClosed("closed"), 503, None),
        (errors.FleetError("away"), 503, 1),
        (errors.TimedOut("late"), 504, None),
        (errors.DeadlineExceeded(deadline=NOW, resumes_at=BACK), 504, 91),
        (errors.JobTimedOut(job_id="1"), 504, None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_has_its_status(
    error: errors.ZohoCRMError, status: int, retry: int | None
) -> None:
    found = Problem.of(error, now=NOW)
    assert (found.status, found.retry_after) == (status, retry)
    assert found.body["status"] == status
    assert found.body["type"] == f"urn:zohocrm-async:{type(error).__name__}"


def kinds(of: type[errors.ZohoCRMError] = errors.ZohoCRMError) -> Iterator[str]:
    for kind in of.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind.__name__
            yield from kinds(kind)


def test_no_kind_is_forgotten() -> None:
    [table] = test_each_kind_has_its_status.pytestmark  # type: ignore[attr-defined]  # pytest's
    listed = {type(error).__name__ for error, *_ in table.args[1]}
    assert set(kinds()) == listed


@pytest.mark.parametrize(
    "error",
    [
        errors.ConfigurationError("Redis at 10.0.0.5:6379/0 refuses the user or the password"),
        errors.FleetError("Redis at 10.0.0.5:6379/0 cannot be reached"),
        errors.JournalError("/srv/journals/may.journal is in use"),
        errors.LedgerError("/srv/ledger.sqlite3 cannot be read"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_hosts_and_paths_of_the_application_stay_in_it(error: errors.ZohoCRMError) -> None:
    answer = problem(error)
    assert b"10.0.0.5" not in bytes(answer.body)
    assert b"/srv" not in bytes(answer.body)
    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (errors.InvalidRequest(("a", "b")), {"problems": ["a", "b"], "detail": "a; b"}),
        (refused(errors.InvalidData), {"code": "WORD", "operation": "records.get"}),
        (
            errors.OutcomeUnknown("The answer was lost.", look_at="Look there.", path="/Leads"),
            {"look_at": "Look there.", "detail": "The answer was lost. Look there."},
        ),
        (
            errors.QueueFull("full"),
            {"title": "As many calls wait as Limits.max_waiting allows"},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_facts_of_an_error_are_told(error: errors.ZohoCRMError, facts: dict[str, Any]) -> None:
    body = Problem.of(error, now=NOW).body
    assert {name: body[name] for name in facts} == facts
