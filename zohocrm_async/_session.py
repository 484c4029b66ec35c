"""The aiohttp session pool: one attempt on the wire, never two."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import lru_cache
from io import BytesIO
from types import TracebackType
from typing import Final, Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
from yarl import URL

from zohocrm_async._clock import Clock
from zohocrm_async._connections import Connector, Once, TardyRequest, current, send_once
from zohocrm_async._deadlines import Attempt, Deadlines, HostSilent, PoolClosed
from zohocrm_async._download import Spool
from zohocrm_async._multipart import SourceFailed, multipart
from zohocrm_async._wire import Answer, Form, Request
from zohocrm_async.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    TimedOut,
    TransportError,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.options import Timeouts

_USER_AGENT: Final = "zohocrm-async"
# The methods that aiohttp does not repeat by itself.
_NEVER_REPEATED: Final = frozenset({"POST", "PATCH"})
# What fits into a socket's buffer leaves at one go.
_LARGE: Final = 2**16
# A few kilobytes may unpack to all the memory there is.
_MOST: Final = 2**28
_OK: Final = 200
_HUNG_UP: Final = "it hung up"
_SHORTEST_ORIGIN: Final = len("http://x")


class SessionPool:
    """Connections that any number of clients in a process may share.

    It opens at the first call, within the event loop that runs then, and
    belongs to that loop.

    Args:
        timeouts: seconds allowed for the parts of an attempt.
        connections: the most connections open at once, to all hosts together.
        proxy: the proxy's URL; None takes the environment's (``HTTPS_PROXY``,
            ``NO_PROXY``).
        clock: the time, for tests.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        connections: int = 100,
        proxy: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        if connections < 1:
            raise ConfigurationError(f"SessionPool.connections is {connections}; give at least 1")
        self._timeouts = timeouts or Timeouts()
        self._deadlines = Deadlines(self._timeouts, clock or Clock())
        self._connections = connections
        self._proxies = _Proxies(proxy)
        # A short request leaves at once, and `Deadlines` watches for its answer; how long
        # a long one takes to leave, only aiohttp knows.
        self._short = aiohttp.ClientTimeout(total=None, sock_connect=self._timeouts.connect)
        self._long = aiohttp.ClientTimeout(
            total=self._timeouts.total,
            sock_connect=self._timeouts.connect,
            sock_read=self._timeouts.read,
        )
        # A file may take as long as it is large, as long as something comes.
        self._endless = attrs.evolve(self._long, total=None)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; calls in flight fail."""
        self._closed = True
        self._deadlines.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(
        self,
        request: Request,
        *,
        on_sent: Callable[[], None] | None = None,
        may_leave: Callable[[], None] | None = None,
    ) -> Answer:
        """Make one attempt and return whatever the host answers.

        Args:
            request: what goes out.
            on_sent: called just before the first byte leaves.
            may_leave: called before that; what it raises keeps the request from leaving.

        Raises:
            ConnectionFailed: the host was not reached or hung up.
            TimedOut: a part of the attempt took longer than `Timeouts` allows.
            UnexpectedAnswer: the answer is cut short or cannot be decoded.
            TransportError: a stream that is sent breaks.
            InvalidRequest: the URL is not encoded, or a file cannot be read.
        """
        url = _parse(request.url)
        attempt = Attempt(self._deadlines, on_sent, may_leave)
        outer = current.set(attempt)
        try:
            with attempt:
                return await self._attempt(request, url, attempt)
        except Once as once:
            failure: Exception = once.failure
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            failure = error
        finally:
            current.reset(outer)
        # Raised out here so that no foreign error, which may show the URL or
        # the headers, hangs on as the context of ours, or in this frame.
        translated = _translate(failure, url, self._timeouts, sent=attempt.sent)
        del failure
        raise translated

    async def _attempt(self, request: Request, url: URL, attempt: Attempt) -> Answer:
        if request.download:
            return await self._download(request, url, attempt)
        if isinstance(request.body, Form):
            attempt.timed = False
            async with multipart(request.body) as data:
                return await self._exchange(request, url, data, attempt)
        if request.body is not None and len(request.body) > _LARGE:
            attempt.timed = False
            return await self._exchange(request, url, BytesIO(request.body), attempt)
        return await self._exchange(request, url, None, attempt)

    async def _exchange(
        self, request: Request, url: URL, stream: "_Stream", attempt: Attempt
    ) -> Answer:
        limits = self._short if stream is None else self._long
        response = await self._request(request, url, stream, limits)
        content = await _read(response, attempt)
        return Answer(
            status=response.status,
            headers=response.headers,
            body=content,
            seconds=attempt.heard - attempt.begun,
        )

    async def _request(
        self, request: Request, url: URL, stream: "_Stream", limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        try:
            proxy = self._proxies.known[url.raw_host]
        except KeyError:
            proxy = await self._proxies.find(url)
        # Asked for last: the pool may have been closed meanwhile.
        return await self._open().request(
            request.method,
            url,
            # Held by no variable of a frame: the bytes of some requests are secrets.
            data=_plain(request) if stream is None else stream,
            headers=request.headers,
            allow_redirects=False,
            proxy=proxy,
            timeout=limits,
            middlewares=() if request.method in _NEVER_REPEATED else (send_once,),
        )

    async def _download(self, request: Request, url: URL, attempt: Attempt) -> Answer:
        """Make the attempt, and write what comes where the request says, if it is a file."""
        spool = Spool(request.to)
        try:
            await spool.open()
            response = await self._request(request, url, None, self._endless)
            file, content = None, b""
            if response.status != _OK:
                content = await _read(response, attempt)
            else:
                attempt.timed = False
                name = _name_of(response)
                async with aclosing(_pieces(response, attempt)) as pieces:
                    file = await spool.take(pieces, name=name, content_type=response.content_type)
            seconds = attempt.heard - attempt.begun
            return Answer(response.status, response.headers, content, seconds, file)
        finally:
            await spool.close()

    def _open(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop:
            return self._session
        if self._closed:
            raise ConfigurationError("the session pool is closed; make another")
        if self._session is not None:
            raise ConfigurationError(
                "the session pool belongs to another event loop, as do the clients that use it; "
                "make one for each loop"
            )
        self._loop = loop
        self._session = self._new_session()
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            # aiohttp drops a connection that idled for 15 s. That is short on
            # purpose: a POST on one that the host has meanwhile closed is a
            # call of unknown outcome.
            connector=Connector(limit=self._connections),
            # From Python 3.12 on the body leaves at once.
            request_class=TardyRequest if sys.version_info < (3, 12) else aiohttp.ClientRequest,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _USER_AGENT},
        )


@lru_cache
def _origin(text: str) -> URL:
    # Hosts are few and paths are many; to parse both takes twice the time.
    return URL(text, encoded=True)


def _parse(text: str) -> URL:
    # Taken as it is: to quote it anew would change what was quoted on purpose.
    if text.isascii() and text.isprintable() and " " not in text:
        path = text.find("/", _SHORTEST_ORIGIN)
        try:
            if path < 0 or "?" in text or "#" in text:
                return URL(text, encoded=True)
            return _origin(text[:path]).with_path(text[path:], encoded=True)
        except ValueError:
            pass  # raised below, without the text as its context
    raise InvalidRequest("the URL holds characters that must be percent-encoded, or a broken host")


_Stream = BytesIO | aiohttp.FormData | None
"""A body that leaves piece by piece; None: that of the request, at one go."""


def _plain(request: Request) -> bytes | None:
    return request.body if isinstance(request.body, bytes) else None


async def _read(response: aiohttp.ClientResponse, attempt: Attempt) -> bytes:
    """Return the body as ``response.read`` does, and note when each piece comes."""
    attempt.hear()
    content, size = response.content, 0
    pieces: list[bytes] = []
    try:
        while size <= _MOST and not content.at_eof():
            pieces.append(await content.readany())
            attempt.hear()
            size += len(pieces[-1])
    except BaseException:
        response.close()
        raise
    if size > _MOST:
        response.close()
        host = response.url.raw_host
        raise UnexpectedAnswer(f"the answer of {host} has more than {_MOST // 2**20} MB")
    return b"".join(pieces)


def _name_of(response: aiohttp.ClientResponse) -> str | None:
    """Return the name that the host gives the file."""
    try:
        disposition = response.content_disposition
    except Warning:  # aiohttp warns of what it cannot read, and warnings may be errors
        return None
    return disposition.filename if disposition else None


async def _pieces(response: aiohttp.ClientResponse, attempt: Attempt) -> AsyncGenerator[bytes]:
    """Yield the body as it comes."""
    attempt.hear()
    try:
        while not response.content.at_eof():
            yield await response.content.readany()
            attempt.hear()
    except BaseException:
        response.close()
        raise


class _Proxies:
    """Which proxy leads to a host: the one given, or the environment's.

    aiohttp's `trust_env` asks the environment in a thread for every call, and
    reads ``.netrc``, whose entry for the host would collide with the token.
    """

    def __init__(self, fixed: str | None) -> None:
        self._fixed = None if fixed is None else _proxy_url(fixed)
        self.known: dict[str | None, URL | None] = {}
        """Proxies by host, of the hosts asked for so far."""

    async def find(self, url: URL) -> URL | None:
        proxy = self._fixed
        if proxy is None:
            # In a thread: macOS and Windows ask the system, which may ask DNS.
            proxy = await asyncio.to_thread(_environment_proxy, url.scheme, url.raw_host)
        self.known[url.raw_host] = proxy
        return proxy


def _environment_proxy(scheme: str, host: str | None) -> URL | None:
    proxy = getproxies().get(scheme)
    if not proxy or (host is not None and proxy_bypass(host)):
        return None
    return _proxy_url(proxy)


def _proxy_url(text: str) -> URL:
    try:
        url = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        # The text itself may hold a password.
        raise ConfigurationError("the proxy is no URL such as http://proxy.example:3128")
    return url


def _translate(failure: Exception, url: URL, timeouts: Timeouts, *, sent: bool) -> ZohoCRMError:
    # Not `url.host`: to decode it may fail.
    host = url.raw_host or "the host"
    if isinstance(failure, TimeoutError):
        return TimedOut(_lateness(failure, host, timeouts), sent=sent)
    if isinstance(failure, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError | UnicodeError):
        base = url.origin() if url.raw_host else url
        return ConfigurationError(f"{base} is no http or https URL of a host")
    if isinstance(failure, aiohttp.ClientHttpProxyError):
        reason = f"the proxy refused to lead to {host} ({failure.status})"
        return ConnectionFailed(reason, sent=False)
    if isinstance(failure, aiohttp.ClientPayloadError):
        return UnexpectedAnswer(f"the answer of {host} is cut short or undecodable", sent=sent)
    if isinstance(failure, aiohttp.ClientResponseError):
        # The rest may be anything that the host sent.
        reason = failure.message.partition(":")[0]
        return UnexpectedAnswer(f"the answer of {host} is not HTTP: {reason}", sent=sent)
    return _broken(failure, host, sent=sent)


def _lateness(failure: TimeoutError, host: str, timeouts: Timeouts) -> str:
    if isinstance(failure, aiohttp.ConnectionTimeoutError):
        return f"{host} was not reached within {timeouts.connect:g} s (Timeouts.connect)"
    if isinstance(failure, HostSilent | aiohttp.ServerTimeoutError):
        return f"{host} sent nothing for {timeouts.read:g} s (Timeouts.read)"
    return f"{host} did not answer in full within {timeouts.total:g} s (Timeouts.total)"


def _broken(failure: Exception, host: str, *, sent: bool) -> TransportError:
    if isinstance(failure, aiohttp.ClientConnectorError):
        proxied = isinstance(failure, aiohttp.ClientProxyConnectionError) or failure.host != host
        way = " through its proxy" if proxied else ""
        reason = str(failure.os_error) or _HUNG_UP
        return ConnectionFailed(f"{host} was not reached{way}: {reason}", sent=sent)
    if isinstance(failure.__cause__, SourceFailed):
        return TransportError(str(failure.__cause__), sent=sent)
    if isinstance(failure, PoolClosed):
        return ConnectionFailed(f"the session pool was closed during a call to {host}", sent=sent)
    # By its number: in the text of its own, aiohttp shows the URL.
    code = failure.errno if isinstance(failure, OSError) else None
    reason = os.strerror(code) if code else _HUNG_UP
    return ConnectionFailed(f"the connection to {host} broke: {reason}", sent=sent)
