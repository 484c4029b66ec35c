"""An organisation of Zoho CRM in this process, on a real HTTP server."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from zohocrm_async._clock import OffsetClock
from zohocrm_async.auth.credentials import AuthorizationCode, ClientCredentials, RefreshToken
from zohocrm_async.emulator import unsubscribe_links
from zohocrm_async.emulator.accounts import Accounts
from zohocrm_async.emulator.app import App
from zohocrm_async.emulator.books import RecordedCall, RecordedMail, RecordedMerge
from zohocrm_async.emulator.control import Control
from zohocrm_async.emulator.credits import CreditWindow, Slots
from zohocrm_async.emulator.faults import Fault, PlannedFault
from zohocrm_async.emulator.handlers import Organization
from zohocrm_async.emulator.listener import Listener
from zohocrm_async.emulator.loading import read_rows
from zohocrm_async.emulator.mail import MailDay
from zohocrm_async.emulator.merge import Merges
from zohocrm_async.emulator.state import State
from zohocrm_async.options import DataCenter, Edition, Limits

if TYPE_CHECKING:
    from zohocrm_async import ZohoCRM


class Emulator:
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
        self.limits = Limits(
            credits=edition.credits(users) if credits is None else credits,
            concurrency=edition.concurrency if concurrency is None else concurrency,
            heavy_concurrency=heavy_concurrency,
        )
        """What the organisation grants, as a client is told."""
        self.state = State(
            clock=self.clock,
            edition=edition,
            users=users,
            seed=seed,
            time_zone=time_zone,
            mail_cap=edition.daily_mails(users) if mail_cap is None else mail_cap,
            scheduled_merge_seconds=scheduled_merge_seconds,
        )
        """Everything stored; its switches (see the documentation) may be set at any time."""
        unsubscribe_links.add_default_link(self.state)
        self.bounced = self.state.bounced
        """Addresses whose mails bounced."""
        self.no_consent = self.state.no_consent
        """Addresses and record ids that have not consented to mails."""
        self.opted_out = self.state.opted_out
        """Addresses that stopped all mails."""
        self.related_records = self.state.related_records
        """How many records hang on a record, by module and id."""
        self.fail_merges = self.state.fail_merges
        """Masters whose scheduled merges fail."""
        self._zgid = f"{700_000_000 + seed}"
        self._accounts = Accounts(self.clock, seed, self._zgid)
        self._client_id, self._client_secret = self._accounts.add_client()
        self._refresh_token = self._accounts.add_grant(self._client_id, None)
        self._window = CreditWindow(self.limits.credits, self.clock)
        self._slots = Slots(self.limits.concurrency, heavy_concurrency)
        self._merges = Merges(self.state)
        self._latency = latency
        self._address = host, port
        self._url = ""
        self._duplicates: dict[str, dict[str, list[str]]] = {}
        self._app: App | None = None
        self._listener: Listener | None = None

    # --- life

    async def __aenter__(self) -> Self:
        if self._app is not None:
            raise RuntimeError("an emulator is opened once; make another")
        self._app = App(
            Organization(self.state, MailDay(self.state), self._merges, self._zgid),
            accounts=self._accounts,
            window=self._window,
            slots=self._slots,
            latency=self._latency,
            clock=self.clock,
            control=Control(self),
        )
        host, port = self._address
        self._listener = Listener(self._app.serve, host)
        self._url = self._app.url = await self._listener.open(port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._app is not None and self._listener is not None:
            self._app.close()
            await self._listener.close()

    # --- how clients reach it

    @property
    def url(self) -> str:
        """Where it listens: accounts server and API in one."""
        self._opened()
        return self._url

    @property
    def data_center(self) -> DataCenter:
        """The data centre of this organisation alone."""
        return DataCenter("emulator", accounts=self.url, api=self.url, content=self.url)

    @property
    def zgid(self) -> str:
        """The organisation's number, as client credentials need it."""
        return self._zgid

    @property
    def credentials(self) -> RefreshToken:
        """Credentials with every scope."""
        return self._refresh(self._refresh_token)

    def credentials_with(self, *, scopes: Sequence[str]) -> RefreshToken:
        """Return credentials with no scope but *scopes*."""
        return self._refresh(self._accounts.add_grant(self._client_id, frozenset(scopes)))

    def client_credentials(self, scopes: Sequence[str]) -> ClientCredentials:
        """Return credentials of a client that acts for itself."""
        return ClientCredentials(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=scopes,
            soid=self._zgid,
        )

    def grant_code(self, scopes: Sequence[str] | None = None) -> AuthorizationCode:
        """Return credentials with a code that can be exchanged once, within three minutes."""
        code = self._accounts.add_code(
            self._client_id, None if scopes is None else frozenset(scopes)
        )
        return AuthorizationCode(
            client_id=self._client_id, client_secret=self._client_secret, code=code
        )

    def _refresh(self, refresh_token: str) -> RefreshToken:
        return RefreshToken(
            client_id=self._client_id,
            client_secret=self._client_secret,
            refresh_token=refresh_token,
        )

    @property
    def env(self) -> Mapping[str, str]:
        """The environment that ``ZohoCRM.from_env`` reads."""
        return {
            "ZOHO_CLIENT_ID": self._client_id,
            "ZOHO_CLIENT_SECRET": self._client_secret,
            "ZOHO_REFRESH_TOKEN": self._refresh_token,
            "ZOHO_ACCOUNTS_URL": self.url,
            "ZOHO_API_URL": self.url,
            "ZOHO_DATA_CENTER": "emulator",
            "ZOHO_CREDITS": str(self.limits.credits),
            "ZOHO_CONCURRENCY": str(self.limits.concurrency),
            "ZOHO_HEAVY_CONCURRENCY": str(self.limits.heavy_concurrency),
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
        many calls pass first; *seconds* is for `Fault.SLOW`.
        """
        planned = PlannedFault(fault, times, method, path, after, seconds)
        self._opened().faults.add(planned)

    def clear_faults(self) -> None:
        """Forget the faults that are planned and have not struck."""
        self._opened().faults.clear()

    def expire_tokens(self) -> None:
        """Make every access token invalid."""
        self._accounts.expire()

    def spend(self, credits: int) -> None:  # noqa: A002  # the service's word
        """Use up credits as another application of the organisation would."""
        self._window.spend(credits)

    # --- books

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The calls of the API in their order: the latest 200,000."""
        return self._opened().books.calls

    def call_totals(self) -> list[Mapping[str, Any]]:
        """Return the number of all calls by operation, status and word."""
        return self._opened().books.totals()

    def clear_calls(self) -> None:
        """Forget the calls so far; credits stay spent."""
        self._opened().books.clear()

    @property
    def mails(self) -> tuple[RecordedMail, ...]:
        """Every mail, sent or waiting for its time."""
        return self.state.mails

    @property
    def merges(self) -> tuple[RecordedMerge, ...]:
        """Every merge, done or scheduled."""
        return self._merges.recorded()

    @property
    def credits_used(self) -> int:
        """Credits that the last 24 hours cost."""
        return self._window.used

    @property
    def credits_remaining(self) -> int:
        """Credits that are left now."""
        return self._window.remaining

    @property
    def in_flight(self) -> int:
        """Calls that are being answered."""
        return self._slots.in_flight

    @property
    def peak_in_flight(self) -> int:
        """The most calls there were at once."""
        return self._slots.peak_in_flight

    @property
    def peak_heavy(self) -> int:
        """The most heavy calls there were at once."""
        return self._slots.peak_heavy

    @property
    def refusals(self) -> Mapping[str, int]:
        """429 answers by reason: credits, concurrency, sub-concurrency."""
        return self._opened().refusals.by_reason()

    @property
    def tokens_minted(self) -> int:
        """Access tokens that were given out."""
        return self._accounts.minted

    @property
    def connections(self) -> int:
        """TCP connections that were made."""
        return self._listener.connections if self._listener else 0

    # --- data

    def add_records(self, module: str, rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        """Add records as they are; return their ids. An unknown module becomes a custom one."""
        self.state.add_module(module)
        return tuple(record["id"] for record in self.state.insert(module, rows))

    def record(self, module: str, record_id: str) -> Mapping[str, Any] | None:
        """Return one record as it is now, or None."""
        self._merges.settle()
        found = self.state.find(module, record_id)
        return None if found is None else dict(found)

    def records(self, module: str) -> tuple[Mapping[str, Any], ...]:
        """Return the records of a module as they are now, oldest first."""
        self._merges.settle()
        return tuple(dict(record) for record in self.state.records(module).values())

    async def load_csv(self, module: str, source: str | Path | TextIO) -> tuple[str, ...]:
        """Add the rows of a file; return the records' ids in its order.

        Besides fields it may have the columns Key, Duplicate_Of, Related_Records
        and Bounced; see the documentation.

        Raises:
            ValueError: a row cannot be read; names its line.
        """
        path = Path(source) if isinstance(source, str) else source
        rows = await asyncio.to_thread(read_rows, path)
        ids = self.add_records(module, (row.fields for row in rows))
        keys = {row.key: id_ for row, id_ in zip(rows, ids, strict=True) if row.key}
        groups = self._duplicates.setdefault(module, {})
        for row, id_ in zip(rows, ids, strict=True):
            if row.duplicate_of:
                groups.setdefault(keys[row.duplicate_of], []).append(id_)
            if row.related_records:
                self.state.related_records[module, id_] = row.related_records
            if row.bounced and row.fields.get("Email"):
                self.state.bounced.add(row.fields["Email"])
        return ids

    def duplicates(self, module: str) -> Mapping[str, tuple[str, ...]]:
        """Return the duplicates that a loaded file names: master's id to the others' ids."""
        groups = self._duplicates.get(module, {})
        return {master: tuple(children) for master, children in groups.items()}

    def add_email_template(
        self, name: str, *, module: str = "Leads", subject: str = "", content: str = ""
    ) -> str:
        """Add a template for mails; return its id."""
        texts = {"subject": subject, "content": content, "associated": False}
        return self.state.add_template(self.state.email_templates, name, module, texts)

    def add_inventory_template(
        self, name: str, *, module: str = "Quotes", content: str = ""
    ) -> str:
        """Add a template for quotes, orders or invoices; return its id."""
        templates = self.state.inventory_templates
        return self.state.add_template(templates, name, module, {"content": content})

    def add_from_address(self, email: str, *, user_name: str = "") -> None:
        """Allow mails to be sent from *email*."""
        entry = {"email": email, "user_name": user_name, "type": "org_email", "default": False}
        self.state.from_addresses.append({**entry, "id": self.state.new_id()})

    def lock(self, module: str, record_id: str) -> None:
        """Lock a record."""
        self.state.locked.add((self.state.module_name(module), record_id))

    def unlock(self, module: str, record_id: str) -> None:
        """Unlock a record."""
        self.state.locked.discard((self.state.module_name(module), record_id))

    def _opened(self) -> App:
        if self._app is None:
            raise RuntimeError("open the emulator first: async with Emulator() as org")
        return self._app
