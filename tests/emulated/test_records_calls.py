"""Records of any module: pages, outcomes row by row, and refusals."""

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator


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


@pytest.mark.parametrize(("rows", "credits"), [(1, 1), (10, 1), (11, 2), (100, 10)])
async def test_rows_are_priced_by_ten(org: Emulator, crm: ZohoCRM, rows: int, credits: int) -> None:
    await crm.organization.get()
    used = org.credits_used
    await crm.records.create("Leads", [{"Last_Name": f"n{n}"} for n in range(rows)])
    assert org.credits_used == used + credits == crm.credits().used


async def test_more_than_100_rows_are_refused(crm: ZohoCRM) -> None:
    with pytest.raises(errors.APIError):
        await crm.records.create("Leads", [{"Last_Name": "x"}] * 101)


async def test_an_unknown_module(crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidModule):
        await crm.records.list("Nothing", fields=["id"])
