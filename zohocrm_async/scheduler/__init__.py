"""Admission: which call goes next, and when.

A call needs one slot of all calls in flight, a slot of the few for heavy calls if it is
one, credits of the rolling 24-hour window, and what the budgets around it allow. One
synchronous decision grants all of these or none; whoever waits holds nothing but its
budget. Slots are few and come back with every answer; credits are many and come back a
day later, so the two are judged apart: a heavy call without a slot holds up no light
one, while a call without credits holds up all credit-taking calls behind it, or dear
calls would starve. Budgets share by weight whichever of the two is scarce. The most a
call may cost is held before it goes, the truth is booked when it ends, and what nobody
knows is spent. Release never awaits, one waiter is woken, and a cancelled caller leaves
nothing behind. ``docs/scheduling.md`` tells the rest.
"""

from zohocrm_async.scheduler.admission import Scheduler
from zohocrm_async.scheduler.budgets import Budget, current_budget
from zohocrm_async.scheduler.catalogue import Catalogue, PriceEntry
from zohocrm_async.scheduler.learned import LearnedPrices
from zohocrm_async.scheduler.ledger import Ledger, MemoryLedger
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.prices import (
    Quote,
    custom_view,
    more_rows_than,
    per_rows,
    sorted_or_viewed,
)
from zohocrm_async.scheduler.slots import SlotPool

__all__ = [
    "Budget",
    "Catalogue",
    "LearnedPrices",
    "Ledger",
    "MemoryLedger",
    "Permit",
    "PriceEntry",
    "Quote",
    "Scheduler",
    "SlotPool",
    "current_budget",
    "custom_view",
    "more_rows_than",
    "per_rows",
    "sorted_or_viewed",
]
