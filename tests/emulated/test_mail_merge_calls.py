"""Documents made of a template and a record: sent, signed and downloaded."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import (
    DownloadMailMerge,
    MailMerge,
    MailMergeTemplate,
    MailMergeType,
    MergeAddress,
    MergeAddressType,
    OutputFormat,
    Signer,
    SignerAction,
    SignMailMerge,
)

TEMPLATE = "Letter"
FIELD = MergeAddressType.MERGE_FIELD


@pytest.fixture
def lead(org: Emulator) -> str:
    """A record, and a template for its letter."""
    org.add_mail_merge_template(TEMPLATE, content="<p>Dear ${!Leads.Last_Name},</p><p>Bye</p>")
    row = {"Last_Name": "Stone & Sons", "Email": "stone@example.com"}
    return org.add_records("Leads", [row])[0]


def names_in(folder: Path) -> list[str]:
    """Return what a folder holds, unfinished files included."""
    return [path.name for path in folder.iterdir()]


class TestSending:
    """The document goes out in a mail, or attached to one."""

    async def test_the_document_is_the_mail(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        merge = MailMerge(
            mail_merge_template=TEMPLATE,
            from_address="crm@example.com",
            to_address=["jo@example.com", MergeAddress("${!Leads.Email}", FIELD)],
            cc_email=["office@example.com"],
            subject="For ${!Leads.Last_Name}",
            type=MailMergeType.INLINE,
        )
        outcome = await crm.mail_merge.send("Leads", lead, merge)
        assert outcome.details["report_link"].startswith("https://")
        [mail] = org.mails
        assert (mail.record_id, mail.subject) == (lead, "For Stone & Sons")
        assert mail.to == ("jo@example.com", "stone@example.com")
        assert (mail.cc, mail.from_) == (("office@example.com",), "crm@example.com")
        assert mail.content == "<p>Dear Stone &amp; Sons,</p><p>Bye</p>"

    async def test_what_is_not_given_is_told_by_the_record(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        await crm.mail_merge.send("Leads", lead, MailMerge(mail_merge_template=TEMPLATE))
        assert org.mails[0].to == ("stone@example.com",)
        [email] = [e async for e in crm.mail.list("Leads", lead)]
        assert email.subject == TEMPLATE

    async def test_an_attached_document_can_be_downloaded_from_the_mail(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        merge = MailMerge(
            mail_merge_template=MailMergeTemplate(TEMPLATE),
            type=MailMergeType.ATTACHMENT,
            attachment_name="letter",
            message="See the letter.",
        )
        await crm.mail_merge.send("Leads", lead, merge)
        [mail] = org.mails
        assert mail.content == "See the letter."
        [file] = (await crm.mail.get("Leads", lead, mail.message_id)).attachments
        assert file.name == "letter.pdf"
        user = org.state.owner["id"]
        down = await crm.mail.download_attachment(
            "Leads", lead, mail.message_id, file.id, name="letter.pdf", user_id=user
        )
        assert (down.content or b"").startswith(b"%PDF-1.4")

    async def test_a_lost_answer_is_an_unknown_outcome(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        org.fail_next(Fault.CUT_AFTER, path="send_mail_merge")
        with pytest.raises(errors.OutcomeUnknown, match=r"mail\.list"):
            await crm.mail_merge.send("Leads", lead, MailMerge(mail_merge_template=TEMPLATE))
        assert len(org.mails) == 1


class TestSigning:
    """The document goes to those who shall sign or approve it."""

    async def test_signers_are_addresses_or_fields(self, crm: ZohoCRM, lead: str) -> None:
        signers = (
            Signer(recipient="jo@example.com", recipient_name="Jo", action_type="approve"),
            Signer(
                recipient=MergeAddress("${!Leads.Email}", FIELD),
                recipient_name="Stone",
                action_type=SignerAction.SIGN,
            ),
        )
        outcome = await crm.mail_merge.sign(
            "Leads",
            lead,
            SignMailMerge(
                mail_merge_template=TEMPLATE,
                file_name="contract",
                sign_in_order=True,
                signers=signers,
            ),
        )
        assert {"sign_resource_id", "report_link"} <= outcome.details.keys()

    async def test_a_field_that_holds_no_address(self, crm: ZohoCRM, lead: str) -> None:
        field = MergeAddress("${!Leads.Last_Name}", FIELD)
        signer = Signer(recipient=field, recipient_name="S", action_type=SignerAction.SIGN)
        merge = SignMailMerge(mail_merge_template=TEMPLATE, file_name="c", signers=(signer,))
        with pytest.raises(errors.InvalidData) as caught:
            await crm.mail_merge.sign("Leads", lead, merge)
        path = "$.sign_mail_merge[0].signers[0].recipient.value"
        assert caught.value.details["json_path"] == path


class TestDownloading:
    """The document comes in the format that was asked for."""

    async def test_a_pdf_unless_told_otherwise(
        self, crm: ZohoCRM, lead: str, tmp_path: Path
    ) -> None:
        merge = DownloadMailMerge(mail_merge_template=TEMPLATE, file_name="letter", password="x")
        file = await crm.mail_merge.download("Leads", lead, merge, to=tmp_path)
        assert file.path == tmp_path / "letter.pdf"
        assert b"(Dear Stone & Sons,)" in (tmp_path / "letter.pdf").read_bytes()
        assert file.content_type == "application/pdf"

    async def test_html(self, crm: ZohoCRM, lead: str) -> None:
        merge = DownloadMailMerge(mail_merge_template=TEMPLATE, output_format=OutputFormat.HTML)
        file = await crm.mail_merge.download("Leads", lead, merge)
        assert file.name == "download.html"
        assert b"<p>Dear Stone &amp; Sons,</p>" in (file.content or b"")

    async def test_a_word_document(self, crm: ZohoCRM, lead: str) -> None:
        merge = DownloadMailMerge(mail_merge_template=TEMPLATE, output_format=OutputFormat.DOCX)
        file = await crm.mail_merge.download("Leads", lead, merge)
        with ZipFile(BytesIO(file.content or b"")) as archive:
            text = archive.read("word/document.xml").decode()
        assert "<w:t>Dear Stone &amp; Sons,</w:t>" in text

    async def test_it_costs_5_credits_and_a_refusal_1(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        await crm.organization.get()  # with the price list
        before = org.credits_used
        await crm.mail_merge.download(
            "Leads", lead, DownloadMailMerge(mail_merge_template=TEMPLATE)
        )
        assert org.credits_used - before == 5
        with pytest.raises(errors.InvalidData):
            await crm.mail_merge.download("Leads", lead, DownloadMailMerge(mail_merge_template="?"))
        assert org.credits_used - before == 6
        assert crm.credits().used == org.credits_used

    async def test_a_refusal_leaves_no_file(self, crm: ZohoCRM, lead: str, tmp_path: Path) -> None:
        merge = DownloadMailMerge(mail_merge_template="Nothing")
        with pytest.raises(errors.InvalidData) as caught:
            await crm.mail_merge.download("Leads", lead, merge, to=tmp_path / "a.pdf")
        assert caught.value.details["json_path"].endswith("mail_merge_template.name")
        assert names_in(tmp_path) == []


class TestRefusals:
    """Before anything is sent, or by the service."""

    async def test_every_reason_is_told_at_once(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        calls = len(org.calls)
        long = MailMerge(mail_merge_template="", subject="x" * 256, message="x" * 100_001)
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.mail_merge.send("Leads", lead, long)
        assert len(caught.value.problems) == 3
        with pytest.raises(errors.InvalidRequest, match="file_name is empty"):
            await crm.mail_merge.sign(
                "Leads", lead, SignMailMerge(mail_merge_template=TEMPLATE, file_name="")
            )
        opened = DownloadMailMerge(
            mail_merge_template=TEMPLATE, output_format=OutputFormat.HTML, password="secret"
        )
        with pytest.raises(errors.InvalidRequest, match="goes with a PDF") as refused:
            await crm.mail_merge.download("Leads", lead, opened)
        assert "secret" not in f"{refused.value} {opened!r}"
        assert len(org.calls) == calls

    async def test_a_template_of_another_module(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        org.add_mail_merge_template("Bill", module="Invoices")
        with pytest.raises(errors.InvalidData):
            await crm.mail_merge.send("Leads", lead, MailMerge(mail_merge_template="Bill"))

    async def test_a_sender_that_is_not_allowed(self, crm: ZohoCRM, lead: str) -> None:
        merge = MailMerge(mail_merge_template=TEMPLATE, from_address="x@example.org")
        with pytest.raises(errors.SenderNotAllowed):
            await crm.mail_merge.send("Leads", lead, merge)

    async def test_an_unknown_record(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.mail_merge.send("Leads", "404", MailMerge(mail_merge_template=TEMPLATE))
