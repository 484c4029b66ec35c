"""Values of records: what the fields of a module take, and what becomes of it."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from zohocrm_async.emulator.errors import JSON, error_item
from zohocrm_async.emulator.external_ids import record_id
from zohocrm_async.emulator.fields import (
    invalid_field,
    longest,
    missing_field,
    name_field,
    type_problem,
)
from zohocrm_async.emulator.links import NOTES
from zohocrm_async.emulator.notes import parent_problem
from zohocrm_async.emulator.shapes import is_array, is_array_of_objects, is_object
from zohocrm_async.emulator.state import Row, State

OWN = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
"""What the service itself notes of every record."""
_USERS = frozenset({"ownerlookup", "userlookup"})
_RELATED = "the related id given seems to be invalid"


def fields_of(state: State, module: str) -> Mapping[str, Row]:
    """Return what is known of a module's fields, by their API names."""
    rows = state.settings.rows("/settings/fields", module).values()
    return {str(row["api_name"]): {"data_type": "text", **row} for row in rows}


def display_name(module: str, record: Mapping[str, Any]) -> Any:
    """Return what a record is called."""
    return record.get(name_field(module))


@define(eq=False)
class Values:
    """What one call writes to the records of a module."""

    state: State
    module: str
    external: Mapping[str, str]
    """External fields that stand for ids, by their modules."""
    fields: Mapping[str, Row] = field(init=False)
    _kinds: Mapping[str, str] = field(init=False)
    _needed: tuple[str, ...] = field(init=False)
    _unique: tuple[str, ...] = field(init=False)
    _found: dict[str, dict[Any, Row]] = field(init=False, factory=dict[str, dict[Any, Row]])

    def __attrs_post_init__(self) -> None:
        self.fields = fields_of(self.state, self.module)
        # Tags are described as text and are objects.
        self._kinds = {n: str(row["data_type"]) for n, row in self.fields.items() if n != "Tag"}
        self._needed = tuple(n for n, row in self.fields.items() if row.get("system_mandatory"))
        self._unique = tuple(n for n, row in self.fields.items() if row.get("unique"))

    # --- what is wrong

    def problem(
        self, row: Row, index: int, *, record: Row | None = None, new: bool = True
    ) -> JSON | None:
        """Return the error of a row that changes *record*, or is to be a new one; or None."""
        place = f"$.data[{index}]"
        missing = missing_field(self.module, row, index, new=new)
        for name in self._needed if missing is None else ():
            if row.get(name) in (None, "") and (new or name in row):
                details = {"api_name": name, "json_path": f"{place}.{name}"}
                return error_item("MANDATORY_NOT_FOUND", "required field not found", details)
        return (
            missing
            or self._wrong(row, place, index, record or {})
            or self._duplicate(row, place, record or {})
            or (parent_problem(self.state, row, place) if self.module == NOTES and new else None)
        )

    def _wrong(self, row: Row, place: str, index: int, record: Row) -> JSON | None:
        for name, value in row.items():
            if value is None or name in OWN:
                continue
            kind = self._kinds.get(name)
            problem = (
                invalid_field({name: value}, index)
                if kind is None
                else self._wrong_value(name, kind, value, f"{place}.{name}", record)
            )
            if problem is not None:
                return problem
        return None

    def _wrong_value(self, name: str, kind: str, value: Any, path: str, record: Row) -> JSON | None:
        expected = type_problem(kind, value)
        details: dict[str, Any] = {"api_name": name, "json_path": path}
        if expected is not None:
            details["expected_data_type"] = expected
            return error_item("INVALID_DATA", "invalid data", details)
        most = longest(name, kind, self.fields[name])
        if most is not None and len(str(value)) > most:
            return error_item("INVALID_DATA", "invalid data", {**details, "maximum_length": most})
        if kind == "lookup" or kind in _USERS:
            known = self._target(name, kind, value)
            return None if known is not None else error_item("INVALID_DATA", _RELATED, details)
        return self._wrong_subform(value, path, record.get(name)) if kind == "subform" else None

    def _wrong_subform(self, rows: list[Row], path: str, held: Any) -> JSON | None:
        known = {row["id"] for row in held} if is_array_of_objects(held) else set[str]()
        for index, row in enumerate(rows):
            details = {"api_name": "id", "json_path": f"{path}[{index}].id"}
            if "id" in row and str(row["id"]) not in known:
                return error_item("INVALID_DATA", "the id given seems to be invalid", details)
            if "_delete" in row and "id" not in row:
                return error_item("MANDATORY_NOT_FOUND", "required field not found", details)
        return None

    def _duplicate(self, row: Row, place: str, record: Row) -> JSON | None:
        for name in self._unique:
            found = self.holder(name, row.get(name))
            if found is not None and found["id"] != record.get("id"):
                details = {
                    "api_name": name,
                    "json_path": f"{place}.{name}",
                    "id": found["id"],
                    "duplicate_record": {
                        "id": found["id"],
                        "Owner": found.get("Owner"),
                        "module": {"api_name": self.module},
                    },
                }
                return error_item("DUPLICATE_DATA", "duplicate data", details)
        return None

    # --- who has a value

    def holder(self, name: str, value: Any) -> Row | None:
        """Return the record whose field has a value, upper and lower case alike."""
        if not isinstance(value, str | int | float) or value == "":
            return None
        if name not in self._found:
            found: dict[Any, Row] = {}
            for record in self.state.records(self.module).values():
                found.setdefault(_key(record.get(name)), record)
            self._found[name] = found
        holder = self._found[name].get(_key(value))
        # It may have been changed by a row before.
        return holder if holder is not None and _key(holder.get(name)) == _key(value) else None

    def written(self, record: Row) -> None:
        """Take note of a record that was made or changed."""
        for name, found in self._found.items():
            found[_key(record.get(name))] = record

    # --- what is stored

    def stored(self, row: Mapping[str, Any], record: Row | None = None) -> Row:
        """Return the values of a row as a record holds them; the service's own are left out."""
        kept: Row = {}
        for name, value in row.items():
            known = self.fields.get(name)
            if name in OWN or (known is not None and known.get("read_only")):
                continue
            kept[name] = value if value is None else self._stored(name, value, record or {})
        return kept

    def _stored(self, name: str, value: Any, record: Row) -> Any:
        kind = self._kinds.get(name)
        if kind == "lookup" or kind in _USERS:
            return self._target(name, kind, value)
        if kind == "subform":
            return self._merged(value, record.get(name), record)
        return value

    def _target(self, name: str, kind: str, value: Any) -> Row | None:
        """Return what a lookup refers to; None where there is nothing such."""
        given = value.get("id") if is_object(value) else value
        if kind in _USERS:
            user = self.state.settings.rows("/users").get(str(given))
            return user and {
                "name": user.get("full_name"), "id": user["id"], "email": user.get("email"),
            }  # fmt: skip
        lookup: Any = self.fields[name].get("lookup")
        module = str(lookup["module"]["api_name"]) if lookup else ""
        if module not in self.state.modules or (given is None and is_object(value)):
            return value if is_object(value) else {"id": given}
        found = record_id(self.state, module, str(given), self.external)
        if found is None:
            return None
        return {"id": found, "name": display_name(module, self.state.records(module)[found])}

    def _merged(self, rows: list[Row], held: Any, record: Row) -> list[Row]:
        """Return the rows of a subform: changed by their ids, added, deleted; others stay."""
        now = self.state.local_now().isoformat()
        kept = {row["id"]: row for row in held} if is_array_of_objects(held) else {}
        for row in rows:
            if "_delete" in row:
                kept.pop(str(row["id"]), None)
            elif "id" in row:
                own = {"id": str(row["id"]), "Modified_Time": now}
                kept[own["id"]] = {**kept.get(own["id"], {}), **row, **own}
            else:
                own = {"id": self.state.new_id(), "Created_Time": now, "Modified_Time": now}
                kept[own["id"]] = {**row, **own}
        parent = {"id": record.get("id"), "name": display_name(self.module, record)}
        return [{**row, "Parent_Id": parent} for row in kept.values()]

    def name_parents(self, record: Row) -> None:
        """Let the rows of a new record's subforms name it."""
        parent = {"id": record["id"], "name": display_name(self.module, record)}
        for name, value in record.items():
            if self._kinds.get(name) == "subform" and is_array(value):
                record[name] = [{**row, "Parent_Id": parent} for row in value]


def _key(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    return value if isinstance(value, int | float) else None
