"""Finding duplicates in a module of the emulator."""

import pytest
from merges import journaled, merge_job

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import InvalidModule, InvalidRequest
from zohocrm_async.jobs import ItemState
from zohocrm_async.jobs.find import Duplicates, find_duplicates


async def all_of(crm: ZohoCRM, *by: str, **rules: object) -> list[Duplicates]:
    return [group async for group in find_duplicates(crm, "Leads", by, **rules)]  # type: ignore[arg-type]  # as the test says


async def test_groups_hold_all_that_agree_and_none_that_does_not(org: Emulator) -> None:
    """Over many pages, whatever the case and the blanks; the oldest stays."""
    rows = [
        {"Last_Name": f"P{n}", "Email": f"{'A' if n % 2 else 'a'}{n % 150}@x.example"}
        for n in range(500)
    ]
    async with org.client() as crm:
        ids = org.add_records("Leads", [*rows, {"Last_Name": "x"}, {"Last_Name": "x"}])
        found = await all_of(crm, "Email")
        groups = {group.chain.master: set(group.chain.records) for group in found}
        assert groups == {ids[n]: set(ids[n:500:150]) for n in range(150)}
        assert len([call for call in org.calls if call.operation == "records.list"]) == 3


async def test_rules_choose_among_the_values_that_were_read(org: Emulator, crm: ZohoCRM) -> None:
    """The row of a groups file says which child a field comes from."""
    ids = org.add_records(
        "Leads",
        [
            {"Last_Name": "Stone", "Email": "s@x.example"},
            {"Last_Name": "Stone", "Email": "s@x.example", "Phone": "1", "City": "York"},
            {"Last_Name": "Stone", "Email": "s@x.example", "Phone": "2"},
        ],
    )
    [group] = await all_of(
        crm, "Email", "Last_Name", master_rule="most_filled", take={"Phone": "first_filled"}
    )
    assert group.row() == {
        "master": ids[1],
        "children": f"{ids[0]} {ids[2]}",
        "fields": "",
        "Email": "s@x.example",
        "Last_Name": "Stone",
    }
    [group] = await all_of(crm, "Email", take={"Phone": "first_filled"})
    assert (group.chain.master, group.row()["fields"]) == (ids[0], f"Phone={ids[1]}")


async def test_what_is_looked_up_agrees_by_its_id(org: Emulator, crm: ZohoCRM) -> None:
    """Not by its name."""
    one, two = {"id": "1", "name": "Acme"}, {"id": "2", "name": "Acme"}
    ids = org.add_records(
        "Contacts", [{"Last_Name": "x", "Account_Name": account} for account in (one, two, one)]
    )
    found = [group async for group in find_duplicates(crm, "Contacts", ["Account_Name"])]
    assert [group.chain.records for group in found] == [(ids[0], ids[2])]


async def test_what_is_found_is_what_a_job_takes(
    org: Emulator, crm: ZohoCRM, tmp_path: object
) -> None:
    """Rows go into a job as they come."""
    org.add_records("Leads", [{"Last_Name": "x", "Email": f"{n % 3}@x.example"} for n in range(20)])
    rows = [group.row() for group in await all_of(crm, "Email")]
    report = await merge_job(crm, tmp_path).run(rows)  # type: ignore[arg-type]  # a path
    assert report.counts == {ItemState.MERGED: 3}
    assert len(await journaled(report.journal)) == len(org.records("Leads")) == 3


async def test_wrong_questions_are_refused_before_any_call(org: Emulator, crm: ZohoCRM) -> None:
    """And an unknown module by the service."""
    with pytest.raises(InvalidRequest, match="name a field"):
        await all_of(crm)
    with pytest.raises(InvalidRequest, match="column"):
        await all_of(crm, "Email", master_rule="column")
    with pytest.raises(InvalidRequest, match="50"):
        await all_of(crm, *(f"Field_{n}" for n in range(60)))
    assert org.calls == ()
    with pytest.raises(InvalidModule):
        _ = [group async for group in find_duplicates(crm, "Leeds", ["Email"])]
