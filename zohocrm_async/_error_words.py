"""The service's error words, and the exceptions that they become."""

import re
from collections.abc import Mapping
from typing import Any, cast

from zohocrm_async import exceptions as errors

_TOO_MANY = 429


_BY_CODE: Mapping[str, type[errors.APIError]] = {
    "INVALID_TOKEN": errors.InvalidToken,
    "INVALID_OAUTHTOKEN": errors.InvalidToken,
    "AUTHENTICATION_FAILURE": errors.AuthenticationFailure,
    "OAUTH_SCOPE_MISMATCH": errors.ScopeMismatch,
    "INVALID_DATA": errors.InvalidData,
    "MANDATORY_NOT_FOUND": errors.MandatoryNotFound,
    "REQUIRED_PARAM_MISSING": errors.MandatoryNotFound,
    "EXPECTED_FIELD_MISSING": errors.MandatoryNotFound,
    "MANDATORY_FIELDS_NOT_MAPPED": errors.MandatoryNotFound,
    "MISSING_REQUIRED_KEY": errors.MandatoryNotFound,
    "DEPENDENT_FIELD_MISSING": errors.DependentFieldMissing,
    "DUPLICATE_DATA": errors.DuplicateData,
    "INVALID_MODULE": errors.InvalidModule,
    "MODULE_NOT_AVAILABLE": errors.InvalidModule,
    "MODULE_NOT_SUPPORTED": errors.InvalidModule,
    "FIELD_NOT_AVAILABLE": errors.InvalidData,
    "FIELD_NOT_SUPPORTED": errors.InvalidData,
    "INVALID_FIELD": errors.InvalidData,
    "INVALID_FORMAT": errors.InvalidData,
    "FIELD_IN_CRITERIA_NOT_AVAILABLE": errors.InvalidQuery,
    "INVALID_QUERY": errors.InvalidQuery,
    "SYNTAX_ERROR": errors.InvalidQuery,
    "TOKEN_BOUND_DATA_MISMATCH": errors.InvalidPageToken,
    "EXPIRED_VALUE": errors.InvalidPageToken,
    "INVALID_URL_PATTERN": errors.InvalidURL,
    "INVALID_REQUEST_METHOD": errors.InvalidMethod,
    "NOT_ALLOWED": errors.NotAllowed,
    "DOWNLOAD_NOT_ALLOWED": errors.NotAllowed,
    "NO_PERMISSION": errors.PermissionDenied,
    "AUTHORIZATION_FAILED": errors.PermissionDenied,
    "LIMIT_EXCEEDED": errors.LimitExceeded,
    "LIMIT_REACHED": errors.LimitExceeded,
    "SHARE_LIMIT_EXCEEDED": errors.LimitExceeded,
    "PAGINATION_LIMIT_EXCEEDED": errors.LimitExceeded,
    "DISCRETE_PAGINATION_LIMIT_EXCEEDED": errors.LimitExceeded,
    "FILE_TOO_LARGE": errors.FileTooLarge,
    "FILE_SIZE_EXCEEDS": errors.FileTooLarge,
    "FILE_SIZE_MORE_THAN_ALLOWED_SIZE": errors.FileTooLarge,
    "FEATURE_NOT_SUPPORTED": errors.FeatureNotSupported,
    "FEATURE_NOT_ENABLED": errors.FeatureNotSupported,
    "RECORD_LOCKED": errors.RecordLocked,
    "RECORD_NOT_IN_PROCESS": errors.RecordNotInProcess,
    "ID_ALREADY_CONVERTED": errors.AlreadyConverted,
    "ALREADY_MODIFIED": errors.AlreadyModified,
    "CUSTOM_ERROR": errors.MailServerError,
    "RESOURCE_NOT_FOUND": errors.NotFound,
    "NOT_SUBSCRIBED": errors.NotSubscribed,
    "INTERNAL_ERROR": errors.ServerError,
    "INTERNAL_SERVER_ERROR": errors.ServerError,
    "REQUEST_TIMEOUT": errors.ServerError,
    "SERVICE_UNAVAILABLE": errors.ServerError,
}
_BY_STATUS: Mapping[int, type[errors.APIError]] = {
    401: errors.AuthenticationFailure,
    404: errors.NotFound,
    412: errors.AlreadyModified,
    413: errors.FileTooLarge,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
}
# One word covers several causes; only the sentence tells them apart
# (https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html#possible-errors).
_BY_MESSAGE: tuple[tuple[str, re.Pattern[str], type[errors.APIError]], ...] = tuple(
    (code, re.compile(words, re.IGNORECASE), kind)
    for code, words, kind in (
        ("NOT_ALLOWED", r"consent", errors.ConsentMissing),
        ("NOT_ALLOWED", r"opted|opt[- ]?out", errors.RecipientOptedOut),
        ("NOT_ALLOWED", r"bounced|blocked", errors.RecipientBounced),
        ("NOT_ALLOWED", r"(does not|no) .*e-?mail address", errors.RecipientMissing),
        ("NOT_ALLOWED", r"edition", errors.FeatureNotSupported),
        ("NO_PERMISSION", r"opt[- ]?out", errors.RecipientOptedOut),
        ("INVALID_DATA", r"record[ _]?id|id given|id is|not available", errors.RecordNotFound),
        ("INVALID_DATA", r"send mails? from|from address", errors.SenderNotAllowed),
        ("LIMIT_EXCEEDED", r"e-?mails?\b", errors.MailLimitExceeded),
    )
)


def api_error(item: Mapping[str, Any], *, status: int, operation: str) -> errors.APIError:
    """Return the exception for an error object of the service."""
    code = _first(item, "code", "error", "x-error", "ERROR_CODE")
    message = _first(item, "message", "error_info", "x-info", "info", "ERROR_MESSAGE")
    found = item.get("details")
    details = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if status == _TOO_MANY or code in {"TOO_MANY_REQUESTS", "429"}:
        return _throttled(code, message, details, status, operation)
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or errors.APIError
    for word, pattern, refined in _BY_MESSAGE:
        if word == code and pattern.search(message):
            kind = refined
            break
    if kind is errors.InvalidData and details.get("param_name") == "page_token":
        kind = errors.InvalidPageToken
    return kind(message, status=status, code=code, details=details, operation=operation)


def _first(item: Mapping[str, Any], *keys: str) -> str:
    """Return what stands under the first of *keys*; hosts of files have keys of their own."""
    return str(next((item[key] for key in keys if item.get(key)), ""))


def _throttled(
    code: str, message: str, details: Mapping[str, Any], status: int, operation: str
) -> errors.APIError:
    """Tell spent credits from too many calls in flight by the sentence alone.

    The service gives both the same status and word.
    """
    words = message.lower()
    credits_spent = "24 hour" in words or "24-hour" in words or "credit" in words
    if credits_spent and "concurren" not in words and status == _TOO_MANY:
        return errors.CreditsRefused(
            message, status=_TOO_MANY, code=code, details=details, operation=operation
        )
    error = errors.ConcurrencyExceeded(
        message, status=status, code=code, details=details, operation=operation
    )
    error.heavy = "sub-concurren" in words or "sub concurren" in words
    return error
