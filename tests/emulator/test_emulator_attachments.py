"""Attachments, photos and files by id: what the organisation takes and refuses."""

import io
from typing import Any

import aiohttp
import pytest
from direct import Direct, Got, add_lead, direct


async def post(
    api: Direct, path: str, *parts: tuple[str, bytes | str, str | None], **q: str
) -> Got:
    """Post a form of *parts*: field, content, file name."""
    form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    for field, content, name in parts:
        value = content if isinstance(content, str) else io.BytesIO(content)
        form.add_field(field, value, filename=name)
    return await api("POST", path, raw=form, **q)


class TestUploads:
    """One file, or one link."""

    async def test_the_answer_has_the_times_and_the_user(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            got = await post(api, f"/Leads/{lead}/Attachments", ("file", b"abc", "a.txt"))
            assert (got.status, got.item["code"]) == (200, "SUCCESS")
            told = {"id", "Created_Time", "Created_By", "Modified_Time", "Modified_By"}
            assert got.item["details"].keys() == told
            assert got.item["details"]["Created_By"]["id"] == org.state.owner["id"]

    @pytest.mark.parametrize("in_form", [True, False])
    async def test_the_title_of_a_link_stands_in_the_form_or_the_query(
        self, *, in_form: bool
    ) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            url = ("attachmentUrl", "https://example.com/", None)
            title = (("title", "Plan", None),) if in_form else ()
            query = {} if in_form else {"title": "Plan"}
            assert (await post(api, path, url, *title, **query)).status == 200
            got = await api("GET", path, fields="File_Name")
            assert got.item["File_Name"] == "Plan"

    @pytest.mark.parametrize(
        "parts",
        [
            [],
            [("file", b"", "a.txt")],
            [("file", b"a", "a.txt"), ("file", b"b", "b.txt")],
            [("files", b"a", "a.txt")],
            [("file", b"a", "a.txt"), ("attachmentUrl", "https://example.com", None)],
            [("attachmentUrl", "example.com", None)],
        ],
        ids=["nothing", "empty", "two files", "another field", "file and link", "no address"],
    )
    async def test_anything_else_is_refused(self, parts: Any) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            assert (await post(api, path, *parts)).word == (400, "INVALID_DATA")
            assert (await api("GET", path, fields="id")).status == 204

    async def test_a_body_of_json_holds_no_file(self) -> None:
        async with direct() as (org, api):
            got = await api("POST", f"/Leads/{add_lead(org)}/Attachments", {"file": "a"})
            assert got.word == (400, "INVALID_DATA")

    async def test_a_file_that_is_too_large_is_413(self) -> None:
        async with direct() as (org, api):
            org.state.attached.largest_attachment = 2
            got = await post(api, f"/Leads/{add_lead(org)}/Attachments", ("file", b"abc", "a"))
            assert got.word == (413, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")
            assert got.body["details"]["size"] == 2

    async def test_the_record_has_to_be_there(self) -> None:
        async with direct() as (_, api):
            got = await post(api, "/Leads/404/Attachments", ("file", b"abc", "a.txt"))
            assert got.word == (400, "INVALID_DATA")
            assert got.body["details"] == {"resource_path_index": 1}
            got = await post(api, "/Nothing/404/Attachments", ("file", b"abc", "a.txt"))
            assert got.word == (400, "INVALID_MODULE")


class TestLists:
    """The fields that are asked for, and what the service says of each."""

    async def test_fields_are_needed(self) -> None:
        async with direct() as (org, api):
            got = await api("GET", f"/Leads/{add_lead(org)}/Attachments")
            assert got.word == (400, "REQUIRED_PARAM_MISSING")
            assert got.body["details"] == {"param_name": "fields"}

    async def test_unknown_parameters_are_refused(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            got = await api("GET", path, fields="id", sort_by="id")
            assert got.word == (400, "EXTRA_PARAM_FOUND")
            got = await api("GET", path, fields=",".join(f"F{n}" for n in range(51)))
            assert got.word == (400, "LIMIT_EXCEEDED")

    async def test_no_more_than_was_asked_for(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            await post(api, path, ("file", b"abc", "a.txt"))
            got = await api("GET", path, fields="Size")
            assert {name for name in got.item if name[0] != "$"} == {"id", "Size"}
            assert (got.item["Size"], got.item["$type"]) == ("3", "Attachment")

    async def test_ids_choose(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            first = (await post(api, path, ("file", b"a", "a"))).item["details"]["id"]
            await post(api, path, ("file", b"b", "b"))
            got = await api("GET", path, fields="id", ids=first)
            assert [row["id"] for row in got.body["data"]] == [first]


class TestDownloads:
    """Bytes, with the name and the kind of the file."""

    async def test_the_name_stands_in_the_disposition(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            made = await post(api, path, ("file", b"%PDF", "Rechnung Ü.pdf"))
            token = {"Authorization": f"Zoho-oauthtoken {await api.token()}"}
            url = f"{org.url}/crm/v7{path}/{made.item['details']['id']}"
            async with api.session.get(url, headers=token) as answer:
                assert await answer.read() == b"%PDF"
                assert answer.content_type == "application/pdf"
                assert answer.content_disposition is not None
                assert answer.content_disposition.filename == "Rechnung Ü.pdf"

    async def test_an_unknown_attachment_is_204_and_a_link_is_refused(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            assert (await api("GET", f"{path}/404")).status == 204
            made = await post(api, path, ("attachmentUrl", "https://example.com", None))
            got = await api("GET", f"{path}/{made.item['details']['id']}")
            assert got.word == (400, "DOWNLOAD_NOT_ALLOWED")

    async def test_a_file_needs_its_id(self) -> None:
        async with direct() as (_, api):
            assert (await api("GET", "/files")).word == (400, "REQUIRED_PARAM_MISSING")
            assert (await api("GET", "/files", id="404")).status == 204

    async def test_a_file_of_a_field_needs_its_id(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/actions/download_fields_attachment"
            assert (await api("GET", path)).word == (400, "REQUIRED_PARAM_MISSING")
            got = await api("GET", path, fields_attachment_id="404")
            assert got.word == (400, "INVALID_DATA")


class TestDeletions:
    """One by its path, up to a hundred by their ids."""

    async def test_one_that_is_not_there(self) -> None:
        async with direct() as (org, api):
            got = await api("DELETE", f"/Leads/{add_lead(org)}/Attachments/404")
            assert got.word == (400, "INVALID_DATA")
            assert got.body["details"] == {"resource_path_index": 3}

    async def test_many_are_told_one_by_one(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            id_ = (await post(api, path, ("file", b"a", "a"))).item["details"]["id"]
            got = await api("DELETE", path, ids=f"{id_},404")
            assert (got.status, [item["code"] for item in got.body["data"]]) == (
                207,
                ["SUCCESS", "INVALID_DATA"],
            )

    async def test_more_than_a_hundred(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/Attachments"
            got = await api("DELETE", path, ids=",".join(str(n) for n in range(101)))
            assert got.word == (400, "LIMIT_EXCEEDED")
            assert (await api("DELETE", path)).word == (400, "REQUIRED_PARAM_MISSING")


class TestPhotos:
    """Images, and nothing else."""

    GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,"

    @pytest.mark.parametrize("path", ["/org/photo", "/Leads/{lead}/photo"])
    async def test_what_is_no_image(self, path: str) -> None:
        async with direct() as (org, api):
            path = path.format(lead=add_lead(org))
            for content in (b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00"):
                got = await post(api, path, ("file", content, "a.png"))
                assert got.word == (400, "INVALID_DATA")
            assert (await api("GET", path)).status == 204

    @pytest.mark.parametrize(
        ("path", "size"), [("/org/photo", 1024 * 1024), ("/Leads/{lead}/photo", 10 * 1024 * 1024)]
    )
    async def test_what_is_too_large(self, path: str, size: int) -> None:
        async with direct() as (org, api):
            path = path.format(lead=add_lead(org))
            content = self.GIF + bytes(size + 1 - len(self.GIF))
            got = await post(api, path, ("file", content, "a.gif"))
            assert got.word == (415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")
            assert got.body["details"]["size"] == size

    async def test_what_has_too_many_pixels(self) -> None:
        async with direct() as (_, api):
            wide = b"GIF89a" + (4_000).to_bytes(2, "little") + (2_501).to_bytes(2, "little")
            got = await post(api, "/org/photo", ("file", wide, "a.gif"))
            assert got.word == (415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")

    async def test_an_answer_is_no_list(self) -> None:
        async with direct() as (_, api):
            got = await post(api, "/org/photo", ("file", self.GIF, "a.gif"))
            assert (got.body["code"], got.body["details"]) == ("SUCCESS", {})
            assert (await api("DELETE", "/org/photo")).body["code"] == "SUCCESS"

    async def test_scopes_are_those_of_what_the_photo_is_of(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            token = await api.token(org.credentials_with(scopes=["ZohoCRM.org.READ"]))
            headers = {"Authorization": f"Zoho-oauthtoken {token}"}
            assert (await api("GET", "/org/photo", headers=headers)).status == 204
            got = await api("GET", f"/Leads/{lead}/photo", headers=headers)
            assert got.word == (401, "OAUTH_SCOPE_MISMATCH")
