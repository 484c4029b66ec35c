"""Many organisations in one process: a client for each, opened when it is first asked for."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Protocol, Self

from attrs import frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async._clock import Clock, Timer
from zohocrm_async._events import Hook
from zohocrm_async._members import Books, Member, PoolLedger
from zohocrm_async._pool_line import Line, Place
from zohocrm_async._session import SessionPool
from zohocrm_async._shared import outcome_of
from zohocrm_async.auth import Credentials, MemoryTokenStore, TokenStore
from zohocrm_async.exceptions import (
    ConfigurationError,
    QueueFull,
    SchedulerClosed,
    UnknownOrganization,
    ZohoCRMError,
)
from zohocrm_async.options import DataCenter, Edition, Limits, Retry, Timeouts
from zohocrm_async.scheduler import Ledger
from zohocrm_async.scheduler.leases import SlotLeases
from zohocrm_async.scheduler.windows import DayWindow

logger = logging.getLogger("zohocrm_async.pool")


@frozen(kw_only=True)
class OrganizationSettings:
    """What a pool must know of one organisation; the fields are those of `ZohoCRM`.

    A pool opens an organisation more than once: the store makes *ledger* and *slots* anew
    each time.
    """

    credentials: Credentials
    data_center: DataCenter = DataCenter.US
    version: str = "v7"
    limits: Limits | Callable[[Limits], Limits] | None = None
    """What the organisation grants; None asks the organisation."""
    ledger: Ledger | None = None
    """Where its 24-hour window is kept; None keeps it in the pool."""
    slots: SlotLeases | None = None
    """Its slots, where several processes share them."""
    mails: DayWindow | None = None
    """Its mails of the day, where several processes count them."""
    hooks: Sequence[Hook] = ()


class OrganizationStore(Protocol):
    """Where a pool finds the organisations that it opens."""

    async def load(self, name: str) -> OrganizationSettings | None:
        """Return the settings of the organisation *name*, or None if there is none."""
        ...


class ClientPool:
    """Clients of many organisations, which share the connections and nothing else.

    A client is opened when its organisation is first asked for, and closed once nobody
    has used it for a while. Each has its own tokens, price list, credits and slots. What
    was spent is remembered beyond the closing.

    Args:
        store: where the organisations are found.
        clients: the most clients that are open at once. Where all are in use, whoever
            asks for another organisation waits until one is not; the others go on.
        idle: seconds without use after which a client is closed.
        max_waiting: how many may wait for a client; one more raises `QueueFull`.
        token_store: where tokens are kept; None keeps them in the pool.
        retry: when failed calls are tried again.
        timeouts: seconds for one attempt; of no effect with *sessions*.
        sessions: connections to share with others; None opens a pool of its own.
        clock: the time, for tests.
    """

    def __init__(
        self,
        store: OrganizationStore,
        *,
        clients: int = 500,
        idle: float = 600.0,
        max_waiting: int = 1_000,
        token_store: TokenStore | None = None,
        retry: Retry | None = None,
        timeouts: Timeouts | None = None,
        sessions: SessionPool | None = None,
        clock: Clock | None = None,
    ) -> None:
        if clients < 1 or not idle >= 0 or max_waiting < 0:
            raise ConfigurationError(
                f"ClientPool(clients={clients}, idle={idle}, max_waiting={max_waiting}): "
                "give 1 or more clients, and no negative number"
            )
        self.clock = clock or Clock()
        self._store = store
        self._most, self._idle, self._max_waiting = clients, idle, max_waiting
        self._tokens = token_store or MemoryTokenStore()
        self._retry = retry
        self._own_sessions = sessions is None
        # So many that the slow answers of one organisation take no connection of another.
        self._sessions = sessions or SessionPool(
            timeouts=timeouts, connections=clients * Edition.ULTIMATE.concurrency
        )
        self._members: OrderedDict[str, Member] = OrderedDict()
        self._books: dict[str, tuple[str, Books]] = {}
        """What is remembered of those that are closed, by name, with their credentials' key."""
        self._line = Line()
        self._timer: Timer | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def open_organisations(self) -> tuple[str, ...]:
        """The names of the organisations that have a client, the longest unused first."""
        return tuple(self._members)

    @asynccontextmanager
    async def organisation(self, name: str) -> AsyncGenerator[ZohoCRM]:
        """Give the client of the organisation *name* for as long as the block lasts.

        Errors of this package that leave the block carry a note that names the organisation.

        Raises:
            UnknownOrganization: the store has none of that name.
            ConfigurationError: what the store says of it cannot be used.
            QueueFull: all clients are in use and too many wait for one.
            SchedulerClosed: the pool is closed.
        """
        try:
            member = await self._enter(name)
            try:
                yield member.opening.result()
            finally:
                self._leave(member)
        except ZohoCRMError as error:
            note = f"organisation {name!r}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
            raise

    def peek(self, name: str) -> ZohoCRM | None:
        """Return the client of *name* if it is open, for a look that does not count as use."""
        member = self._members.get(name)
        return member.opening.result() if member is not None and member.is_open else None

    async def forget(self, name: str) -> None:
        """Close the client of *name* once nobody uses it; its settings are then read anew.

        Who asks for it meanwhile waits for that. For credentials that were replaced.
        """
        member = self._members.get(name)
        if member is None:
            return
        member.leaving = True
        if member.is_idle:
            self._close_member(member)
        await member.gone.wait()

    async def close(self) -> None:
        """Close every client: what waits is refused."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._line.call_all()
        for member in tuple(self._members.values()):
            if not member.opening.done():
                member.opening.cancel()
            elif member.is_open:
                self._close_member(member)
        closing = [member.closing or member.opening for member in self._members.values()]
        try:
            if closing:
                await asyncio.wait(closing)
        finally:
            if self._own_sessions:
                await self._sessions.close()

    async def _enter(self, name: str) -> Member:
        place: Place | None = None
        while True:
            if self._closed:
                raise SchedulerClosed("the pool of clients is closed")
            member = self._members.get(name)
            if member is None:
                if not self._has_room(place):
                    place = await self._make_room(name, place)
                    continue
                member = self._begin(name)
            elif place is not None:
                self._line.call()  # the room that this one was called for is not needed now
            if not member.leaving and member.closing is None:
                return await self._use(member)
            await member.gone.wait()

    async def _use(self, member: Member) -> Member:
        member.users += 1
        try:
            # Not awaited itself: who is cancelled must not take the opening along.
            await asyncio.wait((member.opening,))
            if member.opening.cancelled():
                raise SchedulerClosed("the pool of clients was closed")  # noqa: TRY301  # as any failure
            outcome_of(member.opening)
        except BaseException:
            self._leave(member)
            raise
        return member

    def _has_room(self, place: Place | None) -> bool:
        return len(self._members) < self._most and (place is not None or not self._line)

    async def _make_room(self, name: str, place: Place | None) -> Place:
        """Close an idle client, or wait for one; return the caller's place in the line."""
        idle = next((one for one in self._members.values() if one.is_idle), None)
        if idle is not None and (place is not None or not self._line):
            self._close_member(idle)
            await idle.gone.wait()
            return place or self._line.place(name)
        if place is None and len(self._line) >= self._max_waiting:
            raise QueueFull(
                f"all {self._most} clients are in use and {self._max_waiting} wait for one; "
                "raise ClientPool.clients, or use each for a shorter time"
            )
        place = place or self._line.place(name)
        await self._line.wait(place)
        return place

    def _begin(self, name: str) -> Member:
        opening = asyncio.create_task(self._open(name), name=f"zohocrm_async opens {name!r}")
        member = self._members[name] = Member(name, opening)
        opening.add_done_callback(lambda _: self._opened(member))
        self._line.call_for(name)
        return member

    async def _open(self, name: str) -> ZohoCRM:
        settings: Any = await self._store.load(name)
        if settings is None:
            raise UnknownOrganization(name)
        if not isinstance(settings, OrganizationSettings):
            raise ConfigurationError(
                f"the store returned {type(settings).__name__} for organisation {name!r}; "
                "it must return OrganizationSettings, or None"
            )
        self._take_key(name, settings)
        client = self._client(name, settings)
        try:
            return await client.__aenter__()
        except BaseException:
            await client.close()
            raise

    def _take_key(self, name: str, settings: OrganizationSettings) -> None:
        key = settings.credentials.key(settings.data_center.accounts)
        other = next((one.name for one in self._members.values() if one.key == key), None)
        if other is not None:
            raise ConfigurationError(
                f"organisations {other!r} and {name!r} have the same credentials, so each would "
                "take the other's credits and slots; use one name for them"
            )
        self._members[name].key = key

    def _client(self, name: str, settings: OrganizationSettings) -> ZohoCRM:
        member = self._members[name]
        ledger, mails = member.books = self._books_for(member)
        return ZohoCRM(
            settings.credentials,
            data_center=settings.data_center,
            version=settings.version,
            limits=settings.limits,
            retry=self._retry,
            token_store=self._tokens,
            ledger=settings.ledger or ledger,
            slots=settings.slots,
            mails=settings.mails or mails,
            sessions=self._sessions,
            hooks=settings.hooks,
            clock=self.clock,
        )

    def _books_for(self, member: Member) -> Books:
        """Return what is remembered of an organisation, also by another name, or new books."""
        name = member.name
        if name not in self._books:
            known = (other for other, (key, _) in self._books.items() if key == member.key)
            name = next(known, name)
        _, books = self._books.pop(name, ("", None))
        return books or (PoolLedger(0, clock=self.clock), DayWindow(None, "UTC", clock=self.clock))

    def _opened(self, member: Member) -> None:
        if member.opening.cancelled() or member.opening.exception() is not None:
            self._remove(member)
        elif not member.users:
            self._rest(member)

    def _leave(self, member: Member) -> None:
        member.users -= 1
        if member.is_idle:
            self._rest(member)

    def _rest(self, member: Member) -> None:
        """Let a client be that nobody uses now."""
        if member.leaving or self._closed:
            self._close_member(member)
            return
        member.idle_since = self.clock.monotonic()
        self._members.move_to_end(member.name)
        self._line.call()
        if self._timer is None:
            self._timer = self.clock.call_later(self._idle, self._close_idle)

    def _close_idle(self) -> None:
        """Close who was idle for long enough, and look again when the next one may be."""
        self._timer = None
        now = self.clock.monotonic()
        self._prune()
        idle = [member for member in self._members.values() if member.is_idle]
        for member in idle:
            if member.idle_since + self._idle <= now:
                self._close_member(member)
        due = [member.idle_since + self._idle for member in idle if member.is_idle]
        if due:
            self._timer = self.clock.call_later(min(due) - now, self._close_idle)

    def _close_member(self, member: Member) -> None:
        client = member.opening.result()
        member.closing = asyncio.create_task(
            client.close(), name=f"zohocrm_async closes {member.name!r}"
        )
        member.closing.add_done_callback(lambda _: self._has_closed(member))

    def _has_closed(self, member: Member) -> None:
        closing = member.closing
        failure = None if closing is None or closing.cancelled() else closing.exception()
        if failure is not None:
            logger.warning("organisation %r was not closed cleanly: %s", member.name, failure)
        if member.books is not None:
            self._books[member.name] = member.key, member.books
        self._remove(member)

    def _remove(self, member: Member) -> None:
        if self._members.get(member.name) is member:
            del self._members[member.name]
        member.gone.set()
        self._line.call()

    def _prune(self) -> None:
        """Forget books of the closed in which nothing stands any more."""
        for name, (_, (ledger, mails)) in tuple(self._books.items()):
            if not ledger.used and not mails.used:
                del self._books[name]
