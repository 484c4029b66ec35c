"""An access token, and how it is read from an answer of the accounts server."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self, cast

import orjson
from attrs import asdict, field, frozen

from zohocrm_async._wire import Answer
from zohocrm_async.exceptions import InvalidCredentials, TokenThrottled, UnexpectedAnswer

BLOCK_SECONDS = 600.0
"""How long the accounts server refuses tokens once too many were asked for."""
_LIFETIME = 3600.0
# More are no seconds.
_LONGEST_LIFE = 86_400.0
_SERVER_FAILURE = 500
_TOO_MANY_REQUESTS = 429


class Secret(str):
    """A text that is not shown where a traceback shows the variables of its frames."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'(secret)'"


def _secret(value: str) -> Secret:
    return Secret(value)


def _secret_or_none(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)


@frozen(kw_only=True)
class Token:
    """An access token and what came with it."""

    access_token: str = field(repr=False, converter=_secret)
    expires_at: datetime
    """When it ceases to be valid (aware)."""
    api_domain: str | None = None
    """The API host that the accounts server names for it."""
    refresh_token: str | None = field(default=None, repr=False, converter=_secret_or_none)
    """The refresh token that a code exchange yielded; it outlives the access token."""
    scope: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Return the token as JSON may hold it."""
        return {**asdict(self), "expires_at": self.expires_at.isoformat()}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` returned; raises ValueError for anything else."""
        if not isinstance(data, Mapping):
            raise ValueError("not a token: no mapping")  # noqa: TRY004 - data, not a type, is wrong
        return cls._from_mapping(cast("Mapping[str, Any]", data))

    @classmethod
    def _from_mapping(cls, data: Mapping[str, Any]) -> Self:
        texts = [data.get(name) for name in ("api_domain", "refresh_token", "scope")]
        access_token, expires_at = data.get("access_token"), data.get("expires_at")
        if not is_token_text(access_token) or not isinstance(expires_at, str):
            raise ValueError("not a token: access_token or expires_at is missing or malformed")
        if not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError("not a token: a text is no text")
        expiry = datetime.fromisoformat(expires_at)
        if expiry.tzinfo is None:
            raise ValueError("not a token: expires_at has no time zone")
        domain, refresh_token, scope = texts
        return cls(
            access_token=cast("str", access_token),
            expires_at=expiry,
            api_domain=domain,
            refresh_token=refresh_token,
            scope=scope,
        )


def is_token_text(value: object) -> bool:
    """Whether *value* may stand in an Authorization header."""
    return isinstance(value, str) and re.fullmatch(r"[!-~]+", value) is not None


def read_token(answer: Answer, *, host: str, now: datetime, refresh_token: str | None) -> Token:
    """Return the token of a token endpoint's answer, or raise what it says instead.

    The status tells nothing: refusals come with 200 too.

    Args:
        answer: what the accounts server said.
        host: the accounts server, for messages.
        now: the time of the answer.
        refresh_token: kept where the answer brings none; refreshes never do.
    """
    body = _object(answer)
    access_token = body.get("access_token")
    if not is_token_text(access_token):
        del body, access_token  # a traceback that shows variables would show what else came
        raise refusal(answer, host=host)
    return Token(
        access_token=cast("str", access_token),
        expires_at=now + timedelta(seconds=_lifetime(body)),
        api_domain=_text(body.get("api_domain")),
        refresh_token=_text(body.get("refresh_token")) or refresh_token,
        scope=_text(body.get("scope")),
    )


def refusal(answer: Answer, *, host: str) -> InvalidCredentials | TokenThrottled | UnexpectedAnswer:
    """Return the error that an answer of the accounts server without a token means."""
    body = _object(answer)
    word = _text(body.get("error")) or ""
    if answer.status == _TOO_MANY_REQUESTS or word.lower() in {"access denied", "access_denied"}:
        return TokenThrottled(
            f"{host} has had too many requests for access tokens and refuses more for "
            "ten minutes; share tokens between processes with a token store",
            retry_after=BLOCK_SECONDS,
        )
    if answer.status >= _SERVER_FAILURE or not word:
        # Not sent, as far as a call is concerned: it only wanted a token.
        return UnexpectedAnswer(
            f"{host} answered a request about a token with status {answer.status} and no token",
            sent=False,
            status=answer.status,
        )
    code = word if re.fullmatch(r"[A-Za-z_ ]{1,40}", word) else "unknown"
    meaning = _MEANINGS.get(code, "See the error in the documentation of Zoho's OAuth.")
    return InvalidCredentials(f"{host} refused the credentials: {code}. {meaning}", code=code)


_MEANINGS = {
    "invalid_code": (
        "The word has three causes: the code was used before or is older than its minutes; "
        "the refresh token was revoked or pushed out by newer ones; or code and refresh token "
        "belong to another data centre. Check data_center first, then make new credentials."
    ),
    "invalid_client": (
        "The client id is unknown here: check client_id and data_center, and enable the client "
        "for this data centre in the API console (multi-DC)."
    ),
    "invalid_client_secret": (
        "Each data centre has a client secret of its own: copy the one of this data centre "
        "from the API console."
    ),
    "invalid_scope": "A scope is misspelt or not open to this client: check the scope.",
    "missing_org_info": "Give soid, as in ClientCredentials(soid='ZohoCRM.<organisation id>').",
    "invalid_soid": "The soid names no organisation of this client: check the organisation's id.",
    "invalid_redirect_uri": "Give the redirect_uri that the API console holds for this client.",
    "general_error": (
        "The accounts server gives no reason: check the kind of the client (client credentials "
        "need a self client), the scope and the soid."
    ),
}


def _object(answer: Answer) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _lifetime(body: Mapping[str, Any]) -> float:
    # Old answers have the seconds in expires_in_sec and milliseconds in expires_in.
    value = body.get("expires_in_sec", body.get("expires_in", _LIFETIME))
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return _LIFETIME
    return seconds if 0 < seconds <= _LONGEST_LIFE else _LIFETIME
