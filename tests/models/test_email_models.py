"""Drafts, e-mails from elsewhere and mail merges: what goes out, what is ruled out."""

import datetime as dt
from typing import Any

import pytest

from zohocrm_async._converter import structure, unstructure
from zohocrm_async.models import (
    Address,
    DownloadMailMerge,
    EmailAssociation,
    EmailDraft,
    EmailSharing,
    EmailSharingType,
    MailMerge,
    MailMergeTemplate,
    MergeAddress,
    MergeAddressType,
    NewEmailDraft,
    OutputFormat,
    RecordAttachment,
    ScheduleDetails,
    Signer,
    SignMailMerge,
)

WHEN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def read(body: Any, kind: Any, key: str | None = None) -> Any:
    """Return *body* as the client returns it."""
    return structure(body, kind, key, "test")


def association(**keys: Any) -> EmailAssociation:
    given: dict[str, Any] = {
        "from_": Address("jo@example.org"),
        "to": [Address("crm@example.com")],
        "subject": "An order",
        "content": "Ten",
        "date_time": WHEN,
        "sent": False,
        "original_message_id": "<1@example.org>",
    }
    return EmailAssociation(**{**given, **keys})


def test_an_association_goes_out_in_the_words_of_the_service() -> None:
    """Attachments may be given by their ids."""
    assert unstructure(association(attachments=["f1"])) == {
        "from": {"email": "jo@example.org"},
        "to": [{"email": "crm@example.com"}],
        "subject": "An order",
        "content": "Ten",
        "date_time": "2026-03-02T09:00:00+00:00",
        "sent": False,
        "original_message_id": "<1@example.org>",
        "attachments": [{"id": "f1"}],
    }


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, None),
        ({"to": []}, "to is empty: give whom the e-mail was sent to"),
        ({"cc": [Address("jo")]}, "cc: 'jo' is no e-mail address"),
        ({"subject": ""}, "subject is empty"),
        ({"subject": "x" * 251}, "subject is longer than 250 characters"),
        ({"original_message_id": ""}, "original_message_id is empty"),
        (
            {"date_time": WHEN.replace(tzinfo=None)},
            "date_time has no time zone: give an aware datetime",
        ),
    ],
)
def test_what_rules_an_association_out(keys: Any, problem: str | None) -> None:
    assert association(**keys).problems() == (() if problem is None else (problem,))


def test_a_draft_leaves_out_what_is_not_given() -> None:
    """But tells whether it is rich text, which has to be told."""
    draft = NewEmailDraft(from_="crm@example.com", rich_text=False)
    assert unstructure(draft) == {"from": "crm@example.com", "rich_text": False}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"from_": "crm"}, "'crm' is no e-mail address"),
        ({"reply_to": "crm"}, "'crm' is no e-mail address"),
        ({"bcc": [Address("a@b.cd")] * 101}, "bcc holds 101 addresses: 100 at most"),
        ({"subject": "x" * 513}, "subject is longer than 512 characters"),
        (
            {"schedule_details": ScheduleDetails(WHEN.replace(tzinfo=None))},
            "schedule_details.time has no time zone: give an aware datetime",
        ),
    ],
)
def test_what_rules_a_draft_out(keys: Any, problem: str) -> None:
    given: dict[str, Any] = {"from_": "crm@example.com", "rich_text": True, **keys}
    draft = NewEmailDraft(**given)
    assert draft.problems() == (problem,)


def test_a_draft_is_read_with_nulls_and_unknown_words() -> None:
    """What a draft does not have comes as null."""
    body = {
        "id": "d1",
        "from": "crm@example.com",
        "to": None,
        "subject": None,
        "schedule_details": {"time": "2026-03-02T09:00:00+01:00", "source": "ecTomorrow"},
        "attachments": None,
    }
    draft = read({"__email_drafts": [body]}, EmailDraft, "__email_drafts")
    assert (draft.to, draft.subject, draft.attachments) == ((), None, ())
    assert draft.schedule_details.source == "ecTomorrow"


@pytest.mark.parametrize("many", [True, False])
def test_sharing_is_read_as_an_object_or_as_a_list_of_one(*, many: bool) -> None:
    """Pages and schemas differ."""
    one = {
        "available_types": ["all_emails", "all_mars_emails"],
        "share_from_users": [{"id": "1", "name": "Jo", "_type": "pop"}],
    }
    key = "__emails_sharing_details"
    sharing = read({key: [one] if many else one}, EmailSharing, key)
    assert sharing.available_types == (EmailSharingType.ALL, "all_mars_emails")
    assert sharing.share_from_users[0].type == "pop"


def test_an_attachment_has_what_was_asked_for() -> None:
    """Sizes come as digits."""
    body = {"id": "1", "Size": "1024", "$link_url": None, "$type": "Attachment"}
    attachment = read(body, RecordAttachment)
    assert (attachment.size, attachment.file_name, attachment.is_link) == (1024, None, False)


def test_templates_and_addresses_may_be_given_as_texts() -> None:
    field = MergeAddress("${!Leads.Email}", MergeAddressType.MERGE_FIELD)
    merge = MailMerge(mail_merge_template="Letter", to_address=["jo@example.org", field])
    assert merge.mail_merge_template == MailMergeTemplate("Letter")
    assert unstructure(merge) == {
        "mail_merge_template": {"name": "Letter"},
        "to_address": [
            {"value": "jo@example.org", "type": "email"},
            {"value": "${!Leads.Email}", "type": "merge_field"},
        ],
    }


@pytest.mark.parametrize(
    ("merge", "problem"),
    [
        (MailMerge(mail_merge_template=""), "mail_merge_template has no name"),
        (
            MailMerge(mail_merge_template="A", attachment_name="x" * 256),
            "attachment_name is longer than 255 characters",
        ),
        (
            MailMerge(mail_merge_template="A", message="x" * 100_001),
            "message is longer than 100000 characters",
        ),
        (SignMailMerge(mail_merge_template="A", file_name=""), "file_name is empty"),
        (
            DownloadMailMerge(
                mail_merge_template="A", password="x", output_format=OutputFormat.DOCX
            ),
            "password goes with a PDF, not with docx",
        ),
    ],
)
def test_what_rules_a_merge_out(merge: Any, problem: str) -> None:
    assert merge.problems() == (problem,)


def test_a_signer_goes_out_with_the_kind_of_the_address() -> None:
    signer = Signer(recipient="jo@example.org", recipient_name="Jo", action_type="sign")
    merge = SignMailMerge(mail_merge_template="A", file_name="a", signers=(signer,))
    assert unstructure(merge)["signers"] == [
        {
            "recipient": {"value": "jo@example.org", "type": "email"},
            "recipient_name": "Jo",
            "action_type": "sign",
        }
    ]
