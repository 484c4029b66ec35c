"""What a page shows of one organisation, as one value."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast

import attrs
import orjson
from attrs import frozen

from zohocrm_async import ZohoCRM
from zohocrm_async.dashboard._recorder import Recorder, Recording
from zohocrm_async.models.credits import CreditReport, SpentMinute


@frozen(kw_only=True)
class Account:
    """The account of one organisation at one moment."""

    organisation: str | None
    """Its name in the pool; None: the application has one client."""
    at: datetime
    credits: CreditReport
    history: tuple[SpentMinute, ...]
    """When the credits of the window were spent, the oldest first."""
    recording: Recording | None
    """None: no `Recorder` is among the client's hooks."""


@frozen(kw_only=True)
class Summary:
    """The state of one organisation of many."""

    organisation: str
    allowance: int
    remaining: int
    in_flight: int
    waiting: int
    calls: float
    """Calls a second, over the last minute."""


def account_of(crm: ZohoCRM, organisation: str | None) -> Account:
    """Return the account of *crm* now. Nothing is sent for it."""
    recorder = next((hook for hook in crm.hooks if isinstance(hook, Recorder)), None)
    return Account(
        organisation=organisation,
        at=crm.clock.now(),
        credits=crm.credits(),
        history=crm.credits_history(),
        recording=None if recorder is None else recorder.recording(),
    )


def summary_of(crm: ZohoCRM, organisation: str) -> Summary:
    """Return the state of one organisation of many."""
    report = crm.credits()
    return Summary(
        organisation=organisation,
        allowance=report.allowance,
        remaining=report.remaining,
        in_flight=report.slots.in_flight,
        waiting=report.waiting,
        calls=report.rates.calls,
    )


def as_json(value: Account | tuple[Summary, ...]) -> bytes:
    """Return *value* as JSON; times are written as ISO 8601 with their offset."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> dict[str, Any]:
    if isinstance(value, MappingProxyType):
        return dict(cast("Mapping[str, Any]", value))
    return attrs.asdict(value, recurse=False)
