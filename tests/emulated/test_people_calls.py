"""Users, their territories, groups and portals, through the client."""

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import (
    GroupSource,
    ModuleReference,
    NewPortalUserType,
    NewTerritory,
    NewUser,
    NewUserGroup,
    PortalInvite,
    Reference,
    TerritoryTransfer,
    UserKind,
    UserTransfer,
    UserTransferTarget,
)


async def invited(crm: ZohoCRM, email: str = "wray@example.com") -> str:
    [role, *_], [profile, *_] = await crm.roles.list(), await crm.profiles.list()
    outcome = await crm.users.create(
        NewUser(
            last_name="Wray",
            email=email,
            role=Reference(role.id),
            profile=Reference(profile.id),
        )
    )
    assert outcome.id is not None
    return outcome.id


async def territory(crm: ZohoCRM, name: str, *, below: str | None = None) -> str:
    new = NewTerritory(
        name=name,
        reporting_to=Reference(below) if below else None,
        permission_type="read_only",
    )
    [outcome] = await crm.territories.create([new])
    assert outcome.id is not None
    return outcome.id


class TestUsers:
    """People are invited, changed, counted and handed over."""

    async def test_the_first_user_is_whose_token_it_is(self, crm: ZohoCRM) -> None:
        [me] = await crm.users.list(type=UserKind.CURRENT_USER)
        assert (me.email, me.status) == ("crm@example.com", "active")
        assert me.role is not None
        assert (await crm.roles.get(me.role.id)).name == "CEO"

    async def test_an_invited_user_is_listed_and_counted(self, crm: ZohoCRM) -> None:
        own = await invited(crm)
        user = await crm.users.get(own)
        assert (user.last_name, user.confirm) == ("Wray", False)
        assert await crm.users.count(type="ActiveUsers") == 2
        await crm.users.update(own, {"phone": "555"})
        assert (await crm.users.get(own)).phone == "555"

    async def test_an_address_twice(self, crm: ZohoCRM) -> None:
        await invited(crm)
        with pytest.raises(errors.DuplicateData):
            await invited(crm)

    async def test_who_is_deleted_hands_over(self, crm: ZohoCRM) -> None:
        own = await invited(crm)
        [me] = await crm.users.list(type="CurrentUser")
        transfer = UserTransfer(
            transfer=UserTransferTarget(id=me.id), move_subordinate=Reference(me.id)
        )
        outcome = await crm.users.transfer_and_delete(own, transfer)
        job = await crm.users.transfer_status(job_id=str(outcome.details["job_id"]))
        assert job.state == "COMPLETED"
        assert (await crm.users.get(own)).status == "deleted"
        with pytest.raises(errors.RecordNotFound):
            await crm.users.transfer_and_delete("999", transfer)


class TestTerritories:
    """Users and records belong to territories."""

    async def test_users_come_and_go(self, crm: ZohoCRM) -> None:
        own, place = await invited(crm), await territory(crm, "Ireland")
        outcomes = await crm.territories.add_users(place, [Reference(own), Reference("999")])
        assert [outcome.ok for outcome in outcomes] == [True, False]
        assert [user.id for user in await crm.territories.users(place)] == [own]
        assert [t.name for t in await crm.users.territories(own)] == ["Ireland"]
        [count] = await crm.territories.user_counts()
        assert count.count == 1
        await crm.users.remove_territory(own, place)
        with pytest.raises(errors.RecordNotFound):
            await crm.territories.user(place, own)

    async def test_records_come_and_go(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = org.add_records("Leads", [{"Last_Name": "Stone"}])
        place = await territory(crm, "Ireland")
        await crm.territories.assign_one("Leads", lead, {"Territories": [{"id": place}]})
        record = org.record("Leads", lead)
        assert record is not None
        assert record["Territories"] == [{"id": place, "name": "Ireland"}]
        [gone] = await crm.territories.remove(
            "Leads", [{"id": lead, "Territories": [{"id": place}]}]
        )
        assert gone.ok
        assert (org.record("Leads", lead) or {})["Territories"] == []

    async def test_a_territory_goes_and_leaves_its_records_to_another(self, crm: ZohoCRM) -> None:
        top = await territory(crm, "Europe")
        below = await territory(crm, "Ireland", below=top)
        assert [t.id async for t in crm.territories.children(top)] == [below]
        await crm.territories.transfer_and_delete(below, TerritoryTransfer(transfer_to_id=top))
        assert [t.id async for t in crm.territories.list()] == [top]


async def test_groups_tell_what_they_are_made_of(crm: ZohoCRM) -> None:
    """By kind, in numbers, and from the side of a user."""
    [me] = await crm.users.list()
    made = await crm.user_groups.create(
        NewUserGroup(name="Night", sources=[GroupSource(type="users", source=Reference(me.id))])
    )
    assert made.id is not None
    assert (await crm.user_groups.sources_count(made.id)).users is not None
    assert [s.type async for s in crm.user_groups.sources(made.id)] == ["users"]
    assert [g.name async for g in crm.user_groups.of_user(me.id)] == ["Night"]
    [count] = await crm.user_groups.user_counts()
    assert count.count == 1


class TestPortals:
    """People of records are let in."""

    async def test_an_invitation_makes_a_user(self, org: Emulator, crm: ZohoCRM) -> None:
        ids = org.add_records("Leads", [{"Last_Name": "Stone"}, {"Last_Name": "Reed"}])
        kind = await self.kind(crm)
        await crm.portals.invite("Leads", ids[0], user_type_id=kind, type="invite")
        job = await crm.portals.invite_many(
            "Leads", [PortalInvite(id=ids[1], user_type_id=kind, type="invite")]
        )
        [told] = await crm.portals.invite_status("Leads", job_id=str(job.details["job_id"]))
        assert [item["status"] for item in told.data] == ["success"]
        users = [user async for user in crm.portals.users("desk", kind, type="all")]
        assert [user.name for user in users] == ["Stone", "Reed"]
        await crm.portals.change_status("desk", kind, ids[0], active=False)
        [outcome] = await crm.portals.delete_users("desk", kind, [ids[1]])
        assert outcome.ok
        users = [user async for user in crm.portals.users("desk", kind, type="all")]
        assert [(user.name, user.active) for user in users] == [("Stone", False)]

    async def test_an_unknown_record_or_kind(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = org.add_records("Leads", [{"Last_Name": "Stone"}])
        kind = await self.kind(crm)
        with pytest.raises(errors.RecordNotFound):
            await crm.portals.invite("Leads", "999", user_type_id=kind, type="invite")
        with pytest.raises(errors.RecordNotFound):
            await crm.portals.invite("Leads", lead, user_type_id="999", type="invite")

    async def kind(self, crm: ZohoCRM) -> str:
        await crm.portals.create({"name": "desk"})
        module = ModuleReference("Leads", "5")
        made = await crm.portals.create_user_type(
            "desk", NewPortalUserType(name="Client", personality_module=module, modules=[])
        )
        assert made.id is not None
        return made.id
