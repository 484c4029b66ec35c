"""Related records: children, linked ones, those of deleted records, external ids."""

import datetime as dt

import pytest
from attrs import field, frozen
from companions import leads, one

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import DealContact, Reference

NAMES = ["Last_Name"]


@frozen
class Member:
    """A lead of a campaign."""

    id: str
    name: str = field(metadata={"wire": "Last_Name"})
    status: str | None = field(default=None, metadata={"wire": "Member_Status"})


class TestChildren:
    """Records that name their parent in a field."""

    async def test_they_are_those_whose_lookup_is_the_record(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        account, other = one(org, "Accounts", Account_Name="A"), one(org, "Accounts")
        own = one(org, "Contacts", Last_Name="Boyle", Account_Name={"id": account})
        one(org, "Contacts", Last_Name="Reed", Account_Name={"id": other})
        found = [
            record async for record in crm.related_records.list(
                "Accounts", account, "Contacts", fields=NAMES
            )
        ]  # fmt: skip
        assert [(record.id, record["Last_Name"]) for record in found] == [(own, "Boyle")]

    async def test_tasks_belong_to_any_record(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        task = one(org, "Tasks", Subject="Call", Who_Id={"id": lead})
        record = await crm.related_records.get("Leads", lead, "Tasks", task, fields=["Subject"])
        assert record["Subject"] == "Call"

    async def test_an_owner_is_no_parent(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        one(org, "Contacts", Last_Name="Boyle", Owner={"id": lead})
        page = await crm.related_records.list("Leads", lead, "Contacts", fields=NAMES)
        assert len(page) == 0

    async def test_pages_follow_each_other(self, org: Emulator, crm: ZohoCRM) -> None:
        account = one(org, "Accounts", Account_Name="A")
        rows = [{"Last_Name": f"n{n}", "Account_Name": {"id": account}} for n in range(450)]
        ids = org.add_records("Contacts", rows)
        listed = crm.related_records.list("Accounts", account, "Contacts", fields=NAMES)
        assert {record.id async for record in listed} == set(ids)
        assert sum(call.operation == "related_records.list" for call in org.calls) == 3

    async def test_they_cannot_be_linked(self, org: Emulator, crm: ZohoCRM) -> None:
        """Their field says where they belong."""
        account, contact = one(org, "Accounts"), one(org, "Contacts", Last_Name="Boyle")
        with pytest.raises(errors.APIError) as caught:
            await crm.related_records.link_one("Accounts", account, "Contacts", contact, {})
        assert caught.value.code == "CANNOT_BE_UPDATED"


class TestLinks:
    """Records that calls link to each other."""

    async def test_a_link_is_seen_from_both_ends(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign, [lead] = one(org, "Campaigns", Campaign_Name="Spring"), leads(org, {})
        row = {"id": lead, "Member_Status": "Sent"}
        [outcome] = await crm.related_records.link("Campaigns", campaign, "Leads", [row])
        assert (outcome.ok, outcome.id) == (True, lead)
        [member] = await crm.related_records.list("Campaigns", campaign, "Leads", into=Member)
        assert member == Member(lead, "Stone", "Sent")
        [found] = await crm.related_records.list(
            "Leads", lead, "Campaigns", fields=["Campaign_Name"]
        )
        assert (found.id, found["Member_Status"]) == (campaign, "Sent")

    async def test_linking_again_changes_what_the_link_says(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        campaign, [lead] = one(org, "Campaigns"), leads(org, {})
        for status in ("Sent", "Opened"):
            body = {"Member_Status": status}
            await crm.related_records.link_one("Campaigns", campaign, "Leads", lead, body)
        page = await crm.related_records.list("Campaigns", campaign, "Leads", into=Member)
        assert [member.status for member in page] == ["Opened"]

    async def test_each_record_has_its_outcome(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign, [lead] = one(org, "Campaigns"), leads(org, {})
        outcomes = await crm.related_records.link(
            "Campaigns", campaign, "Leads", [{"id": "9"}, {"id": lead}]
        )
        assert [outcome.ok for outcome in outcomes] == [False, True]
        assert isinstance(outcomes[0].error, errors.RecordNotFound)

    async def test_more_than_100_go_in_calls_and_are_answered_in_order(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        campaign, ids = one(org, "Campaigns"), leads(org, *[{}] * 150)
        linked = await crm.related_records.link(
            "Campaigns", campaign, "Leads", [{"id": id_} for id_ in ids]
        )
        unlinked = await crm.related_records.unlink("Campaigns", campaign, "Leads", ids)
        for outcomes in (linked, unlinked):
            assert [outcome.id for outcome in outcomes] == list(ids)
        calls = [call.operation for call in org.calls if call.operation != "apis.list"]
        assert calls == ["related_records.link"] * 2 + ["related_records.unlink"] * 2

    async def test_unlinked_records_stay(self, org: Emulator, crm: ZohoCRM) -> None:
        product, [one_lead, other] = one(org, "Products"), leads(org, {}, {})
        rows = [{"id": one_lead}, {"id": other}]
        await crm.related_records.link("Products", product, "Leads", rows)
        [first, second] = await crm.related_records.unlink("Products", product, "Leads",
                                                           [one_lead, "9"])  # fmt: skip
        assert (first.ok, second.ok) == (True, False)
        await crm.related_records.unlink_one("Products", product, "Leads", other)
        assert len(await crm.related_records.list("Products", product, "Leads", fields=NAMES)) == 0
        assert org.record("Leads", one_lead) is not None
        with pytest.raises(errors.RecordNotFound):
            await crm.related_records.unlink_one("Products", product, "Leads", other)

    async def test_one_that_is_not_linked_is_not_found(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign, [lead] = one(org, "Campaigns"), leads(org, {})
        with pytest.raises(errors.RecordNotFound):
            await crm.related_records.get("Campaigns", campaign, "Leads", lead, fields=NAMES)


class TestContactsOfDeals:
    """Contacts play parts in deals."""

    async def test_they_come_and_go(self, org: Emulator, crm: ZohoCRM) -> None:
        deal, contact = one(org, "Deals", Deal_Name="D"), one(org, "Contacts", Full_Name="Jo")
        [decides, advises] = await crm.contact_roles.list()
        given = DealContact(id=contact, role=Reference(decides.id))
        [outcome] = await crm.deal_contact_roles.add(deal, [given])
        assert outcome.ok
        [found] = await crm.deal_contact_roles.list(deal)
        assert (found.id, found.name) == (contact, "Jo")
        assert found.role == Reference(decides.id, decides.name)
        await crm.deal_contact_roles.add_one(deal, contact, Reference(advises.id))
        assert (await crm.deal_contact_roles.get(deal, contact)).role == Reference(
            advises.id, advises.name
        )
        [gone] = await crm.deal_contact_roles.remove(deal, [contact])
        assert gone.ok
        with pytest.raises(errors.RecordNotFound):
            await crm.deal_contact_roles.remove_one(deal, contact)

    async def test_a_contact_knows_its_deals(self, org: Emulator, crm: ZohoCRM) -> None:
        """Those that name it, and those that it plays a part in."""
        contact = one(org, "Contacts", Last_Name="Boyle")
        named = one(org, "Deals", Deal_Name="D", Contact_Name={"id": contact})
        played, _ = one(org, "Deals", Deal_Name="E"), one(org, "Deals", Deal_Name="F")
        [role, *_] = await crm.contact_roles.list()
        await crm.deal_contact_roles.add_one(played, contact, Reference(role.id))
        found = await crm.related_records.list("Contacts", contact, "Deals", fields=["Deal_Name"])
        assert {deal.id: deal.get("Contact_Role", {}).get("name") for deal in found} == {
            named: None, played: role.name,
        }  # fmt: skip

    async def test_a_part_that_is_none_is_refused(self, org: Emulator, crm: ZohoCRM) -> None:
        deal, contact = one(org, "Deals"), one(org, "Contacts")
        with pytest.raises(errors.InvalidData):
            await crm.deal_contact_roles.add_one(deal, contact, Reference("9"))
        [outcome] = await crm.deal_contact_roles.add(deal, [DealContact(id=contact)])
        assert isinstance(outcome.error, errors.MandatoryNotFound)


class TestDeletedRecords:
    """What belonged to a record in the recycle bin."""

    async def test_its_links_and_children_are_listed(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign, [lead] = one(org, "Campaigns"), leads(org, {})
        await crm.related_records.link("Campaigns", campaign, "Leads", [{"id": lead}])
        await crm.records.delete("Campaigns", [campaign])
        listed = crm.related_records.of_deleted("Campaigns", campaign, "Leads", fields=NAMES)
        assert [record.id async for record in listed] == [lead]

    async def test_one_that_is_not_deleted_is_not_found(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign = one(org, "Campaigns")
        with pytest.raises(errors.RecordNotFound):
            await crm.related_records.of_deleted("Campaigns", campaign, "Leads", fields=NAMES)


class TestExternalIds:
    """The ids are values of external fields."""

    async def test_both_ends_may_be_named_so(self, org: Emulator, crm: ZohoCRM) -> None:
        product = one(org, "Products", Sku="p/1".replace("/", "-"))
        lead = one(org, "Leads", Last_Name="Stone", Customer_No="c1")
        both = ["Products.Sku", "Leads.Customer_No"]
        outcome = await crm.related_records.link_one(
            "Products", "p-1", "Leads", "c1", {}, external=both
        )
        assert outcome.id == lead
        found = await crm.related_records.get(
            "Products", "p-1", "Leads", "c1", fields=NAMES, external=both
        )
        assert found.id == lead
        [listed] = await crm.related_records.list("Products", product, "Leads", fields=NAMES)
        assert listed.id == lead
        await crm.related_records.unlink_one("Products", "p-1", "Leads", "c1", external=both)
        page = await crm.related_records.list(
            "Products", "p-1", "Leads", fields=NAMES, external="Products.Sku"
        )
        assert len(page) == 0

    async def test_an_unknown_value_is_not_found(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.related_records.list(
                "Products", "p9", "Leads", fields=NAMES, external="Products.Sku"
            )


class TestBadInput:
    """What is wrong is told, before anything is sent where it can be."""

    async def test_a_list_that_the_module_lacks(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        with pytest.raises(errors.InvalidData, match="relation name"):
            await crm.related_records.list("Leads", lead, "Nothing", fields=NAMES)

    async def test_what_nothing_can_answer_is_not_sent(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="fields"):
            await crm.related_records.list("Campaigns", "1", "Leads")
        assert not [call for call in org.calls if (call.operation or "").startswith("related")]

    async def test_nothing_newer_is_an_empty_page(self, org: Emulator, crm: ZohoCRM) -> None:
        campaign, [lead] = one(org, "Campaigns"), leads(org, {})
        await crm.related_records.link("Campaigns", campaign, "Leads", [{"id": lead}])
        since = org.clock.now() + dt.timedelta(days=1)
        page = await crm.related_records.list(
            "Campaigns", campaign, "Leads", fields=NAMES, if_modified_since=since
        )
        assert len(page) == 0
