"""Records as objects of a class of the caller's."""

from datetime import UTC, date, datetime
from enum import Enum
from typing import assert_type

import pytest
from attrs import field, frozen, make_class

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._pages import Page, Pager
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import Record, Reference, Word


class Source(Word):
    """Where leads come from."""

    PARTNER = "Partner"


class Rating(Enum):
    ACTIVE = "Active"


@frozen
class Lead:
    id: str
    last_name: str = field(metadata={"wire": "Last_Name"})
    source: Source | None = field(default=None, metadata={"wire": "Lead_Source"})
    rating: Rating | None = field(default=None, metadata={"wire": "Rating"})
    employees: int | None = field(default=None, metadata={"wire": "No_of_Employees"})
    revenue: float | None = field(default=None, metadata={"wire": "Annual_Revenue"})
    opted_out: bool = field(default=False, metadata={"wire": "Email_Opt_Out"})
    owner: Reference | None = field(default=None, metadata={"wire": "Owner"})
    created: datetime | None = field(default=None, metadata={"wire": "Created_Time"})


@frozen
class Item:
    id: str | None = None
    Quantity: int = 1


@frozen
class Quote:
    subject: str = field(metadata={"wire": "Subject"})
    items: tuple[Item, ...] = field(default=(), metadata={"wire": "Quoted_Items"})
    valid_till: date | None = field(default=None, metadata={"wire": "Valid_Till"})
    account: Reference | None = field(default=None, metadata={"wire": "Account_Name"})
    id: str | None = None


STONE = {
    "Last_Name": "Stone",
    "Lead_Source": "Partner",
    "Rating": "Active",
    "No_of_Employees": 7,
    "Annual_Revenue": 10,
    "Email_Opt_Out": True,
    "City": "York",
}


async def test_a_list_asks_for_the_fields_of_the_class(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{**STONE, "Created_Time": "2026-03-02T09:00:00+00:00"}])
    [lead] = [lead async for lead in crm.records.list("Leads", into=Lead)]
    assert lead == Lead(
        id=lead.id,
        last_name="Stone",
        source=Source.PARTNER,
        rating=Rating.ACTIVE,
        employees=7,
        revenue=10.0,
        opted_out=True,
        owner=Reference(**org.state.owner),
        created=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
    assert isinstance(lead.revenue, float)


async def test_reading_one_searching_and_the_pages(org: Emulator, crm: ZohoCRM) -> None:
    ids = org.add_records("Leads", [STONE, {"Last_Name": "Reed", "Lead_Source": "Fair"}])
    stone: Lead = await crm.records.get("Leads", ids[0], into=Lead)
    assert (stone.id, stone.source) == (ids[0], Source.PARTNER)
    [reed] = await crm.records.search("Leads", word="Reed", into=Lead)
    assert reed.source == "Fair"
    assert (reed.employees, reed.opted_out) == (None, False)
    page = await crm.records.list("Leads", into=Lead, per_page=1)
    assert (page[0].last_name, page.more) == ("Reed", True)
    text: Lead = await crm.records.rich_text_one("Leads", ids[0], into=Lead)
    assert text.last_name == "Stone"


async def test_lookups_dates_and_subforms(org: Emulator, crm: ZohoCRM) -> None:
    """What is written is of the same class."""
    [account] = org.add_records("Accounts", [{"Account_Name": "Zylker"}])
    quote = Quote(
        subject="Chairs",
        items=(Item(Quantity=4), Item(Quantity=2)),
        valid_till=date(2026, 1, 31),
        account=Reference(account),
    )
    [made] = await crm.records.create("Quotes", [quote])
    assert made.ok
    read = await crm.records.get("Quotes", str(made.id), into=Quote)
    assert [item.Quantity for item in read.items] == [4, 2]
    assert all(item.id for item in read.items)
    assert (read.valid_till, read.account) == (quote.valid_till, Reference(account, "Zylker"))
    await crm.records.update_subform("Quotes", str(made.id), "Quoted_Items", [Item(Quantity=9)])
    read = await crm.records.get("Quotes", str(made.id), into=Quote)
    assert [item.Quantity for item in read.items] == [4, 2, 9]


async def test_named_fields_are_asked_for_in_place_of_the_class(
    org: Emulator, crm: ZohoCRM
) -> None:
    org.add_records("Leads", [STONE])
    [lead] = await crm.records.list("Leads", fields=["Last_Name"], into=Lead)
    assert (lead.last_name, lead.source) == ("Stone", None)


async def test_a_value_that_the_class_cannot_hold_is_named(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{**STONE, "No_of_Employees": "many"}])
    with pytest.raises(errors.UnexpectedAnswer, match=r"whole number.*employees"):
        await crm.records.list("Leads", into=Lead)
    org.add_records("Leads", [{"First_Name": "Jo"}])
    with pytest.raises(errors.UnexpectedAnswer, match="Last_Name is missing"):
        await crm.records.list("Leads", into=Lead)


async def test_what_is_no_class_to_read_is_refused_before_anything_is_sent(
    org: Emulator, crm: ZohoCRM
) -> None:
    @frozen
    class Odd:
        id: str | int | complex

    large = make_class("Large", {f"F{n}": field(default=None, type=str) for n in range(51)})
    calls = len(org.calls)
    with pytest.raises(errors.InvalidRequest, match="attrs class"):
        await crm.records.list("Leads", into=dict)
    with pytest.raises(errors.InvalidRequest, match="Odd, which cannot be read"):
        await crm.records.list("Leads", into=Odd)
    with pytest.raises(errors.InvalidRequest, match="fields lists 51"):
        await crm.records.list("Leads", into=large)
    assert len(org.calls) == calls


async def test_times_are_aware(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{**STONE, "Created_Time": "2026-01-31T09:00:00+05:30"}])
    [lead] = await crm.records.list("Leads", into=Lead)
    assert lead.created == datetime(2026, 1, 31, 3, 30, tzinfo=UTC)


async def test_checkers_know_what_comes(org: Emulator, crm: ZohoCRM) -> None:
    """`Record` where no class is named; the class where one is."""
    [lead] = org.add_records("Leads", [STONE])
    assert_type(crm.records.list("Leads", fields=["City"]), Pager[Record])
    assert_type(crm.records.list("Leads", into=Lead), Pager[Lead])
    assert_type(crm.records.search("Leads", word="a", into=Lead), Pager[Lead])
    assert_type(await crm.records.get("Leads", lead), Record)
    assert_type(await crm.records.get("Leads", lead, into=Lead), Lead)
    assert_type(await crm.records.rich_text("Leads", ids=[lead], into=Lead), Page[Lead])


@frozen
class Summary:
    id: str
    owner_mail: str | None = field(default=None, metadata={"wire": "Owner.email"})
    owner: Reference | None = field(default=None, metadata={"wire": "Owner"})


async def test_a_part_of_a_lookup(org: Emulator, crm: ZohoCRM) -> None:
    """The lookup is what is asked for, once."""
    org.add_records("Leads", [STONE])
    [lead] = await crm.records.list("Leads", into=Summary)
    assert lead.owner_mail == "crm@example.com"
    assert lead.owner is not None
    assert lead.owner.email == lead.owner_mail
