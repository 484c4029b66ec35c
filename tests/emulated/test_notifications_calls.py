"""Channels through the client: made, changed, kept; and what arrives on them."""

from datetime import timedelta

import channels
import pytest
from channels import ID, OTHER, TOKEN, Receiver, channel, listed

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import (
    Criteria,
    FieldReference,
    ModuleReference,
    NotificationCondition,
)

receiver = channels.receiver


class TestNotifications:
    """What happens to records is told."""

    async def test_creates_edits_and_deletes(self, crm: ZohoCRM, receiver: Receiver) -> None:
        [made] = await crm.notifications.create([channel(receiver.url)])
        assert made.ok
        [new] = await crm.records.create("Leads", [{"Last_Name": "Stone"}])
        lead = str(new.id)
        await crm.records.update("Leads", [{"id": lead, "Phone": "1"}])
        await crm.records.delete("Leads", [lead])
        told = [await receiver.next() for _ in range(3)]
        assert [each.operation for each in told] == ["insert", "update", "delete"]
        assert {each.ids for each in told} == {(lead,)}
        assert {each.module for each in told} == {"Leads"}
        assert [each.affected_fields for each in told] == [{}, {lead: ("Phone",)}, {}]
        assert told[0].query_params == {"from": "crm"}
        assert [dict(each.affected_values) for each in told] == [{}, {}, {}]

    async def test_values_are_told_where_asked_for(self, crm: ZohoCRM, receiver: Receiver) -> None:
        await crm.notifications.create([channel(receiver.url, return_affected_field_values=True)])
        [new] = await crm.records.create("Leads", [{"Last_Name": "Stone"}])
        await crm.records.update("Leads", [{"id": new.id, "Phone": "1", "Last_Name": "Stone"}])
        await receiver.next()
        assert (await receiver.next()).affected_values == {new.id: {"Phone": "1"}}

    async def test_what_one_call_does_is_told_at_once(
        self, crm: ZohoCRM, receiver: Receiver, org: Emulator
    ) -> None:
        await crm.notifications.create([channel(receiver.url)])
        rows = [{"Last_Name": f"Stone {n}"} for n in range(20)]
        made = await crm.records.create("Leads", rows)
        assert (await receiver.next()).ids == tuple(outcome.id for outcome in made)
        await org.notified()
        assert receiver.bodies.empty()

    async def test_only_what_the_channel_is_for(
        self, crm: ZohoCRM, receiver: Receiver, org: Emulator
    ) -> None:
        await crm.notifications.create(
            [channel(receiver.url, events=["Deals.all", "Leads.delete"])]
        )
        [lead] = await crm.records.create("Leads", [{"Last_Name": "Stone"}])
        await crm.records.create("Accounts", [{"Account_Name": "Acme"}])
        [deal] = await crm.records.create("Deals", [{"Deal_Name": "Boats"}])
        await crm.records.delete("Leads", [str(lead.id)])
        await org.notified()
        told = [await receiver.next() for _ in range(2)]
        assert [(each.module, each.ids[0]) for each in told] == [
            ("Deals", deal.id),
            ("Leads", lead.id),
        ]
        assert receiver.bodies.empty()

    async def test_only_the_fields_that_are_watched(
        self, crm: ZohoCRM, receiver: Receiver, org: Emulator
    ) -> None:
        either = Criteria(
            group_operator="or",
            group=(
                Criteria(field=FieldReference("Company", "1")),
                Criteria(
                    group_operator="and",
                    group=(
                        Criteria(field=FieldReference("City", "2")),
                        Criteria(field=FieldReference("Country", "3")),
                    ),
                ),
            ),
        )
        condition = NotificationCondition(
            module=ModuleReference("Leads", "4"), field_selection=either
        )
        [made] = await crm.notifications.create(
            [channel(receiver.url, events=["Leads.edit"], notification_condition=[condition])]
        )
        assert made.ok
        assert (await listed(crm))[ID].notification_condition == (condition,)
        [lead] = org.add_records("Leads", [{"Last_Name": "Stone"}])
        for values in (
            {"Phone": "1"},
            {"City": "Cork"},
            {"Company": "Acme"},
            {"City": "Galway", "Country": "Ireland"},
        ):
            await crm.records.update("Leads", [{"id": lead, **values}])
        await org.notified()
        told = [await receiver.next() for _ in range(2)]
        assert [each.affected_fields[lead] for each in told] == [("Company",), ("City", "Country")]
        assert receiver.bodies.empty()

    async def test_nothing_leaves_the_machine(self, crm: ZohoCRM, org: Emulator) -> None:
        await crm.notifications.create([channel("https://example.com/hook")])
        await crm.records.create("Leads", [{"Last_Name": "Stone"}])
        await org.notified()
        [kept] = org.notifications
        assert (kept.status, kept.channel_id) == (None, ID)
        assert "loopback" in kept.problem

    async def test_a_receiver_that_is_away_is_noted(self, crm: ZohoCRM, org: Emulator) -> None:
        await crm.notifications.create([channel("http://127.0.0.1:9/")])
        await crm.records.create("Leads", [{"Last_Name": "Stone"}])
        await org.notified()
        assert org.notifications[0].problem == "not posted: ClientConnectorError"


class TestChannels:
    """They are made, replaced, changed and deleted."""

    async def test_a_channel_tells_its_end(self, crm: ZohoCRM, org: Emulator) -> None:
        [made] = await crm.notifications.create([channel()])
        [event] = made.details["events"]
        assert event["resource_name"] == "Leads"
        end = (await listed(crm))[ID].channel_expiry
        assert end is not None
        assert event["channel_expiry"] == end.isoformat()
        assert timedelta(minutes=59) < end - org.clock.now() <= timedelta(hours=1)
        org.advance(hours=1)
        assert await listed(crm) == {}

    async def test_a_list_may_be_of_one(self, crm: ZohoCRM) -> None:
        await crm.notifications.create(
            [channel(), channel(channel_id=OTHER, events=["Deals.edit", "Leads.edit"])]
        )
        found = [(c.channel_id, c.events) async for c in crm.notifications.list(module="Leads")]
        assert found == [(ID, ("Leads.all",)), (OTHER, ("Leads.edit",))]
        both = [c.resource_name async for c in crm.notifications.list(channel_id=OTHER)]
        assert both == ["Deals", "Leads"]
        assert not [c async for c in crm.notifications.list(channel_id="7")]

    async def test_replace_forgets_what_is_not_given(self, crm: ZohoCRM) -> None:
        await crm.notifications.create([channel()])
        await crm.notifications.replace([channel(token=None, events=["Deals.all"])])
        found = (await listed(crm))[ID]
        assert (found.token, found.events) == (None, ("Deals.all",))

    async def test_update_leaves_what_is_not_given(self, crm: ZohoCRM) -> None:
        await crm.notifications.create([channel()])
        [outcome] = await crm.notifications.update([channel(token=None, events=["Deals.all"])])
        assert outcome.ok
        found = (await listed(crm))[ID]
        assert (found.token, found.events) == (TOKEN, ("Deals.all",))

    async def test_some_events_are_stopped(self, crm: ZohoCRM) -> None:
        await crm.notifications.create([channel(events=["Leads.create", "Leads.edit"])])
        assert (await crm.notifications.remove_events(ID, ["Leads.edit"])).ok
        assert (await listed(crm))[ID].events == ("Leads.create",)
        with pytest.raises(errors.NotSubscribed):
            await crm.notifications.remove_events(ID, ["Deals.edit"])
        with pytest.raises(errors.InvalidRequest, match="no list of events"):
            await crm.notifications.remove_events(ID, [])

    async def test_an_unknown_channel_is_one_outcome(self, crm: ZohoCRM) -> None:
        await crm.notifications.create([channel()])
        gone, unknown = await crm.notifications.delete([ID, OTHER])
        assert gone.ok
        assert isinstance(unknown.error, errors.NotSubscribed)
        [outcome] = await crm.notifications.replace([channel()])
        assert outcome.code == "NOT_SUBSCRIBED"

    async def test_secrets_are_not_shown(self, crm: ZohoCRM) -> None:
        new = channel("https://example.com/?key=s3cret")
        await crm.notifications.create([new])
        for shown in (repr(new), repr((await listed(crm))[ID])):
            assert TOKEN not in shown
            assert "s3cret" not in shown


class TestWrongChannels:
    """Refused before anything is sent, with every reason."""

    async def test_every_reason_is_named(self, crm: ZohoCRM, org: Emulator) -> None:
        wrong = channel(
            "ftp://example.com/s3cret", channel_id="x", events=["Leads.open"], token="t" * 51
        )
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.notifications.create([wrong, wrong])
        text = "\n".join(caught.value.problems)
        for part in ("channel_id is 'x'", "'Leads.open'", "51 characters", "https://", "than once"):
            assert part in text
        assert "s3cret" not in text
        assert not org.calls

    @pytest.mark.parametrize(
        ("hours", "version", "fine"),
        [(-1, "v7", False), (167, "v7", True), (169, "v7", False), (25, "v5", False)],
    )
    async def test_an_end_the_service_would_not_take(
        self, org: Emulator, *, hours: int, version: str, fine: bool
    ) -> None:
        async with org.client(version=version) as crm:
            new = channel(channel_expiry=org.clock.now() + timedelta(hours=hours))
            if fine:
                await crm.notifications.create([new])
                assert (await listed(crm))[ID].channel_expiry is not None
                return
            with pytest.raises(errors.InvalidRequest, match="longest that a channel lives"):
                await crm.notifications.create([new])
            naive = channel(channel_expiry=org.clock.now().replace(tzinfo=None))
            with pytest.raises(errors.InvalidRequest, match="time zone"):
                await crm.notifications.create([naive])

    async def test_events_and_numbers(self, crm: ZohoCRM) -> None:
        for wrong, part in (
            ([], "0 channels given"),
            ([channel(events=[])], "no list of events"),
            ([channel(events="Leads.all")], "no list of events"),
            ([channel(f"https://example.com/{'x' * 255}")], "255 is the most"),
            ([channel(token="")], "give 1 to 50"),
        ):
            with pytest.raises(errors.InvalidRequest, match=part):
                await crm.notifications.create(wrong)
