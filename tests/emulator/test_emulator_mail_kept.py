"""What is kept of mails: their attachments, and the list of a record."""

import io

import aiohttp
from direct import Direct, add_lead, direct


class TestAttachments:
    """Uploaded files go with mails."""

    async def test_known_files_are_attached(self) -> None:
        async with direct() as (org, api):
            file = await upload(api, 1_000)
            assert (await api.send(add_lead(org), attachments=[{"id": file}])).status == 200

    async def test_they_have_ten_megabytes_together(self) -> None:
        async with direct() as (org, api):
            files = [{"id": await upload(api, 6 * 1024 * 1024)} for _ in range(2)]
            got = await api.send(add_lead(org), attachments=files)
            assert got.word == (400, "FILE_SIZE_EXCEEDS")


async def upload(api: Direct, size: int) -> str:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(b"x" * size), filename="a.txt")
    got = await api("POST", "/files", raw=form)
    return str(got.item["details"]["id"])


class TestEmailsOfARecord:
    """What the record's related list says of its mails."""

    async def test_they_come_ten_a_page_latest_first(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            for n in range(23):
                await api.send(lead, subject=str(n))
            found: list[str] = []
            query: dict[str, str] = {}
            while True:
                got = await api("GET", f"/Leads/{lead}/Emails", **query)
                found += [mail["subject"] for mail in got.body["Emails"]]
                if not got.body["info"]["more_records"]:
                    break
                query = {"index": got.body["info"]["next_index"]}
            assert found == [str(n) for n in reversed(range(23))]

    async def test_they_are_told_by_their_type(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            await api.send(lead, subject="now")
            await api.send(lead, subject="later", scheduled_time="2099-01-01T00:00:00+00:00")
            for kind, subject in (("sent_from_crm", "now"), ("scheduled_in_crm", "later")):
                got = await api("GET", f"/Leads/{lead}/Emails", type=kind)
                assert [mail["subject"] for mail in got.body["Emails"]] == [subject]
            assert (await api("GET", f"/Leads/{lead}/Emails", type="drafts")).status == 204
            got = await api("GET", f"/Leads/{lead}/Emails", type="anything")
            assert got.word == (400, "INVALID_DATA")

    async def test_content_comes_with_one_alone(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            await api.send(lead, content="Hello")
            [mail] = (await api("GET", f"/Leads/{lead}/Emails")).body["Emails"]
            assert "content" not in mail
            got = await api("GET", f"/Leads/{lead}/Emails/{mail['message_id']}")
            assert got.item["content"] == "Hello"

    async def test_unknown_things_are_refused(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            assert (await api("GET", f"/Leads/{lead}/Emails")).status == 204
            for path in (f"/Leads/{lead}/Emails/ab", "/Leads/1/Emails"):
                assert (await api("GET", path)).word == (400, "INVALID_DATA")
            got = await api("GET", f"/Leads/{lead}/Emails", index="x")
            assert got.word == (400, "INVALID_DATA")
