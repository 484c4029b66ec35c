"""Drafts of e-mails: kept with a record, changed, deleted."""

import datetime as dt

import pytest
from samples_attached import SENDER, draft

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import (
    Address,
    DraftAttachment,
    DraftInventoryDetails,
    DraftPaperType,
    InventoryTemplateChoice,
    NewEmailDraft,
    Reference,
    ScheduleDetails,
    ScheduleSource,
    ViewType,
)

WHEN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def lead(org: Emulator) -> str:
    """A record to keep drafts with."""
    return org.add_records("Leads", [{"Last_Name": "Stone", "Email": "stone@example.com"}])[0]


async def kept(crm: ZohoCRM, lead: str, given: NewEmailDraft) -> str:
    """Keep a draft; return its id."""
    [outcome] = await crm.email_drafts.create("Leads", lead, [given])
    assert outcome.id is not None
    return outcome.id


async def test_a_draft_is_kept_with_all_its_parts(org: Emulator, crm: ZohoCRM, lead: str) -> None:
    [file] = await crm.files.upload([FormFile("a.txt", b"abc")])
    template = org.add_email_template("Welcome")
    given = draft(
        cc=[Address("reed@example.com", "Reed")],
        reply_to="office@example.com",
        content="<p>See you <b>soon</b></p>",
        template=Reference(template, "Welcome"),
        attachments=(DraftAttachment(id=file.id, file_name="a.txt", service_name="ZFSAttached"),),
        schedule_details=ScheduleDetails(WHEN, "Europe/Dublin", ScheduleSource.BEST_TIME),
    )
    found = await crm.email_drafts.get("Leads", lead, await kept(crm, lead, given))
    assert (found.from_, found.rich_text, found.subject) == (SENDER, True, "Soon")
    assert [(a.email, a.user_name) for a in found.cc] == [("reed@example.com", "Reed")]
    assert (found.reply_to, found.summary) == ("office@example.com", "See you soon")
    assert (found.attachments, found.schedule_details) == (
        given.attachments,
        given.schedule_details,
    )
    assert found.owner is not None
    assert found.created_time == found.modified_time


async def test_a_draft_sends_nothing(org: Emulator, crm: ZohoCRM, lead: str) -> None:
    await kept(crm, lead, draft())
    assert org.mails == ()


async def test_drafts_are_listed_in_pages(crm: ZohoCRM, lead: str) -> None:
    assert [d async for d in crm.email_drafts.list("Leads", lead)] == []
    outcomes = await crm.email_drafts.create(
        "Leads", lead, [draft(subject=str(n)) for n in range(5)]
    )
    assert all(outcome.ok for outcome in outcomes)
    pager = crm.email_drafts.list("Leads", lead, per_page=2)
    pages = [[d.subject for d in page] async for page in pager.pages()]
    assert pages == [["0", "1"], ["2", "3"], ["4"]]


async def test_each_draft_of_a_call_has_its_outcome(crm: ZohoCRM, lead: str) -> None:
    good, bad = await crm.email_drafts.create(
        "Leads", lead, [draft(), NewEmailDraft(from_="other@example.com", rich_text=False)]
    )
    assert good.ok
    assert isinstance(bad.error, errors.SenderNotAllowed)
    assert bad.error.details["json_path"] == "$.__email_drafts[1].from"


async def test_a_draft_is_changed_where_something_is_given(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    id_ = await kept(crm, lead, draft(content="<p>Old</p>"))
    org.advance(minutes=5)
    change = NewEmailDraft(from_=SENDER, rich_text=False, subject="Later")
    assert (await crm.email_drafts.update("Leads", lead, id_, change)).ok
    found = await crm.email_drafts.get("Leads", lead, id_)
    assert (found.subject, found.rich_text, found.content) == ("Later", False, "<p>Old</p>")
    assert found.modified_time is not None
    assert found.created_time is not None
    assert found.modified_time > found.created_time


async def test_a_deleted_draft_is_gone(crm: ZohoCRM, lead: str) -> None:
    id_ = await kept(crm, lead, draft())
    assert (await crm.email_drafts.delete("Leads", lead, id_)).id == id_
    for call in (crm.email_drafts.get, crm.email_drafts.delete):
        with pytest.raises(errors.RecordNotFound):
            await call("Leads", lead, id_)


async def test_an_inventory_template_goes_with_an_inventory_module(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    template = InventoryTemplateChoice(org.add_inventory_template("Offer"))
    given = draft(
        inventory_details=DraftInventoryDetails(
            template, DraftPaperType.US_LETTER, ViewType.LANDSCAPE
        )
    )
    [quote] = org.add_records("Quotes", [{"Subject": "Ten boats"}])
    [outcome] = await crm.email_drafts.create("Quotes", quote, [given])
    found = await crm.email_drafts.get("Quotes", quote, outcome.id or "")
    assert found.inventory_details == given.inventory_details
    [refused] = await crm.email_drafts.create("Leads", lead, [given])
    assert isinstance(refused.error, errors.NotAllowed)


class TestRefusals:
    """Before anything is sent, or by the service."""

    async def test_every_reason_is_told_at_once(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        calls = len(org.calls)
        wrong = NewEmailDraft(
            from_="nobody",
            rich_text=True,
            to=[Address("a@example.com")] * 101,
            subject="x" * 513,
            schedule_details=ScheduleDetails(WHEN.replace(tzinfo=None)),
        )
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.email_drafts.create("Leads", lead, [wrong])
        assert len(caught.value.problems) == 4
        assert len(org.calls) == calls

    @pytest.mark.parametrize("count", [0, 101])
    async def test_none_and_more_than_a_hundred(self, crm: ZohoCRM, lead: str, count: int) -> None:
        with pytest.raises(errors.InvalidRequest, match="1 to 100"):
            await crm.email_drafts.create("Leads", lead, [draft()] * count)

    async def test_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.email_drafts.create("Leads", "404", [draft()])

    async def test_a_module_without_mails(self, org: Emulator, crm: ZohoCRM) -> None:
        [task] = org.add_records("Tasks", [{"Subject": "Call"}])
        with pytest.raises(errors.InvalidModule):
            await crm.email_drafts.create("Tasks", task, [draft()])
