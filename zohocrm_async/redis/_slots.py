"""Slots of an organisation that the processes of a fleet lend each other, in Redis."""

import asyncio
import logging
from collections.abc import Mapping
from math import inf
from typing import Any, Final

import attrs

from zohocrm_async._clock import Timer
from zohocrm_async.exceptions import ConfigurationError, ZohoCRMError
from zohocrm_async.options import Limits
from zohocrm_async.redis._fleet import RedisFleet
from zohocrm_async.redis._loans import NOTHING, SHARED, Loan, conflict, described, grew, waits
from zohocrm_async.scheduler.leases import Borrower, Need

logger = logging.getLogger("zohocrm_async.redis")

# Parts of the lease: no call starts later than after the first of them without an answer
# from the server; a sign of life is given after the second, or the third while calls wait
# or slots are unused.
_VALID: Final = 2
_BEAT: Final = 6
_SOON: Final = 24
# Seconds between two orders for slots that somebody else may want.
_GAP: Final = 0.02
_GUESSED, _LEARNED, _CONFIGURED = 0, 1, 2
_POOLS = ("every", "heavy")


class RedisSlots:
    """The slots of one organisation, lent to this process by all that share them in Redis.

    All processes together never use more than the organisation grants. Each holds what it
    needs for as long as it needs it, so that most calls ask nobody; who waits is granted
    what others give back, by class of priority and then in equal parts.

    One is made for each client; the client opens and closes it.

    Args:
        fleet: the server.
        organisation: whose slots; the same name in all processes.
    """

    def __init__(self, fleet: RedisFleet, organisation: str) -> None:
        self.until = -inf
        self.refusal: ConfigurationError | None = None
        """Why this process gets no slots at all."""
        self._fleet, self._name = fleet, organisation
        self._clock = fleet.clock
        self._script = fleet.script("slots.lua")
        self._keys = (fleet.key(organisation, "slots"),)
        self._borrower: Borrower | None = None
        self._limits, self._kind = Limits(), _GUESSED
        self._loan = NOTHING
        self._told = Need()
        self._version = self._seq = 0
        self._run = ""
        self._valid_until = -inf
        self._contended = False
        self._peaks = [0, 0]
        self._asked_at = -inf
        self._asking: asyncio.Task[None] | None = None
        self._looking: asyncio.Handle | None = None
        self._timer: Timer | None = None
        self._soon = False
        self._away_since: float | None = None
        self._alone = False
        self._opened = False

    def join(self, borrower: Borrower) -> None:
        """Lend to *borrower*, and to it alone."""
        if self._borrower is not None:
            raise ConfigurationError("RedisSlots were given to two clients; make one for each")
        self._borrower = borrower
        self._lend()

    def configure(self, limits: Limits) -> None:
        """Take *limits* for those of the organisation."""
        self._limits = limits
        if self._opened:
            self._kind = max(self._kind, _LEARNED)
            self._ask_soon()

    async def open(self, limits: Limits | None) -> Limits | None:
        """Join the other processes; return the limits that they work with.

        Raises:
            ConfigurationError: others work with other limits than *limits*.
            FleetError: the server cannot be reached.
        """
        if limits is not None:
            self._limits, self._kind = limits, _CONFIGURED
        await self._fleet.open()
        try:
            self._fleet.listen(self._name, self._hear)
        except BaseException:
            await self._fleet.close()
            raise
        try:
            answer = await self._order(NOTHING, Need())
            if answer.get("conflict"):
                raise self._conflict(answer["limits"])  # noqa: TRY301  # undone as any failure
        except BaseException:
            await self._part()
            raise
        self._opened = True
        if limits is not None or not answer["known"]:
            return None
        known = {name: answer["limits"][name] for name in SHARED}
        return attrs.evolve(self._limits, **known)

    async def close(self) -> None:
        """Give everything back, but what calls in flight use."""
        if not self._opened:
            return
        self._opened = False
        for timer in (self._timer, self._looking):
            if timer is not None:
                timer.cancel()
        try:
            while self._asking is not None:
                await asyncio.wait((self._asking,))
            if self._loan.held != (0, 0) or self._told != Need():
                now = self._need()
                need = Need(now.in_flight, now.heavy_in_flight)
                loan = self._loan.keeping(sum(need.in_flight), sum(need.heavy_in_flight))
                await self._order(loan, need)
        except ZohoCRMError as error:
            logger.warning("%s; the slots go to others when their lease is over", error)
        finally:
            self._loan = NOTHING
            self._lend()
            await self._part()

    def changed(self) -> None:
        """Take note that calls came, went or ended."""
        borrower = self._borrower
        if borrower is None:
            return
        peaks = self._peaks
        peaks[0] = max(peaks[0], borrower.slots.in_flight)
        peaks[1] = max(peaks[1], borrower.heavy.in_flight)
        if self._looking is None and self._asking is None and self._opened:
            self._looking = asyncio.get_running_loop().call_soon(self._look)

    def lapse(self) -> None:
        """Take back what is on loan, as its time is over."""
        if self._loan.held != (0, 0):
            self._loan = NOTHING
            self._lend()
            self._ask_soon()

    def _need(self) -> Need:
        return Need() if self._borrower is None else self._borrower.need()

    def _used(self) -> tuple[int, int]:
        borrower = self._borrower
        return (0, 0) if borrower is None else (borrower.slots.in_flight, borrower.heavy.in_flight)

    def _look(self) -> None:
        """Ask the server, if it can do something for us or we for others."""
        self._looking = None
        if self._asking is not None or not self._opened:
            return
        if self._clock.monotonic() >= self._asked_at + self._fleet.lease:
            self.refusal = None  # the others may be gone
        if self.refusal is not None:
            if self._borrower is not None and waits(self._need()):
                self._borrower.refuse_all(self.refusal)
            return
        need, loan, idle = self._need(), self._loan, self._is_idle()
        over = any(held > limit for held, limit in zip(loan.held, loan.limit, strict=True))
        if grew(need, self._told, self._limits.concurrency) or (over and idle):
            self._ask_soon()
        elif self._contended and (need.went > self._told.went or (idle and not waits(need))):
            # What is not used now may be what somebody else waits for; and once a call of
            # several slots has gone, it is another's turn.
            self._ask_soon(at=self._asked_at + _GAP)
        elif self._timer is None or (idle and not self._soon):
            self._set_timer()

    def _is_idle(self) -> bool:
        """Whether something is held that is not used."""
        return any(used < held for used, held in zip(self._used(), self._loan.held, strict=True))

    def _ask_soon(self, at: float = -inf) -> None:
        """Give an order, unless one is under way: after that it is looked at anew."""
        if self._asking is not None or not self._opened or self.refusal is not None:
            return
        now = self._clock.monotonic()
        if self._away_since is not None:
            at = max(at, self._asked_at + self._fleet.lease / _SOON)
        if at > now:
            self._set_timer(at - now)
            return
        self._asking = asyncio.create_task(self._ask(), name="zohocrm_async slots")

    async def _ask(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        sent = self._asked_at = self._clock.monotonic()
        try:
            if self._alone:
                await self._fleet.ask("PING")
                self._alone = False
            need = self._need()
            self._keep(need)
            answer = await self._order(self._loan, need)
        except ZohoCRMError as error:
            self._note_absence(error)
        else:
            self._away_since = None
            self._take(answer, sent)
        finally:
            self._asking = None
        if self._borrower is not None and self._opened:
            self._borrower.dispatch()
            self._set_timer()
            self._look()

    def _keep(self, need: Need) -> None:
        """Give back what is not needed: from here on it is not used."""
        used = self._used()
        if waits(need):
            # Calls that wait for something else keep what they had.
            keep = self._loan.limit
        elif self._contended or not self._told_lately():
            keep = used
        else:
            keep = self._peaks[0], self._peaks[1]
        keep = (
            max(used[0], min(keep[0], self._loan.limit[0])),
            max(used[1], min(keep[1], self._loan.limit[1])),
        )
        self._peaks[:] = used
        self._loan = self._loan.keeping(*keep)
        self._lend()

    def _told_lately(self) -> bool:
        return self._clock.monotonic() < self._valid_until

    async def _order(self, loan: Loan, need: Need) -> dict[str, Any]:
        self._seq += 1
        self._told = need
        fleet, limits = self._fleet, self._limits
        return await self._script.run(
            self._keys,
            {
                "token": fleet.token,
                "name": self._name,
                "channel": fleet.channel,
                "seq": self._seq,
                "version": self._version,
                "run": self._run,
                "lease": int(fleet.lease * 1000),
                "sharing": fleet.away_share is not None,
                "kind": self._kind,
                "limits": described(limits),
                "keep": dict(zip(_POOLS, loan.held, strict=True)),
                "using": dict(zip(_POOLS, (need.in_flight, need.heavy_in_flight), strict=True)),
                "waiting": dict(zip(_POOLS, (need.waiting, need.heavy_waiting), strict=True)),
                "beside": need.beside,
                "at_once": dict(zip(_POOLS, (need.at_once, need.heavy_at_once), strict=True)),
                "went": need.went,
            },
        )

    def _take(self, answer: Mapping[str, Any], sent: float) -> None:
        """Take over what the server says that we hold."""
        if answer.get("conflict"):
            self.refusal = self._conflict(answer["limits"])
            self._loan = NOTHING
            self._lend()
        elif not answer.get("stale"):
            self._valid_until = sent + self._fleet.lease / _VALID
            self._run, self._version = answer["run"], answer["version"]
            self._contended = bool(answer["starved"])
            self._loan = Loan.of(answer)
            self._lend()

    def _hear(self, said: Mapping[str, Any]) -> None:
        """Take over what the order of another process brought or asks of us."""
        now = self._clock.monotonic()
        if said["version"] <= self._version or now >= self._valid_until or self._alone:
            return
        self._version = said["version"]
        self._loan = Loan.of(said)
        self._contended = True
        self._lend()
        if self._borrower is not None and self._opened:
            self._borrower.dispatch()
            self.changed()

    def _lend(self) -> None:
        if self._borrower is None:
            return
        loan = self._loan
        held = loan.held != (0, 0)
        self.until = inf if self._alone else self._valid_until if held else -inf
        for pool, most, low in zip(
            (self._borrower.slots, self._borrower.heavy), loan.limit, loan.low, strict=True
        ):
            pool.lend(most, min(most, low))

    def _note_absence(self, error: ZohoCRMError) -> None:
        now = self._clock.monotonic()
        if self._away_since is None:
            self._away_since = now
            logger.warning("%s; no slots are lent until it is back", error)
        share = self._fleet.away_share
        # By then the last lease of any other process is over, too.
        if share is not None and now >= self._away_since + self._fleet.lease and not self._alone:
            self._alone = True
            limits = self._limits
            own = int(share * limits.concurrency), int(share * limits.heavy_concurrency)
            self._loan = Loan(own, own, own)
            self._lend()

    def _set_timer(self, seconds: float | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._opened or self.refusal is not None:
            return
        if seconds is None:
            restless = waits(self._need()) or self._away_since is not None
            if self._loan.held == (0, 0) and not restless:
                return
            self._soon = restless or self._is_idle()
            seconds = self._fleet.lease / (_SOON if self._soon else _BEAT)
        self._timer = self._clock.call_later(seconds, self._beat)

    def _beat(self) -> None:
        self._timer = None
        lately = self._clock.monotonic() < self._asked_at + self._fleet.lease / _BEAT
        calm = not self._contended and self._away_since is None
        if lately and calm and self._peaks[0] >= self._loan.held[0]:
            # All was in use since the last look, and may be again.
            self._peaks[:] = self._used()
            self._set_timer()
        else:
            self._ask_soon()

    def _conflict(self, others: Mapping[str, Any]) -> ConfigurationError:
        return conflict(self._name, self._fleet.where, self._limits, others)

    async def _part(self) -> None:
        self._fleet.listen(self._name, None)
        await self._fleet.close()
