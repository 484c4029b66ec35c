"""One change of many records: at once by their ids, or of a custom view as a job."""

import datetime as dt
from typing import Any

import pytest
from companions import all_of, leads, passing

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import JobState, JobStatus, Reference, TerritoryFilter, where


def cities(org: Emulator) -> list[str | None]:
    return [record.get("City") for record in org.records("Leads")]


class TestById:
    """Up to 500 records are changed before the answer."""

    async def test_each_update_has_its_outcome(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = leads(org, {}, {}, {"City": "Bonn"})
        org.lock("Leads", ids[1])
        outcomes = await crm.mass_update.create("Leads", {"City": "Cork"}, ids=[*ids, "9"])
        assert [type(outcome.error) for outcome in outcomes] == [
            type(None), errors.RecordLocked, type(None), errors.RecordNotFound,
        ]  # fmt: skip
        assert cities(org) == ["Cork", None, "Cork"]

    async def test_each_deletion_has_its_outcome(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = leads(org, {}, {})
        org.lock("Leads", ids[1])
        outcomes = await crm.mass_delete.create("Leads", ids=[*ids, "9"])
        assert [outcome.ok for outcome in outcomes] == [True, False, False]
        assert [record["id"] for record in org.records("Leads")] == [ids[1]]

    async def test_more_than_500_go_in_calls(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = leads(org, *[{}] * 501)
        await crm.organization.get()
        used = org.credits_used
        updated = await crm.mass_update.create("Leads", {"City": "Cork"}, ids=ids)
        assert set(cities(org)) == {"Cork"}
        deleted = await crm.mass_delete.create("Leads", ids=ids)
        for outcomes in (updated, deleted):
            assert [outcome.id for outcome in outcomes] == list(ids)
        assert not org.records("Leads")
        assert org.credits_used == used + 4


class TestOfAView:
    """The records of a custom view are changed by a job, which ends later."""

    async def test_nothing_happens_before_the_end(self, org: Emulator, crm: ZohoCRM) -> None:
        leads(org, {}, {})
        [made] = await crm.mass_update.create("Leads", {"City": "Cork"}, cvid=all_of(org))
        assert made.job_id is not None
        status = await crm.mass_update.status("Leads", job_id=made.job_id)
        assert (status.state, status.updated_count) == (JobState.SCHEDULED, 0)
        org.advance(seconds=3)
        status = await crm.mass_update.status("Leads", job_id=made.job_id)
        assert status.state == JobState.RUNNING
        assert cities(org) == [None, None]
        org.advance(seconds=3)
        assert cities(org) == ["Cork", "Cork"]

    async def test_the_end_is_waited_for_each_look_priced(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        ids = leads(org, {}, {"City": "Bonn"}, {})
        org.lock("Leads", ids[2])
        await crm.organization.get()
        used = org.credits_used
        [made] = await crm.mass_update.create(
            "Leads", {"City": "Cork"}, cvid=all_of(org), over_write=False
        )
        assert made.job_id is not None
        status = await passing(org, crm.mass_update.wait("Leads", made.job_id))
        assert (status.total_count, status.updated_count, status.not_updated_count,
                status.failed_count) == (3, 1, 1, 1)  # fmt: skip
        looks = sum(call.operation == "mass_update.status" for call in org.calls)
        assert org.credits_used == used + 1 + looks == crm.credits().used
        assert cities(org) == ["Cork", "Bonn", None]

    async def test_a_view_is_narrowed_by_criteria_and_territory(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        area = org.add_setting("/settings/territories", {"name": "Ireland"})
        there = {"Territories": [{"id": area, "name": "Ireland"}]}
        leads(org, {"Company": "A", **there}, {"Company": "B", **there}, {"Company": "A"})
        [made] = await crm.mass_update.create(
            "Leads", {"City": "Cork"}, cvid=all_of(org),
            territory=TerritoryFilter(area), criteria=where("Company").equal("A"),
        )  # fmt: skip
        assert made.job_id is not None
        await passing(org, crm.mass_update.wait("Leads", made.job_id))
        assert cities(org) == ["Cork", None, None]

    async def test_a_deletion_tells_what_it_deleted(self, org: Emulator, crm: ZohoCRM) -> None:
        kept = leads(org, {}, {}, {})[1]
        org.lock("Leads", kept)
        [made] = await crm.mass_delete.create("Leads", cvid=all_of(org))
        assert made.job_id is not None
        status = await passing(org, crm.mass_delete.wait("Leads", made.job_id))
        assert (status.total_count, status.deleted_count, status.failed_count) == (3, 2, 1)
        assert [record["id"] for record in org.records("Leads")] == [kept]

    async def test_one_job_of_a_module_at_a_time(self, org: Emulator, crm: ZohoCRM) -> None:
        leads(org, {})
        await crm.mass_delete.create("Leads", cvid=all_of(org))
        [refused] = await crm.mass_delete.create("Leads", cvid=all_of(org))
        assert isinstance(refused.error, errors.APIError)
        assert refused.error.code == "ALREADY_SCHEDULED"
        [other] = await crm.mass_delete.create("Deals", cvid=all_of(org, "Deals"))
        assert other.ok
        org.advance(seconds=10)
        [again] = await crm.mass_delete.create("Leads", cvid=all_of(org))
        assert again.ok


class TestTrouble:
    """A job that fails or never ends is an error that carries what was done."""

    async def test_a_job_that_fails(self, org: Emulator, crm: ZohoCRM) -> None:
        leads(org, {}, {}, {}, {})
        org.state.mass_jobs.fail.add("mass_update")
        [made] = await crm.mass_update.create("Leads", {"City": "Cork"}, cvid=all_of(org))
        assert made.job_id is not None
        with pytest.raises(errors.JobFailed, match=r"mass_update\.wait") as caught:
            await passing(org, crm.mass_update.wait("Leads", made.job_id))
        failed = caught.value
        assert (failed.job_id, failed.state) == (made.job_id, "FAILED")
        assert isinstance(failed.status, JobStatus)
        assert (failed.status.total_count, failed.status.updated_count) == (4, 2)
        assert cities(org) == ["Cork", "Cork", None, None]

    @pytest.mark.parametrize("moment", [False, True])
    async def test_a_job_that_does_not_end(
        self, org: Emulator, crm: ZohoCRM, *, moment: bool
    ) -> None:
        leads(org, {})
        org.state.mass_jobs.seconds = 3600
        [made] = await crm.mass_delete.create("Leads", cvid=all_of(org))
        assert made.job_id is not None
        deadline = org.clock.now() + dt.timedelta(seconds=30) if moment else 30.0
        with pytest.raises(errors.JobTimedOut) as caught:
            await passing(org, crm.mass_delete.wait("Leads", made.job_id, deadline=deadline))
        assert caught.value.job_id == made.job_id
        assert caught.value.status.state == JobState.SCHEDULED
        org.advance(hours=2)
        status = await crm.mass_delete.status("Leads", job_id=made.job_id)
        assert (status.state, status.deleted_count) == (JobState.COMPLETED, 1)

    async def test_a_job_that_nobody_knows(self, crm: ZohoCRM) -> None:
        for family in (crm.mass_update, crm.mass_delete, crm.mass_change_owner):
            with pytest.raises(errors.RecordNotFound):
                await family.status("Leads", job_id="9")

    @pytest.mark.parametrize(
        ("choice", "word"),
        [
            ({}, "give ids or cvid"),
            ({"ids": ["1"], "cvid": "2"}, "ids and cvid are given: they exclude each other"),
            ({"ids": ["1"], "territory": TerritoryFilter("3")}, "ids and territory are given"),
            ({"ids": []}, "ids is empty"),
            ({"ids": [], "cvid": "2"}, "ids and cvid are given"),
            ({"ids": ["1"] * 501, "cvid": "2"}, "ids and cvid are given"),
        ],
    )
    async def test_records_are_named_in_one_way(
        self, org: Emulator, crm: ZohoCRM, choice: dict[str, object], word: str
    ) -> None:
        with pytest.raises(errors.InvalidRequest, match=word):
            await crm.mass_delete.create("Leads", **choice)  # type: ignore[arg-type]  # wrong on purpose
        with pytest.raises(errors.InvalidRequest, match=word):
            await crm.mass_update.create("Leads", {"City": "Cork"}, **choice)  # type: ignore[arg-type]  # wrong on purpose
        assert not org.calls

    async def test_what_is_no_condition_is_refused(self, org: Emulator, crm: ZohoCRM) -> None:
        wrong: Any = "(City:equals:Bonn)"
        with pytest.raises(errors.InvalidRequest, match="make one by where"):
            await crm.mass_update.create("Leads", {"City": "Cork"}, cvid="1", criteria=wrong)
        with pytest.raises(errors.InvalidRequest, match="make one by where"):
            await crm.mass_change_owner.create("Leads", "1", Reference("2"), criteria=wrong)
        assert not org.calls

    async def test_one_field_is_set_at_a_time(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = leads(org, {})
        [refused] = await crm.mass_update.create("Leads", {"City": "B", "State": "C"}, ids=ids)
        assert isinstance(refused.error, errors.LimitExceeded)
        [refused] = await crm.mass_update.create("Leads", {"Email": "nonsense"}, ids=ids)
        assert isinstance(refused.error, errors.InvalidData)
