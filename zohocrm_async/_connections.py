"""Pieces of aiohttp's that know of the attempt: it leaves once, and not before it may."""

from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection

from zohocrm_async._deadlines import Attempt

current: ContextVar[Attempt] = ContextVar("attempt")
"""The attempt that the running task makes."""


class Connector(aiohttp.TCPConnector):
    """Marks the attempt once it has its connection: what follows is writing.

    aiohttp's trace signals tell the same and cost a sixth of a call's CPU time.
    """

    async def connect(self, req: aiohttp.ClientRequest, *args: Any, **kwargs: Any) -> Connection:
        connection = await super().connect(req, *args, **kwargs)
        try:
            current.get().mark_sent()
        except BaseException:  # the slot may have gone to another process meanwhile
            connection.release()
            raise
        return connection


class TardyRequest(aiohttp.ClientRequest):
    """Asks once more where the body leaves a turn of the loop after there is a connection.

    A process that was stopped in between may have lost its slot.
    """

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        try:
            current.get().ask()
        except Exception as error:  # noqa: BLE001  # handed on to whoever waits for the answer
            if conn.protocol is not None:
                conn.protocol.set_exception(error)
        else:
            await super().write_bytes(writer, conn, content_length)


class Once(Exception):
    """Carries an error past aiohttp's own repetition."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self.failure = failure


async def send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating GET, PUT and DELETE on a dead connection."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as failure:
        raise Once(failure) from None
