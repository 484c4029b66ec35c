"""The 24-hour window in Redis, which the processes of a fleet share."""

import asyncio
import logging
from math import inf
from typing import Any, Final

from zohocrm_async.exceptions import FleetError, ZohoCRMError
from zohocrm_async.redis._fleet import RedisFleet
from zohocrm_async.scheduler.block_ledger import BlockLedger
from zohocrm_async.scheduler.ledger import MemoryLedger
from zohocrm_async.scheduler.ledger_orders import Order, Rows, State
from zohocrm_async.scheduler.minutes import RING

logger = logging.getLogger("zohocrm_async.redis")

# A process writes every five seconds while it holds credits. One that was silent for as
# long as this has spent what it held; after half of it, it spends nothing more.
_SILENCE: Final = 60.0
_AGAIN: Final = 0.5
_RETURN: Final = 1.0
_CLOSED: Final = "the ledger in Redis is not open; use the client with 'async with'"


class RedisLedger(BlockLedger):
    """The window of one organisation in Redis, for any number of processes and hosts.

    A process sets blocks of credits aside in Redis before it spends of them. What it
    knows survives a server that lost its data: it is written anew.

    It is opened and closed by the clients that it is given to, all of one event loop.

    Args:
        fleet: the server.
        organisation: which window; the same name in all processes.
    """

    def __init__(self, fleet: RedisFleet, organisation: str) -> None:
        super().__init__(fleet.clock)
        self._fleet = fleet
        self._script = fleet.script("ledger.lua")
        self._keys = (
            fleet.key(organisation, "books"),
            fleet.key(organisation, "minutes"),
            fleet.key(organisation, "inferred"),
        )
        self._users = 0
        self._opening = asyncio.Lock()
        self._opened = False
        self._trouble = _CLOSED
        # What this process has spent, of which the books know whatever order got through.
        self._total = 0
        self._run = ""
        self._deep = self._since = -1
        self._restoring = False
        self._valid_until = float("-inf")
        self._again_at = float("-inf")
        self._away_since: float | None = None

    @property
    def failure(self) -> ZohoCRMError | None:
        """None while the server is away, as calls then wait; they are refused once closed."""
        return None if self._opened else FleetError(self._trouble)

    def free(self, floor: int = 0) -> int:
        """Return what this process may spend now: what it set aside, while that is valid."""
        free = super().free(floor)
        return free if self._clock.monotonic() < self._valid_until else min(0, free)

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Return the wait; while the server is away, until it is asked again."""
        wait, again = super().when(amount, floor), self._again_at - self._clock.monotonic()
        return wait if wait is None else max(wait, again)

    async def open(self) -> int | None:
        """Join the processes that share the window; return the allowance they work with.

        Raises:
            FleetError: the server cannot be reached.
            ConfigurationError: it does not let us in.
        """
        async with self._opening:
            if self._users:
                self._users += 1
                return self.allowance or None
            await self._fleet.open()
            try:
                state = await self._send(Order(allowance=0), leave=False)
            except BaseException:
                await self._fleet.close()
                raise
            self._opened, self._users = True, 1
            self._start(state)
            return state.allowance

    async def close(self) -> None:
        """Write what was spent and give back the rest, once the last client closes."""
        async with self._opening:
            self._users = max(0, self._users - 1)
            if self._users or not self._opened:
                return
            self._opened, self._trouble = False, _CLOSED
            try:
                await self._stop()
                await self._send(self._last_order(), leave=True)
            except ZohoCRMError as error:
                logger.warning("%s; what was set aside counts as spent", error)
            finally:
                self._forget()
                await self._fleet.close()

    def _is_open(self) -> bool:
        return self._opened

    def _begin(self, order: Order) -> "asyncio.Future[State]":
        return asyncio.create_task(self._send(order, leave=False), name="zohocrm_async ledger")

    async def _send(self, order: Order, *, leave: bool) -> State:
        sent = self._clock.monotonic()
        restore = self._known(order.spent) if self._restoring else ()
        self._total += order.spent
        try:
            answer = await self._script.run(self._keys, self._message(order, restore, leave))
        except BaseException:
            # It is given again with the next order; should this one have got through, the
            # books see by the total that it is the same.
            self._total -= order.spent
            raise
        self._valid_until = sent + _SILENCE / 2
        self._away_since = None
        if answer["quiet"]:
            self._again_at = self._clock.monotonic() + min(answer["quiet"], _AGAIN)
        return self._state(answer, sent)

    def _state(self, answer: dict[str, Any], sent: float) -> State:
        lost = bool(self._run) and answer["run"] != self._run
        if lost:
            logger.warning(
                "Redis at %s was started anew: what this process knows is written again",
                self._fleet.where,
            )
        self._restoring, self._run = lost, answer["run"]
        self._deep, self._since = (-1, -1) if lost else (answer["deep"], answer["minute"])
        rows: Rows = tuple((row[0], row[1], row[2]) for row in answer["rows"] or ())
        whole = answer["from"] <= answer["minute"] - RING + 1
        return State(
            # From when the order left, so that our time is never behind the server's.
            offset=answer["now"] - sent,
            granted=answer["granted"],
            others=answer["others"],
            rows=None if lost else rows,
            allowance=answer["allowance"],
            since=None if whole else answer["from"],
        )

    def _known(self, pending: int) -> Rows:
        """Return all that was booked by anyone, less *pending*, which is booked by itself."""
        known: list[tuple[int, int, int]] = []
        for number, credits, inferred in self._minutes.rows():  # noqa: A001  # the service's word
            own = min(pending, credits - inferred)
            pending -= own
            known.append((number, credits - own, inferred))
        return tuple(known)

    def _written(self, order: Order, back: int, writing: "asyncio.Future[State]") -> None:
        if not writing.cancelled() and (error := writing.exception()) is not None:
            self._note_absence(error)
        super()._written(order, back, writing)
        if self._restoring:
            self._write(0, aim=self._lease)
        elif self._away_since is not None and self._polling is None and self._opened:
            # A server that was restarted grants nothing for a while from our first word on.
            self._polling = self._clock.call_later(_RETURN, self._look_again)

    def _look_again(self) -> None:
        self._polling = None
        if self._writing is None:
            self._write(0, aim=0)

    def _note_absence(self, error: BaseException) -> None:
        now = self._clock.monotonic()
        self._again_at = now + _AGAIN
        if self._away_since is None:
            self._away_since = now
            logger.warning("%s; credits are not renewed until then", error)
        share = self._fleet.away_share
        if share is not None and now >= self._away_since + self._fleet.lease:
            if self._valid_until < inf:
                # What others held is theirs still, or spent.
                self._lease = int(share * max(0, MemoryLedger.free(self)))
            self._valid_until = inf

    def _ask(self) -> None:
        """Have more set aside; not before it is time where the last order was in vain."""
        wait = self._again_at - self._clock.monotonic()
        if wait <= 0:
            super()._ask()
        elif self._polling is None and self._opened:
            self._polling = self._clock.call_later(wait, self._poll)

    def _message(self, order: Order, restore: Rows, leave: bool) -> dict[str, Any]:
        header = order.header
        return {
            "token": self._fleet.token,
            "ttl": _SILENCE,
            "quiet": self._fleet.lease,
            "allowance": order.allowance,
            "total": self._total,
            "spent": order.spent,
            "in_flight": order.in_flight,
            "keep": order.keep,
            "wanted": order.wanted,
            "at_least": order.at_least,
            "floor": order.floor,
            "header": None if header is None else {"spent": header.spent, "sent": header.sent},
            "restore": restore,
            "leave": leave,
            "run": self._run,
            "deep": self._deep,
            "since": self._since,
        }
