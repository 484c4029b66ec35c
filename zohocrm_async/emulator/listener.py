"""The HTTP server that listens for an organisation."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

_SHUTDOWN_SECONDS = 1.0
_KEEPALIVE_SECONDS = 300.0
_BACKLOG = 1_024


class _CountingServer(web.Server):
    """A server that knows how many connections it has seen."""

    seen = 0

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        self.seen += 1
        super().connection_made(handler, transport)


class Listener:
    """A socket, and the connections that come in on it."""

    def __init__(
        self, answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], host: str
    ) -> None:
        self._host = host
        self._server = _CountingServer(
            answer, access_log=None, keepalive_timeout=_KEEPALIVE_SECONDS
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_SHUTDOWN_SECONDS)

    @property
    def connections(self) -> int:
        """TCP connections that were made so far."""
        return self._server.seen

    async def open(self, port: int) -> str:
        """Listen, and return the URL.

        Raises:
            OSError: the port is taken.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, port, backlog=_BACKLOG).start()
        except OSError:
            await self.close()
            raise
        return f"http://{self._host}:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Let calls end, for a second, and hang up."""
        await self._runner.cleanup()
