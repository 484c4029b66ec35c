"""Attempts by way of a proxy."""

import os
from pathlib import Path

import pytest
from aiohttp import web
from wire_servers import SECRET, failure_of, free_port, raw_server, request, web_server

from zohocrm_async._session import SessionPool
from zohocrm_async.exceptions import (
    ConfigurationError,
    ConnectionFailed,
)


async def test_given_proxy_is_used() -> None:
    """A given proxy gets the request, with the password of its URL."""
    async with raw_server() as proxy:
        address = proxy.url.replace("//", "//user:pass@")
        async with SessionPool(proxy=address) as pool:
            await pool.send(request("http://crm.invalid/path"))
    assert proxy.requests == ["GET http://crm.invalid/path HTTP/1.1"]


async def test_environment_proxy_is_used_unless_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY leads the way, except to the hosts of NO_PROXY."""
    async with raw_server() as proxy, raw_server() as direct:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with SessionPool() as pool:
            await pool.send(request("http://crm.invalid/path"))
            await pool.send(request(f"{direct.url}/near"))
    assert proxy.requests == ["GET http://crm.invalid/path HTTP/1.1"]
    assert direct.requests == ["GET /near HTTP/1.1"]


async def test_netrc_does_not_replace_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .netrc entry for the host changes nothing."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", os.fspath(netrc))
    shown = []

    async def record(asked: web.Request) -> web.Response:
        shown.append(asked.headers["Authorization"])
        return web.Response()

    async with web_server(record) as url, SessionPool() as pool:
        await pool.send(request(url))
    assert shown == [f"Zoho-oauthtoken {SECRET}"]


async def test_refusing_proxy_means_not_sent() -> None:
    """A proxy that refuses the tunnel has passed nothing on."""
    async with raw_server() as proxy:
        proxy.answer = lambda _: (
            b"HTTP/1.1 407 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        async with SessionPool(proxy=proxy.url) as pool:
            failure = await failure_of(pool, request("https://crm.invalid/path"))
    assert isinstance(failure, ConnectionFailed)
    assert not failure.sent
    assert "proxy" in str(failure)
    assert proxy.requests == ["CONNECT crm.invalid:443 HTTP/1.1"]


async def test_unreachable_proxy_keeps_its_password() -> None:
    """The error of an unreachable proxy does not show the proxy's password."""
    async with SessionPool(proxy=f"http://user:hidden@127.0.0.1:{free_port()}") as pool:
        failure = await failure_of(pool, request("http://crm.invalid/path"))
    assert isinstance(failure, ConnectionFailed)
    assert "proxy" in str(failure)
    assert "hidden" not in str(failure)


@pytest.mark.parametrize("proxy", ["socks5://user:hidden@127.0.0.1:1", "http://", "http://[x"])
def test_malformed_proxy_is_refused(proxy: str) -> None:
    """A proxy that is no http URL is refused at once, without showing its password."""
    with pytest.raises(ConfigurationError, match="proxy") as caught:
        SessionPool(proxy=proxy)
    assert "hidden" not in str(caught.value)


async def test_unknown_proxy_is_not_taken_for_the_host() -> None:
    """It is the proxy whose name nobody knows."""
    async with SessionPool(proxy="http://user:pass@nowhere.invalid:3128") as pool:
        failure = await failure_of(pool, request("https://crm.invalid"))
    assert isinstance(failure, ConnectionFailed)
    assert "crm.invalid was not reached through its proxy" in str(failure)
    assert "pass" not in str(failure)
