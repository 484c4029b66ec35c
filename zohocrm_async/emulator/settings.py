"""The organisation, its addresses and templates, and uploaded files."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zohocrm_async.emulator.attached import StoredFile
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.queries import whole_number
from zohocrm_async.emulator.requests import Incoming, UploadedPart
from zohocrm_async.emulator.shapes import is_array
from zohocrm_async.emulator.state import Row, State
from zohocrm_async.options import Edition

_MOST_FILES = 10
_LARGEST_FILE = 20 * 1024 * 1024
_DEFAULT_TEMPLATES, _MOST_TEMPLATES = 20, 100


def get_org(state: State, incoming: Incoming, zgid: str) -> Reply:
    """Return the organisation."""
    word = str(state.edition.value[0])
    free = state.edition is Edition.FREE
    details = {
        "id": f"{zgid}000001",
        "zgid": zgid,
        "company_name": "Marlow & Finch",
        "type": "production",
        "time_zone": state.time_zone,
        "country": "Ireland",
        "country_code": "IE",
        "currency": "Euro",
        "currency_symbol": "€",
        "iso_code": "EUR",
        "mc_status": len(state.settings.rows("/org/currencies")) > 1,
        "primary_email": state.owner["email"],
        "domain_name": f"org{zgid}",
        "license_details": {
            "paid": not free,
            "paid_type": word,
            "trial_type": None,
            "paid_expiry": None,
            "trial_expiry": None,
            "users_license_purchased": state.users,
        },
    }
    return Reply({incoming.key: [details]})


def from_addresses(state: State) -> Reply:
    """List the addresses that mails may be sent from."""
    return Reply({"from_addresses": list(state.from_addresses)})


def _list_templates(templates: Mapping[str, Row], incoming: Incoming) -> Reply:
    """List templates, 20 a page unless told."""
    query = incoming.query
    per_page = whole_number(query, "per_page", _DEFAULT_TEMPLATES, _MOST_TEMPLATES)
    number = whole_number(query, "page", 1, 10**9)
    module = query.get("module")
    found = [
        {key: value for key, value in template.items() if key not in {"content", "mail_content"}}
        for template in templates.values()
        if module in {None, template["module"]["api_name"]}
    ]
    page = found[(number - 1) * per_page : number * per_page]
    if not page:
        return Reply(None, 204)
    more = number * per_page < len(found)
    info = {"per_page": per_page, "count": len(page), "page": number, "more_records": more}
    return Reply({incoming.key: page, "info": info})


def _get_template(templates: Mapping[str, Row], incoming: Incoming) -> Reply:
    """Return one template, with its content."""
    template = templates.get(incoming.id)
    if template is None:
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", resource_path_index=0)
    return Reply({incoming.key: [template]})


def upload_files(state: State, incoming: Incoming) -> Reply:
    """Take one to ten files, all or none."""
    parts: list[Any] = incoming.call.body if is_array(incoming.call.body) else []
    if not parts:
        raise Refusal("failure_in_attachment_handling", "the form holds no file")
    if len(parts) > _MOST_FILES:
        raise Refusal("INVALID_REQUEST", "one call takes 10 files", maximum_length=_MOST_FILES)
    kind = incoming.query.get("type")
    if kind not in {None, "inline"}:
        raise Refusal("INVALID_DATA", "the type is unknown", param_name="type")
    for part in parts:
        _check_part(part)
    return outcomes("data", [_store(state, part, inline=kind == "inline") for part in parts])


def _check_part(part: Any) -> None:
    if not isinstance(part, UploadedPart) or part.field != "file" or not part.name:
        raise Refusal("INVALID_DATA", "each part is a file, in the field called file")
    if not part.size:
        raise Refusal("failure_in_attachment_handling", "a file is empty")
    if part.size > _LARGEST_FILE:
        raise Refusal("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "a file has more than 20 MB", status=415)


def _store(state: State, part: UploadedPart, *, inline: bool) -> JSON:
    file = StoredFile(state.new_digest("file"), part.name or "", part.content)
    state.files[file.id] = evolve(file, inline=inline)
    return success_item(f"{file.name} is uploaded", name=file.name, id=file.id)


TEMPLATES: Mapping[str, Work] = {
    "email_templates.list": lambda state, i, _: _list_templates(state.email_templates, i),
    "email_templates.get": lambda state, i, _: _get_template(state.email_templates, i),
    "inventory_templates.list": lambda state, i, _: _list_templates(state.inventory_templates, i),
    "inventory_templates.get": lambda state, i, _: _get_template(state.inventory_templates, i),
}
