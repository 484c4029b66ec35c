"""Which function answers which operation, and the arguments it takes."""

from collections.abc import Callable, Mapping
from functools import cache, partial

from attrs import define, frozen

from zohocrm_async._endpoint import Operation
from zohocrm_async.api import NAMED, declarations
from zohocrm_async.emulator import (
    backups,
    bulk_write,
    mail,
    merge,
    settings,
    unsubscribe_links,
)
from zohocrm_async.emulator.attachments import ATTACHMENTS
from zohocrm_async.emulator.backups import BACKUPS
from zohocrm_async.emulator.blueprints import BLUEPRINTS
from zohocrm_async.emulator.bulk_read import BULK_READ
from zohocrm_async.emulator.bulk_write import BULK_WRITE
from zohocrm_async.emulator.catalogue import list_apis, table
from zohocrm_async.emulator.company import COMPANY
from zohocrm_async.emulator.composite import Composites
from zohocrm_async.emulator.coql import QUERIES
from zohocrm_async.emulator.declared import declared
from zohocrm_async.emulator.declared_types import check_query
from zohocrm_async.emulator.email_drafts import EMAIL_DRAFTS
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.generic import Work, work_of
from zohocrm_async.emulator.inventory_conversion import INVENTORY_CONVERSION
from zohocrm_async.emulator.lead_conversion import LEAD_CONVERSION
from zohocrm_async.emulator.mail_merge import MAIL_MERGE
from zohocrm_async.emulator.mass_actions import MASS_ACTIONS
from zohocrm_async.emulator.meetings import MEETINGS
from zohocrm_async.emulator.notes import NOTING
from zohocrm_async.emulator.notifications import NOTIFYING
from zohocrm_async.emulator.ownership import OWNING
from zohocrm_async.emulator.people import PEOPLE
from zohocrm_async.emulator.photos import PHOTOS
from zohocrm_async.emulator.portals import PORTALS
from zohocrm_async.emulator.record_emails import RECORD_EMAILS
from zohocrm_async.emulator.record_locks import LOCKING
from zohocrm_async.emulator.records import RECORDS
from zohocrm_async.emulator.related_records import RELATED
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import check_keys, check_places, check_required
from zohocrm_async.emulator.rules import RULES
from zohocrm_async.emulator.shares import SHARING
from zohocrm_async.emulator.state import State
from zohocrm_async.emulator.tags import TAGGING


@define(eq=False)
class Organization:
    """What the handlers work on."""

    state: State
    day: mail.MailDay
    merges: merge.Merges
    zgid: str


Answer = Callable[[Organization, Incoming], Reply]


@frozen
class Handler:
    """A function with the names of the query it understands."""

    answer: Answer
    query: frozenset[str]

    def __call__(self, organization: Organization, incoming: Incoming) -> Reply:
        """Answer, once the query holds nothing unknown."""
        for name in incoming.query:
            if name not in self.query:
                raise Refusal("EXTRA_PARAM_FOUND", "the parameter is unknown", param_name=name)
        return self.answer(organization, incoming)


def _takes(names: str, answer: Answer) -> Handler:
    return Handler(answer, frozenset(names.split()))


def _on_state(names: str, answer: Callable[[State, Incoming], Reply]) -> Handler:
    return _takes(names, lambda organization, incoming: answer(organization.state, incoming))


HANDLERS: Mapping[str, Handler] = {
    "apis.list": _takes("filters", lambda _, incoming: list_apis(incoming)),
    "organization.get": _takes("", lambda org, i: settings.get_org(org.state, i, org.zgid)),
    "composite.run": _takes("", lambda org, i: _composites(org).run(i)),
    "files.upload": _on_state("type", settings.upload_files),
    "mail.send": _takes("", lambda org, i: mail.send_mail(org.state, org.day, i)),
    "mail.from_addresses": _takes("user_id", lambda org, _: settings.from_addresses(org.state)),
    "mail.list": _on_state("type owner_id user_id index", mail.list_emails),
    "mail.get": _on_state("type owner_id user_id", mail.get_email),
    "merge.create": _takes("", lambda org, i: org.merges.create(i)),
    "merge.status": _takes("job_id", lambda org, i: org.merges.status(i)),
    "bulk_write.upload": _takes("", lambda org, i: bulk_write.upload(org.state, i, org.zgid)),
    "bulk_write.download": _on_state("", bulk_write.result),
    "audit_log.download": _on_state("", backups.audit_log),
    "backup.download": _on_state("", backups.result),
    "unsubscribe_links.list": _on_state("", unsubscribe_links.list_links),
    "unsubscribe_links.get": _on_state("", unsubscribe_links.get_link),
    "unsubscribe_links.create": _on_state("", unsubscribe_links.create_link),
    "unsubscribe_links.update": _on_state("", unsubscribe_links.update_link),
    "unsubscribe_links.update_many": _on_state("", unsubscribe_links.update_links),
    "unsubscribe_links.delete": _on_state("", unsubscribe_links.delete_link),
    "unsubscribe_links.associations": _on_state("", unsubscribe_links.associations),
}


# What settings do beside being stored; the rest follows from the declarations.
_SETTINGS: Mapping[str, Work] = {
    **RECORDS,
    **PEOPLE,
    **PORTALS,
    **RULES,
    **TAGGING,
    **ATTACHMENTS,
    **PHOTOS,
    **RECORD_EMAILS,
    **EMAIL_DRAFTS,
    **MAIL_MERGE,
    **COMPANY,
    **NOTIFYING,
    **QUERIES,
    **BULK_READ,
    **BULK_WRITE,
    **BACKUPS,
    **RELATED,
    **NOTING,
    **LOCKING,
    **SHARING,
    **BLUEPRINTS,
    **OWNING,
    **MASS_ACTIONS,
    **LEAD_CONVERSION,
    **INVENTORY_CONVERSION,
    **MEETINGS,
    **settings.TEMPLATES,
}


@cache
def handler_of(operation: Operation) -> Handler | None:
    """Return what answers an operation; None for one that is not emulated."""
    by_hand = HANDLERS.get(operation.name)
    if by_hand is not None:
        return by_hand
    if operation.name not in declarations():
        return None
    work = _SETTINGS.get(operation.name) or work_of(operation)
    return _on_declared(operation, work) if work else None


def _on_declared(operation: Operation, work: Work) -> Handler:
    known = declared(operation.name)

    def answer(organization: Organization, incoming: Incoming) -> Reply:
        check_required(incoming, known)
        check_query(incoming, known)
        check_places(organization.state, incoming)
        check_keys(incoming, known)
        return work(organization.state, incoming, known)

    return Handler(answer, known.query)


def answer(organization: Organization, incoming: Incoming) -> Reply:
    """Answer a call.

    Raises:
        Refusal: as the service would; 501 for an operation that is not emulated.
    """
    handler = handler_of(incoming.operation)
    if handler is None:
        raise Refusal("NOT_EMULATED", f"{incoming.operation.name} is not emulated", status=501)
    organization.merges.settle()
    organization.state.settle()
    return handler(organization, incoming)


def _composites(organization: Organization) -> Composites:
    return Composites(organization.state, router().find, partial(answer, organization))


class Router:
    """Finds the operation of a path."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
        for operation in table():
            if operation.host == "link":
                continue  # it has the path of what the link names
            parts = operation.path.split("/")
            self._groups.setdefault((operation.method, len(parts)), []).append((parts, operation))
        for group in self._groups.values():
            group.sort(key=lambda entry: [part.startswith("{") for part in entry[0]])
        self._methods = tuple({operation.method for operation in table()})

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation and what stands in its places, literal segments first."""
        parts = path.split("/")
        for template, operation in self._groups.get((method, len(parts)), ()):
            params = _match(template, parts)
            if params is not None:
                return operation, params
        return None

    def knows(self, path: str, version: int) -> bool:
        """Whether *path* takes some method in *version*."""
        found = (self.find(method, path) for method in self._methods)
        return any(entry is not None and entry[0].since <= version for entry in found)


router = cache(Router)


def _match(template: list[str], parts: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for place, part in zip(template, parts, strict=True):
        if place == part:
            continue
        if place[:1] != "{" or not part or (place in NAMED and not part[0].isupper()):
            return None
        params[place[1:-1]] = part
    return params
