"""Posts what happens to records to the URLs of the channels that ask for it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import orjson
from attrs import define

from zohocrm_async.emulator.books import RecordedNotification
from zohocrm_async.emulator.notifications import channels, fields_of
from zohocrm_async.emulator.rows import objects
from zohocrm_async.emulator.state import Row, State

_EVENTS = {"insert": "create", "update": "edit", "delete": "delete"}
_MOST_WAITING = 10_000
_SECONDS = 5.0
_RESOURCES = "https://www.zohoapis.com/crm/v2/"


@define(eq=False)
class _Waiting:
    """A notification to be posted; changes that follow at once join it."""

    channel: Row
    module: str
    operation: str
    rows: list[Row]

    def joins(self, channel: Row, module: str, operation: str) -> bool:
        return self.channel is channel and (self.module, self.operation) == (module, operation)


class Notifier:
    """Watches the records of an organisation, and tells its channels in their order."""

    def __init__(self, state: State) -> None:
        self.sent: deque[RecordedNotification] = deque(maxlen=_MOST_WAITING)
        """The latest notifications, and what became of each."""
        self._state = state
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        state.observers.append(self.note)

    def open(self) -> None:
        """Begin to post."""
        self._task = asyncio.create_task(self._run(), name="emulator notifications")

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

    def note(self, operation: str, module: str, rows: Sequence[Row]) -> None:
        """Line up what the channels are to be told of a change."""
        for channel in channels(self._state).values():
            told = [row for row in rows if _is_told(channel, operation, module, row)]
            if not told:
                continue
            last = self._waiting[-1] if self._waiting else None
            if last is not None and last.joins(channel, module, operation):
                last.rows += told
            elif len(self._waiting) < _MOST_WAITING:
                self._waiting.append(_Waiting(channel, module, operation, told))
            self._idle.clear()
            self._wake.set()

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    waiting = self._waiting.popleft()
                    status, problem = await self._post(session, waiting)
                    self._record(waiting, status, problem)
                self._idle.set()

    async def _post(
        self, session: aiohttp.ClientSession, waiting: _Waiting
    ) -> tuple[int | None, str]:
        url = str(waiting.channel["notify_url"])
        if not is_loopback(url):
            return None, "the emulator posts to the loopback address alone"
        body = orjson.dumps(self._body(waiting))
        headers = {"Content-Type": "application/json"}
        try:
            # A redirect might lead away from this machine.
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, ""
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return None, f"not posted: {type(error).__name__}"

    def _record(self, waiting: _Waiting, status: int | None, problem: str) -> None:
        channel = waiting.channel
        self.sent.append(
            RecordedNotification(
                at=self._state.clock.now(),
                channel_id=channel["channel_id"],
                url=channel["notify_url"],
                body=self._body(waiting),
                status=status,
                problem=problem,
            )
        )

    def _body(self, waiting: _Waiting) -> Mapping[str, Any]:
        channel, rows, told = waiting.channel, waiting.rows, waiting.operation == "update"
        changed = {str(row["id"]): _values(row) for row in rows} if told else {}
        body: dict[str, Any] = {
            "server_time": int(self._state.clock.now().timestamp() * 1000),
            "query_params": dict(parse_qsl(urlsplit(str(channel["notify_url"])).query)),
            "module": waiting.module,
            "resource_uri": f"{_RESOURCES}{waiting.module}",
            "ids": list(dict.fromkeys(str(row["id"]) for row in rows)),
            "affected_fields": [{id_: [*values]} for id_, values in changed.items()],
            "operation": waiting.operation,
            "channel_id": channel["channel_id"],
            "token": channel.get("token"),
        }
        if channel.get("return_affected_field_values"):
            body["affected_values"] = [
                {"record_id": id_, "values": values} for id_, values in changed.items()
            ]
        return body


def _values(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_told(channel: Row, operation: str, module: str, row: Row) -> bool:
    wanted = {f"{module}.{_EVENTS[operation]}", f"{module}.all"}
    if wanted.isdisjoint(channel["events"]):
        return False
    conditions = [
        condition
        for condition in objects(channel.get("notification_condition"))
        if condition["module"]["api_name"] == module
    ]
    if operation != "update" or not conditions:
        return True
    return any(_fits(condition["field_selection"], row.keys()) for condition in conditions)


def _fits(selection: Row, changed: Iterable[str]) -> bool:
    """Whether the fields that changed are those of a selection, by its ``and`` and ``or``."""
    if not selection.get("group"):
        return {*fields_of(selection)} <= {*changed}
    parts = (_fits(part, changed) for part in objects(selection["group"]))
    return all(parts) if selection.get("group_operator") == "and" else any(parts)
