"""The organisation, its addresses and templates, and uploads."""

import io
from collections.abc import Iterable
from typing import Any

import aiohttp
import pytest
from direct import SENDER, Direct, Got, direct

from zohocrm_async.options import Edition


async def test_the_organisation_tells_its_edition() -> None:
    """From which its limits follow."""
    async with direct(edition=Edition.STANDARD, users=7, time_zone="Europe/Paris") as (org, api):
        details = (await api("GET", "/org")).item
        licence = details["license_details"]
        assert (licence["paid"], licence["paid_type"]) == (True, "standard")
        assert licence["users_license_purchased"] == 7
        assert (details["time_zone"], details["zgid"]) == ("Europe/Paris", org.zgid)
        assert org.limits.credits == 51_750
        assert org.limits.concurrency == 10


async def test_the_free_edition_is_not_paid() -> None:
    """Its limits are its own."""
    async with direct(edition=Edition.FREE, users=3) as (org, api):
        licence = (await api("GET", "/org")).item["license_details"]
        assert (licence["paid"], licence["paid_type"]) == (False, "free")
        assert (org.limits.credits, org.limits.concurrency) == (5_000, 5)


async def test_allowed_senders_are_listed() -> None:
    """And those that are added may send."""
    async with direct() as (org, api):
        org.add_from_address("sales@example.org", user_name="Sales")
        got = await api("GET", "/settings/emails/actions/from_addresses")
        assert [entry["email"] for entry in got.body["from_addresses"]] == [
            SENDER,
            "sales@example.org",
        ]
        [lead] = org.add_records("Leads", [{"Last_Name": "A", "Email": "a@example.com"}])
        sender: dict[str, Any] = {"from": {"email": "Sales@example.org"}}
        assert (await api.send(lead, **sender)).status == 200


async def test_modules_are_listed_with_custom_ones() -> None:
    """By their API names."""
    async with direct() as (org, api):
        org.add_records("Boats", [{"Name": "Nell"}])
        names = [m["api_name"] for m in (await api("GET", "/settings/modules")).body["modules"]]
        assert {"Leads", "Price_Books", "Boats"} <= set(names)


class TestTemplates:
    """Templates of mails and of inventory modules."""

    async def test_they_come_twenty_a_page_without_content(self) -> None:
        async with direct() as (org, api):
            for n in range(25):
                org.add_email_template(f"T{n}", content="Hello")
            got = await api("GET", "/settings/email_templates")
            assert len(got.body["email_templates"]) == 20
            assert got.body["info"]["more_records"]
            assert "content" not in got.item
            got = await api("GET", "/settings/email_templates", page="2")
            assert [item["name"] for item in got.body["email_templates"]] == [
                f"T{n}" for n in range(20, 25)
            ]
            got = await api("GET", "/settings/email_templates", per_page="101")
            assert got.word == (400, "INVALID_DATA")

    async def test_one_comes_with_content(self) -> None:
        async with direct() as (org, api):
            template = org.add_inventory_template("Quote", content="<table>")
            got = await api("GET", f"/settings/inventory_templates/{template}")
            assert (got.item["content"], got.item["module"]["api_name"]) == ("<table>", "Quotes")
            got = await api("GET", "/settings/email_templates/4711")
            assert got.word == (400, "INVALID_DATA")

    async def test_they_are_told_by_their_module(self) -> None:
        async with direct() as (org, api):
            org.add_email_template("L")
            org.add_email_template("C", module="Contacts")
            got = await api("GET", "/settings/email_templates", module="Contacts")
            assert [item["name"] for item in got.body["email_templates"]] == ["C"]
            got = await api("GET", "/settings/email_templates", module="Deals")
            assert got.status == 204


class TestUploads:
    """POST /files takes all files or none."""

    async def upload(self, api: Direct, files: Iterable[tuple[str, int]], **query: str) -> Got:
        form = aiohttp.FormData(quote_fields=False)
        for name, size in files:
            form.add_field("file", io.BytesIO(b"x" * size), filename=name)
        return await api("POST", "/files", raw=form, **query)

    async def test_each_file_has_its_id_in_order(self) -> None:
        async with direct() as (org, api):
            got = await self.upload(api, [("a.txt", 10), ("b ü.pdf", 20)])
            details = [item["details"] for item in got.body["data"]]
            assert [entry["name"] for entry in details] == ["a.txt", "b ü.pdf"]
            sizes = [org.state.files[entry["id"]].size for entry in details]
            assert (got.status, sizes) == (200, [10, 20])

    async def test_inline_images_are_a_type(self) -> None:
        async with direct() as (org, api):
            got = await self.upload(api, [("a.png", 10)], type="inline")
            assert org.state.files[got.item["details"]["id"]].inline
            got = await self.upload(api, [("a.png", 10)], type="outline")
            assert got.word == (400, "INVALID_DATA")

    async def test_one_that_is_too_large_rejects_all(self) -> None:
        async with direct() as (org, api):
            got = await self.upload(api, [("a", 1), ("b", 20 * 1024 * 1024 + 1)])
            assert got.word == (415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")
            assert not org.state.files

    async def test_eleven_are_too_many_and_empty_ones_are_refused(self) -> None:
        async with direct() as (_, api):
            got = await self.upload(api, [("a", 1)] * 11)
            assert got.word == (400, "INVALID_REQUEST")
            got = await self.upload(api, [("a", 0)])
            assert got.word == (400, "failure_in_attachment_handling")

    @pytest.mark.parametrize("body", [None, {"file": "x"}])
    async def test_what_is_no_form_is_refused(self, body: Any) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/files", body)
            assert got.word == (400, "failure_in_attachment_handling")

    async def test_a_form_that_is_none_is_refused(self) -> None:
        async with direct() as (org, api):
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            got = await api("POST", "/files", raw=b"no boundary here", headers=headers)
            assert got.word == (400, "INVALID_DATA")
            assert org.credits_used == 1

    async def test_fields_have_to_be_called_file(self) -> None:
        async with direct() as (_, api):
            form = aiohttp.FormData()
            form.add_field("files", b"x", filename="a.txt")
            got = await api("POST", "/files", raw=form)
            assert got.word == (400, "INVALID_DATA")
