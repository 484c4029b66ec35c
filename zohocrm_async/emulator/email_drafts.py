"""Drafts of e-mails, kept with a record.

See https://www.zoho.com/crm/developer/docs/api/v7/create-drafts.html.
"""

import re
from collections.abc import Mapping
from typing import Any

from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async.emulator import checks, errors
from zohocrm_async.emulator.attachments import record_of
from zohocrm_async.emulator.checks import Check
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcome, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.mail import MAIL_MODULES
from zohocrm_async.emulator.queries import numbered_page_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.state import INVENTORY_MODULES, Row, State

_MOST, _MOST_ADDRESSES, _MOST_FILES = 100, 100, 50
_LONGEST_SUBJECT, _LONGEST_CONTENT, _LONGEST_SUMMARY = 512, 200_000, 250
_RELATED = 3
_TAGS = re.compile(r"<[^>]+>")
_SOURCES = ("ecOneHourAhead", "upTime", "ecSchduleBestTime", "ecUpComing", "ecSchduleTime")


def _schedule(value: Any, name: str, path: str) -> None:
    more = {"timezone": checks.or_null(checks.text), "source": checks.one_of(*_SOURCES)}
    checks.keys(value, name, path, {"time": checks.time}, more)


def _inventory(value: Any, name: str, path: str) -> None:
    needed = {
        "inventory_template": checks.named_reference,
        "paper_type": checks.one_of("A4", "USLetter"),
        "view_type": checks.one_of("portrait", "landscape"),
    }
    checks.keys(value, name, path, needed)


_FILE: Mapping[str, Check] = {
    "id": checks.text,
    "file_name": checks.text,
    "service_name": checks.text,
}


def _file(value: Any, name: str, path: str) -> None:
    checks.keys(value, name, path, _FILE, {"file_size": checks.text})


_addresses = checks.list_of(_MOST_ADDRESSES, checks.address)
_NEEDED: Mapping[str, Check] = {"from": checks.email, "rich_text": checks.boolean}
_MORE: Mapping[str, Check] = {
    "to": _addresses,
    "cc": _addresses,
    "bcc": _addresses,
    "reply_to": checks.or_null(checks.email),
    "subject": checks.or_null(checks.short(_LONGEST_SUBJECT)),
    "content": checks.or_null(checks.short(_LONGEST_CONTENT)),
    "template": checks.named_reference,
    "attachments": checks.list_of(_MOST_FILES, _file),
    "schedule_details": checks.or_null(_schedule),
    "inventory_details": checks.or_null(_inventory),
}


def _check(state: State, module: str, draft: Row, path: str) -> None:
    """Refuse a draft that cannot be kept.

    Raises:
        Refusal: names what is wrong with it.
    """
    checks.keys(draft, "__email_drafts", path, _NEEDED, _MORE)
    if draft["from"].lower() not in {entry["email"].lower() for entry in state.from_addresses}:
        raise checks.refuse(
            "INVALID_DATA", "you cannot send mails from this address", "from", f"{path}.from"
        )
    for index, file in enumerate(draft.get("attachments", ())):
        if file["id"] not in state.files:
            where = f"{path}.attachments[{index}].id"
            raise checks.refuse("INVALID_DATA", "no file has this encrypted id", "id", where)
    template = draft.get("template")
    if template is not None and template["id"] not in state.email_templates:
        raise checks.refuse("INVALID_DATA", "no such template", "id", f"{path}.template.id")
    _check_inventory(state, module, draft, path)


def _check_inventory(state: State, module: str, draft: Row, path: str) -> None:
    details = draft.get("inventory_details")
    if details is None:
        return
    where = f"{path}.inventory_details"
    if module not in INVENTORY_MODULES:
        raise checks.refuse(
            "NOT_ALLOWED", "the module has no inventory", "inventory_details", where
        )
    if details["inventory_template"]["id"] not in state.inventory_templates:
        where = f"{where}.inventory_template.id"
        raise checks.refuse("INVALID_DATA", "no such template", "id", where)


def _kept(state: State, incoming: Incoming) -> dict[str, Row]:
    module = _module(state, incoming)
    place = module, record_of(state, incoming)["id"]
    return state.attached.drafts.setdefault(place, {})


def _module(state: State, incoming: Incoming) -> str:
    module = state.module_name(incoming.module)
    if module in STANDARD_MODULES and module not in MAIL_MODULES:
        raise errors.unknown_module()
    return module


def _list(state: State, incoming: Incoming, _: Declared) -> Reply:
    page, info = numbered_page_of(list(_kept(state, incoming).values()), incoming)
    return Reply({incoming.key: page, "info": info}) if page else Reply(None, 204)


def _get(state: State, incoming: Incoming, _: Declared) -> Reply:
    return Reply({incoming.key: [_draft(state, incoming)]})


def _draft(state: State, incoming: Incoming) -> Row:
    found = _kept(state, incoming).get(incoming.params["draft_id"])
    if found is None:
        raise unknown_id(_RELATED)
    return found


def _create(state: State, incoming: Incoming, _: Declared) -> Reply:
    kept, module = _kept(state, incoming), _module(state, incoming)
    items: list[JSON] = []
    drafts = incoming.items(_MOST)
    incoming.only_keys()
    for index, draft in enumerate(drafts):
        try:
            _check(state, module, draft, f"$.{incoming.key}[{index}]")
        except Refusal as refusal:
            items.append(refusal.item)
            continue
        row = _row(state, draft)
        kept[row["id"]] = row
        items.append(success_item("draft created", id=row["id"]))
    return outcomes(incoming.key, items, status=201)


def _row(state: State, draft: Row) -> Row:
    now = state.local_now().isoformat()
    return {
        **dict.fromkeys(("to", "cc", "bcc", "reply_to", "subject", "content"), None),
        **dict.fromkeys(("attachments", "schedule_details", "inventory_details"), None),
        **draft,
        "id": state.new_digest("draft"),
        "summary": _summary(draft),
        "owner": {"id": state.owner["id"], "name": state.owner["name"]},
        "created_time": now,
        "modified_time": now,
        "email_opt_out": False,
        "$sharing_permission": "full_access",
    }


def _summary(draft: Row) -> str | None:
    content = draft.get("content")
    return _TAGS.sub("", content)[:_LONGEST_SUMMARY] if content else None


def _update(state: State, incoming: Incoming, _: Declared) -> Reply:
    row = _draft(state, incoming)
    [draft] = incoming.items(1)
    incoming.only_keys()
    _check(state, _module(state, incoming), draft, f"$.{incoming.key}[0]")
    row.update(draft)
    row.update(summary=_summary(row), modified_time=state.local_now().isoformat())
    return outcome(incoming.key, success_item("draft updated", id=row["id"]))


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    row = _draft(state, incoming)
    del _kept(state, incoming)[row["id"]]
    return outcome(incoming.key, success_item("draft deleted", id=row["id"]))


EMAIL_DRAFTS: Mapping[str, Work] = {
    "email_drafts.list": _list,
    "email_drafts.get": _get,
    "email_drafts.create": _create,
    "email_drafts.update": _update,
    "email_drafts.delete": _delete,
}
