"""Mails from records: every documented key, error and version difference."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from zohocrm_async import Edition, Timeouts, ZohoCRM, exceptions as errors
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import (
    Address,
    EmailType,
    InReplyTo,
    InventoryDetails,
    InventoryTemplateChoice,
    Mail,
    Template,
)


def lead(org: Emulator, **fields: Any) -> str:
    row = {"Last_Name": "Smith", "Email": "j.smith@example.com", **fields}
    return org.add_records("Leads", [row])[0]


async def mail(crm: ZohoCRM, **keys: Any) -> Mail:
    sender = (await crm.mail.from_addresses())[0].email
    given = {"subject": "Hello", "content": "<p>Hello</p>", "to": [Address("j.smith@example.com")]}
    return Mail(from_=Address(sender), **{**given, **keys})


async def test_a_sent_mail_has_an_id_and_is_not_scheduled(org: Emulator, crm: ZohoCRM) -> None:
    sent = await crm.mail.send("Leads", lead(org), await mail(crm))
    assert (sent.message_id, sent.scheduled, sent.blocked) == (org.mails[0].message_id, False, ())
    assert org.mails[0].sent


async def test_a_scheduled_mail_says_so_and_goes_out_later(org: Emulator, crm: ZohoCRM) -> None:
    when = org.clock.now() + timedelta(hours=2)
    sent = await crm.mail.send("Leads", lead(org), await mail(crm, scheduled_time=when))
    assert sent.scheduled
    assert not org.mails[0].sent
    org.advance(hours=3)
    assert org.mails[0].sent


async def test_a_success_tells_which_recipients_were_blocked(org: Emulator, crm: ZohoCRM) -> None:
    org.bounced.add("gone@example.com")
    to = [Address("j.smith@example.com"), Address("gone@example.com")]
    sent = await crm.mail.send("Leads", lead(org), await mail(crm, to=to))
    assert [address.email for address in sent.blocked] == ["gone@example.com"]
    assert sent.blocked[0].reason


async def test_what_is_ruled_out_is_told_before_anything_is_sent(
    org: Emulator, crm: ZohoCRM
) -> None:
    message = await mail(crm, to=[Address("nobody")], consent_email=True)
    calls = len(org.calls)
    with pytest.raises(errors.InvalidRequest) as caught:
        await crm.mail.send("Leads", lead(org), message)
    assert len(caught.value.problems) == 2
    assert len(org.calls) == calls


@pytest.mark.parametrize("version", ["v3", "v7", "v8"])
async def test_a_reply_goes_out_in_the_form_of_the_version(org: Emulator, version: str) -> None:
    """The emulator refuses the other form, as the service does."""
    async with org.client(version=version) as crm:
        record = lead(org)
        first = await crm.mail.send("Leads", record, await mail(crm))
        await crm.mail.send("Leads", record, await mail(crm, in_reply_to=first.message_id))
        reply = org.mails[-1].body["in_reply_to"]
    expected = first.message_id if version == "v3" else {"message_id": first.message_id}
    assert reply == expected


async def test_an_owner_of_a_reply_needs_a_new_version(org: Emulator) -> None:
    async with org.client(version="v3") as crm:
        message = await mail(crm, in_reply_to=InReplyTo("m", "u"))
        with pytest.raises(errors.InvalidRequest, match="from v7 on"):
            await crm.mail.send("Leads", lead(org), message)


class TestRefusals:
    """Each documented refusal has its class."""

    async def test_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.mail.send("Leads", "999", await mail(crm))

    async def test_a_sender_that_is_not_allowed(self, org: Emulator, crm: ZohoCRM) -> None:
        message = Mail(from_=Address("x@example.org"), to=[Address("j@example.com")], subject="s")
        with pytest.raises(errors.SenderNotAllowed, match="from_addresses"):
            await crm.mail.send("Leads", lead(org), message)

    async def test_a_record_that_opted_out(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecipientOptedOut):
            await crm.mail.send("Leads", lead(org, Email_Opt_Out=True), await mail(crm))

    async def test_a_recipient_without_consent(self, org: Emulator, crm: ZohoCRM) -> None:
        org.no_consent.add("j.smith@example.com")
        with pytest.raises(errors.ConsentMissing):
            await crm.mail.send("Leads", lead(org), await mail(crm))

    async def test_a_recipient_whose_mails_bounced(self, org: Emulator, crm: ZohoCRM) -> None:
        org.bounced.add("j.smith@example.com")
        with pytest.raises(errors.RecipientBounced):
            await crm.mail.send("Leads", lead(org), await mail(crm))

    async def test_a_record_without_address(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecipientMissing):
            await crm.mail.send("Leads", lead(org, Email=None), await mail(crm))

    async def test_a_locked_record(self, org: Emulator, crm: ZohoCRM) -> None:
        record = lead(org)
        org.lock("Leads", record)
        with pytest.raises(errors.RecordLocked):
            await crm.mail.send("Leads", record, await mail(crm))

    async def test_an_unknown_attachment(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidData):
            await crm.mail.send("Leads", lead(org), await mail(crm, attachments=["nothing"]))

    async def test_attachments_over_10_mb(self, org: Emulator, crm: ZohoCRM) -> None:
        big = FormFile("big.bin", b"x" * (6 * 1024 * 1024))
        files = await crm.files.upload([big, big])
        message = await mail(crm, attachments=[file.id for file in files])
        with pytest.raises(errors.FileTooLarge):
            await crm.mail.send("Leads", lead(org), message)

    async def test_an_unknown_module(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidModule):
            await crm.mail.send("Nothing", "1", await mail(crm))

    async def test_scheduling_in_the_free_edition(self) -> None:
        async with Emulator(edition=Edition.FREE, users=3) as org, org.client() as crm:
            when = org.clock.now() + timedelta(hours=1)
            message = await mail(crm, scheduled_time=when)
            with pytest.raises(errors.FeatureNotSupported):
                await crm.mail.send("Leads", lead(org), message)

    async def test_the_mails_of_the_day_are_spent_until_the_next_day(self) -> None:
        async with Emulator(mail_cap=2) as org, org.client() as crm:
            record, message = lead(org), await mail(crm)
            for _ in range(2):
                await crm.mail.send("Leads", record, message)
            with pytest.raises(errors.MailLimitExceeded, match="next day"):
                await crm.mail.send("Leads", record, message)
            org.advance(hours=24)
            await crm.mail.send("Leads", record, message)


async def test_a_slow_answer_is_an_unknown_outcome(org: Emulator) -> None:
    """The mail went out, though nobody was told in time."""
    async with org.client(timeouts=Timeouts(read=0.05, total=0.1)) as crm:
        record, message = lead(org), await mail(crm)
        org.fail_next(Fault.SLOW, path="/actions/send_mail", seconds=0.3)
        with pytest.raises(errors.OutcomeUnknown) as caught:
            await crm.mail.send("Leads", record, message)
    assert isinstance(caught.value.__cause__, errors.TimedOut)
    assert len(org.mails) == 1


async def test_files_are_streamed_from_disk_and_attached(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    paths = [tmp_path / f"file{n}.txt" for n in range(3)]
    for path in paths:
        path.write_bytes(path.name.encode() * 100)
    files = await crm.files.upload(paths)
    assert [file.name for file in files] == ["file0.txt", "file1.txt", "file2.txt"]
    await crm.mail.send(
        "Leads", lead(org), await mail(crm, attachments=[file.id for file in files])
    )
    assert org.mails[0].body["attachments"] == [{"id": file.id} for file in files]


async def test_an_inline_image_has_an_address_for_the_content(crm: ZohoCRM) -> None:
    (image,) = await crm.files.upload_inline([FormFile("i.png", b"png", "image/png")])
    url = crm.mail.inline_image_url(image.id)
    assert url == f"{crm.api_url}/crm/viewInLineImage?fileContent={image.id}"


async def test_files_that_cannot_go_are_told_before_anything_is_sent(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    with pytest.raises(errors.InvalidRequest, match="11 files given"):
        await crm.files.upload([FormFile("x", b"")] * 11)
    with pytest.raises(errors.InvalidRequest, match="is no file"):
        await crm.files.upload([tmp_path / "missing.txt"])
    large = tmp_path / "large.bin"
    with large.open("wb") as stream:
        stream.truncate(20 * 1024 * 1024 + 1)
    with pytest.raises(errors.InvalidRequest, match=r"large\.bin has 20971521 bytes"):
        await crm.files.upload([large])
    assert not [call for call in org.calls if call.path == "/files"]


async def test_the_emails_of_a_record_are_paged_by_index(org: Emulator, crm: ZohoCRM) -> None:
    record = lead(org)
    for number in range(23):
        await crm.mail.send("Leads", record, await mail(crm, subject=f"Mail {number}"))
    page = await crm.mail.list("Leads", record, type=EmailType.SENT_FROM_CRM)
    assert (len(page), page.more) == (10, True)
    emails = [e async for e in crm.mail.list("Leads", record, type=EmailType.SENT_FROM_CRM)]
    assert {email.subject for email in emails} == {f"Mail {number}" for number in range(23)}
    one = await crm.mail.get("Leads", record, emails[0].message_id, type=EmailType.SENT_FROM_CRM)
    assert one.content == "<p>Hello</p>"
    assert one.to[0].email == "j.smith@example.com"


async def test_templates(org: Emulator, crm: ZohoCRM) -> None:
    template = org.add_email_template(name="Welcome", subject="Hi", content="c", module="Leads")
    found = [item async for item in crm.email_templates.list(module="Leads")]
    assert template in {item.id for item in found}
    assert (await crm.email_templates.get(template)).name == "Welcome"
    message = await mail(crm, subject=None, content=None, template=Template(template))
    await crm.mail.send("Leads", lead(org), message)
    with pytest.raises(errors.InvalidData):
        await crm.mail.send("Leads", lead(org), await mail(crm, template=Template("999")))


async def test_an_inventory_template_goes_with_an_inventory_module(
    org: Emulator, crm: ZohoCRM
) -> None:
    template = org.add_inventory_template(name="Quote", module="Quotes")
    assert template in {item.id async for item in crm.inventory_templates.list()}
    assert (await crm.inventory_templates.get(template)).name == "Quote"
    quote = org.add_records("Quotes", [{"Subject": "Q", "Email": "j.smith@example.com"}])[0]
    details = InventoryDetails(InventoryTemplateChoice(template, "Quote"), "A4", "landscape")
    await crm.mail.send("Quotes", quote, await mail(crm, inventory_details=details))
    assert org.mails[0].body["inventory_details"]["view_type"] == "landscape"


async def test_consent_and_data_subject_mails(org: Emulator, crm: ZohoCRM) -> None:
    content = '<a href="${ConsentForm.en_US}">form</a>'
    message = await mail(crm, content=content, consent_email=True)
    with pytest.raises(errors.InvalidData, match=r"(?i)compliance"):
        await crm.mail.send("Leads", lead(org), message)
    org.state.compliance_enabled = True
    await crm.mail.send("Leads", lead(org), message)
    assert org.mails[0].body["consent_email"] is True


def test_the_documented_time_form() -> None:
    """ISO 8601 with an offset."""
    when = datetime(2026, 6, 12, 12, 12, 12, tzinfo=UTC)
    assert when.isoformat(timespec="seconds") == "2026-06-12T12:12:12+00:00"


async def test_e_mails_are_listed_late_and_scheduled_ones_apart(org: Emulator) -> None:
    """As the service does: who looks too early, or asks for the wrong type, sees nothing."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Stone", "Email": "stone@example.com"}])
    org.state.email_delay = 60
    later = org.clock.now() + timedelta(days=1)
    async with org.client() as crm:
        for when in (None, later):
            mail = Mail(
                from_=Address("crm@example.com"),
                to=[Address("stone@example.com")],
                subject="Hi",
                content="Hi",
                scheduled_time=when,
            )
            await crm.mail.send("Leads", lead, mail)
        assert [mail async for mail in crm.mail.list("Leads", lead)] == []
        org.advance(61)
        assert [mail.sent async for mail in crm.mail.list("Leads", lead)] == [True]
        scheduled = crm.mail.list("Leads", lead, type=EmailType.SCHEDULED_IN_CRM)
        assert [mail.sent async for mail in scheduled] == [False]


@pytest.mark.parametrize(
    ("fault", "at_once", "in_the_end"), [(Fault.LATE, 0, 1), (Fault.ERROR_AFTER, 1, 1)]
)
async def test_work_may_be_done_though_the_answer_says_nothing_of_it(
    org: Emulator, fault: Fault, at_once: int, in_the_end: int
) -> None:
    """Some time after the connection was cut, or before an error of the server."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Stone", "Email": "stone@example.com"}])
    org.fail_next(fault, path="send_mail", seconds=30)
    mail = Mail(
        from_=Address("crm@example.com"),
        to=[Address("stone@example.com")],
        subject="Hi",
        content="Hi",
    )
    async with org.client() as crm:
        with pytest.raises(errors.OutcomeUnknown):
            await crm.mail.send("Leads", lead, mail)
    assert len(org.mails) == at_once
    org.advance(31)
    assert len(org.mails) == in_the_end
