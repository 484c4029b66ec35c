"""No secret in a traceback, not even in one that shows the variables of its frames."""

import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from zohocrm_async import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    FileTokenStore,
    RefreshToken,
    Retry,
    ZohoCRM,
    ZohoCRMError,
)
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.auth import Credentials

TOKENS = "https://accounts.zoho.com/oauth/v2/token"
REFRESH = RefreshToken(
    client_id="id", client_secret="(very)-hidden-1", refresh_token="(very)-hidden-2"
)
ELSEWHERE = Call(Operation("GET", "{link}", host="link"), "https://example.com/x")


async def told(work: Callable[[], Awaitable[Any]]) -> str:
    """Return the traceback of what *work* raises, as error reporters show it."""
    try:
        await work()
    except ZohoCRMError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(line for line in shown.format() if "test_secrets.py" not in line)
    pytest.fail("nothing was raised")


@pytest.mark.parametrize(
    "credentials",
    [
        REFRESH,
        AuthorizationCode(client_id="id", client_secret="(very)-hidden-1", code="(very)-hidden-2"),
        ClientCredentials(client_id="id", client_secret="(very)-hidden-1", scope="x", soid="1"),
    ],
    ids=lambda credentials: type(credentials).__name__,
)
@pytest.mark.parametrize(
    "answer",
    [
        {"payload": {"error": "invalid_client"}},
        {"payload": {"error": "Access Denied"}, "status": 400},
        {"body": "<html>", "status": 502},
        {"exception": aiohttp.ServerDisconnectedError()},
    ],
    ids=["refused", "throttled", "html", "lost"],
)
async def test_tokens_that_are_not_had(
    responses: Any, credentials: Credentials, answer: dict[str, Any]
) -> None:
    responses.post(TOKENS, **answer)
    async with ZohoCRM(credentials, retry=Retry(attempts=1)) as crm:
        shown = await told(lambda: crm.request("GET", "/Leads"))
    assert "accounts.zoho.com" in shown
    assert "hidden" not in shown


@pytest.mark.parametrize(
    "credentials", [REFRESH, AccessToken(token="(very)-hidden-3")], ids=["refreshed", "given"]
)
async def test_a_request_that_is_not_built(responses: Any, credentials: Credentials) -> None:
    responses.post(TOKENS, payload={"access_token": "(very)-hidden-3"})
    async with ZohoCRM(credentials) as crm:
        crm._facts._stale_at = float("inf")  # nothing else is asked for
        shown = await told(lambda: crm.call(ELSEWHERE))
    assert "the link leads to no host" in shown
    assert "hidden" not in shown


async def test_a_refresh_token_that_is_not_revoked(responses: Any) -> None:
    responses.post(f"{TOKENS}/revoke", payload={"error": "invalid_code"})
    async with ZohoCRM(REFRESH) as crm:
        shown = await told(crm.revoke)
    assert "hidden" not in shown


@pytest.mark.parametrize("damage", [b'{"key": "(very)-hidden', b'["(very)-hidden"]', None])
async def test_a_token_file_that_is_damaged(tmp_path: Path, damage: bytes | None) -> None:
    """A key may be whole where another is not."""
    held = {"key": {"access_token": "(very)-hidden"}, "other": "(very)-hidden"}
    path = tmp_path / "tokens"
    path.write_bytes(orjson.dumps(held) if damage is None else damage)
    path.chmod(0o600)
    shown = await told(lambda: FileTokenStore(path).load("key"))
    assert "is damaged" in shown
    assert "hidden" not in shown


async def test_a_token_that_is_none(responses: Any) -> None:
    """What else came with it may be worth more."""
    came = {"access_token": "(very)-hidden 1", "refresh_token": "(very)-hidden-2"}
    responses.post(TOKENS, payload=came)
    async with ZohoCRM(REFRESH, retry=Retry(attempts=1)) as crm:
        shown = await told(lambda: crm.request("GET", "/Leads"))
    assert "no token" in shown
    assert "hidden" not in shown
