"""Meetings that are cancelled."""

from collections.abc import Mapping
from datetime import datetime

from zohocrm_async.emulator.checks import boolean, keys
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, outcome, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.state import Row, State

_CANCELLED = "$event_cancelled"


def _cancel(state: State, incoming: Incoming, _: Declared) -> Reply:
    meeting = state.find("Events", incoming.id)
    if meeting is None:
        raise unknown_id(1)
    [body] = incoming.items(1)
    incoming.only_keys()
    keys(body, "data", "$.data[0]", {"send_cancelling_mail": boolean})
    reason = _reason(state, meeting)
    if reason is not None:
        raise Refusal(
            "NOT_ALLOWED", "the meeting cannot be cancelled", wrapped=True, id=meeting["id"],
            reason=reason,
        )  # fmt: skip
    state.change(meeting, {_CANCELLED: True})
    return outcome("data", success_item("the meeting is cancelled", id=meeting["id"]))


def _reason(state: State, meeting: Row) -> str | None:
    """Say why a meeting cannot be cancelled, or None."""
    if meeting.get(_CANCELLED) is True:
        return "it is cancelled already"
    if not meeting.get("Participants"):
        return "nobody is invited"
    end = meeting.get("End_DateTime")
    if end and datetime.fromisoformat(end) <= state.clock.now():
        return "it is over"
    return None


MEETINGS: Mapping[str, Work] = {"meetings.cancel": _cancel}
