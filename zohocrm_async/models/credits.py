"""What the client's own account of credits and slots says."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen


@frozen
class SlotReport:
    """One pool of slots."""

    limit: int
    """The configured limit."""
    in_force: int
    """What is granted at once now; less than *limit* while the service grants less."""
    in_flight: int
    """What calls in flight hold; one of several slots holds them all."""
    peak: int
    """The most that were held at once."""


@frozen
class BudgetReport:
    """One budget; budgets of the same name are added up."""

    credits: int | None
    """What it may spend; None without a limit."""
    spent: int
    reserved: int
    """Held for its calls that wait or are in flight."""
    remaining: int | None
    """What it may still reserve; None without a limit."""
    waiting: int = 0
    """Its calls that wait."""
    in_flight: int = 0
    longest_wait: float = 0.0
    """Seconds that the call which has waited longest has waited."""
    weight: float | None = None
    """Its share beside others of its class; None: it shares its parent's."""
    paused: bool = False


@frozen
class OperationReport:
    """The calls of one operation that were sent."""

    calls: int
    credits: int


@frozen
class QueueReport:
    """The calls of one priority that wait."""

    waiting: int
    longest_wait: float
    """Seconds that the call which has waited longest has waited."""


@frozen(kw_only=True)
class RefusalReport:
    """Calls that were not let go, and answers that refused one, since the start."""

    credits: int
    """Refused here for want of credits of the window or of a budget."""
    concurrency: int
    """Answers of the service that too many calls were in flight."""
    queue: int
    """Refused here because too many waited."""
    deadline: int
    """Refused here because they could not start in time."""
    windows: int
    """Refused here because a day's limit was reached."""
    service: int
    """Answers of the service that the credits were spent."""


@frozen(kw_only=True)
class RateReport:
    """What went out over the last minute."""

    calls: float
    """Calls a second."""
    credits: float
    """Credits a minute."""


@frozen(kw_only=True)
class WindowReport:
    """A limit of the organisation's calendar day."""

    limit: int | None
    """Calls a day; None: not known."""
    used: int
    reserved: int
    """Held for calls in flight."""
    resumes_at: datetime | None
    """When the next day begins (aware), where nothing is left of this one."""


@frozen(kw_only=True)
class SpentMinute:
    """What was spent in one minute of the 24-hour window."""

    began_at: datetime
    """When the minute began (aware)."""
    resumes_at: datetime
    """When its credits come back (aware)."""
    credits: int
    foreign: int
    """The part of them that others must have spent, going by the service's answers."""


@frozen(kw_only=True)
class Forecast:
    """What so many calls cost at most, and when they can be done at the earliest."""

    calls: int
    credits_most: int
    credits_expected: int
    starts_at: datetime
    ends_at: datetime | None
    """When the last one starts, or ends where the time a call takes was given; None: never."""
    parts: tuple[tuple[datetime, int], ...]
    """From when on how many of the calls can go, in order; they sum up to *calls*."""


@frozen(kw_only=True)
class CreditReport:
    """Credits of the last 24 hours and slots, as this client counts them."""

    allowance: int
    """Credits of any 24-hour window."""
    floor: int
    """The part of the allowance that only INTERACTIVE calls may use."""
    used: int
    """Credits spent in the window, by anyone we know of."""
    reserved: int
    """Held for calls in flight, until their true price is known."""
    foreign: int
    """The part of *used* that others must have spent, going by the service's answers."""
    remaining: int
    """What is free now."""
    resumes_at: datetime | None
    """When the next credits come back (aware); None if none are spent."""
    slots: SlotReport
    heavy_slots: SlotReport
    parked_until: datetime | None
    """Until when no call goes that takes credits, as the service refused one (aware)."""
    waiting: int
    """Calls that wait for a slot or for credits."""
    by_priority: Mapping[str, QueueReport]
    """The waiting calls of ``interactive``, ``normal`` and ``bulk``."""
    refused: RefusalReport
    rates: RateReport
    windows: Mapping[str, WindowReport]
    by_budget: Mapping[str, BudgetReport]
    by_operation: Mapping[str, OperationReport]
