"""E-mails of records: their files, those from elsewhere, and addresses that bounced."""

import datetime as dt
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from samples_attached import SENDER, association, png

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import Address, EmailSharingType, EmailType, Mail

ADDRESS = "stone@example.com"
NAIVE = dt.datetime.fromisoformat("2026-03-02T09:00:00")


@pytest.fixture
def lead(org: Emulator) -> str:
    """A record with an address."""
    return org.add_records("Leads", [{"Last_Name": "Stone", "Email": ADDRESS}])[0]


async def sent(crm: ZohoCRM, lead: str, *files: FormFile, content: str = "Hello") -> str:
    """Send a mail with files attached; return its message id."""
    uploaded = await crm.files.upload(files) if files else ()
    mail = Mail(
        from_=Address(SENDER),
        to=[Address(ADDRESS)],
        content=content,
        attachments=[file.id for file in uploaded],
    )
    return (await crm.mail.send("Leads", lead, mail)).message_id


class TestFiles:
    """Files of e-mails are told by ids and names, as the e-mail lists them."""

    async def test_an_attached_file_is_downloaded(
        self, crm: ZohoCRM, lead: str, tmp_path: Path
    ) -> None:
        message = await sent(crm, lead, FormFile("a.txt", b"abc"), FormFile("b.txt", b"de"))
        email = await crm.mail.get("Leads", lead, message)
        assert email.owner is not None
        _, second = email.attachments
        assert second.name is not None
        file = await crm.mail.download_attachment(
            "Leads",
            lead,
            message,
            second.id,
            name=second.name,
            user_id=email.owner.id,
            to=tmp_path / "b",
        )
        assert file.path is not None
        assert (file.path.read_bytes(), file.name) == (b"de", "b.txt")

    async def test_all_come_in_one_archive(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        message = await sent(crm, lead, FormFile("a.txt", b"abc"), FormFile("b.txt", b"de"))
        user = org.state.owner["id"]
        file = await crm.mail.download_attachments("Leads", lead, message, user_id=user)
        assert file.content is not None
        with ZipFile(BytesIO(file.content)) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == {
                "a.txt": b"abc",
                "b.txt": b"de",
            }

    async def test_a_mail_without_files_has_no_archive(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        message = await sent(crm, lead)
        with pytest.raises(errors.RecordNotFound):
            await crm.mail.download_attachments(
                "Leads", lead, message, user_id=org.state.owner["id"]
            )

    async def test_an_inline_image_is_downloaded(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        shown, other = await crm.files.upload_inline(
            [FormFile("a.png", png()), FormFile("b.png", png(2, 2))]
        )
        message = await sent(
            crm, lead, content=f'<img src="{crm.mail.inline_image_url(shown.id)}">'
        )
        user = org.state.owner["id"]
        image = await crm.mail.download_inline_image("Leads", lead, message, shown.id, user_id=user)
        assert (image.name, image.content) == ("a.png", png())
        with pytest.raises(errors.InvalidData):
            await crm.mail.download_inline_image("Leads", lead, message, other.id, user_id=user)

    @pytest.mark.parametrize("wrong", ["message", "file", "name", "user"])
    async def test_each_part_has_to_fit(
        self, org: Emulator, crm: ZohoCRM, lead: str, wrong: str
    ) -> None:
        message = await sent(crm, lead, FormFile("a.txt", b"abc"))
        [file] = (await crm.mail.get("Leads", lead, message)).attachments
        with pytest.raises(errors.InvalidData):
            await crm.mail.download_attachment(
                "Leads",
                lead,
                "404" if wrong == "message" else message,
                "404" if wrong == "file" else file.id,
                name="b.txt" if wrong == "name" else "a.txt",
                user_id="404" if wrong == "user" else org.state.owner["id"],
            )


async def test_a_record_tells_whose_emails_it_shows(org: Emulator, crm: ZohoCRM, lead: str) -> None:
    sharing = await crm.mail.sharing("Leads", lead)
    assert EmailSharingType.SENT_FROM_CRM in sharing.available_types
    [user] = sharing.share_from_users
    assert (user.id, user.type) == (org.state.owner["id"], "imap")


class TestAssociation:
    """An e-mail that went by another way is kept with a record."""

    async def test_it_is_listed_with_its_files(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        [file] = await crm.files.upload([FormFile("order.pdf", b"%PDF")])
        outcome = await crm.mail.associate("Leads", lead, association(attachments=[file.id]))
        [email] = [e async for e in crm.mail.list("Leads", lead, type=EmailType.USER_EMAILS)]
        assert email.message_id == outcome.details["message_id"]
        assert email.from_ is not None
        assert (email.from_.email, email.subject, email.sent) == (ADDRESS, "An order", False)
        assert email.time == dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
        down = await crm.mail.download_attachment(
            "Leads",
            lead,
            email.message_id,
            file.id,
            name="order.pdf",
            user_id=org.state.owner["id"],
        )
        assert down.content == b"%PDF"

    async def test_it_is_no_mail_that_was_sent(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        await crm.mail.associate("Leads", lead, association())
        assert org.mails == ()
        assert [e async for e in crm.mail.list("Leads", lead)] == []

    async def test_every_reason_against_it_is_told_at_once(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        calls = len(org.calls)
        wrong = association(to=[], subject="x" * 251, date_time=NAIVE, cc=[Address("nobody")])
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.mail.associate("Leads", lead, wrong)
        assert len(caught.value.problems) == 4
        assert len(org.calls) == calls

    async def test_an_unknown_file(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.InvalidData):
            await crm.mail.associate("Leads", lead, association(attachments=["404"]))

    async def test_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.mail.associate("Leads", "404", association())


class TestUnblocking:
    """Mails go again to addresses whose mails bounced."""

    async def test_a_mail_gets_through_afterwards(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        org.bounced.add(ADDRESS)
        with pytest.raises(errors.RecipientBounced):
            await sent(crm, lead)
        assert (await crm.mail.unblock("Leads", lead, ["Email"])).id == lead
        await sent(crm, lead)
        assert len(org.mails) == 1

    async def test_only_the_fields_that_are_named(self, org: Emulator, crm: ZohoCRM) -> None:
        row = {"Last_Name": "A", "Email": "a@example.com", "Secondary_Email": "b@example.com"}
        [record] = org.add_records("Leads", [row])
        org.bounced.update({"a@example.com", "b@example.com"})
        await crm.mail.unblock("Leads", record, ["Secondary_Email"])
        assert org.bounced == {"a@example.com"}

    async def test_many_records_with_one_outcome_for_each(
        self, org: Emulator, crm: ZohoCRM, lead: str
    ) -> None:
        org.bounced.add(ADDRESS)
        known, unknown = await crm.mail.unblock_many("Leads", [lead, "404"], ["Email"])
        assert (known.ok, known.id) == (True, lead)
        assert isinstance(unknown.error, errors.RecordNotFound)
        assert org.bounced == set()

    async def test_five_times_at_most(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        for _ in range(5):
            org.bounced.add(ADDRESS)
            await crm.mail.unblock("Leads", lead, ["Email"])
        org.bounced.add(ADDRESS)
        with pytest.raises(errors.RecipientBounced):
            await crm.mail.unblock("Leads", lead, ["Email"])
        assert org.bounced == {ADDRESS}

    async def test_other_fields_cannot_be_unblocked(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.InvalidData) as caught:
            await crm.mail.unblock("Leads", lead, ["Own_Email"])
        assert caught.value.details["supported_values"] == ["Email", "Secondary_Email"]

    async def test_more_than_500_are_refused_before_anything_is_sent(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        calls = len(org.calls)
        with pytest.raises(errors.InvalidRequest, match="500"):
            await crm.mail.unblock_many("Leads", ["1"] * 501, ["Email"])
        with pytest.raises(errors.InvalidRequest, match="unblock_fields is empty"):
            await crm.mail.unblock("Leads", "1", [])
        assert len(org.calls) == calls
