"""send_mail refuses what is documented to be refused, and books what it sends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from direct import SENDER, add_lead, direct

from zohocrm_async import exceptions as errors
from zohocrm_async._error_words import api_error
from zohocrm_async.emulator import Emulator

OTHER_SENDER = {"from": {"email": "me@else.example"}}
INVENTORY = {"inventory_details": {"inventory_template": {"id": "1"}}}
SUBJECT_REQUEST = {"data_subject_request": {"id": "1", "type": "access"}}
TO = [{"email": "jo@example.org"}]
TEXT = "INVALID_DATA"
MISSING = "MANDATORY_NOT_FOUND"


async def test_a_mail_is_sent_and_booked() -> None:
    """The message id has 64 hexadecimal digits, and the books hold what was said."""
    async with direct() as (org, api):
        lead = add_lead(org)
        got = await api.send(
            lead, subject="Hello", content="<p>Hi</p>", cc=[{"email": "c@d.example"}]
        )
        assert got.word == (200, "SUCCESS")
        assert "sent" in got.item["message"]
        assert "scheduled" not in got.item["message"]
        [mail] = org.mails
        assert mail.message_id == got.item["details"]["message_id"]
        assert len(bytes.fromhex(mail.message_id)) == 32
        assert (mail.module, mail.record_id, mail.sent) == ("Leads", lead, True)
        assert (mail.from_, mail.to, mail.cc) == (SENDER, ("jo@example.org",), ("c@d.example",))
        assert (mail.subject, mail.content) == ("Hello", "<p>Hi</p>")


async def test_a_scheduled_mail_goes_out_when_the_clock_says_so() -> None:
    """Only the sentence tells it from one that is sent."""
    async with direct() as (org, api):
        time = (org.clock.now() + timedelta(hours=2)).isoformat(timespec="seconds")
        got = await api.send(add_lead(org), scheduled_time=time)
        assert "scheduled" in got.item["message"]
        assert not org.mails[0].sent
        org.advance(hours=2, seconds=1)
        assert org.mails[0].sent


@pytest.mark.parametrize(
    ("mail", "code", "name", "parent"),
    [
        ({"from": None}, MISSING, "from", None),
        ({"from": {}}, MISSING, "from", None),
        ({"from": {"user_name": "A"}}, MISSING, "email", "from"),
        ({"to": None}, MISSING, "to", None),
        ({"to": []}, MISSING, "to", None),
        ({"to": [{"user_name": "B"}]}, MISSING, "email", "to"),
        ({"to": [{"email": ""}]}, MISSING, "email", "to"),
        ({"cc": [{}]}, MISSING, "email", "cc"),
        ({"to": {"email": "jo@example.org"}}, TEXT, "to", None),
        ({"to": [{"email": "jo at example.org"}]}, TEXT, "email", "to"),
        ({"to": [{"email": "jo@example"}]}, TEXT, "email", "to"),
        ({"to": [{"email": "jo@.org"}]}, TEXT, "email", "to"),
        ({"bcc": [{"email": "a@b.example, c@d.example"}]}, TEXT, "email", "bcc"),
        ({"to": [{"email": "jo@example.org", "name": "Jo"}]}, TEXT, "name", None),
        ({"to": [{"email": f"a{n}@b.example"} for n in range(51)]}, TEXT, "to", None),
        ({"reply_to": [{"email": "a@b.example"}]}, TEXT, "reply_to", None),
        ({"org_email": "true"}, TEXT, "org_email", None),
        ({"subject": 5}, TEXT, "subject", None),
        ({"subject": "x" * 1_001}, TEXT, "subject", None),
        ({"content": "x" * 100_001}, TEXT, "content", None),
        ({"mail_format": "rich"}, TEXT, "mail_format", None),
        ({"attachments": [{"id": str(n)} for n in range(11)]}, TEXT, "attachments", None),
        ({"attachments": ["abc"]}, TEXT, "attachments", None),
        ({"attachments": [{}]}, MISSING, "id", "attachments"),
        ({"template": "1"}, TEXT, "template", None),
        ({"template": {}}, MISSING, "id", "template"),
        ({"scheduled_time": "2030-01-01T10:00:00"}, TEXT, "scheduled_time", None),
        ({"scheduled_time": "Tomorrow"}, TEXT, "scheduled_time", None),
        ({"scheduled_time": "2030-13-01T10:00:00Z"}, TEXT, "scheduled_time", None),
        ({"scheduled_time": "2030-01-01"}, TEXT, "scheduled_time", None),
        ({"in_reply_to": "abc"}, TEXT, "in_reply_to", None),
        ({"in_reply_to": {}}, MISSING, "message_id", "in_reply_to"),
        ({"in_reply_to": {"message_id": "a", "owner": "1"}}, TEXT, "owner", None),
        ({"version": "v6", "in_reply_to": {"message_id": "a"}}, TEXT, "in_reply_to", None),
        (
            {"linked_record": {"module": {"api_name": "Leads"}, "id": "1"}},
            TEXT,
            "linked_record",
            None,
        ),
        ({"version": "v8", "linked_record": {"id": "1"}}, MISSING, "module", "linked_record"),
        ({"data_subject_request": {"id": "1"}}, MISSING, "type", "data_subject_request"),
        ({"data_subject_request": {"id": "1", "type": "erase"}}, TEXT, "type", None),
        ({"inventory_details": {}}, MISSING, "inventory_template", "inventory_details"),
        (
            {"inventory_details": {"inventory_template": {"id": "1"}, "paper_type": "A5"}},
            TEXT,
            "paper_type",
            None,
        ),
        (
            {"inventory_details": {"inventory_template": {"id": "1"}, "view_type": "x"}},
            TEXT,
            "view_type",
            None,
        ),
        ({"from_": {"email": SENDER}}, TEXT, "from_", None),
        ({"Subject": "Hello"}, TEXT, "Subject", None),
    ],
)
async def test_a_body_that_the_documentation_rules_out_is_refused(
    mail: dict[str, Any], code: str, name: str, parent: str | None
) -> None:
    """The error is wrapped, names the key and its place, and nothing is sent."""
    async with direct() as (org, api):
        got = await api.send(add_lead(org), **mail)
        assert got.word == (400, code)
        assert list(got.body) == ["data"]
        details = got.item["details"]
        assert details["api_name"] == name
        assert details["json_path"].startswith("$.data[0].")
        if parent is not None:
            assert details["parent_api_name"] == parent
        assert not org.mails


async def test_another_record_may_be_linked_from_v8_on() -> None:
    """By its module and id."""
    async with direct() as (org, api):
        linked = {"module": {"api_name": "Deals"}, "id": "1", "name": "A deal"}
        got = await api.send(add_lead(org), version="v8", linked_record=linked)
        assert got.word == (200, "SUCCESS")


@pytest.mark.parametrize("version", ["v3", "v6"])
async def test_a_reply_is_a_message_id_before_v7(version: str) -> None:
    """The form of the older pages is taken by the older versions."""
    async with direct() as (org, api):
        got = await api.send(add_lead(org), version=version, in_reply_to="c7e44db1")
        assert got.word == (200, "SUCCESS")


@pytest.mark.parametrize("version", ["v7", "v8"])
async def test_a_reply_is_an_object_from_v7_on(version: str) -> None:
    """It may name the user it shall belong to."""
    async with direct() as (org, api):
        reply = {"message_id": "c7e44db1", "owner": {"id": "24"}}
        got = await api.send(add_lead(org), version=version, in_reply_to=reply)
        assert got.word == (200, "SUCCESS")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "INVALID_DATA"),
        ([], "INVALID_DATA"),
        ({}, "MANDATORY_NOT_FOUND"),
        ({"data": {}}, "INVALID_DATA"),
        ({"data": []}, "INVALID_DATA"),
        ({"data": [1]}, "INVALID_DATA"),
        ({"data": [{"from": {"email": SENDER}, "to": TO}] * 2}, "INVALID_DATA"),
        ({"data": [{"from": {"email": SENDER}, "to": TO}], "trigger": []}, "INVALID_DATA"),
    ],
)
async def test_a_body_without_exactly_one_mail_is_refused_flat(body: Any, code: str) -> None:
    """What is wrong with the whole request is not wrapped."""
    async with direct() as (org, api):
        got = await api("POST", f"/Leads/{add_lead(org)}/actions/send_mail", body)
        assert (got.status, got.body["code"]) == (400, code)
        assert not org.mails


def _nothing(_: Emulator) -> None: ...


def _unconfirmed(org: Emulator) -> None:
    org.state.confirmed_account = False


def _unconfirmed_email(org: Emulator) -> None:
    org.state.confirmed_email = False


def _no_smtp(org: Emulator) -> None:
    org.state.smtp_failure = True


def _no_consent(org: Emulator) -> None:
    org.no_consent.add("Jo@example.org")


def _opted_out(org: Emulator) -> None:
    org.opted_out.add("jo@example.org")


def _bounced(org: Emulator) -> None:
    org.bounced.add("JO@example.org")


Arrange = Callable[[Emulator], None]


@pytest.mark.parametrize(
    ("arrange", "record", "mail", "word", "kind"),
    [
        (_nothing, {"Email_Opt_Out": True}, {}, (403, "NO_PERMISSION"), errors.RecipientOptedOut),
        (_unconfirmed, {}, {}, (403, "NO_PERMISSION"), errors.PermissionDenied),
        (_unconfirmed_email, {}, {}, (403, "NO_PERMISSION"), errors.PermissionDenied),
        (_no_consent, {}, {}, (400, "NOT_ALLOWED"), errors.ConsentMissing),
        (_opted_out, {}, {}, (400, "NOT_ALLOWED"), errors.RecipientOptedOut),
        (_nothing, {"Email": None}, {}, (400, "NOT_ALLOWED"), errors.RecipientMissing),
        (_bounced, {}, {}, (400, "NOT_ALLOWED"), errors.RecipientBounced),
        (_no_smtp, {}, {}, (400, "CUSTOM_ERROR"), errors.MailServerError),
        (_nothing, {}, OTHER_SENDER, (400, "INVALID_DATA"), errors.SenderNotAllowed),
        (_nothing, {}, {"attachments": [{"id": "a"}]}, (400, "INVALID_DATA"), errors.InvalidData),
        (_nothing, {}, {"template": {"id": "1"}}, (400, "INVALID_DATA"), errors.InvalidData),
        (_nothing, {}, {"consent_email": True}, (400, "INVALID_DATA"), errors.InvalidData),
        (_nothing, {}, SUBJECT_REQUEST, (400, "INVALID_DATA"), errors.InvalidData),
        (_nothing, {}, INVENTORY, (400, "INVALID_DATA"), errors.InvalidData),
    ],
)
async def test_each_documented_refusal_comes_wrapped(
    arrange: Arrange,
    record: dict[str, Any],
    mail: Any,
    word: tuple[int, str],
    kind: type[errors.APIError],
) -> None:
    """Status, word and sentence tell the causes apart, as the client reads them."""
    async with direct() as (org, api):
        arrange(org)
        got = await api.send(add_lead(org, **record), **mail)
        assert got.word == word
        assert list(got.body) == ["data"]
        assert type(api_error(got.item, status=got.status, operation="")) is kind
        assert not org.mails


async def test_an_unknown_record_is_refused() -> None:
    """The record in the URL has to be there."""
    async with direct() as (_, api):
        got = await api.send("4711")
        assert got.word == (400, "INVALID_DATA")
        assert "record id" in got.item["message"]


async def test_a_locked_record_is_refused_until_it_is_unlocked() -> None:
    """RECORD_LOCKED passes."""
    async with direct() as (org, api):
        lead = add_lead(org)
        org.lock("Leads", lead)
        assert (await api.send(lead)).word == (400, "RECORD_LOCKED")
        org.unlock("Leads", lead)
        assert (await api.send(lead)).word == (200, "SUCCESS")


async def test_a_mail_that_some_bounced_recipients_miss_counts_as_sent() -> None:
    """The answer names those who were left out."""
    async with direct() as (org, api):
        org.bounced.add("gone@example.org")
        got = await api.send(add_lead(org), to=[*TO, {"email": "gone@example.org"}])
        assert got.word == (200, "SUCCESS")
        blocked = got.item["details"]["blocked_email_addresses"]
        assert [entry["email"] for entry in blocked] == ["gone@example.org"]
        assert blocked[0]["reason"]


async def test_a_mail_to_nobody_but_bounced_recipients_names_them() -> None:
    """The refusal's details hold the addresses."""
    async with direct() as (org, api):
        org.bounced.add("jo@example.org")
        got = await api.send(add_lead(org))
        assert got.item["details"]["blocked_email_addresses"][0]["email"] == "jo@example.org"


async def test_the_smtp_failure_does_not_concern_the_organisations_own_address() -> None:
    """org_email goes past the configured server."""
    async with direct() as (org, api):
        org.state.smtp_failure = True
        assert (await api.send(add_lead(org), org_email=True)).word == (200, "SUCCESS")


async def test_a_consent_mail_needs_compliance_and_the_form() -> None:
    """With both it reaches those who have not consented yet."""
    async with direct() as (org, api):
        org.state.compliance_enabled = True
        org.no_consent.add("jo@example.org")
        lead = add_lead(org)
        got = await api.send(lead, consent_email=True, content="please")
        assert got.word == (400, "MANDATORY_NOT_FOUND")
        form = '<a href="${ConsentForm.en_US}" id="ConsentForm">consent</a>'
        got = await api.send(lead, consent_email=True, content=form)
        assert got.word == (200, "SUCCESS")


@pytest.mark.parametrize(
    ("module", "version", "status"),
    [
        ("Vendors", "v7", 200),
        ("Vendors", "v6", 400),
        ("Vendors", "v3", 400),
        ("Campaigns", "v7", 400),
        ("Products", "v7", 400),
        ("Nothing_Here", "v7", 400),
        ("Boats", "v7", 200),
    ],
)
async def test_modules_that_do_not_send_mails_are_refused(
    module: str, version: str, status: int
) -> None:
    """INVALID_MODULE, flat; custom modules send."""
    async with direct() as (org, api):
        org.state.add_module("Boats")
        records = (
            org.add_records(module, [{"Email": "v@example.com"}])
            if module != "Nothing_Here"
            else ["1"]
        )
        got = await api.send(records[0], module, version=version)
        assert got.status == status
        if status == 400:
            assert got.body["code"] == "INVALID_MODULE"


async def test_a_deal_sends_to_the_address_of_its_contact() -> None:
    """A deal has none of its own."""
    async with direct() as (org, api):
        [contact] = org.add_records("Contacts", [{"Last_Name": "Vale", "Email": "v@example.com"}])
        with_contact, without = org.add_records(
            "Deals",
            [{"Deal_Name": "A", "Contact_Name": {"id": contact}}, {"Deal_Name": "B"}],
        )
        assert (await api.send(with_contact, "Deals")).word == (200, "SUCCESS")
        assert (await api.send(without, "Deals")).word == (400, "NOT_ALLOWED")


async def test_inventory_modules_take_an_inventory_template() -> None:
    """It has to be there."""
    async with direct() as (org, api):
        [quote] = org.add_records("Quotes", [{"Subject": "Chairs"}])
        template = org.add_inventory_template("Quote")
        for id_, status in ((template, 200), ("4711", 400)):
            details = {
                "inventory_template": {"id": id_, "name": "Quote"},
                "paper_type": "us_letter",
            }
            assert (await api.send(quote, "Quotes", inventory_details=details)).status == status


async def test_a_template_gives_what_the_mail_leaves_out() -> None:
    """What the mail says itself wins."""
    async with direct() as (org, api):
        template = org.add_email_template("Hello", subject="From template", content="Template")
        await api.send(add_lead(org), template={"id": template}, subject="Own")
        assert (org.mails[0].subject, org.mails[0].content) == ("Own", "Template")
