"""Tells channels what happens to the records that they ask for."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define

from zohocrm_async.emulator.books import RecordedNotification
from zohocrm_async.emulator.notifications import channels, fields_of
from zohocrm_async.emulator.poster import MOST_WAITING, Poster
from zohocrm_async.emulator.rows import objects
from zohocrm_async.emulator.state import Row, State

_EVENTS = {"insert": "create", "update": "edit", "delete": "delete"}
_RESOURCES = "https://www.zohoapis.com/crm/v2/"


@define(eq=False)
class _Notification:
    """A notification to be posted; changes that follow at once join it."""

    notifier: "Notifier"
    channel: Row
    module: str
    operation: str
    rows: list[Row]

    @property
    def url(self) -> str:
        return str(self.channel["notify_url"])

    def joins(self, channel: Row, module: str, operation: str) -> bool:
        return self.channel is channel and (self.module, self.operation) == (module, operation)

    def body(self) -> Mapping[str, Any]:
        return self.notifier.body(self.channel, self.module, self.operation, self.rows)

    def posted(self, status: int | None, problem: str) -> None:
        self.notifier.record(self.channel, self.body(), status, problem)


class Notifier:
    """Watches the records of an organisation, and tells its channels in their order."""

    def __init__(self, state: State, poster: Poster) -> None:
        self.sent: deque[RecordedNotification] = deque(maxlen=MOST_WAITING)
        """The latest notifications, and what became of each."""
        self._state = state
        self._poster = poster
        state.observers.append(self.note)

    def note(self, operation: str, module: str, rows: Sequence[Row]) -> None:
        """Line up what the channels are to be told of a change."""
        for channel in channels(self._state).values():
            told = [row for row in rows if _is_told(channel, operation, module, row)]
            if not told:
                continue
            last = self._poster.last
            if isinstance(last, _Notification) and last.joins(channel, module, operation):
                last.rows += told
            else:
                self._poster.add(_Notification(self, channel, module, operation, told))

    def record(
        self, channel: Row, body: Mapping[str, Any], status: int | None, problem: str
    ) -> None:
        """Write down what a channel was told."""
        self.sent.append(
            RecordedNotification(
                at=self._state.clock.now(),
                channel_id=channel["channel_id"],
                url=channel["notify_url"],
                body=body,
                status=status,
                problem=problem,
            )
        )

    def body(
        self, channel: Row, module: str, operation: str, rows: Sequence[Row]
    ) -> Mapping[str, Any]:
        """Return what a channel is told of some records."""
        changed = {str(row["id"]): _values(row) for row in rows} if operation == "update" else {}
        body: dict[str, Any] = {
            "server_time": int(self._state.clock.now().timestamp() * 1000),
            "query_params": dict(parse_qsl(urlsplit(str(channel["notify_url"])).query)),
            "module": module,
            "resource_uri": f"{_RESOURCES}{module}",
            "ids": list(dict.fromkeys(str(row["id"]) for row in rows)),
            "affected_fields": [{id_: [*values]} for id_, values in changed.items()],
            "operation": operation,
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
