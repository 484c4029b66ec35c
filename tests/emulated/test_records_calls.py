"""Records of any module: pages, outcomes row by row, and refusals."""

import math
from datetime import timedelta
from typing import Any

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import DeletedType, where


def fill(org: Emulator, count: int) -> tuple[str, ...]:
    return org.add_records("Leads", [{"Last_Name": f"n{number}"} for number in range(count)])


async def test_all_records_come_by_number_and_then_by_token(org: Emulator, crm: ZohoCRM) -> None:
    """The service refuses a page number beyond record 2,000."""
    ids = fill(org, 2_450)
    found = [record.id async for record in crm.records.list("Leads", fields=["Last_Name"])]
    assert sorted(found) == sorted(ids)
    assert sum(1 for call in org.calls if call.operation == "records.list") == 13


async def test_the_first_page_is_one_call(org: Emulator, crm: ZohoCRM) -> None:
    fill(org, 450)
    page = await crm.records.list("Leads", fields=["Last_Name"])
    assert (len(page), page.more) == (200, True)
    assert sum(1 for call in org.calls if call.operation == "records.list") == 1


async def test_an_empty_module_has_no_items(crm: ZohoCRM) -> None:
    assert [r async for r in crm.records.list("Leads", fields=["Last_Name"])] == []
    assert len(await crm.records.list("Leads", fields=["Last_Name"])) == 0


async def test_a_record_lives(org: Emulator, crm: ZohoCRM) -> None:
    (made,) = await crm.records.create("Leads", [{"Last_Name": "Boyle", "Company": "Z"}])
    assert made.ok
    assert made.id is not None
    record = await crm.records.get("Leads", made.id)
    assert (record["Last_Name"], record.created_time is not None) == ("Boyle", True)
    await crm.records.update("Leads", [{"id": made.id, "Company": None}])
    assert (await crm.records.get("Leads", made.id))["Company"] is None
    (gone,) = await crm.records.delete("Leads", [made.id])
    assert gone.ok
    with pytest.raises(errors.RecordNotFound):
        await crm.records.get("Leads", made.id)


async def test_each_row_has_its_own_outcome_in_order(crm: ZohoCRM) -> None:
    outcomes = await crm.records.create(
        "Leads",
        [{"Last_Name": "a"}, {"Company": "no name"}, {"Last_Name": "b", "Email": "nonsense"}],
    )
    assert [outcome.ok for outcome in outcomes] == [True, False, False]
    assert isinstance(outcomes[1].error, errors.MandatoryNotFound)
    assert outcomes[1].error.details["api_name"] == "Last_Name"
    assert isinstance(outcomes[2].error, errors.InvalidData)


async def test_rows_that_all_fail_have_their_outcomes_too(crm: ZohoCRM) -> None:
    outcomes = await crm.records.create("Leads", [{"Company": "x"}, {"Company": "y"}])
    assert [type(outcome.error) for outcome in outcomes] == [errors.MandatoryNotFound] * 2


async def test_an_upsert_says_what_it_did(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{"Last_Name": "a", "Email": "a@example.com"}])
    outcomes = await crm.records.upsert(
        "Leads",
        [
            {"Last_Name": "a2", "Email": "a@example.com"},
            {"Last_Name": "b", "Email": "b@example.com"},
        ],
        duplicate_check_fields=["Email"],
    )
    assert [outcome.action for outcome in outcomes] == ["update", "insert"]
    assert outcomes[0].duplicate_field == "Email"


async def test_search_and_count(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{"Last_Name": "a", "Email": "a@example.com"}, {"Last_Name": "b"}])
    found = [r async for r in crm.records.search("Leads", email="a@example.com")]
    assert [record["Last_Name"] for record in found] == ["a"]
    assert await crm.records.count("Leads") == 2


async def test_a_search_takes_the_conditions_of_an_export(org: Emulator, crm: ZohoCRM) -> None:
    """And counts by them; signs that it reads itself are theirs."""
    org.add_records("Leads", [{"Last_Name": f"n{n}", "City": "Bonn (1), west"} for n in range(3)])
    org.add_records("Leads", [{"Last_Name": "n0", "City": "York"}])
    condition = where("City").equal("Bonn (1), west") & where("Last_Name").in_(["n0", "n2"])
    found = crm.records.search("Leads", criteria=condition, fields=["Last_Name"])
    assert sorted([lead["Last_Name"] async for lead in found]) == ["n0", "n2"]
    assert await crm.records.count("Leads", criteria=condition) == 2
    with pytest.raises(errors.InvalidRequest, match="does not compare by contains"):
        crm.records.search("Leads", criteria=where("City").contains("onn"))


async def test_a_search_is_for_something(org: Emulator, crm: ZohoCRM) -> None:
    """In one of the four ways."""
    with pytest.raises(errors.InvalidRequest, match="give criteria or email or phone or word"):
        await crm.records.search("Leads", criteria=None)
    assert not org.calls


@pytest.mark.parametrize(
    "given", [{"page": 2, "page_token": "x"}, {"cvid": "1", "sort_by": "id"}], ids=" ".join
)
async def test_what_excludes_each_other_is_not_sent(
    org: Emulator, crm: ZohoCRM, given: dict[str, Any]
) -> None:
    """Both are named."""
    with pytest.raises(errors.InvalidRequest, match=f"{' and '.join(given)} are given"):
        await crm.records.list("Leads", fields=["Last_Name"], **given)
    assert not org.calls


@pytest.mark.parametrize("row", [1, "Stone", None, ["Last_Name"]])
async def test_what_is_no_row_is_not_sent(org: Emulator, crm: ZohoCRM, row: Any) -> None:
    """It is named by its place."""
    for write in (crm.records.create, crm.records.update, crm.records.upsert):
        with pytest.raises(errors.InvalidRequest, match=r"row 1 is .*: give a mapping"):
            await write("Leads", [{"Last_Name": "a"}, row])
    assert not org.calls


async def test_a_number_that_is_none_empties_no_field(org: Emulator, crm: ZohoCRM) -> None:
    """JSON would have null in its place."""
    lead = org.add_records("Leads", [{"Last_Name": "a", "Annual_Revenue": 5}])[0]
    for number in (math.nan, math.inf):
        with pytest.raises(errors.InvalidRequest, match=f"row 0 has {number} as Annual_Revenue"):
            await crm.records.update_one("Leads", lead, {"Annual_Revenue": number})
    assert org.records("Leads")[0]["Annual_Revenue"] == 5


@pytest.mark.parametrize(("rows", "credits"), [(1, 1), (10, 1), (11, 2), (100, 10)])
async def test_rows_are_priced_by_ten(org: Emulator, crm: ZohoCRM, rows: int, credits: int) -> None:
    await crm.organization.get()
    used = org.credits_used
    await crm.records.create("Leads", [{"Last_Name": f"n{n}"} for n in range(rows)])
    assert org.credits_used == used + credits == crm.credits().used


async def test_an_unknown_module(crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidModule):
        await crm.records.list("Nothing", fields=["id"])


async def test_one_record_is_changed_and_deleted(org: Emulator, crm: ZohoCRM) -> None:
    (lead,) = fill(org, 1)
    assert (await crm.records.update_one("Leads", lead, {"City": "York"})).id == lead
    assert (await crm.records.get("Leads", lead, fields=["City"]))["City"] == "York"
    assert (await crm.records.delete_one("Leads", lead)).ok
    for call in (
        crm.records.update_one("Leads", lead, {"City": "Hull"}),
        crm.records.delete_one("Leads", lead),
    ):
        with pytest.raises(errors.RecordNotFound):
            await call


async def test_deleted_records_are_listed(org: Emulator, crm: ZohoCRM) -> None:
    ids = fill(org, 3)
    await crm.records.delete("Leads", ids[:2])
    await crm.recycle_bin.delete(ids[0])
    gone = {each.id: each async for each in crm.records.deleted("Leads", per_page=1)}
    assert gone.keys() == {*ids[:2]}
    assert gone[ids[0]].type is DeletedType.PERMANENT
    assert (gone[ids[1]].display_name, gone[ids[1]].type) == ("n1", DeletedType.RECYCLE)
    assert gone[ids[1]].deleted_time == org.state.local_now()
    assert len(await crm.records.deleted("Leads", type="recycle")) == 1
    assert len(await crm.records.deleted("Leads", if_modified_since=org.clock.now())) == 0


async def test_a_timeline_is_read_to_its_beginning(org: Emulator, crm: ZohoCRM) -> None:
    (lead,) = fill(org, 1)
    for city in ("York", "Leeds", "Hull"):
        org.advance(60)
        await crm.records.update_one("Leads", lead, {"City": city})
    events = [each async for each in crm.records.timeline("Leads", lead, per_page=2)]
    assert [event.action for event in events] == ["updated"] * 3 + ["added"]
    [change] = events[0].field_history
    assert (change.api_name, change.old, change.new) == ("City", "Leeds", "Hull")
    assert events[0].record is not None
    assert (events[0].record.id, events[0].record.module) == (lead, "Leads")
    assert events[0].done_by is not None
    assert events[0].done_by.name == "Ines Marlow"


async def test_a_clone_is_a_record_of_its_own(org: Emulator, crm: ZohoCRM) -> None:
    (lead,) = fill(org, 1)
    copy = await crm.records.clone("Leads", lead, {"City": "York"})
    assert copy.id not in {None, lead}
    assert (await crm.records.get("Leads", str(copy.id)))["Last_Name"] == "n0"
    assert (await crm.records.clone("Leads", lead)).ok


async def test_one_record_is_asked_for_as_many_are(org: Emulator, crm: ZohoCRM) -> None:
    """Converted or not, and since a time."""
    (lead,) = org.add_records("Leads", [{"Last_Name": "a", "Converted": True}])
    assert (await crm.records.get("Leads", lead, converted="both")).id == lead
    assert (await crm.records.get("Leads", lead, converted="true")).id == lead
    with pytest.raises(errors.RecordNotFound):
        await crm.records.get("Leads", lead, converted="false")
    with pytest.raises(errors.InvalidData, match="converted"):
        await crm.records.get("Leads", lead, converted="no")
    now = crm.clock.now()
    with pytest.raises(errors.NotModified):
        await crm.records.get("Leads", lead, if_modified_since=now)
    earlier = now - timedelta(hours=1)
    assert (await crm.records.get("Leads", lead, if_modified_since=earlier)).id == lead


async def test_another_systems_ids(org: Emulator, crm: ZohoCRM) -> None:
    (lead,) = org.add_records("Leads", [{"Last_Name": "a", "Customer_No": "k1"}])
    external = "Leads.Customer_No"
    assert (await crm.records.get("Leads", "k1", external=external)).id == lead
    page = await crm.records.list("Leads", fields=["City"], ids=["k1", "k2"], external=external)
    assert [record.id for record in page] == [lead]
    found = await crm.records.search(
        "Leads", criteria=where("Customer_No").equal("k1"), external=external
    )
    assert [record.id for record in found] == [lead]
    with pytest.raises(errors.InvalidData, match="X-EXTERNAL"):
        await crm.records.search("Leads", word="k1", external="Customer_No")
    changed = await crm.records.update_one("Leads", "k1", {"City": "York"}, external=external)
    assert changed.id == lead
    rows = [{"Customer_No": "k1", "City": "Hull"}, {"Customer_No": "k2", "City": "Hull"}]
    outcomes = await crm.records.update("Leads", rows, external=external)
    assert [outcome.ok for outcome in outcomes] == [True, False]
    made = await crm.records.upsert(
        "Leads",
        [{"Last_Name": "b", "Customer_No": "k2"}, {"Last_Name": "c", "Customer_No": "k1"}],
        external=external,
    )
    assert [outcome.action for outcome in made] == ["insert", "update"]
    gone = await crm.records.delete("Leads", ["k1", "k3"], external=external)
    assert [outcome.ok for outcome in gone] == [True, False]
    assert (await crm.records.delete_one("Leads", "k2", external=external)).ok


async def test_rows_of_a_subform(org: Emulator, crm: ZohoCRM) -> None:
    items = [{"Quantity": 1}, {"Quantity": 2}]
    (made,) = await crm.records.create("Quotes", [{"Subject": "a", "Quoted_Items": items}])
    quote = str(made.id)
    one, two = (await crm.records.get("Quotes", quote, fields=["Quoted_Items"]))["Quoted_Items"]
    outcome = await crm.records.update_subform(
        "Quotes",
        quote,
        "Quoted_Items",
        [{"id": one["id"], "Quantity": 10}, {"Quantity": 3}],
        delete=[two["id"]],
    )
    assert outcome.ok
    held = (await crm.records.get("Quotes", quote))["Quoted_Items"]
    assert [row["Quantity"] for row in held] == [10, 3]
    with pytest.raises(errors.RecordNotFound) as unknown:
        await crm.records.update_subform("Quotes", quote, "Quoted_Items", delete=["4711"])
    assert unknown.value.details["json_path"] == "$.data[0].Quoted_Items[0].id"


async def test_rich_text(org: Emulator, crm: ZohoCRM) -> None:
    (lead,) = org.add_records("Leads", [{"Last_Name": "a", "Description": "<b>all</b>"}])
    assert (await crm.records.rich_text_one("Leads", lead))["Description"] == "<b>all</b>"
    [record] = await crm.records.rich_text("Leads", ids=[lead], fields=["Description"])
    assert record["Description"] == "<b>all</b>"


async def test_what_the_pages_rule_out_is_not_sent(org: Emulator, crm: ZohoCRM) -> None:
    """One error names all that is wrong, and no credit is spent."""
    calls = len(org.calls)
    with pytest.raises(errors.InvalidRequest) as refused:
        await crm.records.list("Leads", ids=["1"] * 101)
    assert [problem.split()[0] for problem in refused.value.problems] == ["fields", "ids"]
    with pytest.raises(errors.InvalidRequest, match="fields lists 51 and may list 50"):
        await crm.records.get("Leads", "1", fields=[f"F{n}" for n in range(51)])
    with pytest.raises(errors.InvalidRequest, match="ids is empty"):
        await crm.records.list("Leads", fields=["City"], ids=[])
    assert len(org.calls) == calls


async def test_a_page_token_of_another_query_or_of_yesterday(org: Emulator) -> None:
    fill(org, 3)
    async with org.client() as crm:
        page = await crm.records.list("Leads", fields=["City"], per_page=1)
        token = page.info["next_page_token"]
        with pytest.raises(errors.InvalidPageToken) as other:
            await crm.records.list("Leads", fields=["Email"], per_page=1, page_token=token)
        assert other.value.code == "TOKEN_BOUND_DATA_MISMATCH"
        org.advance(hours=25)
        with pytest.raises(errors.InvalidPageToken):
            await crm.records.list("Leads", fields=["Last_Name"], page_token="nonsense")
        with pytest.raises(errors.InvalidPageToken) as late:
            await crm.records.list("Leads", fields=["City"], per_page=1, page_token=token)
        assert late.value.code == "EXPIRED_VALUE"


@pytest.mark.parametrize("criteria", ["(Shoe_Size:equals:7)", "(City:resembles:York)", "(City"])
async def test_criteria_that_cannot_be_read(crm: ZohoCRM, criteria: str) -> None:
    with pytest.raises(errors.InvalidQuery):
        await crm.records.search("Leads", criteria=criteria)
