"""Ids that another system gave records, kept in external fields.

See https://www.zoho.com/crm/developer/docs/api/v7/get-records-ext.html.
"""

from collections.abc import Mapping

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.state import State


def external_fields(incoming: Incoming) -> Mapping[str, str]:
    """Return the external fields that a call names, by their modules.

    Raises:
        Refusal: the header cannot be read.
    """
    header = incoming.call.headers.get("X-EXTERNAL", "")
    fields: dict[str, str] = {}
    for entry in header.split(",") if header else ():
        module, dot, name = entry.strip().partition(".")
        if not module or not dot or not name:
            raise Refusal(
                "INVALID_DATA", "the header names no external field", param_name="X-EXTERNAL"
            )
        fields[module] = name
    return fields


def record_id(state: State, module: str, given: str, fields: Mapping[str, str]) -> str | None:
    """Return the id of the record that *given* names: its id, or its external one; or None."""
    name = fields.get(module)
    records = state.records(module)
    if name is None:
        return given if given in records else None
    return next((id_ for id_, row in records.items() if str(row.get(name)) == given), None)
