"""Channels through the client: made, changed, kept; and what arrives on them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest
from aiohttp import web

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import (
    Channel,
    Criteria,
    FieldReference,
    ModuleReference,
    NewChannel,
    Notification,
    NotificationCondition,
)
from zohocrm_async.notifications import new_token, parse

ID, OTHER = "1000000068001", "1000000068002"
TOKEN = new_token()
WATCH = "/actions/watch"


class Receiver:
    """A server that channels post to."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(self, request: web.BaseRequest) -> web.Response:
        await self.bodies.put(await request.read())
        return web.Response()

    async def next(self, token: str = TOKEN) -> Notification:
        """Return what arrives next, checked."""
        async with asyncio.timeout(30):
            return parse(await self.bodies.get(), tokens={ID: token, OTHER: token})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.take))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"http://{host}:{port}/hook?from=crm"
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server on the loopback address."""
    async with receiving() as receiver:
        yield receiver


def channel(url: str = "http://127.0.0.1:9/", **other: Any) -> NewChannel:
    """Return a channel to make."""
    return attrs.evolve(
        NewChannel(channel_id=ID, events=["Leads.all"], notify_url=url, token=TOKEN), **other
    )


async def listed(crm: ZohoCRM) -> dict[str, Channel]:
    """Return the channels by id."""
    return {found.channel_id: found async for found in crm.notifications.list()}


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0)


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


class TestKeptChannels:
    """They are renewed before they end, for as long as the block lasts."""

    async def test_they_outlive_their_end(
        self, crm: ZohoCRM, org: Emulator, receiver: Receiver
    ) -> None:
        async with crm.notifications.kept([channel(receiver.url)]) as kept:
            for _ in range(5):
                end = kept.ends_at
                org.advance(hours=21)
                await until(lambda end=end: kept.ends_at > end)  # type: ignore[misc]  # a plain bool
            await crm.records.create("Leads", [{"Last_Name": "Stone"}])
            assert kept.parse(await receiver.bodies.get()).module == "Leads"
            assert kept.failure is None
        calls = [call.operation for call in org.calls if call.path == WATCH]
        assert calls == [
            "notifications.create", *["notifications.replace"] * 5, "notifications.delete",
        ]  # fmt: skip
        assert await listed(crm) == {}

    async def test_the_end_that_the_service_gives_counts(self, crm: ZohoCRM, org: Emulator) -> None:
        made = org.state.settings.rows(WATCH)
        async with crm.notifications.kept([channel()], lifetime=timedelta(minutes=10)) as kept:
            end = kept.ends_at
            assert made[ID]["channel_expiry"] == end.isoformat()
            org.advance(minutes=9.1)
            await until(lambda: kept.ends_at > end)

    async def test_a_channel_without_a_token_is_given_one(
        self, crm: ZohoCRM, org: Emulator, receiver: Receiver
    ) -> None:
        async with crm.notifications.kept([channel(receiver.url, token=None)]) as kept:
            assert len(kept.tokens[ID]) == 43
            org.add_records("Leads", [{"Last_Name": "Stone"}])
            assert (await receiver.next(kept.tokens[ID])).operation == "insert"

    async def test_channels_that_are_there_are_taken_over(self, crm: ZohoCRM) -> None:
        await crm.notifications.create([channel(events=["Deals.all"])])
        async with crm.notifications.kept([channel()], delete=False):
            assert (await listed(crm))[ID].events == ("Leads.all",)
        assert (await listed(crm))[ID].events == ("Leads.all",)

    @pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.CUT_BEFORE])
    async def test_a_lost_answer_is_cleared_up(
        self, crm: ZohoCRM, org: Emulator, fault: Fault
    ) -> None:
        org.fail_next(fault, method="POST", path=WATCH)
        async with crm.notifications.kept([channel()]):
            assert [*await listed(crm)] == [ID]

    async def test_one_that_was_dropped_is_made_anew(self, crm: ZohoCRM, org: Emulator) -> None:
        async with crm.notifications.kept([channel(), channel(channel_id=OTHER)]) as kept:
            org.state.settings.rows(WATCH).pop(OTHER)
            end = kept.ends_at
            org.advance(hours=21)
            await until(lambda: kept.ends_at > end)
            assert [*await listed(crm)] == [ID, OTHER]
            assert kept.failure is None

    async def test_a_failed_renewal_is_told_and_tried_again(
        self, crm: ZohoCRM, org: Emulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        failures: list[errors.ZohoCRMError] = []
        async with crm.notifications.kept([channel()], on_failure=failures.append) as kept:
            end = kept.ends_at
            org.expire_tokens()
            org.fail_next(Fault.CREDITS_SPENT, path="/oauth/v2/token")
            org.advance(hours=21)
            await until(lambda: bool(failures))
            assert kept.failure is failures[0]
            assert TOKEN not in caplog.text
            assert f"channels {ID}: " in caplog.text
            org.advance(minutes=60)
            await until(lambda: kept.ends_at > end)
            assert kept.failure is None

    async def test_an_answer_with_too_few_outcomes_is_a_failure_like_any_other(
        self, crm: ZohoCRM, org: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def none(channels: Any) -> tuple[()]:
            return ()

        async with crm.notifications.kept([channel()]) as kept:
            end = kept.ends_at
            with monkeypatch.context() as patch:
                patch.setattr(crm.notifications, "replace", none)
                org.advance(hours=21)
                await until(lambda: kept.failure is not None)
            assert isinstance(kept.failure, errors.UnexpectedAnswer)
            org.advance(minutes=1)
            await until(lambda: kept.ends_at > end)

    async def test_a_closed_client_ends_the_renewals(
        self, org: Emulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        async with org.client() as crm, crm.notifications.kept([channel()]) as kept:
            await crm.close()
            org.advance(hours=21)
            await until(lambda: kept.failure is not None)
            assert isinstance(kept.failure, errors.SchedulerClosed)
        assert [*org.state.settings.rows(WATCH)] == [ID]

    async def test_nothing_is_left_when_one_is_refused(self, crm: ZohoCRM) -> None:
        wrong = channel(channel_id=OTHER, events=["Boats.all"])
        with pytest.raises(errors.InvalidData):
            async with crm.notifications.kept([channel(), wrong]):
                pytest.fail("one was refused")
        assert await listed(crm) == {}

    async def test_the_task_ends_with_the_block(self, crm: ZohoCRM) -> None:
        class Ended(Exception):
            pass

        with pytest.raises(Ended):
            async with crm.notifications.kept([channel()]):
                raise Ended
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not [name for name in names if "renewal" in name]
        assert await listed(crm) == {}

    async def test_a_lifetime_that_no_channel_has(self, crm: ZohoCRM) -> None:
        for lifetime in (timedelta(minutes=1), timedelta(days=7)):
            with pytest.raises(errors.InvalidRequest, match=r"give 0:05:00 to 6 days, 23:00:00"):
                crm.notifications.kept([channel()], lifetime=lifetime)
        with pytest.raises(errors.InvalidRequest, match="give a number"):
            crm.notifications.kept([channel(channel_id="x")])
