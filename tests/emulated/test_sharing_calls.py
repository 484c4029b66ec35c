"""Who sees, owns and moves a record: shares, owners, blueprints, meetings."""

import datetime as dt
from typing import Any

import pytest
from companions import all_of, colleague, leads, one, passing

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import (
    JobState,
    ModuleReference,
    NewShare,
    Reference,
    SharePermission,
    ShareType,
    TerritoryFilter,
    where,
)

READ_ONLY, FULL = SharePermission.READ_ONLY, SharePermission.FULL_ACCESS


def share(user: str, permission: SharePermission = READ_ONLY) -> NewShare:
    return NewShare(shared_with=Reference(user), permission=permission)


class TestShares:
    """A record is shared with ten users at most."""

    async def test_a_share_says_with_whom_by_whom_and_how(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead], user = leads(org, {}), colleague(org)
        [outcome] = await crm.shares.create("Leads", lead, [share(user)], notify=True)
        assert outcome.ok
        [found] = (await crm.shares.get("Leads", lead)).shares
        assert found.shared_with == Reference(user, "Ada Wray", "wray@example.com")
        assert (found.permission, found.type) == (READ_ONLY, ShareType.PRIVATE)
        assert found.shared_by is not None
        assert found.shared_by.id == org.state.owner["id"]
        assert found.shared_time is not None

    async def test_an_update_replaces_all_shares(self, org: Emulator, crm: ZohoCRM) -> None:
        """Whoever is not named sees the record no more."""
        [lead], first, second = leads(org, {}), colleague(org), colleague(org)
        await crm.shares.create("Leads", lead, [share(first)])
        await crm.shares.update("Leads", lead, [share(second, FULL)])
        [found] = (await crm.shares.get("Leads", lead)).shares
        assert found.shared_with is not None
        assert (found.shared_with.id, found.permission) == (second, FULL)

    async def test_it_can_be_revoked(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead], user = leads(org, {}), colleague(org)
        await crm.shares.create("Leads", lead, [share(user)])
        assert (await crm.shares.delete("Leads", lead)).ok
        assert (await crm.shares.get("Leads", lead)).shares == ()

    async def test_the_eleventh_user_is_refused(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        outcomes = await crm.shares.create(
            "Leads", lead, [share(colleague(org)) for _ in range(11)]
        )
        assert [outcome.ok for outcome in outcomes] == [True] * 10 + [False]
        assert isinstance(outcomes[-1].error, errors.LimitExceeded)

    async def test_nobody_is_named_twice_and_everybody_is_known(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead], user = leads(org, {}), colleague(org)
        outcomes = await crm.shares.create("Leads", lead, [share(user), share(user), share("9")])
        assert [type(outcome.error) for outcome in outcomes] == [
            type(None), errors.DuplicateData, errors.RecordNotFound,
        ]  # fmt: skip

    async def test_one_user_can_be_asked_for_and_those_left(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead], first, second = leads(org, {}), colleague(org), colleague(org)
        await crm.shares.create("Leads", lead, [share(first), share(second)])
        found = await crm.shares.get("Leads", lead, shared_to=second, view="manage")
        assert [each.shared_with.id for each in found.shares if each.shared_with] == [second]
        assert [user.id for user in found.shareable_users] == [org.state.owner["id"]]


class TestOwners:
    """Records are handed over, alone or with what belongs to them."""

    async def test_each_record_has_its_outcome(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead, locked], user = leads(org, {}, {}), colleague(org)
        org.lock("Leads", locked)
        outcomes = await crm.ownership.change("Leads", [lead, locked, "9"], Reference(user))
        assert [type(outcome.error) for outcome in outcomes] == [
            type(None), errors.RecordLocked, errors.RecordNotFound,
        ]  # fmt: skip
        assert (await crm.records.get("Leads", lead)).owner == Reference(
            user, "Ada Wray", "wray@example.com"
        )

    async def test_related_records_go_along(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead], user = leads(org, {}), colleague(org)
        own, another = one(org, "Tasks", Who_Id={"id": lead}), one(org, "Tasks")
        call = one(org, "Calls", What_Id={"id": lead})
        await crm.ownership.change_one(
            "Leads", lead, Reference(user), related_modules=[ModuleReference("Tasks")]
        )
        owners = [
            (await crm.records.get(module, id_)).owner
            for module, id_ in (("Tasks", own), ("Tasks", another), ("Calls", call))
        ]
        assert [owner.id == user for owner in owners if owner] == [True, False, False]

    async def test_an_owner_is_an_active_user(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead], user = leads(org, {}), colleague(org)
        org.state.settings.rows("/users")[user]["status"] = "inactive"
        for id_ in (user, "9"):
            with pytest.raises(errors.InvalidData):
                await crm.ownership.change_one("Leads", lead, Reference(id_))

    async def test_more_than_500_go_in_calls(self, org: Emulator, crm: ZohoCRM) -> None:
        ids, user = leads(org, *[{}] * 501), colleague(org)
        outcomes = await crm.ownership.change("Leads", ids, Reference(user))
        assert [outcome.id for outcome in outcomes] == list(ids)
        assert {record["Owner"]["id"] for record in org.records("Leads")} == {user}
        assert sum(call.operation == "ownership.change" for call in org.calls) == 2

    async def test_a_view_is_handed_over_as_a_job(self, org: Emulator, crm: ZohoCRM) -> None:
        user = colleague(org)
        area = org.add_setting("/settings/territories", {"name": "Ireland"})
        below = org.add_setting(
            "/settings/territories", {"name": "Cork", "reporting_to": {"id": area}}
        )
        there = {"Territories": [{"id": below}]}
        ids = leads(org, {"City": "Cork", **there}, {"City": "Bonn", **there}, {"City": "Cork"})
        made = await crm.mass_change_owner.create(
            "Leads",
            all_of(org),
            Reference(user),
            territory=TerritoryFilter(area, include_child=True),
            criteria=where("City").equal("Cork"),
        )
        assert made.job_id is not None
        assert (await crm.mass_change_owner.status("Leads", job_id=made.job_id)).state in {
            JobState.SCHEDULED, JobState.RUNNING,
        }  # fmt: skip
        done = await passing(org, crm.mass_change_owner.wait("Leads", made.job_id))
        assert (done.total_count, done.updated_count, done.failed_count) == (1, 1, 0)
        owners = [(org.record("Leads", id_) or {})["Owner"]["id"] == user for id_ in ids]
        assert owners == [True, False, False]


class TestBlueprints:
    """A record goes from state to state by transitions."""

    @staticmethod
    def process(org: Emulator) -> tuple[str, ...]:
        steps: list[dict[str, Any]] = [
            {"name": "Call", "from": "New", "to": "Called", "fields": ["Phone", "City"]},
            {"name": "Close", "from": "Called", "to": "Closed"},
        ]
        return org.add_blueprint("Leads", "Lead_Status", steps)

    async def test_what_is_open_follows_from_the_state(self, org: Emulator, crm: ZohoCRM) -> None:
        [call, close], [lead] = self.process(org), leads(org, {"Lead_Status": "New"})
        blueprint = await crm.blueprints.get("Leads", lead)
        assert blueprint.process_info is not None
        assert (blueprint.process_info.api_name, blueprint.process_info.field_value) == (
            "Lead_Status", "New",
        )  # fmt: skip
        [step] = blueprint.transitions
        assert (step.id, step.name, step.next_field_value) == (call, "Call", "Called")
        assert [(field.api_name, field.mandatory) for field in step.fields] == [
            ("Phone", True), ("City", True),
        ]  # fmt: skip
        assert [each.id for each in step.next_transitions] == [close]
        with pytest.raises(errors.InvalidData):
            await crm.blueprints.update("Leads", lead, close)

    async def test_a_transition_with_all_it_asks_for_moves_the_record(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [call, close], [lead] = self.process(org), leads(org, {"Lead_Status": "New"})
        assert (await crm.blueprints.update("Leads", lead, call, {"Phone": "1", "City": "B"})).ok
        await crm.blueprints.update("Leads", lead, close)
        record = await crm.records.get("Leads", lead)
        assert (record["Lead_Status"], record["Phone"]) == ("Closed", "1")
        assert (await crm.blueprints.get("Leads", lead)).transitions == ()

    async def test_what_is_given_in_part_is_kept(self, org: Emulator, crm: ZohoCRM) -> None:
        [call, _], [lead] = self.process(org), leads(org, {"Lead_Status": "New"})
        with pytest.raises(errors.MandatoryNotFound) as caught:
            await crm.blueprints.update("Leads", lead, call)
        assert caught.value.details["api_name"] == "Phone"
        await crm.blueprints.update("Leads", lead, call, {"Phone": "1"})
        [step] = (await crm.blueprints.get("Leads", lead)).transitions
        assert (step.percent_partial_save, step.data["Phone"]) == (50.0, "1")
        assert (await crm.records.get("Leads", lead))["Lead_Status"] == "New"

    async def test_a_record_may_be_in_no_process(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {"Lead_Status": "Other"})
        with pytest.raises(errors.RecordNotInProcess):
            await crm.blueprints.get("Leads", lead)
        self.process(org)
        with pytest.raises(errors.RecordNotInProcess):
            await crm.blueprints.update("Leads", lead, "1")

    async def test_a_locked_record_stays(self, org: Emulator, crm: ZohoCRM) -> None:
        [call, _], [lead] = self.process(org), leads(org, {"Lead_Status": "New"})
        org.lock("Leads", lead)
        with pytest.raises(errors.RecordLocked):
            await crm.blueprints.update("Leads", lead, call, {"Phone": "1", "City": "B"})


class TestMeetings:
    """A meeting with guests can be cancelled until it is over."""

    @staticmethod
    def meeting(org: Emulator, hours: int = 1, guests: int = 1) -> str:
        end = org.clock.now() + dt.timedelta(hours=hours)
        row = {"End_DateTime": end.isoformat(), "Participants": [{"participant": "a"}] * guests}
        return one(org, "Events", Event_Title="Talk", **row)

    async def test_it_says_that_it_is_cancelled(self, org: Emulator, crm: ZohoCRM) -> None:
        own = self.meeting(org)
        outcome = await crm.meetings.cancel(own, send_cancelling_mail=True)
        assert outcome.id == own
        assert (await crm.records.get("Events", own))["$event_cancelled"] is True
        with pytest.raises(errors.NotAllowed):
            await crm.meetings.cancel(own, send_cancelling_mail=True)

    @pytest.mark.parametrize(("hours", "guests"), [(-1, 1), (1, 0)])
    async def test_one_that_is_over_or_has_no_guests_is_not(
        self, org: Emulator, crm: ZohoCRM, hours: int, guests: int
    ) -> None:
        with pytest.raises(errors.NotAllowed) as caught:
            await crm.meetings.cancel(self.meeting(org, hours, guests), send_cancelling_mail=False)
        assert caught.value.details["reason"]
