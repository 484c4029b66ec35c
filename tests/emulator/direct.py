"""Plain HTTP to an emulator, with no client of ours between."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from attrs import frozen

from zohocrm_async.auth import RefreshToken
from zohocrm_async.emulator import Emulator

SENDER = "crm@example.com"


@frozen
class Got:
    """An answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def item(self) -> dict[str, Any]:
        """The first item of the answer's list, or the answer itself."""
        lists = [value for value in self.body.values() if isinstance(value, list)]
        found: dict[str, Any] = lists[0][0] if lists else self.body
        return found

    @property
    def word(self) -> tuple[int, str]:
        """Status and code."""
        return self.status, self.item["code"]


class Direct:
    """What tests say to the server."""

    def __init__(self, org: Emulator, session: aiohttp.ClientSession) -> None:
        self.org = org
        self.session = session
        self._token: str | None = None

    async def form(self, path: str = "/oauth/v2/token", query: Any = None, **form: str) -> Got:
        """Post a form to the accounts server."""
        async with self.session.post(self.org.url + path, data=form, params=query) as answer:
            return Got(answer.status, await answer.json(content_type=None), answer.headers)

    async def token(self, credentials: RefreshToken | None = None) -> str:
        """Return a new access token."""
        answer = await self.form(**(credentials or self.org.credentials).form())
        return str(answer.body["access_token"])

    async def __call__(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        version: str = "v7",
        headers: Any = None,
        raw: Any = None,
        **query: str,
    ) -> Got:
        """Call the API; *query* is the query, *raw* a body that is not JSON."""
        if self._token is None:
            self._token = await self.token()
        sent = {"Authorization": f"Zoho-oauthtoken {self._token}", **(headers or {})}
        body = raw if json is None else orjson.dumps(json)
        url = f"{self.org.url}/crm/{version}{path}"
        async with self.session.request(
            method, url, data=body, params=query, headers=sent
        ) as answer:
            content = await answer.read()
            return Got(answer.status, orjson.loads(content) if content else None, answer.headers)

    async def send(self, record: str, module: str = "Leads", **mail: Any) -> Got:
        """Send a plain mail; *mail* adds keys, changes them, or takes them out (None)."""
        given = {"from": {"email": SENDER}, "to": [{"email": "jo@example.org"}], **mail}
        kept = {key: value for key, value in given.items() if value is not None}
        version = kept.pop("version", "v7")
        return await self(
            "POST", f"/{module}/{record}/actions/send_mail", {"data": [kept]}, version=version
        )

    async def merge(self, master: str, *children: Any, module: str = "Leads", **keys: Any) -> Got:
        """Merge *children*, ids or objects, into *master*."""
        data = [c if isinstance(c, dict) else {"id": c, "_fields": []} for c in children]
        body = {"merge": [{"data": data, **keys}]}
        return await self("POST", f"/{module}/{master}/actions/merge", body)


@asynccontextmanager
async def direct(**settings: Any) -> AsyncIterator[tuple[Emulator, Direct]]:
    """Open an organisation and a way to talk to it."""
    async with Emulator(**settings) as org, aiohttp.ClientSession() as session:
        yield org, Direct(org, session)


def add_lead(org: Emulator, **fields: Any) -> str:
    """Add a lead; return its id."""
    return org.add_records(
        "Leads", [{"Last_Name": "Stone", "Email": "stone@example.com", **fields}]
    )[0]
