"""The scopes that the guide names suffice for what it says they are for."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from moving import listed, soon

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import ScopeMismatch
from zohocrm_async.models import Address, Mail

PAGE = Path(__file__).parents[2] / "docs" / "authentication.md"


def scopes(row: str) -> list[str]:
    """Return the scopes in the line of the table that begins with *row*."""
    [line] = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| {row}")]
    return re.findall(r"`(Zoho[\w.]+)`", line)


async def test_records_and_merges(caplog: pytest.LogCaptureFixture) -> None:
    """And the client asks for prices and limits without a warning."""
    async with Emulator() as org:
        one, two = org.add_records("Leads", [{"Last_Name": "x"}, {"Last_Name": "y"}])
        credentials = org.credentials_with(scopes=scopes("records"))
        async with org.client(credentials=credentials, limits=None) as crm:
            await crm.records.update_one("Leads", one, {"City": "York"})
            await crm.merge.create("Leads", one, [two])
            await crm.metadata.fields("Leads")
            await crm.users.list()
            with pytest.raises(ScopeMismatch):
                await send(crm, one)
            assert crm.credits().allowance == org.limits.credits
    assert not caplog.records


async def send(crm: ZohoCRM, lead: str) -> None:
    sender, to = Address("crm@example.com"), Address("x@example.com")
    mail = Mail(from_=sender, to=[to], subject="x", content="x")
    await crm.mail.send("Leads", lead, mail)


@pytest.mark.parametrize("call", ["list", "search", "send", "custom", "settings", "coql", "raw"])
async def test_a_scope_that_is_missing_is_named(call: str) -> None:
    """A token that has those of the error, and no other, may make the call."""
    calls: dict[str, Callable[[ZohoCRM], Awaitable[object]]] = {
        "list": lambda crm: crm.records.list("Potentials", fields=["id"]),
        "search": lambda crm: crm.records.search("Leads", word="x"),
        "send": lambda crm: send(crm, lead),
        "custom": lambda crm: crm.records.count("Houses"),
        "settings": lambda crm: crm.metadata.fields("Leads"),
        "coql": lambda crm: crm.coql.query("select id from Leads where id > 0"),
        "raw": lambda crm: crm.request("GET", "/settings/tags", query={"module": "Leads"}),
    }
    async with Emulator() as org:
        [lead] = org.add_records("Leads", [{"Last_Name": "x", "Email": "x@example.com"}])
        org.add_records("Houses", [{"Name": "x"}])
        async with org.client(credentials=org.credentials_with(scopes=["ZohoCRM.x.READ"])) as crm:
            with pytest.raises(ScopeMismatch, match="a new token that has Zoho") as caught:
                await calls[call](crm)
        granted = org.credentials_with(scopes=list(caught.value.scopes))
        async with org.client(credentials=granted) as crm:
            await calls[call](crm)


async def test_of_a_path_that_is_not_known_no_scope_is() -> None:
    """The list of the service is named, which may know it."""
    error = ScopeMismatch("Unauthorized", status=401, code="OAUTH_SCOPE_MISMATCH")
    assert error.scopes == ()
    assert "zohocrm apis --json" in str(error)


async def test_mails(tmp_path: Path) -> None:
    """Templates, attachments, and the e-mails of a record."""
    async with Emulator() as org:
        [lead] = org.add_records("Leads", [{"Last_Name": "x", "Email": "x@example.com"}])
        granted = [*scopes("records"), *scopes("mails")]
        async with org.client(credentials=org.credentials_with(scopes=granted)) as crm:
            await send(crm, lead)
            await crm.mail.from_addresses()
            await crm.mail.list("Leads", lead)
            await crm.email_templates.list()
            (tmp_path / "offer.txt").write_text("an offer")
            await crm.files.upload([tmp_path / "offer.txt"])


async def test_exports_and_several_calls_in_one() -> None:
    """Queries, searches, bulk jobs and composite requests."""
    async with Emulator() as org:
        org.add_records("Leads", [{"Last_Name": "x"}])
        granted = [*scopes("records"), *scopes("queries"), *scopes("notifications")]
        async with org.client(credentials=org.credentials_with(scopes=granted)) as crm:
            assert len(await crm.coql.query("select Last_Name from Leads where id > 0")) == 1
            assert len(await crm.records.search("Leads", word="x")) == 1
            rows = crm.records.export("Leads", fields=["Last_Name"], route="bulk_read")
            assert len(await soon(org, listed(rows))) == 1
            done = crm.records.import_rows("Leads", [{"Last_Name": "y"}], route="bulk_write")
            assert [outcome.ok for outcome in await soon(org, listed(done))] == [True]
            async with crm.composite() as batch:
                batch.add(batch.records.count("Leads"))
            await crm.notifications.list()
