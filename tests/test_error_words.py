"""One class for each error word that a caller would handle differently."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from zohocrm_async import exceptions as errors
from zohocrm_async._error_words import api_error


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (401, "INVALID_TOKEN", "invalid oauth token", errors.InvalidToken),
        (401, "INVALID_OAUTHTOKEN", "", errors.InvalidToken),
        (401, "AUTHENTICATION_FAILURE", "Authentication failed", errors.AuthenticationFailure),
        (401, "OAUTH_SCOPE_MISMATCH", "Unauthorized", errors.ScopeMismatch),
        (400, "MANDATORY_NOT_FOUND", "", errors.MandatoryNotFound),
        (400, "LIMIT_EXCEEDED", "the limit of 100 emails per day", errors.MailLimitExceeded),
        (400, "LIMIT_EXCEEDED", "the number of given files", errors.LimitExceeded),
        (400, "DOWNLOAD_NOT_ALLOWED", "it is a link", errors.NotAllowed),
        (400, "EXPECTED_FIELD_MISSING", "name", errors.MandatoryNotFound),
        (400, "AUTHORIZATION_FAILED", "not privileged", errors.PermissionDenied),
        (400, "NOT_ALLOWED", "not supported for your edition", errors.FeatureNotSupported),
        (400, "NOT_ALLOWED", "The receiver has not consented", errors.ConsentMissing),
        (400, "NOT_ALLOWED", "has opted to stop communication", errors.RecipientOptedOut),
        (403, "NO_PERMISSION", "Email Opt Out is enabled", errors.RecipientOptedOut),
        (403, "NO_PERMISSION", "confirm your account", errors.PermissionDenied),
        (400, "NOT_ALLOWED", "the address have bounced and thus, blocked", errors.RecipientBounced),
        (
            400,
            "NOT_ALLOWED",
            "The record does not have either primary or secondary email addresses.",
            errors.RecipientMissing,
        ),
        (400, "NOT_ALLOWED", "The given Unsubscribe Link id is Default", errors.NotAllowed),
        (400, "INVALID_DATA", "The record ID in the request is invalid", errors.RecordNotFound),
        (
            400,
            "INVALID_DATA",
            "cannot use this address to send mails from",
            errors.SenderNotAllowed,
        ),
        (400, "INVALID_DATA", "the id given seems to be invalid", errors.RecordNotFound),
        (400, "INVALID_DATA", "the record_id is wrong", errors.RecordNotFound),
        (400, "INVALID_DATA", "Master record id is not available", errors.RecordNotFound),
        (400, "INVALID_DATA", 'The given value is invalid given in "value"', errors.InvalidData),
        (400, "INVALID_DATA", "the field is not available", errors.InvalidData),
        (400, "INVALID_DATA", "invalid JSON", errors.InvalidData),
        (400, "FILE_SIZE_EXCEEDS", "", errors.FileTooLarge),
        (415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "", errors.FileTooLarge),
        (400, "CUSTOM_ERROR", "SMTP", errors.MailServerError),
        (400, "FEATURE_NOT_SUPPORTED", "", errors.FeatureNotSupported),
        (400, "RECORD_LOCKED", "", errors.RecordLocked),
        (412, "ALREADY_MODIFIED", "", errors.AlreadyModified),
        (404, "INVALID_URL_PATTERN", "", errors.InvalidURL),
        (400, "INVALID_REQUEST_METHOD", "", errors.InvalidMethod),
        (400, "DEPENDENT_FIELD_MISSING", "", errors.DependentFieldMissing),
        (500, "INTERNAL_ERROR", "", errors.ServerError),
        (500, "INTERNAL_SERVER_ERROR", "", errors.ServerError),
        (503, "", "", errors.ServerError),
        (400, "FILE_TOO_LARGE", "", errors.FileTooLarge),
        (400, "MODULE_NOT_AVAILABLE", "", errors.InvalidModule),
        (400, "FIELD_NOT_AVAILABLE", "", errors.InvalidData),
        (400, "FIELD_IN_CRITERIA_NOT_AVAILABLE", "", errors.InvalidQuery),
        (400, "MANDATORY_FIELDS_NOT_MAPPED", "", errors.MandatoryNotFound),
        (400, "LICENSE_LIMIT_EXCEEDED", "", errors.LimitExceeded),
        (400, "FEATURE_PERMISSION", "", errors.FeatureNotSupported),
        (400, "EXPECTED_PARAM_MISSING", "", errors.MandatoryNotFound),
        (400, "DEPENDENT_PARAM_MISSING", "", errors.DependentFieldMissing),
        (400, "DUPLICATE_ALIAS", "", errors.InvalidQuery),
        (400, "VALUE_IN_CRITERIA_NOT_SUPPORTED", "", errors.InvalidQuery),
        (400, "CONVERTED_RECORD", "", errors.AlreadyConverted),
        (400, "NO_RECORDS_FOUND", "", errors.NotFound),
        (400, "InvalidModule", "", errors.InvalidModule),
        (400, "PATTERN_NOT_MATCHED", "", errors.InvalidData),
        (400, "RECORD_IN_BLUEPRINT", "", errors.NotAllowed),
        (400, "A_WORD_OF_TOMORROW", "", errors.APIError),
    ],
)
def test_every_documented_word_has_its_class(
    status: int, code: str, message: str, kind: type[errors.APIError]
) -> None:
    """Words that a caller would handle differently are told apart; others are general."""
    error = api_error({"code": code, "message": message}, status=status, operation="x")
    assert type(error) is kind


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"x-error": "INVALID_LINK", "x-info": "Link not valid", "info": "Forbidden"},
            "INVALID_LINK",
        ),
        ({"ERROR_CODE": 400, "ERROR_MESSAGE": "Bad Request"}, "400 (400): Bad Request"),
    ],
)
def test_hosts_of_files_have_errors_of_their_own_shape(body: dict[str, Any], text: str) -> None:
    """Which say what is wrong, too."""
    assert text in str(api_error(body, status=400, operation="x"))


def test_a_sentence_of_any_length_is_read_in_no_time() -> None:
    """What comes over the network does not hold up the loop."""
    begun = time.process_time()
    refusal = {"code": "NOT_ALLOWED", "message": "no " * 20_000}
    assert isinstance(api_error(refusal, status=400, operation="x"), errors.NotAllowed)
    assert time.process_time() - begun < 1


def test_a_page_token_that_is_no_value_is_no_page_token() -> None:
    """The parameter that the details name tells it from other values."""
    refusal = {"code": "INVALID_DATA", "details": {"param_name": "page_token"}}
    error = api_error(refusal, status=400, operation="x")
    assert type(error) is errors.InvalidPageToken


class TestTooManyRequests:
    """Spent credits and full slots share a status and a word; the sentence decides."""

    def throttled(self, body: Mapping[str, Any]) -> errors.APIError:
        return api_error(body, status=429, operation="x")

    @pytest.mark.parametrize(
        "body",
        [
            {"code": "TOO_MANY_REQUESTS", "message": "limit of the past 24 hours reached"},
            {"code": 429, "error": "TOO_MANY_REQUESTS", "error_info": "past 24 hours exceeded"},
            {"code": "TOO_MANY_REQUESTS", "message": "API credits exhausted"},
        ],
    )
    def test_24_hours_are_credits(self, body: Mapping[str, Any]) -> None:
        assert isinstance(self.throttled(body), errors.CreditsRefused)

    def test_slots_are_slots_whatever_else_the_sentence_speaks_of(self) -> None:
        body = {"message": "concurrency limit reached; credits of 24 hours are left"}
        assert isinstance(self.throttled(body), errors.ConcurrencyExceeded)

    def test_concurrency_is_slots(self) -> None:
        error = self.throttled({"code": "TOO_MANY_REQUESTS", "message": "concurrency limit"})
        assert isinstance(error, errors.ConcurrencyExceeded)
        assert not error.heavy

    def test_sub_concurrency_is_heavy_slots(self) -> None:
        error = self.throttled({"code": "TOO_MANY_REQUESTS", "message": "sub-concurrency limit"})
        assert isinstance(error, errors.ConcurrencyExceeded)
        assert error.heavy

    def test_a_sentence_that_says_nothing_is_slots(self) -> None:
        assert isinstance(self.throttled({}), errors.ConcurrencyExceeded)
