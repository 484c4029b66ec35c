"""Answers have shapes that no table of theirs tells; none of them ends a call."""

from typing import Any

from zohocrm_async._converter import structure
from zohocrm_async.models import (
    EmailSharing,
    Module,
    PicklistValueAssociation,
    Share,
    TimelineEvent,
    UserGroup,
)


def read(kind: Any, item: dict[str, Any]) -> Any:
    return structure({"items": [item]}, kind, "items", "answers.read")


def test_most_modules_have_an_empty_parent() -> None:
    """Only those of subforms have one."""
    plain = read(Module, {"api_name": "Leads", "parent_module": {}})
    assert plain.parent_module is None
    items = {"api_name": "Quoted_Items", "parent_module": {"api_name": "Quotes", "id": "7"}}
    assert read(Module, items).parent_module.api_name == "Quotes"


def test_a_share_tells_its_module_by_name() -> None:
    """Where others give the API name."""
    through = {"id": "7", "module": {"name": "Accounts", "id": "8"}}
    shared = read(Share, {"shared_through": through, "permission": "read_only"})
    assert shared.shared_through.module.name == "Accounts"


def test_a_signal_of_a_timeline_is_an_object() -> None:
    """Other events have none, and records that are not of the organisation no module."""
    extension = {"namespace": "email", "id": "7", "signal": {"action": "received"}}
    event = read(TimelineEvent, {"id": "1", "extension": extension, "record": {"module": None}})
    assert event.extension["signal"]["action"] == "received"
    assert event.record.module is None


def test_users_who_share_e_mails_stand_under_two_names() -> None:
    """As the version has it."""
    user = {"id": "7", "name": "Jo", "_type": "imap"}
    for name in ("share_from_users", "shared_from_users"):
        assert read(EmailSharing, {name: [user]}).share_from_users[0].type == "imap"


def test_where_a_choice_is_used_is_told_in_two_shapes() -> None:
    """A list of rules, or the module of a process."""
    rules, process = [{"name": "Big deals", "type": "Workflow"}], {"module": {"id": "7"}}
    for details in (rules, process):
        use = {"type": "task", "resources": [{"id": "1", "details": details}]}
        assert read(PicklistValueAssociation, use).resources[0].details == details


def test_a_group_in_a_list_counts_its_users() -> None:
    """Where the call that asks for the counts tells them by kind."""
    group = read(UserGroup, {"id": "7", "sources_count": {"roles": 2, "users": 2}})
    assert group.sources_count["users"] == 2
