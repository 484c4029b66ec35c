"""Records of any module, as they are read: lists, single ones, searches, counts."""

from collections.abc import Mapping
from datetime import datetime

from zohocrm_async.emulator import queries
from zohocrm_async.emulator.bulk_criteria import matcher
from zohocrm_async.emulator.errors import JSON, Refusal, Reply
from zohocrm_async.emulator.external_ids import external_fields, record_id
from zohocrm_async.emulator.people import TERRITORIES
from zohocrm_async.emulator.record_values import fields_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import id_of, objects, unknown_id
from zohocrm_async.emulator.search import is_search, search
from zohocrm_async.emulator.state import Row, State

_MOST_IDS = 100
_MOST_FIELDS = 50
_DELETED = ("all", "recycle", "permanent")


def list_records(state: State, incoming: Incoming) -> Reply:
    """List the records of a module."""
    module = state.module_name(incoming.module)
    queries.check_exclusive(incoming.query, "cvid", "sort_by")
    if "fields" not in incoming.query:
        raise _missing("fields")
    fields = _fields(incoming)
    rows = _of_view(state, module, incoming.query, _asked(state, module, incoming))
    rows = _of_territory(state, incoming.query, rows)
    rows = _flagged(rows, incoming.query, "converted", "Converted", "false")
    rows = _flagged(rows, incoming.query, "approved", "$approved", "both")
    recent = _since(rows, incoming, "Modified_Time")
    if recent is None:
        return Reply(None, 304)
    page, info = queries.page_of(recent, incoming, state.clock.now().timestamp())
    if not page:
        return Reply(None, 204)
    return Reply({"data": [_view(row, fields) for row in page], "info": info})


def _asked(state: State, module: str, incoming: Incoming) -> list[Row]:
    """Return the records whose ids are asked for; without ids, all."""
    records = state.records(module)
    if "ids" not in incoming.query:
        return list(records.values())
    external = external_fields(incoming)
    found = [record_id(state, module, given, external) for given in ids_of(incoming)]
    return [records[id_] for id_ in found if id_ is not None]


def ids_of(incoming: Incoming) -> list[str]:
    """Return the ids in the query.

    Raises:
        Refusal: there are none, or too many.
    """
    ids = [id_ for id_ in incoming.query.get("ids", "").split(",") if id_]
    if not ids:
        raise _missing("ids")
    if len(ids) > _MOST_IDS:
        raise Refusal("LIMIT_EXCEEDED", "too many ids", param_name="ids", maximum_length=_MOST_IDS)
    return ids


def _missing(name: str) -> Refusal:
    return Refusal("REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name=name)


def _of_view(state: State, module: str, query: Mapping[str, str], rows: list[Row]) -> list[Row]:
    """Return those of *rows* that the custom view shows, if the query names one."""
    if "cvid" not in query:
        return rows
    view = state.settings.rows("/settings/custom_views", module).get(query["cvid"])
    if view is None:
        raise Refusal("INVALID_DATA", "the custom view is unknown", param_name="cvid")
    if not view.get("criteria"):
        return rows
    return list(filter(matcher(view["criteria"], fields_of(state, module)), rows))


def _of_territory(state: State, query: Mapping[str, str], rows: list[Row]) -> list[Row]:
    """Return those of *rows* that belong to the territory of the query, and those below it."""
    check_boolean(query, "include_child")
    if "territory_id" not in query:
        return rows
    territories = state.settings.rows(TERRITORIES)
    wanted = {query["territory_id"]}
    if not wanted & territories.keys():
        raise Refusal("INVALID_DATA", "the territory is unknown", param_name="territory_id")
    if query.get("include_child") == "true":
        above = {id_: id_of(row.get("reporting_to")) for id_, row in territories.items()}
        while below := {id_ for id_, parent in above.items() if parent in wanted} - wanted:
            wanted |= below
    return [
        row
        for row in rows
        if any(id_of(each) in wanted for each in objects(row.get("Territories")))
    ]


def check_boolean(query: Mapping[str, str], name: str) -> None:
    """Refuse a parameter that is neither true nor false.

    Raises:
        Refusal: it is not.
    """
    if query.get(name, "true") not in {"true", "false"}:
        raise Refusal(
            "INVALID_DATA", "the value is true or false", param_name=name,
            expected_data_type="boolean",
        )  # fmt: skip


def _flagged(
    rows: list[Row], query: Mapping[str, str], name: str, field: str, usual: str
) -> list[Row]:
    """Return the rows with a flag, those without, or both."""
    wanted = query.get(name, usual)
    if wanted not in {"true", "false", "both"}:
        raise Refusal(
            "INVALID_DATA", "the word is unknown", param_name=name,
            supported_values=["true", "false", "both"],
        )  # fmt: skip
    if wanted == "both":
        return rows
    unset = field == "$approved"
    return [row for row in rows if row.get(field, unset) is (wanted == "true")]


def _fields(incoming: Incoming) -> list[str] | None:
    text = incoming.query.get("fields")
    if text is None:
        return None
    fields = [name for name in text.split(",") if name]
    if not fields:
        raise Refusal("INVALID_DATA", "no field is named", param_name="fields")
    if len(fields) > _MOST_FIELDS:
        raise Refusal(
            "LIMIT_EXCEEDED", "too many fields", param_name="fields", maximum_length=_MOST_FIELDS
        )
    return fields


def _view(row: Row, fields: list[str] | None) -> JSON:
    if fields is None:
        return row
    return {"id": row["id"], **{name: row.get(name) for name in fields}}


def _since(rows: list[Row], incoming: Incoming, name: str) -> list[Row] | None:
    """Return the rows since the time in the header, all without one; None if there are none."""
    header = incoming.call.headers.get("If-Modified-Since")
    if header is None:
        return rows
    since = header_time(header)
    return [row for row in rows if datetime.fromisoformat(row[name]) > since] or None


def header_time(text: str) -> datetime:
    """Return the time in a header.

    Raises:
        Refusal: it is none, or has no offset.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Refusal("INVALID_DATA", "the header is no ISO 8601 time with an offset")
    return time


def named(state: State, module: str, incoming: Incoming) -> Row:
    """Return the record that the path names.

    Raises:
        Refusal: there is none.
    """
    found = record_id(state, module, incoming.id, external_fields(incoming))
    if found is None:
        raise unknown_id(1)
    return state.records(module)[found]


def get_record(state: State, incoming: Incoming) -> Reply:
    """Return one record."""
    module = state.module_name(incoming.module)
    rows = [named(state, module, incoming)]
    _of_view(state, module, incoming.query, [])
    rows = _flagged(rows, incoming.query, "converted", "Converted", "both")
    rows = _flagged(rows, incoming.query, "approved", "$approved", "both")
    fields = _fields(incoming)
    recent = _since(rows, incoming, "Modified_Time")
    if recent is None:
        return Reply(None, 304 if rows else 204)
    return Reply({"data": [_view(row, fields) for row in recent]}) if rows else Reply(None, 204)


def search_records(state: State, incoming: Incoming) -> Reply:
    """Search the records of a module."""
    module = state.module_name(incoming.module)
    external_fields(incoming)
    records = state.records(module).values()
    rows = search(records, incoming.query, fields_of(state, module))
    rows = _flagged(rows, incoming.query, "converted", "Converted", "false")
    rows = _flagged(rows, incoming.query, "approved", "$approved", "both")
    fields = _fields(incoming)
    page, info = queries.numbered_page_of(rows, incoming)
    if not page:
        return Reply(None, 204)
    return Reply({"data": [_view(row, fields) for row in page], "info": info})


def count_records(state: State, incoming: Incoming) -> Reply:
    """Count the records of a module, all or those that a search finds or a view shows."""
    module = state.module_name(incoming.module)
    rows = _of_view(state, module, incoming.query, list(state.records(module).values()))
    if is_search(incoming.query):
        rows = search(rows, incoming.query, fields_of(state, module))
    return Reply({"count": len(rows)})


def deleted_records(state: State, incoming: Incoming) -> Reply:
    """List the deleted records of a module, latest first."""
    kind = incoming.query.get("type", "all")
    if kind not in _DELETED:
        raise Refusal(
            "INVALID_DATA", "the type is unknown", param_name="type", supported_values=[*_DELETED]
        )
    rows = [row for row in reversed(state.deleted(incoming.module)) if kind in {"all", row["type"]}]
    recent = _since(rows, incoming, "deleted_time")
    if recent is None:
        return Reply(None, 304)
    page, info = queries.numbered_page_of(recent, incoming)
    return Reply({"data": page, "info": info}) if page else Reply(None, 204)


def rich_text(state: State, incoming: Incoming) -> Reply:
    """Return the rich-text fields of some records."""
    module = state.module_name(incoming.module)
    page, info = queries.numbered_page_of(_asked(state, module, incoming), incoming)
    if not page:
        return Reply(None, 204)
    names = _long_texts(state, module, incoming)
    return Reply({"data": [_view(row, names) for row in page], "info": info})


def rich_text_one(state: State, incoming: Incoming) -> Reply:
    """Return the rich-text fields of one record."""
    module = state.module_name(incoming.module)
    record = named(state, module, incoming)
    return Reply({"data": [_view(record, _long_texts(state, module, incoming))]})


def _long_texts(state: State, module: str, incoming: Incoming) -> list[str]:
    fields = fields_of(state, module)
    long = [name for name, row in fields.items() if row["data_type"] == "textarea"]
    return _fields(incoming) or long
