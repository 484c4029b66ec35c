"""The service's error words, and the exceptions that they become."""

import re
from collections.abc import Mapping
from typing import Any, cast

from zohocrm_async import exceptions as errors

_TOO_MANY = 429
_WORDS: Mapping[type[errors.APIError], str] = {
    errors.InvalidToken: "INVALID_TOKEN INVALID_OAUTHTOKEN",
    errors.AuthenticationFailure: "AUTHENTICATION_FAILURE",
    errors.ScopeMismatch: "OAUTH_SCOPE_MISMATCH",
    errors.InvalidData: (
        "INVALID_DATA FIELD_NOT_AVAILABLE FIELD_NOT_SUPPORTED INVALID_FIELD "
        "INVALID_FORMAT PATTERN_NOT_MATCHED UNABLE_TO_PARSE_DATA_TYPE JSON_PARSE_ERROR "
        "DEPENDENT_MISMATCH DEPENDENT_FIELD_MISMATCH INVALID_REQUEST BAD_REQUEST"
    ),
    errors.MandatoryNotFound: (
        "MANDATORY_NOT_FOUND REQUIRED_PARAM_MISSING EXPECTED_FIELD_MISSING "
        "MANDATORY_FIELDS_NOT_MAPPED MISSING_REQUIRED_KEY EXPECTED_PARAM_MISSING"
    ),
    errors.DependentFieldMissing: (
        "DEPENDENT_FIELD_MISSING DEPENDENT_PARAM_MISSING EXPECTED_DEPENDENT_FIELD_MISSING"
    ),
    errors.DuplicateData: "DUPLICATE_DATA",
    errors.InvalidModule: "INVALID_MODULE MODULE_NOT_AVAILABLE MODULE_NOT_SUPPORTED InvalidModule",
    errors.InvalidQuery: (
        "FIELD_IN_CRITERIA_NOT_AVAILABLE INVALID_QUERY SYNTAX_ERROR INVALID_ALIAS "
        "DUPLICATE_ALIAS INVALID_CRITERIA AMBIGUOUS_CRITERIA "
        "AMBIGUOUS_GROUP_IN_CRITERIA CRITERIA_NOT_SUPPORTED "
        "FIELD_IN_CRITERIA_NOT_SUPPORTED VALUE_IN_CRITERIA_NOT_SUPPORTED "
        "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED "
        "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE "
        "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE "
        "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE "
        "COMPARATOR_AND_ENCRYPTED_VALUE_IN_CRITERIA_NOT_COMPATIBLE"
    ),
    errors.InvalidPageToken: "TOKEN_BOUND_DATA_MISMATCH EXPIRED_VALUE",
    errors.InvalidURL: "INVALID_URL_PATTERN",
    errors.InvalidMethod: "INVALID_REQUEST_METHOD",
    errors.NotAllowed: (
        "NOT_ALLOWED DOWNLOAD_NOT_ALLOWED RECORD_IN_BLUEPRINT CANNOT_PERFORM_ACTION "
        "CANNOT_DELETE CANNOT_UPDATE CANNOT_BE_UPDATED NOT_SUPPORTED NOT_APPROVED "
        "CANNOT_PROCESS"
    ),
    errors.PermissionDenied: "NO_PERMISSION AUTHORIZATION_FAILED",
    errors.LimitExceeded: (
        "LIMIT_EXCEEDED LIMIT_REACHED SHARE_LIMIT_EXCEEDED PAGINATION_LIMIT_EXCEEDED "
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED LICENSE_LIMIT_EXCEEDED "
        "CRITERIA_LIMIT_EXCEEDED JOIN_LIMIT_EXCEEDED HEADER_LIMIT_EXCEEDED "
        "ACTIVE_STATE_LIMIT_EXCEEDED VALUE_LIMIT_EXCEEDED_IN_CRITERIA "
        "STORAGE_SPACE_EXCEEDED PAGE_RANGE_EXCEEDED"
    ),
    errors.FileTooLarge: "FILE_TOO_LARGE FILE_SIZE_EXCEEDS FILE_SIZE_MORE_THAN_ALLOWED_SIZE",
    errors.FeatureNotSupported: (
        "FEATURE_NOT_SUPPORTED FEATURE_NOT_ENABLED FEATURE_NOT_AVAILABLE "
        "NOT_SUPPORTED_FEATURE FEATURE_PERMISSION TERRITORY_NOT_ENABLED "
        "CURRENCIES_NOT_ENABLED"
    ),
    errors.RecordLocked: "RECORD_LOCKED",
    errors.RecordNotInProcess: "RECORD_NOT_IN_PROCESS",
    errors.AlreadyConverted: "ID_ALREADY_CONVERTED CONVERTED_RECORD",
    errors.AlreadyModified: "ALREADY_MODIFIED",
    errors.MailServerError: "CUSTOM_ERROR",
    errors.NotFound: "RESOURCE_NOT_FOUND NOT_FOUND NO_RECORDS_FOUND",
    errors.NotSubscribed: "NOT_SUBSCRIBED",
    errors.ServerError: "INTERNAL_ERROR INTERNAL_SERVER_ERROR REQUEST_TIMEOUT SERVICE_UNAVAILABLE",
}
_BY_CODE: Mapping[str, type[errors.APIError]] = {
    word: kind for kind, words in _WORDS.items() for word in words.split()
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
        ("NOT_ALLOWED", r"(does not|no) .{0,80}e-?mail address", errors.RecipientMissing),
        ("NOT_ALLOWED", r"edition", errors.FeatureNotSupported),
        ("NO_PERMISSION", r"opt[- ]?out", errors.RecipientOptedOut),
        ("INVALID_DATA", r"record[ _]?id\b|\bid (given|is)\b", errors.RecordNotFound),
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
