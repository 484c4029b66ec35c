"""The example of a backend, asked as a browser would: a real process, real requests."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from zohocrm_async.emulator import Emulator

APP = Path(__file__).parents[2] / "examples" / "fastapi_app.py"
PASSWORD = "a password"
LETTER = {"subject": "News for $Last_Name", "content": "<p>Hello</p>"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Backend:
    """The application in a process of its own."""

    def __init__(self, url: str, http: aiohttp.ClientSession, process: Any) -> None:
        self.url, self.http, self.process = url, http, process

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.http.request(method, f"{self.url}{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def until(self, path: str, key: str, value: str) -> Any:
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    _, body = await self.ask("GET", path)
                    if body.get(key) == value:
                        return body
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(org: Emulator, journals: Path) -> AsyncIterator[Backend]:
    """Run the application against *org* until SIGTERM."""
    port = free_port()
    settings = {"PORT": str(port), "JOURNALS": str(journals), "DASHBOARD_PASSWORD": PASSWORD}
    process = await asyncio.create_subprocess_exec(
        sys.executable, APP, env={**os.environ, **org.env, **settings},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:
            backend = Backend(f"http://127.0.0.1:{port}", http, process)
            await backend.until("/health", "status", "ok")
            yield backend
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
    assert "Traceback" not in output.decode()
    assert not [
        value for name, value in org.env.items() if "SECRET" in name and value in output.decode()
    ]


async def test_the_backend_does_what_it_says(tmp_path: Path) -> None:
    """Mails, merges and newsletters happen, changes are told, a restart mails nobody twice."""
    people = [("Stone", "s"), ("Rivers", "r"), ("Rivers", "r2")]
    async with Emulator() as org:
        stone, rivers, twin = org.add_records(
            "Leads", [{"Last_Name": name, "Email": f"{at}@example.com"} for name, at in people]
        )
        async with running(org, tmp_path) as backend:
            assert (await backend.ask("GET", "/ready"))[0] == 200
            status, body = await backend.ask("POST", f"/leads/{stone}/mail", LETTER)
            assert (status, [body["message_id"]]) == (201, [mail.message_id for mail in org.mails])
            status, body = await backend.ask("POST", f"/leads/{rivers}/merge", [twin])
            assert (status, body["Last_Name"]) == (200, "Rivers")
            status, body = await backend.ask("POST", "/leads/404/mail", LETTER)
            assert (status, body["type"]) == (404, "urn:zohocrm-async:RecordNotFound")
            await org.notified()
            _, leads = await backend.ask("GET", "/leads")
            assert {lead["id"]: lead["changes"] > 0 for lead in leads} == {
                stone: False,
                rivers: True,
            }
            assert (await backend.ask("PUT", "/newsletters/may", LETTER))[0] == 202
            await backend.until("/newsletters/may", "state", "done")
            assert (await backend.ask("PUT", "/newsletters/may", LETTER))[0] == 409
        async with running(org, tmp_path) as backend:
            assert (await backend.ask("GET", "/newsletters/may"))[0] == 404
            assert (await backend.ask("PUT", "/newsletters/may", LETTER))[0] == 202
            body = await backend.until("/newsletters/may", "state", "done")
            assert body["counts"] == {"sent": 2}
    assert sorted(mail.subject for mail in org.mails) == [
        "News for $Last_Name",
        "News for Rivers",
        "News for Stone",
    ]


async def test_the_account_is_seen_by_whoever_knows_the_password(tmp_path: Path) -> None:
    """And by nobody else: neither the page, nor its JSON, nor its stream."""
    async with Emulator() as org, running(org, tmp_path) as backend:
        await backend.ask("GET", "/leads")
        for path in ("/account/", "/account/account.json", "/account/stream"):
            for headers in ({}, {"Authorization": aiohttp.encode_basic_auth("", "wrong")}):
                async with backend.http.get(f"{backend.url}{path}", headers=headers) as answer:
                    assert answer.status == 401
        right = {"Authorization": aiohttp.encode_basic_auth("", PASSWORD)}
        async with backend.http.get(f"{backend.url}/account/", headers=right) as answer:
            assert "The last calls" in await answer.text()
        url = f"{backend.url}/account/account.json"
        async with backend.http.get(url, headers=right) as answer:
            seen = await answer.json()
        assert [call["operation"] for call in seen["recording"]["last"]][:1] == ["records.list"]
        assert seen["credits"]["used"] == org.credits_used


async def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    """A newsletter begins once, its name is no path, and a lead needs an address."""
    async with Emulator() as org:
        [nobody] = org.add_records("Leads", [{"Last_Name": "Nobody"}])
        async with running(org, tmp_path) as backend:
            both = await asyncio.gather(
                *(backend.ask("PUT", "/newsletters/may", LETTER) for _ in range(2))
            )
            assert sorted(status for status, _ in both) == [202, 409]
            for name in ("..", "%2e%2e%5cmay", "may.journal", "M" * 50):
                status, _ = await backend.ask("PUT", f"/newsletters/a{name}", LETTER)
                assert status == 422
            status, body = await backend.ask("POST", f"/leads/{nobody}/mail", LETTER)
            assert (status, body["detail"]) == (422, "the lead has no e-mail address")
            body = await backend.until("/newsletters/may", "state", "stopped")
            assert body["counts"] == {"refused": 1}
            assert (await backend.ask("PUT", "/newsletters/may", LETTER))[0] == 202
    assert not org.mails
