"""Modules, fields, layouts, tags and rules, through the client."""

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import (
    DataType,
    ModuleReference,
    NewCurrency,
    NewField,
    NewModule,
    NewScoringRule,
    NewTag,
    Reference,
    TagDeletion,
)


class TestModules:
    """An organisation describes itself."""

    async def test_custom_modules_stand_beside_the_standard_ones(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        org.add_records("Boats", [{"Name": "Nell"}])
        kinds = {module.api_name: module.generated_type for module in await crm.modules.list()}
        assert (kinds["Leads"], kinds["Boats"]) == ("default", "custom")

    async def test_a_new_module_takes_records(self, crm: ZohoCRM) -> None:
        [profile, *_] = await crm.profiles.list()
        new = NewModule(
            api_name="Boats",
            singular_label="Boat",
            plural_label="Boats",
            profiles=[Reference(profile.id)],
        )
        outcome = await crm.modules.create(new)
        assert outcome.ok
        assert crm.credits().used >= 500
        [made] = await crm.records.create("Boats", [{"Name": "Nell"}])
        assert made.ok
        with pytest.raises(errors.DuplicateData):
            await crm.modules.create(new)
        bad = NewModule(api_name="no name", singular_label="x", plural_label="x", profiles=[])
        with pytest.raises(errors.InvalidData):
            await crm.modules.create(bad)

    async def test_fields_say_what_they_hold(self, crm: ZohoCRM) -> None:
        fields = {field.api_name: field for field in await crm.fields.list("Deals")}
        assert fields["Deal_Name"].system_mandatory
        assert fields["Amount"].data_type is DataType.CURRENCY
        assert fields["Stage"].pick_list_values[0].actual_value == "Qualification"
        lookup = fields["Account_Name"].lookup
        assert lookup is not None
        assert lookup.module is not None
        assert lookup.module.name == "Accounts"
        assert fields["Created_Time"].read_only
        quoted = {field.api_name: field for field in await crm.fields.list("Quotes")}
        assert quoted["Quoted_Items"].subform is not None

    async def test_a_new_field_is_listed_and_deleted(self, crm: ZohoCRM) -> None:
        new = NewField(
            field_label="Shoe size",
            data_type="picklist",
            pick_list_values=[{"display_value": "41"}],
        )
        [made] = await crm.fields.create("Leads", [new])
        assert made.id is not None
        field = await crm.fields.get("Leads", made.id)
        assert (field.api_name, field.custom_field) == ("Shoe_size", True)
        [choice] = await crm.fields.pick_list_values("Leads", made.id)
        assert choice.actual_value == "41"
        await crm.fields.delete("Leads", made.id)
        with pytest.raises(errors.RecordNotFound):
            await crm.fields.get("Leads", made.id)

    async def test_a_layout_holds_the_fields(self, crm: ZohoCRM) -> None:
        [layout] = await crm.layouts.list("Leads")
        assert {f.api_name for s in layout.sections for f in s.fields} == {
            field.api_name for field in await crm.fields.list("Leads")
        }
        [view] = await crm.custom_views.list("Leads")
        assert view.system_defined
        await crm.custom_views.sort("Leads", view.id, {"sort_by": {"id": "1"}, "sort_order": "asc"})
        assert (await crm.custom_views.get("Leads", view.id)).sort_order == "asc"

    async def test_stages_make_up_a_pipeline(self, crm: ZohoCRM) -> None:
        [layout] = await crm.layouts.list("Deals")
        [pipeline] = await crm.pipelines.list(layout.id)
        first = pipeline.maps[0].id
        await crm.pipelines.delete(
            layout.id, pipeline.id, {"maps": [{"id": first, "_delete": {"permanent": True}}]}
        )
        [left] = await crm.pipelines.list(layout.id)
        assert [stage.id for stage in left.maps] == [stage.id for stage in pipeline.maps[1:]]


class TestTags:
    """Tags of a module are put on its records."""

    async def test_tags_are_put_on_and_taken_off(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = org.add_records("Leads", [{"Last_Name": str(n)} for n in range(3)])
        outcomes = await crm.tags.add("Leads", [*ids, "999"], [NewTag(name="Hot")])
        assert [outcome.ok for outcome in outcomes] == [True, True, True, False]
        [tag] = await crm.tags.list("Leads")
        assert tag.name == "Hot"
        assert tag.id is not None
        assert await crm.tags.count("Leads", tag.id) == 3
        await crm.tags.add_one("Leads", ids[0], [NewTag(name="Cold")], over_write=True)
        await crm.tags.remove_one("Leads", ids[1], [NewTag(name="Hot")])
        assert await crm.tags.count("Leads", tag.id) == 1

    async def test_tagging_costs_a_credit_for_fifty(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = org.add_records("Leads", [{"Last_Name": str(n)} for n in range(101)])
        await crm.apis.list()
        before = org.credits_used
        await crm.tags.add("Leads", ids, [NewTag(name="Hot")])
        assert org.credits_used - before == 3
        many = [ids[0]] * 501
        with pytest.raises(errors.InvalidRequest, match="may list 500"):
            await crm.tags.add("Leads", many, [NewTag(name="Hot")])
        body = {"ids": many, "tags": [{"name": "Hot"}]}
        with pytest.raises(errors.LimitExceeded):
            await crm.request("POST", "/Leads/actions/add_tags", body=body)

    async def test_tags_are_merged_and_deleted_in_a_job(self, crm: ZohoCRM) -> None:
        outcomes = await crm.tags.create("Leads", [NewTag(name="a"), NewTag(name="b")])
        one, other = (str(outcome.id) for outcome in outcomes)
        await crm.tags.merge(one, {"conflict_id": other})
        assert [tag.id for tag in await crm.tags.list("Leads")] == [other]
        job = await crm.tags.mass_delete(
            TagDeletion(module=ModuleReference("Leads", "5"), tags=[Reference(other)])
        )
        status = await crm.tags.mass_delete_status(job_id=str(job.details["job_id"]))
        assert (status.state, status.deleted_count) == ("COMPLETED", 1)
        assert await crm.tags.list("Leads") == ()


async def test_scoring_rules_are_switched_cloned_and_run(crm: ZohoCRM) -> None:
    """A copy is not in use until it is switched on."""
    new = NewScoringRule(name="Warmth", module=ModuleReference("Leads", "5"))
    [made] = await crm.scoring_rules.create([new])
    own = str(made.id)
    await crm.scoring_rules.activate(own)
    assert (await crm.scoring_rules.get(own)).active
    copy = await crm.scoring_rules.clone(own)
    assert not (await crm.scoring_rules.get(str(copy.id))).active
    ran = await crm.scoring_rules.run("Leads", scoring_rules=[own])
    assert [outcome.ok for outcome in ran] == [True]
    await crm.scoring_rules.deactivate(own)
    assert not (await crm.scoring_rules.get(own)).active


async def test_a_deleted_record_waits_in_the_recycle_bin(org: Emulator, crm: ZohoCRM) -> None:
    """Until it is deleted for good; nothing empties the bin by mistake."""
    ids = org.add_records("Leads", [{"Last_Name": "a"}, {"Last_Name": "b"}])
    await crm.records.delete("Leads", ids)
    assert [item.id async for item in crm.recycle_bin.list()] == [*ids]
    with pytest.raises(errors.InvalidRequest, match="give ids or filters"):
        await crm.recycle_bin.delete_many()
    await crm.recycle_bin.delete(ids[0])
    outcomes = await crm.recycle_bin.delete_many(ids=ids)
    assert [outcome.ok for outcome in outcomes] == [False, True]
    assert [item.id async for item in crm.recycle_bin.list()] == []


async def test_another_currency_and_another_base(crm: ZohoCRM) -> None:
    """There is one base at a time."""
    assert "USD" in {currency.iso_code for currency in await crm.currencies.available()}
    [made] = await crm.currencies.create([NewCurrency(iso_code="USD", exchange_rate="1.1")])
    await crm.currencies.update_base({"id": made.id})
    bases = [currency.iso_code for currency in await crm.currencies.list() if currency.is_base]
    assert bases == ["USD"]
    assert "USD" not in {currency.iso_code for currency in await crm.currencies.available()}


async def test_taxes_are_added_changed_and_taken_away(crm: ZohoCRM) -> None:
    """By ``id``, by the lack of one, and by ``_delete``."""
    [tax] = (await crm.taxes.get()).taxes
    await crm.taxes.update(
        {"taxes": [{"id": tax.id, "_delete": True}, {"name": "VAT", "value": 21}]}
    )
    taxes = await crm.taxes.get()
    assert [(tax.name, tax.value) for tax in taxes.taxes] == [("VAT", 21.0)]
