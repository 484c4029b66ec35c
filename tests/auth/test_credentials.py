"""Credentials: what they ask with, what they refuse, what they hide."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from zohocrm_async.auth import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    Credentials,
    RefreshToken,
)
from zohocrm_async.exceptions import ConfigurationError

REFRESH = {"client_id": "1000.ID", "client_secret": "s3cret", "refresh_token": "s3cret-r"}
CLIENT = {"client_id": "1000.ID", "client_secret": "s3cret", "scope": "a.READ", "soid": "7"}
CODE = {"client_id": "1000.ID", "client_secret": "s3cret", "code": "s3cret-c"}
ALL: list[Credentials] = [
    RefreshToken(**REFRESH),
    ClientCredentials(**CLIENT),
    AuthorizationCode(**CODE),
    AccessToken(token="s3cret-t"),
]
ACCOUNTS = "https://accounts.zoho.eu"


@pytest.mark.parametrize("credentials", ALL, ids=lambda each: type(each).__name__)
def test_no_secret_is_shown(credentials: Credentials) -> None:
    """Neither the repr nor the key under which tokens are kept holds a secret."""
    assert "s3cret" not in repr(credentials)
    assert "s3cret" not in credentials.key(ACCOUNTS)


@pytest.mark.parametrize("credentials", ALL, ids=lambda each: type(each).__name__)
def test_key_is_stable_and_tells_data_centers_apart(credentials: Credentials) -> None:
    """The same credentials find their token again; elsewhere they are others."""
    again = pickle.loads(pickle.dumps(credentials))
    assert again.key(ACCOUNTS) == credentials.key(ACCOUNTS)
    assert credentials.key("https://accounts.zoho.com") != credentials.key(ACCOUNTS)


def test_keys_differ_between_credentials() -> None:
    """No two credentials share a token by accident."""
    others: list[Credentials] = [
        RefreshToken(**{**REFRESH, "refresh_token": "other"}),
        ClientCredentials(**{**CLIENT, "scope": "other"}),
        ClientCredentials(**{**CLIENT, "soid": "8"}),
        AuthorizationCode(**{**CODE, "code": "other"}),
    ]
    keys = {credentials.key(ACCOUNTS) for credentials in [*ALL, *others]}
    assert len(keys) == len(ALL) + len(others)


@pytest.mark.parametrize("wrong", ["", "  \n", None, 5])
@pytest.mark.parametrize(
    ("kind", "given", "name"),
    [(RefreshToken, REFRESH, name) for name in REFRESH]
    + [(ClientCredentials, CLIENT, name) for name in CLIENT]
    + [(AuthorizationCode, CODE, name) for name in CODE]
    + [(AccessToken, {"token": "t"}, "token")],
)
def test_missing_part_is_named(kind: Any, given: dict[str, str], name: str, wrong: Any) -> None:
    """A part that is empty or not set is named, before anything is sent."""
    with pytest.raises(ConfigurationError, match=rf"{kind.__name__}\.{name} is missing"):
        kind(**{**given, name: wrong})


def test_pasted_values_lose_their_line_end() -> None:
    """A newline at the end of a secret file is no part of the secret."""
    credentials = RefreshToken(client_id=" id", client_secret="secret\n", refresh_token="r\r\n")
    assert credentials.form() == {
        "grant_type": "refresh_token",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "r",
    }


@pytest.mark.parametrize("soid", ["123", "ZohoCRM.123", " 123\n"])
def test_organisation_may_be_given_by_its_id(soid: str) -> None:
    """The soid is written with its prefix or without."""
    assert ClientCredentials(**{**CLIENT, "soid": soid}).form()["soid"] == "ZohoCRM.123"


def test_scopes_are_joined_by_commas() -> None:
    """Scopes come as one string or as a sequence."""
    given = {key: value for key, value in CLIENT.items() if key != "scope"}
    assert ClientCredentials(**given, scope=("a", "b")).form()["scope"] == "a,b"
    assert ClientCredentials(**given, scope="a,b").form()["scope"] == "a,b"
    with pytest.raises(ConfigurationError, match="scope"):
        ClientCredentials(**given, scope=())


def test_code_becomes_a_refresh_token() -> None:
    """What an exchanged code asks with later is the refresh token it yielded."""
    code = AuthorizationCode(**CODE, redirect_uri="https://app.example/cb")
    assert code.form()["redirect_uri"] == "https://app.example/cb"
    assert code.renewal("r") == RefreshToken(
        client_id="1000.ID", client_secret="s3cret", refresh_token="r"
    )


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ümlaut"])
def test_token_that_is_no_header_is_refused(token: str) -> None:
    """An access token that cannot stand in a header is refused, unshown."""
    with pytest.raises(ConfigurationError, match=r"AccessToken\.token") as caught:
        AccessToken(token=token)
    assert token not in str(caught.value)


def test_expiry_needs_a_time_zone() -> None:
    """A naive datetime could mean any of a day's hours."""
    with pytest.raises(ConfigurationError, match="aware"):
        AccessToken(token="t", expires_at=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    aware = datetime(2026, 1, 1, tzinfo=UTC)
    assert AccessToken(token="t", expires_at=aware).expires_at is aware
