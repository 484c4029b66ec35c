"""What the documentation rules out of a mail is told before it is sent, all at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from zohocrm_async.api.mail import mail_body
from zohocrm_async.models import (
    Address,
    Attachment,
    DataSubjectRequest,
    InReplyTo,
    InventoryDetails,
    InventoryTemplateChoice,
    LinkedRecord,
    Mail,
    ModuleReference,
    Template,
)

SENDER, RECIPIENT = Address("p.boyle@example.com", "Patricia Boyle"), Address("j@example.com")
NO_ADDRESS: Any = None  # a record's field may be empty
INVENTORY = InventoryDetails(InventoryTemplateChoice("7", "scan.pdf"), "A4", "portrait")


def mail(**keys: Any) -> Mail:
    return Mail(**{"from_": SENDER, "to": [RECIPIENT], "subject": "s", "content": "c", **keys})


def problems(module: str = "Leads", version: int = 7, **keys: Any) -> tuple[str, ...]:
    return mail(**keys).problems(module, version)


def test_a_plain_mail_has_no_problem() -> None:
    assert problems() == ()


def test_an_address_without_a_name_may_be_a_text() -> None:
    """One for all, or in a list; what is none is told as ever."""
    one = Mail(from_="a@b.example", to="c@d.example", reply_to="e@f.example")
    assert (one.from_, one.to) == (Address("a@b.example"), (Address("c@d.example"),))
    assert one.reply_to == Address("e@f.example")
    two = mail(cc=["a@b.example", RECIPIENT], bcc="nobody")
    assert two.cc == (Address("a@b.example"), RECIPIENT)
    assert two.problems("Leads", 7) == ("bcc: 'nobody' is no e-mail address",)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"to": []}, "to is empty"),
        ({"to": [RECIPIENT] * 51}, "to holds 51 addresses: 50 at most"),
        ({"cc": [RECIPIENT] * 51}, "cc holds 51"),
        ({"bcc": [Address("nobody")]}, "bcc: 'nobody' is no e-mail address"),
        ({"to": [Address(NO_ADDRESS)]}, "to: None is no e-mail address"),
        ({"from_": Address("a b@example.com")}, "from_: "),
        ({"reply_to": Address("x@y")}, "reply_to: 'x@y'"),
        ({"subject": "s" * 1001}, "subject is longer than 1000"),
        ({"content": "c" * 100_001}, "content is longer than 100000"),
        ({"attachments": ["1"] * 11}, "11 attachments: 10 at most"),
        ({"scheduled_time": datetime(2026, 1, 1)}, "scheduled_time has no time zone"),  # noqa: DTZ001
        ({"inventory_details": INVENTORY}, "inventory_details goes with Invoices, Purchase_Orders"),
        ({"consent_email": True}, "consent_email asks for the consent form"),
        ({"data_subject_request": DataSubjectRequest("1", "erase")}, "is 'erase'"),
        ({"mail_format": "markdown"}, "mail_format is 'markdown'"),
        ({"in_reply_to": ""}, "in_reply_to has no message_id"),
        ({"linked_record": LinkedRecord(ModuleReference("Deals"), "1")}, "from v8 on"),
    ],
)
def test_each_thing_that_is_ruled_out_is_told(keys: dict[str, Any], told: str) -> None:
    found = problems(**keys)
    assert len(found) == 1
    assert told in found[0]


def test_the_words_of_an_inventory_template_are_told() -> None:
    details = evolve(INVENTORY, paper_type="A5", view_type="upright")
    assert problems(module="Quotes", inventory_details=details) == (
        "inventory_details.paper_type is 'A5': take default, A4 or us_letter",
        "inventory_details.view_type is 'upright': take portrait or landscape",
    )


def test_all_problems_are_told_in_one_go() -> None:
    found = problems(to=[Address("x")], consent_email=True, inventory_details=INVENTORY)
    assert len(found) == 3


@pytest.mark.parametrize(
    "email",
    ["", " ", "a", "@b.cd", "a@", "a@b", "a@@b.cd", "a@b.cd ", "a,b@c.de", "a@b.cd\nbcc: x@y.zz"],
)
def test_what_is_no_address_is_told(email: str) -> None:
    assert Address(email).problem() is not None


@pytest.mark.parametrize("email", ["a@b.cd", "first.last+tag@sub.example.co.uk", "ü@exämple.org"])
def test_addresses_are_addresses(email: str) -> None:
    assert Address(email).problem() is None


def test_what_fits_together_passes() -> None:
    assert problems(module="Quotes", inventory_details=INVENTORY) == ()
    assert problems(consent_email=True, content='<a href="${ConsentForm.en_US}">x</a>') == ()
    assert problems(version=8, linked_record=LinkedRecord(ModuleReference("Deals"), "1")) == ()
    assert problems(template=Template("1"), subject=None, content=None) == ()


class TestVersions:
    """The same mail goes out in the form of the client's version."""

    @pytest.mark.parametrize("version", [3, 4, 5])
    def test_a_reply_is_a_text_in_old_versions(self, version: int) -> None:
        assert mail_body(mail(in_reply_to="m1"), version)["in_reply_to"] == "m1"

    @pytest.mark.parametrize("version", [7, 8])
    def test_a_reply_is_an_object_in_new_versions(self, version: int) -> None:
        body = mail_body(mail(in_reply_to=InReplyTo("m1", "u1")), version)
        assert body["in_reply_to"] == {"message_id": "m1", "owner": {"id": "u1"}}
        body = mail_body(mail(in_reply_to="m1"), version)
        assert body["in_reply_to"] == {"message_id": "m1"}

    def test_an_owner_needs_a_new_version(self) -> None:
        assert "from v7 on" in problems(version=3, in_reply_to=InReplyTo("m1", "u1"))[0]

    def test_vendors_need_a_new_version(self) -> None:
        assert "from v7 on" in problems(module="Vendors", version=3)[0]
        assert problems(module="Vendors", version=7) == ()


def test_every_documented_key_goes_out() -> None:
    full = mail(
        cc=[Address("c@example.com")],
        bcc=[Address("b@example.com")],
        reply_to=Address("r@example.com"),
        org_email=False,
        scheduled_time=datetime(2026, 6, 12, 12, 12, 12, tzinfo=UTC),
        mail_format="html",
        attachments=[Attachment("f1"), "f2"],
        template=Template("t1"),
        inventory_details=INVENTORY,
        consent_email=False,
        data_subject_request=DataSubjectRequest("d1", "access"),
        linked_record=LinkedRecord(ModuleReference("Deals"), "1", "Deal"),
    )
    assert mail_body(full, 8) == {
        "from": {"user_name": "Patricia Boyle", "email": "p.boyle@example.com"},
        "to": [{"email": "j@example.com"}],
        "cc": [{"email": "c@example.com"}],
        "bcc": [{"email": "b@example.com"}],
        "reply_to": {"email": "r@example.com"},
        "subject": "s",
        "content": "c",
        "mail_format": "html",
        "template": {"id": "t1"},
        "attachments": [{"id": "f1"}, {"id": "f2"}],
        "scheduled_time": "2026-06-12T12:12:12+00:00",
        "org_email": False,
        "inventory_details": {
            "inventory_template": {"id": "7", "name": "scan.pdf"},
            "paper_type": "A4",
            "view_type": "portrait",
        },
        "consent_email": False,
        "data_subject_request": {"id": "d1", "type": "access"},
        "linked_record": {"module": {"api_name": "Deals"}, "id": "1", "name": "Deal"},
    }
