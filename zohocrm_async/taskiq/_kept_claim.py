"""A claim of ours, kept alive by signs of life, and known to be lost before another acts on it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import JournalError
from zohocrm_async.taskiq import _claims
from zohocrm_async.taskiq._claims import Claim, ClaimLost, Renewed
from zohocrm_async.taskiq._database import Database, Unreachable
from zohocrm_async.taskiq._states import JobState

logger = logging.getLogger("zohocrm_async.taskiq")

T = TypeVar("T")

Work = Callable[[AsyncConnection], Awaitable[T]]
"""What is done within a transaction."""

# Parts of a lease: between two signs of life, in which a transaction has to be done, and
# before another try at a database that is away.
_BEAT: Final = 1 / 3
_PATIENCE: Final = 1 / 2
_PAUSE: Final = 1 / 40


class KeptClaim:
    """A claim from `open` to `close`.

    Args:
        database: where the claim is.
        claim: ours.
        lease: seconds that it lasts without a sign of life.
        clock: this process's time.
        since: when it was asked for, by `uptime`.
    """

    def __init__(
        self, database: Database, claim: Claim, *, lease: float, clock: Clock, since: float
    ) -> None:
        self.claim = claim
        self.spent = 0
        """Credits that were spent under it."""
        self._database = database
        self._lease = lease
        self._clock = clock
        self._confirmed = since
        self._ahead = 0.0
        self._gone: str | None = None
        self._why: str | None = None
        self._interruption = asyncio.Event()
        self._heart: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Learn the database's time, and give signs of life from now on."""
        await self.patiently(lambda: self.write(_nothing))
        self._heart = asyncio.create_task(self._beat(), name="zohocrm_async claim")

    async def close(self) -> None:
        """Give the claim back, with what it holds of the budget."""
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        try:
            await self._release()
        except JournalError as error:
            logger.warning(
                "part %d was not given back, and is free in %g s: %s",
                *(self.claim.number, self._lease, error),
            )
        finally:
            self._lose(f"part {self.claim.number} was given back")

    @property
    def lost(self) -> bool:
        """Whether somebody else may have it by now."""
        return self._gone is not None or uptime(self._clock) >= self._confirmed + self._lease

    def check(self) -> None:
        """Raise `ClaimLost` if it is lost."""
        if self.lost:
            raise ClaimLost(self._gone or self._lapsed())

    async def interrupted(self) -> str:
        """Return why nothing must be begun under it any more, once so."""
        await self._interruption.wait()
        return str(self._why)

    def now(self) -> datetime:
        """Return the database's time."""
        return datetime.fromtimestamp(uptime(self._clock) + self._ahead, UTC)

    async def write(self, work: Work[T], *, alone: bool = False) -> T:
        """Return what *work* returns, done in a transaction that renews the claim.

        Args:
            work: what is done.
            alone: whether no other claim of the job may do such work meanwhile.

        Raises:
            ClaimLost: it is ours no more; then nothing was done.
            Unreachable: the database does not answer; it may have been done.
        """

        async def whole(connection: AsyncConnection) -> tuple[T, Renewed]:
            if alone:
                await _claims.lock(connection, self.claim.job)
            renewed = await _claims.renew(
                self._database, connection, self.claim, self._lease, self.spent
            )
            return await work(connection), renewed

        sent = uptime(self._clock)
        try:
            result, renewed = await self._database.run(whole, patience=self._lease * _PATIENCE)
        except ClaimLost as error:
            self._lose(str(error))
            raise
        self._learn(sent, renewed)
        return result

    async def ask(self, work: Work[T], *, reads: bool = False) -> T:
        """Return what *work* returns, done in a transaction; again if it could not be done."""
        patience = self._lease * _PATIENCE
        return await self.patiently(
            lambda: self._database.run(work, reads=reads, patience=patience)
        )

    async def patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what *attempt* returns, trying as long as the claim must still be ours."""
        while True:
            try:
                return await attempt()
            except Unreachable:
                if self.lost:
                    raise
            await self._clock.sleep(self._lease * _PAUSE)

    async def _release(self) -> None:
        # Even if it seems to be lost: where another has it, nothing is changed.
        await self._database.run(
            lambda c: _claims.release(self._database, c, self.claim, self.spent),
            patience=self._lease * _PATIENCE,
        )

    async def _beat(self) -> None:
        """Give signs of life unless writes give them, until the claim is lost."""
        try:
            while not self.lost:
                due = self._confirmed + self._lease * _BEAT - uptime(self._clock)
                if due > 0:
                    await self._clock.sleep(due)
                    continue
                with contextlib.suppress(Unreachable):
                    await self.write(_nothing)
                    continue
                await self._clock.sleep(self._lease * _PAUSE)
        except JournalError as error:
            self._lose(str(error))
        except Exception:
            self._lose(f"part {self.claim.number} gives no sign of life any more")
            raise
        else:
            self._lose(self._lapsed())

    def _learn(self, sent: float, renewed: Renewed) -> None:
        self._confirmed = max(self._confirmed, sent)
        # Late rather than early: what must have been long enough ago has been.
        self._ahead = renewed.now - uptime(self._clock)
        if renewed.state is JobState.STOPPED:
            self._interrupt(renewed.stopped or "the job was stopped")

    def _lapsed(self) -> str:
        return (
            f"the claim of part {self.claim.number} was not confirmed for {self._lease:g} s, so "
            f"another worker may have it: see whether {self._database.where} answers in time"
        )

    def _lose(self, why: str) -> None:
        self._gone = self._gone or why
        self._interrupt(why)

    def _interrupt(self, why: str) -> None:
        self._why = self._why or why
        self._interruption.set()


def uptime(clock: Clock) -> float:
    """Return seconds of which only differences mean anything.

    They go on while the machine sleeps, as the lease does in the database.
    """
    return clock.boot()[1]


async def _nothing(connection: AsyncConnection) -> None:
    """Do nothing beyond what every write does."""
