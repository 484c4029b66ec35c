"""What the organisation stores: records, templates, files, mails, merges."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from attrs import Factory, define, evolve, field

from zohocrm_async._clock import Clock
from zohocrm_async._module_names import STANDARD_MODULES, SYSTEM_MODULES
from zohocrm_async.emulator import errors
from zohocrm_async.emulator.attached import Attached, StoredFile, with_files
from zohocrm_async.emulator.books import RecordedMail
from zohocrm_async.emulator.bulk_jobs import BulkJobs
from zohocrm_async.emulator.fields import needed_field
from zohocrm_async.emulator.histories import Histories
from zohocrm_async.emulator.links import Links
from zohocrm_async.emulator.mass_jobs import MassJobs
from zohocrm_async.emulator.store import SettingsStore
from zohocrm_async.options import Edition

SUBFORM_MODULES = frozenset({"Quoted_Items", "Ordered_Items", "Purchase_Items", "Invoiced_Items"})
INVENTORY_MODULES = frozenset({"Quotes", "Sales_Orders", "Purchase_Orders", "Invoices"})
# One page of the documentation calls the deals by their old name.
_OLD_NAMES = {"Potentials": "Deals"}
_CUSTOM_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_{0,2}[A-Za-z0-9]*")

ID_SEEDS = 900_000
"""Seeds that are so far apart number what is made alike."""

Row = dict[str, Any]
Observer = Callable[[str, str, Sequence[Row]], None]


@define(eq=False)
class State:
    """One organisation. Everything in it may be changed by tests at any time."""

    clock: Clock
    edition: Edition
    users: int
    seed: int
    time_zone: str
    mail_cap: int
    scheduled_merge_seconds: float

    bounced: set[str] = Factory(set[str])
    opted_out: set[str] = Factory(set[str])
    no_consent: set[str] = Factory(set[str])
    locked: set[tuple[str, str]] = Factory(set[tuple[str, str]])
    locks: dict[tuple[str, str], Row] = Factory(dict[tuple[str, str], Row])
    links: Links = Factory(Links)
    histories: Histories = Factory(Histories)
    shares: dict[tuple[str, str], dict[str, Row]] = Factory(dict[tuple[str, str], dict[str, Row]])
    """Users with whom a record is shared, by their ids."""
    blueprints: dict[str, Row] = Factory(dict[str, Row])
    mass_jobs: MassJobs = Factory(MassJobs)
    fail_merges: set[str] = Factory(set[str])
    related_records: dict[tuple[str, str], int] = Factory(dict[tuple[str, str], int])
    from_addresses: list[Row] = Factory(list[Row])
    email_templates: dict[str, Row] = Factory(dict[str, Row])
    inventory_templates: dict[str, Row] = Factory(dict[str, Row])
    unsubscribe_links: dict[str, Row] = Factory(dict[str, Row])
    link_places: dict[str, list[Row]] = Factory(dict[str, list[Row]])
    files: dict[str, StoredFile] = Factory(dict[str, StoredFile])
    mail_merge_templates: dict[str, Row] = Factory(dict[str, Row])
    attached: Attached = Factory(Attached)
    confirmed_account: bool = True
    confirmed_email: bool = True
    compliance_enabled: bool = False
    smtp_failure: bool = False
    email_delay: float = 0.0
    """Seconds until a mail is listed among the e-mails of its record."""
    settings: SettingsStore = Factory(SettingsStore)
    bulk: BulkJobs = Factory(BulkJobs)
    observers: list[Observer] = Factory(list[Observer])
    """Called with insert, update or delete, the module, and the ids with what changed."""

    zone: tzinfo = field(init=False)
    owner: Row = field(init=False)
    _folder_id: str = field(init=False)
    _modules: dict[str, dict[str, Row]] = field(init=False)
    _deleted: dict[str, list[Row]] = field(init=False, factory=dict[str, list[Row]])
    _made: int = field(init=False, default=0)
    _mails: list[RecordedMail] = field(init=False, factory=list[RecordedMail])
    _mails_of: dict[tuple[str, str], list[int]] = field(
        init=False, factory=dict[tuple[str, str], list[int]]
    )

    def __attrs_post_init__(self) -> None:
        self.zone = UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)
        self._modules = {name: {} for name in (*STANDARD_MODULES, *SYSTEM_MODULES)}
        self.owner = {"name": "Ines Marlow", "id": self.new_id(), "email": "crm@example.com"}
        self._folder_id = self.new_id()
        self.from_addresses.append(
            {
                "email": self.owner["email"],
                "type": "primary",
                "user_name": self.owner["name"],
                "id": None,
                "default": True,
            }
        )

    def settle(self) -> None:
        """Do the work of the jobs whose time is over."""
        self.mass_jobs.settle(self.clock.monotonic())
        self.bulk.settle(self.clock.monotonic())

    # --- ids and times

    def new_id(self) -> str:
        """Return the next id: 19 digits."""
        self._made += 1
        return f"{3_652_000 + self.seed % ID_SEEDS}{self._made:012d}"

    def new_digest(self, kind: str) -> str:
        """Return an id of 64 hexadecimal digits, as mails and files have."""
        self._made += 1
        return hashlib.sha256(f"{kind}:{self.seed}:{self._made}".encode()).hexdigest()

    def local_now(self) -> datetime:
        """Return the time in the organisation's zone, whole seconds."""
        return self.clock.now().astimezone(self.zone).replace(microsecond=0)

    # --- records

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules' names, custom ones last."""
        return tuple(self._modules)

    def module_name(self, module: str) -> str:
        """Return the name the module is known by.

        Raises:
            Refusal: there is no such module.
        """
        name = _OLD_NAMES.get(module, module)
        if name not in self._modules:
            raise errors.unknown_module()
        return name

    def records(self, module: str) -> dict[str, Row]:
        """Return the records of a module by id, oldest first.

        Raises:
            Refusal: there is no such module.
        """
        return self._modules[self.module_name(module)]

    def find(self, module: str, record_id: str) -> Row | None:
        """Return a record, or None."""
        return self.records(module).get(record_id)

    def add_module(self, module: str) -> None:
        """Make a custom module unless it is there."""
        if module in self._modules or module in _OLD_NAMES:
            return
        if not _CUSTOM_NAME.fullmatch(module):
            raise ValueError(f"{module!r} is no module's API name: give one such as Work_Orders")
        self._modules[module] = {}

    def insert(self, module: str, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Add *rows* as they are; return the records, with ids and times."""
        stored = self.records(module)
        now = self.local_now().isoformat()
        added: list[Row] = []
        for row in rows:
            record_id = self.new_id()
            record: Row = {
                "Owner": self.owner,
                "Created_By": self.owner,
                "Modified_By": self.owner,
                "Created_Time": now,
                "Modified_Time": now,
                **with_files(row, self.files, self.new_id),
                "id": record_id,
            }
            stored[record_id] = record
            added.append(record)
        self._tell("insert", self.module_name(module), added)
        return added

    def change(self, record: Row, values: Mapping[str, Any]) -> None:
        """Take *values* into a record."""
        values = with_files(values, self.files, self.new_id)
        changed = {name: value for name, value in values.items() if record.get(name) != value}
        now = self.local_now().isoformat()
        self.histories.note(record, values, now, self.owner)
        record.update(values)
        record["Modified_Time"] = now
        record["Modified_By"] = self.owner
        self._tell("update", self._module_of(record["id"]), [{**changed, "id": record["id"]}])

    def remove(self, module: str, record_id: str) -> None:
        """Delete a record and what is known of it."""
        name = self.module_name(module)
        record = self._modules[name].pop(record_id)
        deleted = {
            "id": record_id,
            "type": "recycle",
            "display_name": record.get(needed_field(name)),
            "created_by": record["Created_By"],
            "deleted_time": self.local_now().isoformat(),
            "deleted_by": self.owner,
        }
        self._deleted.setdefault(name, []).append(deleted)
        self.related_records.pop((name, record_id), None)
        self.attached.forget((name, record_id))
        self.histories.forget(record_id)
        self.locked.discard((name, record_id))
        self.locks.pop((name, record_id), None)
        self.shares.pop((name, record_id), None)
        self._tell("delete", name, [{"id": record_id}])

    def _module_of(self, record_id: str) -> str:
        return next((name for name, rows in self._modules.items() if record_id in rows), "")

    def _tell(self, operation: str, module: str, rows: Sequence[Row]) -> None:
        for observer in self.observers:
            observer(operation, module, rows)

    def deleted(self, module: str) -> list[Row]:
        """Return what is known of a module's deleted records, oldest first.

        Raises:
            Refusal: there is no such module.
        """
        return self._deleted.get(self.module_name(module), [])

    def is_locked(self, module: str, record_id: str) -> bool:
        """Whether a record is locked for now."""
        return (self.module_name(module), record_id) in self.locked

    # --- templates

    def add_template(
        self, templates: dict[str, Row], name: str, module: str, texts: Mapping[str, Any]
    ) -> str:
        """Add a template to one of the two collections; return its id."""
        now = self.local_now().isoformat()
        template_id = self.new_id()
        templates[template_id] = {
            "id": template_id,
            "name": name,
            "module": {"api_name": module},
            "folder": {"id": self._folder_id, "name": "Public Templates"},
            "editor_mode": "rich_text",
            "active": True,
            "favorite": False,
            "created_time": now,
            "created_by": self.owner,
            "modified_time": now,
            "modified_by": self.owner,
            **texts,
        }
        return template_id

    # --- mails

    @property
    def mails(self) -> tuple[RecordedMail, ...]:
        """Every mail, sent or waiting."""
        return tuple(self._current(index) for index in range(len(self._mails)))

    def add_mail(self, mail: RecordedMail) -> None:
        """Keep a mail."""
        index = len(self._mails)
        self._mails.append(mail)
        self._mails_of.setdefault((mail.module, mail.record_id), []).append(index)

    def mails_of(self, module: str, record_id: str) -> list[RecordedMail]:
        """Return the mails of a record, latest first."""
        found = self._mails_of.get((self.module_name(module), record_id), ())
        return [self._current(index) for index in reversed(found)]

    def _current(self, index: int) -> RecordedMail:
        """Return a mail; one whose time has come is sent by now."""
        mail = self._mails[index]
        if not mail.sent and mail.scheduled_time and mail.scheduled_time <= self.clock.now():
            mail = self._mails[index] = evolve(mail, sent=True)
        return mail
