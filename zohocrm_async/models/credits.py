"""What the client's own account of credits and slots says."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen


@frozen
class SlotReport:
    """One pool of slots."""

    limit: int
    in_flight: int
    peak: int
    """The most that were in flight at once."""


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


@frozen
class OperationReport:
    """The calls of one operation that were sent."""

    calls: int
    credits: int


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
    waiting: int
    """Calls that wait for a slot or for credits."""
    by_budget: Mapping[str, BudgetReport]
    by_operation: Mapping[str, OperationReport]
