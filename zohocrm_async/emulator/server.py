"""An organisation of Zoho CRM in this process, on a real HTTP server."""

from collections.abc import Mapping, Sequence
from types import TracebackType, UnionType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zohocrm_async._clock import OffsetClock
from zohocrm_async.auth.credentials import AuthorizationCode, ClientCredentials, RefreshToken
from zohocrm_async.emulator.app import App
from zohocrm_async.emulator.books import RecordedCall, RecordedCallback, RecordedNotification
from zohocrm_async.emulator.callbacks import Callbacks
from zohocrm_async.emulator.catalogue import table
from zohocrm_async.emulator.contents import Contents
from zohocrm_async.emulator.control import Control
from zohocrm_async.emulator.faults import Fault, PlannedFault
from zohocrm_async.emulator.listener import Listener
from zohocrm_async.emulator.notifier import Notifier
from zohocrm_async.emulator.poster import Poster
from zohocrm_async.emulator.state import State
from zohocrm_async.options import DataCenter, Edition, Limits

if TYPE_CHECKING:
    from zohocrm_async import ZohoCRM


class Emulator(Contents):
    """One organisation; an async context manager.

    Args:
        edition: with *users*, what credits, slots and daily mails follow from.
        users: licensed users.
        credits: credits of any 24 hours; None: the edition's.
        concurrency: calls at once; None: the edition's.
        heavy_concurrency: heavy calls at once.
        latency: real seconds that each API call takes, its slots held meanwhile.
        seed: where ids and tokens begin.
        clock: the time; advance it by `advance`.
        mail_cap: mails of a calendar day; None: the edition's.
        time_zone: in which the days of the mails are counted.
        host: the address to listen on.
        port: 0 takes any that is free.
        scheduled_merge_seconds: how long a scheduled merge takes, by the clock.

    Raises:
        ValueError: an argument is of the wrong kind; names each.
    """

    def __init__(
        self,
        *,
        edition: Edition = Edition.ENTERPRISE,
        users: int = 25,
        credits: int | None = None,  # noqa: A002  # the service's word
        concurrency: int | None = None,
        heavy_concurrency: int = 10,
        latency: float = 0.0,
        seed: int = 0,
        clock: OffsetClock | None = None,
        mail_cap: int | None = None,
        time_zone: str = "UTC",
        host: str = "127.0.0.1",
        port: int = 0,
        scheduled_merge_seconds: float = 5.0,
    ) -> None:
        self.clock = clock or OffsetClock()
        _check(
            ("edition", edition, edition in tuple(Edition), "one of Edition, as Edition.FREE"),
            ("users", users, _is_number(users, 1, int), "a whole number, 1 or more"),
            ("latency", latency, _is_number(latency, 0, int | float), "seconds, 0 or more"),
            ("seed", seed, _is_number(seed, 0, int), "a whole number, 0 or more"),
            ("time_zone", time_zone, _is_zone(time_zone), "a name such as Europe/Berlin"),
        )
        self.limits = Limits(
            credits=edition.credits(users) if credits is None else credits,
            concurrency=edition.concurrency if concurrency is None else concurrency,
            heavy_concurrency=heavy_concurrency,
        )
        """What the organisation grants, as a client is told."""
        state = State(
            clock=self.clock,
            edition=edition,
            users=users,
            seed=seed,
            time_zone=time_zone,
            mail_cap=edition.daily_mails(users) if mail_cap is None else mail_cap,
            scheduled_merge_seconds=scheduled_merge_seconds,
        )
        super().__init__(state)
        self._app = App(state, self._merges, self.limits, latency=latency, control=Control(self))
        self._poster = Poster()
        self._notifier = Notifier(state, self._poster)
        self._callbacks = Callbacks(state, self._poster, state.settle)
        self._address = host, port
        self._listener: Listener | None = None

    # --- life

    async def __aenter__(self) -> Self:
        if self._listener is not None:
            raise RuntimeError("an emulator is opened once; make another")
        host, port = self._address
        self._listener = Listener(self._app.serve, host)
        self._app.url = await self._listener.open(port)
        self._poster.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._listener is not None:
            self._app.close()
            self._callbacks.close()
            await self._poster.close()
            await self._listener.close()

    # --- how clients reach it

    @property
    def url(self) -> str:
        """Where it listens: accounts server and API in one."""
        if not self._app.url:
            raise RuntimeError("open the emulator first: async with Emulator() as org")
        return self._app.url

    @property
    def data_center(self) -> DataCenter:
        """The data centre of this organisation alone."""
        return DataCenter("emulator", accounts=self.url, api=self.url, content=self.url)

    @property
    def zgid(self) -> str:
        """The organisation's number, as client credentials need it."""
        return self._app.accounts.zgid

    @property
    def credentials(self) -> RefreshToken:
        """Credentials with every scope."""
        accounts = self._app.accounts
        return RefreshToken(**accounts.client, refresh_token=accounts.refresh_token)

    def credentials_with(self, *, scopes: Sequence[str]) -> RefreshToken:
        """Return credentials with no scope but *scopes*."""
        accounts = self._app.accounts
        token = accounts.add_grant(frozenset(scopes))
        return RefreshToken(**accounts.client, refresh_token=token)

    def client_credentials(self, scopes: Sequence[str]) -> ClientCredentials:
        """Return credentials of a client that acts for itself."""
        return ClientCredentials(**self._app.accounts.client, scope=scopes, soid=self.zgid)

    def grant_code(self, scopes: Sequence[str] | None = None) -> AuthorizationCode:
        """Return credentials with a code that can be exchanged once, within three minutes."""
        accounts = self._app.accounts
        code = accounts.add_code(None if scopes is None else frozenset(scopes))
        return AuthorizationCode(**accounts.client, code=code)

    @property
    def env(self) -> Mapping[str, str]:
        """The environment that ``ZohoCRM.from_env`` reads."""
        accounts = self._app.accounts
        return {
            "ZOHO_CLIENT_ID": accounts.client["client_id"],
            "ZOHO_CLIENT_SECRET": accounts.client["client_secret"],
            "ZOHO_REFRESH_TOKEN": accounts.refresh_token,
            "ZOHO_ACCOUNTS_URL": self.url,
            "ZOHO_API_URL": self.url,
            "ZOHO_DATA_CENTER": "emulator",
            "ZOHO_CREDITS": str(self.limits.credits),
            "ZOHO_CONCURRENCY": str(self.limits.concurrency),
            "ZOHO_HEAVY_CONCURRENCY": str(self.limits.heavy_concurrency),
            "ZOHO_TIME_ZONE": self.limits.time_zone,
        }

    def client(self, **settings: Any) -> "ZohoCRM":
        """Return a client of this organisation; *settings* are those of `ZohoCRM`."""
        from zohocrm_async import ZohoCRM  # noqa: PLC0415  # the server itself needs no client

        given: dict[str, Any] = {
            "data_center": self.data_center,
            "limits": self.limits,
            "clock": self.clock,
            **settings,
        }
        return ZohoCRM(given.pop("credentials", self.credentials), **given)

    # --- time and faults

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Move the clock on.

        Credits come back, tokens expire, scheduled merges and mails get done, and
        a new day of mails begins.
        """
        self.clock.advance(seconds + 60 * minutes + 3600 * hours)
        self._merges.settle()
        self.state.settle()

    def fail_next(
        self,
        fault: Fault,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        after: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Plan a fault for the next calls that match.

        *path* is a regular expression, searched in the path below ``/crm/{version}``.
        Without one, any call of the API is struck but ``/__apis``, which clients
        read unasked. For tokens say ``path="/oauth/v2/token"``. *after* lets that
        many calls pass first; *seconds* is how late `Fault.SLOW` answers and
        `Fault.LATE` works, and what `Fault.TOO_MANY_CALLS` says in ``Retry-After``.
        """
        planned = PlannedFault(fault, times, method, path, after, seconds)
        self._app.faults.add(planned)

    def clear_faults(self) -> None:
        """Forget the faults that are planned and have not struck."""
        self._app.faults.clear()

    def expire_tokens(self) -> None:
        """Make every access token invalid."""
        self._app.accounts.expire()

    def spend(self, credits: int) -> None:  # noqa: A002  # the service's word
        """Use up credits as another application of the organisation would."""
        if credits < 0:
            raise ValueError(f"{credits} credits cannot be spent: give 0 or more")
        self._app.window.spend(credits)

    def occupy(self, slots: int, *, heavy: int = 0) -> None:
        """Let other applications hold *slots* from now on, *heavy* of them with heavy calls.

        It replaces what was said before; ``occupy(0)`` leaves all to the clients.
        """
        if not 0 <= heavy <= slots:
            raise ValueError(f"{slots} slots, {heavy} of them heavy: give 0 <= heavy <= slots")
        self._app.slots.elsewhere = slots
        self._app.slots.heavy_elsewhere = heavy

    def reprice(self, operation: str, credits: int) -> None:  # noqa: A002
        """Charge *credits* for an operation such as ``mail.send``, whatever `__apis` lists."""
        if credits < 0:
            raise ValueError(f"{operation} for {credits} credits: give 0 or more")
        if operation not in {known.name for known in table()}:
            raise ValueError(f"no operation is called {operation!r}: give one such as mail.send")
        self._app.prices[operation] = credits

    # --- books

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The calls of the API in their order: the latest 200,000."""
        return self._app.books.calls

    def call_totals(self) -> list[Mapping[str, Any]]:
        """Return the number of all calls by operation, status and word."""
        return self._app.books.totals()

    def clear_calls(self) -> None:
        """Forget the calls so far; credits stay spent."""
        self._app.books.clear()

    @property
    def notifications(self) -> tuple[RecordedNotification, ...]:
        """What channels were told, or would have been, oldest first: the latest 10,000."""
        return tuple(self._notifier.sent)

    @property
    def callbacks(self) -> tuple[RecordedCallback, ...]:
        """What the addresses of bulk jobs were told, oldest first: the latest 10,000."""
        return tuple(self._callbacks.sent)

    async def notified(self) -> None:
        """Return when channels and callbacks were told of all that happened so far."""
        await self._poster.idle()

    @property
    def credits_used(self) -> int:
        """Credits that the last 24 hours cost."""
        return self._app.window.used

    @property
    def credits_remaining(self) -> int:
        """Credits that are left now."""
        return self._app.window.remaining

    @property
    def in_flight(self) -> int:
        """Calls that are being answered."""
        return self._app.slots.in_flight

    @property
    def peak_in_flight(self) -> int:
        """The most calls there were at once."""
        return self._app.slots.peak_in_flight

    @property
    def peak_heavy(self) -> int:
        """The most heavy calls there were at once."""
        return self._app.slots.peak_heavy

    @property
    def refusals(self) -> Mapping[str, int]:
        """429 answers by reason: credits, concurrency, sub-concurrency."""
        return self._app.refusals.by_reason()

    @property
    def tokens_minted(self) -> int:
        """Access tokens that were given out."""
        return self._app.accounts.minted

    @property
    def connections(self) -> int:
        """TCP connections that were made."""
        return self._listener.connections if self._listener else 0


def _check(*settings: tuple[str, object, bool, str]) -> None:
    """Refuse what would fail later, or never: name, value, whether it will do, what would."""
    wrong = [
        f"{name} is {value!r}: give {what}" for name, value, good, what in settings if not good
    ]
    if wrong:
        raise ValueError("; ".join(wrong))


def _is_number(value: Any, least: int, kind: type[int] | UnionType) -> bool:
    return isinstance(value, kind) and value >= least


def _is_zone(name: Any) -> bool:
    try:
        return name == "UTC" or bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        return False
