"""Posts what an organisation has to tell, to this very machine alone."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import orjson

MOST_WAITING = 10_000
_SECONDS = 5.0


class Post(Protocol):
    """Something to be posted."""

    @property
    def url(self) -> str:
        """Where to."""
        ...

    def body(self) -> Mapping[str, Any]:
        """Return what is posted, as it is by then."""
        ...

    def posted(self, status: int | None, problem: str) -> None:
        """Note what the receiver answered, or why there is no answer."""
        ...


class Poster:
    """Posts one after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[Post] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to post."""
        self._task = asyncio.create_task(self._run(), name="emulator posts")

    async def close(self) -> None:
        """Stop, whatever waits."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._waiting.clear()
        self._idle.set()

    async def idle(self) -> None:
        """Return when everything so far was posted.

        Raises:
            RuntimeError: nobody posts before the emulator is opened.
        """
        if self._task is None:
            raise RuntimeError("open the emulator first: async with Emulator() as org")
        await self._idle.wait()

    @property
    def last(self) -> Post | None:
        """What waits behind all others."""
        return self._waiting[-1] if self._waiting else None

    def add(self, post: Post) -> None:
        """Line up a post; it is dropped where too many wait."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(post)
        self._idle.clear()
        self._wake.set()

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    post = self._waiting.popleft()
                    post.posted(*await _answer(session, post))
                self._idle.set()


async def _answer(session: aiohttp.ClientSession, post: Post) -> tuple[int | None, str]:
    if not is_loopback(post.url):
        return None, "the emulator posts to the loopback address alone"
    body = orjson.dumps(post.body())
    headers = {"Content-Type": "application/json"}
    try:
        # A redirect might lead away from this machine.
        async with session.post(
            post.url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, ""
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return None, f"not posted: {type(error).__name__}"


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
