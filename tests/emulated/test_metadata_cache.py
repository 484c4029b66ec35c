"""crm.metadata: what the organisation says of its modules costs one call each."""

import asyncio

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import NewField


def asked(org: Emulator) -> list[str | None]:
    """Return the names of the calls for settings."""
    return [call.operation for call in org.calls if call.path.startswith("/settings")]


async def test_each_is_asked_for_once(org: Emulator, crm: ZohoCRM) -> None:
    for _ in range(2):
        assert {module.api_name for module in await crm.metadata.modules()} > {"Leads", "Deals"}
        assert (await crm.metadata.field("Leads", "Email")).data_type == "email"
        assert await crm.metadata.layouts("Leads")
        assert await crm.metadata.related_lists("Leads")
        assert [view.name for view in await crm.metadata.custom_views("Leads")] == ["All Leads"]
        assert (await crm.metadata.module("Leads")).singular_label == "Lead"
    assert asked(org) == [
        *("modules.list", "fields.list", "layouts.list", "related_lists.list"),
        "custom_views.list",
    ]
    await crm.metadata.fields("Deals")
    assert asked(org)[5:] == ["fields.list"]


async def test_many_at_once_make_one_call(org: Emulator, crm: ZohoCRM) -> None:
    found = await asyncio.gather(*(crm.metadata.fields("Leads") for _ in range(20)))
    assert all(fields is found[0] for fields in found)
    assert asked(org) == ["fields.list"]


async def test_an_answer_grows_old(org: Emulator, crm: ZohoCRM) -> None:
    await crm.metadata.fields("Leads")
    org.advance(minutes=59)
    await crm.metadata.fields("Leads")
    assert len(asked(org)) == 1
    org.advance(minutes=1)
    await crm.metadata.fields("Leads")
    assert len(asked(org)) == 2
    crm.metadata.lifetime = 1.0
    await crm.metadata.fields("Deals")
    org.advance(seconds=1)
    await crm.metadata.fields("Deals")
    assert len(asked(org)) == 4


async def test_refresh_shows_what_changed(org: Emulator, crm: ZohoCRM) -> None:
    before = await crm.metadata.fields("Leads")
    await crm.metadata.fields("Deals")
    await crm.fields.create("Leads", [NewField(field_label="Size", data_type="integer")])
    assert await crm.metadata.fields("Leads") is before
    crm.metadata.refresh("Leads")
    assert len(await crm.metadata.fields("Leads")) == len(before) + 1
    await crm.metadata.fields("Deals")
    assert asked(org).count("fields.list") == 3
    crm.metadata.refresh()
    await crm.metadata.fields("Deals")
    assert asked(org).count("fields.list") == 4


async def test_nobody_s_budget_pays_for_what_all_use(crm: ZohoCRM) -> None:
    async with crm.budget("small", credits=1) as budget:
        await crm.metadata.fields("Leads")
        assert budget.remaining == 1


async def test_a_failure_is_not_kept(org: Emulator, crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidModule):
        await crm.metadata.fields("Boats")
    org.add_records("Boats", [{"Name": "Nell"}])
    assert await crm.metadata.fields("Boats")


async def test_lines_of_subforms_have_fields_and_nothing_else(crm: ZohoCRM) -> None:
    quoted = {field.api_name: field for field in await crm.metadata.fields("Quoted_Items")}
    assert quoted["Quantity"].data_type == "double"
    with pytest.raises(errors.InvalidModule):
        await crm.metadata.layouts("Quoted_Items")
    with pytest.raises(errors.InvalidModule):
        await crm.metadata.fields("Boat_Items")


async def test_unknown_names_are_told_with_what_is_near(crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidRequest, match="no module 'Lead': did you mean Leads"):
        await crm.metadata.module("Lead")
    with pytest.raises(
        errors.InvalidRequest, match="no field 'Emial' of Leads: did you mean Email"
    ):
        await crm.metadata.field("Leads", "Emial")
    with pytest.raises(errors.InvalidRequest, match=r"see crm\.metadata\.modules"):
        await crm.metadata.module("7")
