"""How the accounts server's answers are judged, on the wire of aioresponses."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Responses

from zohocrm_async._clock import ManualClock
from zohocrm_async._session import SessionPool
from zohocrm_async.auth import MemoryTokenStore, RefreshToken, Token, TokenSource
from zohocrm_async.exceptions import InvalidCredentials, TransportError, UnexpectedAnswer
from zohocrm_async.options import DataCenter

URL = "https://accounts.zoho.eu/oauth/v2/token"
CLOCK = ManualClock()


@pytest.fixture
async def source() -> AsyncIterator[TokenSource]:
    credentials = RefreshToken(client_id="i", client_secret="s3cret", refresh_token="r3fresh")
    async with SessionPool() as pool:
        source = TokenSource(credentials, DataCenter.EU, pool, MemoryTokenStore(), CLOCK)
        yield source
        await source.close()


@pytest.mark.parametrize(
    ("payload", "seconds"),
    [
        ({"expires_in": 3600}, 3600),
        ({"expires_in": "1800"}, 1800),
        ({"expires_in": 3600000, "expires_in_sec": 3600}, 3600),
        ({}, 3600),
        ({"expires_in": "soon"}, 3600),
        ({"expires_in": None}, 3600),
        ({"expires_in": 0}, 3600),
        ({"expires_in": -5}, 3600),
        ({"expires_in": 3600000}, 3600),
        ({"expires_in": 10**18}, 3600),
        ({"expires_in": "nan"}, 3600),
        ({"expires_in": "inf"}, 3600),
    ],
)
async def test_lifetime_is_read_in_seconds(
    responses: Responses, source: TokenSource, payload: dict[str, Any], seconds: int
) -> None:
    """Old answers count milliseconds beside the seconds; nonsense means an hour."""
    responses.post(URL, payload={"access_token": "1000.t", **payload})
    token = await source.get()
    assert token.expires_at == CLOCK.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_token_is_taken_whatever_the_status(
    responses: Responses, source: TokenSource, status: int
) -> None:
    """An answer with a token is a success."""
    responses.post(URL, status=status, payload={"access_token": "1000.t", "scope": "a b"})
    token = await source.get()
    assert token.access_token == "1000.t"
    assert token.scope == "a b"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("invalid_code", "another data centre"),
        ("invalid_client", "multi-DC"),
        ("invalid_client_secret", "data centre has a client secret of its own"),
        ("invalid_scope", "scope"),
        ("missing_org_info", "soid"),
        ("invalid_soid", "organisation"),
        ("invalid_redirect_uri", "redirect_uri"),
        ("general_error", "self client"),
        ("brand_new_word", "documentation"),
    ],
)
async def test_refusal_names_the_word_the_host_and_the_way_out(
    responses: Responses, source: TokenSource, status: int, word: str, advice: str
) -> None:
    """Every error word, with 200 as well, becomes an InvalidCredentials that helps."""
    responses.post(URL, status=status, payload={"error": word})
    with pytest.raises(InvalidCredentials) as caught:
        await source.get()
    assert caught.value.code == word
    assert word in str(caught.value)
    assert "accounts.zoho.eu" in str(caught.value)
    assert advice in str(caught.value)


async def test_odd_error_text_is_not_repeated(responses: Responses, source: TokenSource) -> None:
    """A server that echoes what it was sent does not bring a secret into a message."""
    responses.post(URL, payload={"error": "bad refresh_token=r3fresh&client_secret=s3cret"})
    with pytest.raises(InvalidCredentials) as caught:
        await source.get()
    assert caught.value.code == "unknown"
    assert "r3fresh" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>Zoho Accounts</html>"),
        (200, ""),
        (200, "[]"),
        (200, '{"access_token": ""}'),
        (200, '{"access_token": 5}'),
        (200, '{"access_token": "line\\nbreak"}'),
        (502, "<html>Bad gateway</html>"),
        (503, '{"error": "temporarily_unavailable"}'),
    ],
)
async def test_answer_without_token_or_word_is_unexpected(
    responses: Responses, source: TokenSource, status: int, body: str
) -> None:
    """HTML, nonsense and failures of the server are no verdict on the credentials."""
    responses.post(URL, status=status, body=body)
    with pytest.raises(UnexpectedAnswer) as caught:
        await source.get()
    assert caught.value.status == status
    assert not caught.value.sent
    CLOCK.advance(1)
    responses.post(URL, payload={"access_token": "1000.t"})
    assert (await source.get()).access_token == "1000.t"


async def test_timeout_of_the_accounts_server_is_a_transport_error(
    responses: Responses, source: TokenSource
) -> None:
    """A refresh without an answer is a TransportError of ours."""
    responses.post(URL, timeout=True)
    with pytest.raises(TransportError, match=r"accounts\.zoho\.eu"):
        await source.get()


def test_token_survives_being_stored() -> None:
    """What to_dict writes, from_dict reads."""
    token = Token(
        access_token="1000.t",
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
        api_domain="https://www.zohoapis.eu",
        refresh_token="r",
        scope="a b",
    )
    assert Token.from_dict(token.to_dict()) == token


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"access_token": "a"},
        {"access_token": "a", "expires_at": 5},
        {"access_token": "a", "expires_at": "tomorrow"},
        {"access_token": "a", "expires_at": "2026-01-01T00:00:00"},
        {"access_token": "a b", "expires_at": "2026-01-01T00:00:00Z"},
        {"access_token": "a", "expires_at": "2026-01-01T00:00:00Z", "scope": 5},
    ],
)
def test_malformed_token_is_refused(data: dict[str, Any]) -> None:
    """Stored data that is no token raises ValueError."""
    with pytest.raises(ValueError, match=r"token|isoformat"):
        Token.from_dict(data)
