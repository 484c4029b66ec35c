"""Leads become contacts, accounts and deals; quotes and orders become others."""

from typing import Any

import pytest
from companions import colleague, leads, module_of, one, passing

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import JobState, LeadConversion, ModuleReference, Reference

ADA = {"First_Name": "Ada", "Last_Name": "Stone", "Company": "Acme", "Email": "ada@example.com"}


def get(org: Emulator, module: str, reference: Reference | None) -> dict[str, Any]:
    assert reference is not None
    return dict(org.record(module, reference.id) or {})


class TestLeads:
    """A lead is converted once, for 5 credits."""

    async def test_it_makes_a_contact_an_account_and_a_deal(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead] = leads(org, ADA)
        await crm.organization.get()
        used = org.credits_used
        deal = {"Deal_Name": "Ten boats", "Closing_Date": "2026-05-01", "Stage": "Qualification"}
        made = await crm.lead_conversion.convert(lead, LeadConversion(deal=deal))
        assert org.credits_used == used + 5 == crm.credits().used
        contact = get(org, "Contacts", made.contact)
        assert (contact["Full_Name"], contact["Email"]) == ("Ada Stone", "ada@example.com")
        assert made.account is not None
        assert contact["Account_Name"] == {"id": made.account.id, "name": "Acme"}
        assert get(org, "Accounts", made.account)["Account_Name"] == "Acme"
        sold = get(org, "Deals", made.deal)
        assert (sold["Deal_Name"], sold["Contact_Name"]["id"]) == ("Ten boats", contact["id"])

    async def test_a_converted_lead_is_listed_no_more(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead, other] = leads(org, ADA, {})
        await crm.lead_conversion.convert(lead, LeadConversion())
        listed = await crm.records.list("Leads", fields=["Last_Name"])
        assert [record.id for record in listed] == [other]
        converted = await crm.records.list("Leads", fields=["Last_Name"], converted="true")
        assert [record.id for record in converted] == [lead]
        with pytest.raises(errors.AlreadyConverted):
            await crm.lead_conversion.convert(lead, LeadConversion())

    async def test_without_a_company_there_is_no_account(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        made = await crm.lead_conversion.convert(lead, LeadConversion())
        assert (made.account, made.deal) == (None, None)
        assert not org.records("Accounts")

    async def test_records_that_match_are_told_and_taken(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, ADA)
        contact = one(org, "Contacts", Last_Name="Stone", Email="ada@example.com", Phone="1")
        account = one(org, "Accounts", Account_Name="Acme")
        options = await crm.lead_conversion.options(lead)
        assert [record.id for record in options.contacts] == [contact]
        assert [record.id for record in options.accounts] == [account]
        assert options.preference_field_matched_value is not None
        [match] = options.preference_field_matched_value.contacts
        assert match.matched_lead_value == "ada@example.com"
        made = await crm.lead_conversion.convert(
            lead, LeadConversion(add_to_existing_record=True, overwrite=True)
        )
        assert (made.contact, made.account) == (
            Reference(contact, "Ada Stone"), Reference(account, "Acme"),
        )  # fmt: skip
        assert get(org, "Contacts", made.contact)["Phone"] == "1"
        assert len(org.records("Contacts")) == 1

    async def test_named_records_are_taken_as_they_are(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, ADA)
        contact = one(org, "Contacts", Last_Name="Reed", Email="reed@example.com")
        made = await crm.lead_conversion.convert(lead, LeadConversion(contact=Reference(contact)))
        assert get(org, "Contacts", made.contact)["Email"] == "reed@example.com"
        [other] = leads(org, ADA)
        with pytest.raises(errors.RecordNotFound):
            await crm.lead_conversion.convert(other, LeadConversion(account=Reference("9")))

    async def test_new_owner_and_tags(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {**ADA, "Tag": [{"name": "Hot"}, {"name": "Fair"}]})
        user = colleague(org)
        made = await crm.lead_conversion.convert(
            lead,
            LeadConversion(assign_to=Reference(user), carry_over_tags={"Contacts": ["Hot"]}),
        )
        contact = get(org, "Contacts", made.contact)
        assert contact["Owner"]["id"] == user
        assert [tag["name"] for tag in contact["Tag"]] == ["Hot"]
        assert "Tag" not in get(org, "Accounts", made.account)

    async def test_a_deal_needs_its_name(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, ADA)
        with pytest.raises(errors.MandatoryNotFound) as caught:
            await crm.lead_conversion.convert(lead, LeadConversion(deal={"Amount": 5}))
        assert caught.value.details["api_name"] == "Deal_Name"
        assert not org.records("Contacts")

    async def test_a_locked_lead_stays(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, ADA)
        org.lock("Leads", lead)
        with pytest.raises(errors.RecordLocked):
            await crm.lead_conversion.convert(lead, LeadConversion())

    async def test_an_unknown_lead(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.lead_conversion.convert("9", LeadConversion())
        with pytest.raises(errors.RecordNotFound):
            await crm.lead_conversion.options("9")

    async def test_a_lost_answer_says_where_to_look(self, org: Emulator, crm: ZohoCRM) -> None:
        """A second try would convert nothing, and the first one may have."""
        [lead] = leads(org, ADA)
        org.fail_next(Fault.CUT_AFTER, path="/actions/convert")
        with pytest.raises(errors.OutcomeUnknown, match="converted='true'"):
            await crm.lead_conversion.convert(lead, LeadConversion())
        [found] = await crm.records.list("Leads", fields=["Last_Name"], converted="true")
        assert found.id == lead

    async def test_many_are_converted_as_a_job(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = leads(org, ADA, {"Company": "Bits"}, {})
        await crm.lead_conversion.convert(ids[2], LeadConversion())
        made = await crm.lead_conversion.convert_many([*ids, "9"], deal={"Deal_Name": "Boats"})
        assert made.job_id is not None
        assert (await crm.lead_conversion.status(job_id=made.job_id)).state == JobState.SCHEDULED
        org.advance(seconds=3)
        assert (await crm.lead_conversion.status(job_id=made.job_id)).state == JobState.RUNNING
        status = await passing(org, crm.lead_conversion.wait(made.job_id))
        assert (status.total_count, status.converted_count, status.not_converted_count,
                status.failed_count) == (4, 2, 1, 1)  # fmt: skip
        assert len(org.records("Deals")) == 2

    async def test_more_than_50_are_not_sent(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="50"):
            await crm.lead_conversion.convert_many(["1"] * 51)
        assert not org.calls


class TestInventory:
    """Quotes become orders or invoices, orders become invoices."""

    @staticmethod
    def quote(org: Emulator, **fields: Any) -> str:
        lines = [{"id": "1", "Product_Name": {"id": "2", "name": "Boat"}, "Quantity": 10}]
        row = {"Subject": "Ten boats", "Grand_Total": 500, "Quoted_Items": lines, **fields}
        return one(org, "Quotes", **row)

    async def test_a_quote_becomes_an_order_and_that_an_invoice(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        quote = self.quote(org, Tag=[{"name": "Hot"}])
        orders = await module_of(crm, "Sales_Orders")
        made = await crm.inventory_conversion.convert("Quotes", quote, orders, carry_over_tags=True)
        order = get(org, "Sales_Orders", made.sales_order)
        assert (order["Subject"], order["Grand_Total"]) == ("Ten boats", 500)
        assert order["Quote_Name"] == {"id": quote, "name": "Ten boats"}
        [line] = order["Ordered_Items"]
        assert (line["Quantity"], line["id"] != "1") == (10, True)
        assert order["Tag"] == [{"name": "Hot"}]
        invoices = await module_of(crm, "Invoices")
        sold = await crm.inventory_conversion.convert("Sales_Orders", order["id"], invoices)
        invoice = get(org, "Invoices", sold.invoice)
        assert len(invoice["Invoiced_Items"]) == 1
        assert "Tag" not in invoice

    async def test_it_is_converted_once(self, org: Emulator, crm: ZohoCRM) -> None:
        quote, invoices = self.quote(org), await module_of(crm, "Invoices")
        await crm.inventory_conversion.convert("Quotes", quote, invoices)
        with pytest.raises(errors.AlreadyConverted):
            await crm.inventory_conversion.convert("Quotes", quote, invoices)

    async def test_only_what_it_can_become(self, org: Emulator, crm: ZohoCRM) -> None:
        order = one(org, "Sales_Orders", Subject="Boats")
        with pytest.raises(errors.InvalidData):
            await crm.inventory_conversion.convert(
                "Sales_Orders", order, await module_of(crm, "Sales_Orders")
            )
        with pytest.raises(errors.InvalidData):
            await crm.inventory_conversion.convert(
                "Quotes", self.quote(org), ModuleReference("Invoices", "9")
            )

    async def test_leads_are_converted_by_their_own_family(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        """The same path means another, dearer operation for them."""
        to = ModuleReference("Invoices", "9")
        with pytest.raises(errors.InvalidRequest, match=r"crm\.lead_conversion"):
            await crm.inventory_conversion.convert("Leads", "1", to)
        with pytest.raises(errors.InvalidRequest, match="Quotes"):
            await crm.inventory_conversion.convert_many("Deals", ["1"], to)
        assert not org.calls

    async def test_many_are_converted_as_a_job(self, org: Emulator, crm: ZohoCRM) -> None:
        user, ids = colleague(org), [self.quote(org), self.quote(org), "9"]
        made = await crm.inventory_conversion.convert_many(
            "Quotes", ids, await module_of(crm, "Invoices"), assign_to=Reference(user)
        )
        assert made.job_id is not None
        status = await passing(org, crm.inventory_conversion.wait("Quotes", made.job_id))
        assert (status.total_count, status.converted_count, status.failed_count) == (3, 2, 1)
        assert [record["Owner"]["id"] for record in org.records("Invoices")] == [user, user]
