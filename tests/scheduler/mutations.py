"""Faults of the scheduler, made on purpose: each must be caught by the property tests.

A fault is a piece of one method's text and what stands in its place, so it reads as a
slip of the pen would, and says so itself when the code it belongs to has changed.
"""

import __future__

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.flows import Flow, Lane
from zohocrm_async.scheduler.gate import Gate
from zohocrm_async.scheduler.ledger import MemoryLedger
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.minutes import Minutes
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.queue import Queue
from zohocrm_async.scheduler.slots import SlotPool
from zohocrm_async.scheduler.turns import Turns


@frozen
class Fault:
    """One method with one slip."""

    name: str
    owner: type
    method: str
    right: str
    wrong: str

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """Put the fault in place for the block."""
        sound = vars(self.owner)[self.method]
        setattr(self.owner, self.method, self._slipped(sound))
        try:
            yield
        finally:
            setattr(self.owner, self.method, sound)

    def _slipped(self, sound: Any) -> Any:
        function: Any = sound
        if isinstance(sound, property):
            function = sound.fget
        text = textwrap.dedent(inspect.getsource(function))
        if text.count(self.right) != 1:
            raise LookupError(
                f"{self.owner.__name__}.{self.method} does not hold {self.right!r} once; "
                "write the fault anew for the code as it is now"
            )
        made: dict[str, Any] = {}
        module = inspect.getmodule(self.owner)
        # Names of annotations may be known to type checkers alone.
        flags = __future__.annotations.compiler_flag
        code = compile(text.replace(self.right, self.wrong), f"<{self.name}>", "exec", flags)
        exec(code, vars(module), made)
        return made[self.method]


FAULTS = (
    Fault(
        "one slot too many", Means, "fits",
        "slots.in_flight + permit.slots >", "slots.in_flight + permit.slots - 1 >",
    ),
    Fault(
        "heavy slots forgotten where nobody waits", Means, "fits",
        "if permit.heavy:", "if False:",
    ),
    Fault(
        "heavy slots forgotten where some wait", Turns, "_heads",
        "track.heavy and not self._room(self._means.heavy, lower, track.heavy)", "False",
    ),
    Fault(
        "heavy calls that wait hold up light ones", Turns, "_heads",
        "lower, track.heavy)\n        ):\n            continue",
        "lower, track.heavy)\n        ):\n            break",
    ),
    Fault(
        "credits not held while the call is out", Gate, "_grant",
        "self._ledger.reserve(permit.reserve)", "self._ledger.reserve(0)",
    ),
    Fault(
        "the floor taken by all", Means, "configure",
        "(0, limits.floor, limits.floor)", "(0, limits.floor, 0)",
    ),
    Fault(
        "what is in flight forgotten by the ledger", MemoryLedger, "free",
        " - self._reserved", "",
    ),
    Fault(
        "a minute that leaves early", Minutes, "turn",
        "for step in range(1, passed + 1)", "for step in range(1, passed + 2)",
    ),
    Fault(
        "a lost answer taken as unspent", Gate, "leave",
        "permit.reserve if lost else 0", "0",
    ),
    Fault(
        "settled twice, booked twice", Permit, "settle",
        "self.granted and not self.settled", "self.granted",
    ),
    Fault(
        "the head that lacks credits overtaken by a lower class", Turns, "_first",
        "self.lacking is not None:", "False:",
    ),
    Fault(
        "the last to come is the first to go", Lane, "head",
        "return calls[0] if calls else None", "return calls[-1] if calls else None",
    ),
    Fault(
        "a refused call loses its place", Lane, "append",
        "self._calls and self._calls[-1].arrival > call.arrival", "False",
    ),
    Fault(
        "a cancelled caller keeps its slot", Gate, "withdraw",
        "if permit.granted:\n        self.leave(permit)",
        "if permit.granted:\n        permit.granted = False",
    ),
    Fault(
        "a cancelled caller keeps its budget's credits", Gate, "withdraw",
        "permit.budget.forgo(permit.reserve)", "permit.budget.forgo(0)",
    ),
    Fault(
        "nobody woken when the head goes away", Gate, "withdraw",
        "if moved:", "if False:",
    ),
    Fault(
        "nobody woken when a call ends", Gate, "leave",
        "if self.queue.waiting:", "if False:",
    ),
    Fault(
        "no timer for the head that lacks credits", Gate, "_wake_at",
        "min(self._turns.wake_at, due)", "self._turns.wake_at",
    ),
    Fault(
        "a 429 lowers nothing", SlotPool, "refused",
        "min(self.in_force, self.in_flight - held)", "self.in_force",
    ),
    Fault(
        "a limit in force that never grows back", SlotPool, "grow",
        "self.in_force += 1", "self.in_force += 0",
    ),
    Fault(
        "weights forgotten", Queue, "flow",
        "Flow(rank, owner.weight or 1.0)", "Flow(rank, 1.0)",
    ),
    Fault(
        "turns not counted", Flow, "charge",
        "self.turns = turns + step", "self.turns = turns",
    ),
    Fault(
        "a call of several slots counted as one", Gate, "_grant",
        "permit.held = slots.part(permit.slots)", "permit.held = 1",
    ),
    Fault(
        "a call of several heavy slots counted as one", Gate, "_grant",
        "permit.heavy_held = heavy.part(permit.heavy)", "permit.heavy_held = 1",
    ),
    Fault(
        "one slot of several not given back", Gate, "leave",
        "self._slots.in_flight -= permit.held", "self._slots.in_flight -= 1",
    ),
    Fault(
        "a call of several slots goes with the first", SlotPool, "has_room_for",
        "self.in_flight + self.part(slots)", "self.in_flight + 1",
    ),
    Fault(
        "a call of several slots overtaken at each that falls free", Turns, "_candidate",
        "self._kept = True", "self._kept = False",
    ),
    Fault(
        "a call of several heavy slots overtaken at each that falls free", Turns, "_heads",
        "kept = self._heavy_kept", "kept = None",
    ),
    Fault(
        "a call of more slots than there are waits for ever", SlotPool, "part",
        "min(slots, self.limit)", "slots",
    ),
    Fault(
        "a call of several slots charged for one", Flow, "charge_more",
        "self.step * turns", "0",
    ),
    Fault(
        "credits shared as turns are", Queue, "weigh",
        "scarce = free < rank.wanted", "scarce = False",
    ),
    Fault(
        "a paused budget that goes on", Budget, "_holds_back",
        "self.paused or", "False or",
    ),
    Fault(
        "a budget's own slots forgotten", Budget, "_holds_back",
        "self.in_flight >= self._concurrency", "False",
    ),
    Fault(
        "deadlines that pass unheard", Gate, "_expire",
        "self._refuse(permit, self._judge.late(permit))", "pass",
    ),
)  # fmt: skip
