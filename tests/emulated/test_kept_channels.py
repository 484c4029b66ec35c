"""Channels that are kept through the client: renewed in time, cleared up, deleted in the end."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import channels
import pytest
from channels import ID, OTHER, TOKEN, WATCH, Receiver, channel, listed, until

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault

receiver = channels.receiver


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

    async def test_nothing_is_left_when_the_beginning_is_cancelled(
        self, crm: ZohoCRM, org: Emulator
    ) -> None:
        """Of two channels one is made, and the other is still being taken over."""
        await crm.notifications.create([channel(channel_id=OTHER)])
        org.fail_next(Fault.SLOW, method="PUT", path=WATCH, seconds=30)

        async def keep() -> None:
            async with crm.notifications.kept([channel(), channel(channel_id=OTHER)]):
                raise AssertionError("it has not begun")

        keeping = asyncio.create_task(keep())
        async with asyncio.timeout(10):
            while not (org.in_flight and ID in org.state.settings.rows(WATCH)):
                await asyncio.sleep(0)
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        assert [*await listed(crm)] == [OTHER]

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
