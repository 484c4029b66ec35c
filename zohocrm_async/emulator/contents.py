"""What an organisation holds, as tests put it in and look it up."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from zohocrm_async.emulator import unsubscribe_links
from zohocrm_async.emulator.blueprints import add_blueprint
from zohocrm_async.emulator.books import RecordedMail, RecordedMerge
from zohocrm_async.emulator.loading import read_rows
from zohocrm_async.emulator.merge import Merges
from zohocrm_async.emulator.record_locks import release
from zohocrm_async.emulator.seeds import plant_all
from zohocrm_async.emulator.state import State


class Contents:
    """Records and all that goes with them."""

    def __init__(self, state: State) -> None:
        self.state = state
        """Everything stored; its switches (see the documentation) may be set at any time."""
        self.bounced = state.bounced
        """Addresses whose mails bounced."""
        self.no_consent = state.no_consent
        """Addresses and record ids that have not consented to mails."""
        self.opted_out = state.opted_out
        """Addresses that stopped all mails."""
        self.related_records = state.related_records
        """How many records hang on a record, by module and id."""
        self.fail_merges = state.fail_merges
        """Masters whose scheduled merges fail."""
        self._merges = Merges(state)
        self._duplicates: dict[str, dict[str, list[str]]] = {}
        unsubscribe_links.add_default_link(state)
        plant_all(state)

    @property
    def mails(self) -> tuple[RecordedMail, ...]:
        """Every mail, sent or waiting for its time."""
        return self.state.mails

    @property
    def merges(self) -> tuple[RecordedMerge, ...]:
        """Every merge, done or scheduled."""
        return self._merges.recorded()

    def add_records(self, module: str, rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        """Add records as they are; return their ids. An unknown module becomes a custom one.

        Raises:
            TypeError: *rows* are no list of mappings.
        """
        if isinstance(rows, str | Mapping):
            raise TypeError(f"rows is {rows!r:.80}: give a list of mappings, even of one")
        rows = tuple(rows)
        for row in rows:
            if not _is_row(row):
                raise TypeError(f"a row is {row!r:.80}: give a mapping of field names to values")
        self.state.add_module(module)
        return tuple(record["id"] for record in self.state.insert(module, rows))

    def record(self, module: str, record_id: str) -> Mapping[str, Any] | None:
        """Return one record as it is now, or None."""
        self._settle()
        found = self.state.find(module, record_id)
        return None if found is None else dict(found)

    def records(self, module: str) -> tuple[Mapping[str, Any], ...]:
        """Return the records of a module as they are now, oldest first."""
        self._settle()
        return tuple(dict(record) for record in self.state.records(module).values())

    def _settle(self) -> None:
        self._merges.settle()
        self.state.settle()

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

    def add_mail_merge_template(
        self, name: str, *, module: str = "Leads", content: str = ""
    ) -> str:
        """Add a template for documents; *content* is HTML with fields as ``${!Leads.Email}``."""
        found = {"id": self.state.new_id(), "name": name, "module": module, "content": content}
        self.state.mail_merge_templates[name] = found
        return str(found["id"])

    def add_inventory_template(
        self, name: str, *, module: str = "Quotes", content: str = ""
    ) -> str:
        """Add a template for quotes, orders or invoices; return its id."""
        templates = self.state.inventory_templates
        return self.state.add_template(templates, name, module, {"content": content})

    def add_setting(self, path: str, row: Mapping[str, Any], *, scope: str = "") -> str:
        """Add a row to what *path* lists, such as ``/settings/wizards``; return its id.

        *scope* is the module of what belongs to one, as fields and tags do, or the
        layout of pipelines.
        """
        setting = {"id": self.state.new_id(), **row}
        self.state.settings.rows(path, scope)[setting["id"]] = setting
        return str(setting["id"])

    def add_blueprint(
        self, module: str, field: str, transitions: Iterable[Mapping[str, Any]]
    ) -> tuple[str, ...]:
        """Give a module a process that moves *field*; return the ids of its transitions.

        A transition has a ``name``, the values that it leads ``from`` and ``to``, and
        perhaps ``fields``, the names of those that it asks for.
        """
        return add_blueprint(self.state, module, field, transitions)

    def add_from_address(self, email: str, *, user_name: str = "") -> None:
        """Allow mails to be sent from *email*."""
        entry = {"email": email, "user_name": user_name, "type": "org_email", "default": False}
        self.state.from_addresses.append({**entry, "id": self.state.new_id()})

    def lock(self, module: str, record_id: str) -> None:
        """Lock a record."""
        self.state.locked.add((self.state.module_name(module), record_id))

    def unlock(self, module: str, record_id: str) -> None:
        """Unlock a record."""
        release(self.state, (self.state.module_name(module), record_id))


def _is_row(value: object) -> bool:
    return isinstance(value, Mapping)
