"""A headless Chromium, driven by its DevTools protocol."""

import asyncio
import base64
import contextlib
import itertools
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)
"""Where it is; None: nowhere on PATH."""
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip
_KEYS = {"Tab": 9, "Enter": 13, "ArrowRight": 39}


class Page:
    """The page of a browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    async def command(self, method: str, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": given})
        while True:
            message = orjson.loads(await self._socket.receive_str(timeout=20))
            if message.get("id") == number:
                assert "error" not in message, message
                found: dict[str, Any] = message["result"]
                return found
            self.events.append(message)

    async def see(
        self, width: int = 1200, height: int = 900, *, scheme: str = "light", zone: str = "UTC"
    ) -> None:
        """Look with a screen of this size, in this colour scheme."""
        await self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.command("Emulation.setEmulatedMedia", features=features)
        await self.command("Emulation.setTimezoneOverride", timezoneId=zone)

    async def go(self, url: str) -> None:
        self.events.clear()
        await self.command("Page.navigate", url=url)
        await self.until(f"document.readyState === 'complete' && location.href === {url!r}")

    async def ask(self, expression: str) -> Any:
        """Return what a JavaScript expression is."""
        found = await self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until a JavaScript expression holds."""
        async with asyncio.timeout(10):
            while not await self.ask(expression):
                await asyncio.sleep(0.01)

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.command(
                "Input.dispatchKeyEvent",
                type=kind, key=key, code=key, windowsVirtualKeyCode=_KEYS[key],
                **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}),
            )  # fmt: skip

    async def picture(self) -> bytes:
        """Return a picture of the whole page, as PNG."""
        shot = await self.command("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def complaints(self) -> list[str]:
        """Return what the browser found wrong: errors of scripts, and refused contents."""
        return [
            str(event["params"])
            for event in self.events
            if event["method"] == "Runtime.exceptionThrown"
            or event["params"].get("entry", {}).get("level") == "error"
        ]

    def requested(self) -> set[str]:
        """Return the addresses that were asked for."""
        return {
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        }


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """Run a browser that keeps what it has to keep in *folder*."""
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *_FLAGS, f"--user-data-dir={folder}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        port = await _port(process.stderr)
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json()
            url = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
            async with http.ws_connect(url, max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await page.command(f"{domain}.enable")
                yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _port(told: asyncio.StreamReader) -> str:
    """Return the port that the browser says it listens on."""
    async with asyncio.timeout(20):
        while line := await told.readline():
            if found := re.search(rb"listening on ws://127.0.0.1:(\d+)/", line):
                return found[1].decode()
    raise RuntimeError("the browser ended before it listened")
