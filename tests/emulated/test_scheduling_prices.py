"""Prices before a call is made, and as the service's own count shows them."""

import logging

import pytest
from letters import lead, mail

from zohocrm_async import Event, PriceCorrected, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import Price


class TestPrice:
    """`crm.apis.price` says what a call costs, and costs nothing itself."""

    async def test_it_asks_for_the_price_list_alone(self, org: Emulator, crm: ZohoCRM) -> None:
        for _ in range(3):
            await crm.apis.price("POST", "/Leads/upsert", rows=25)
        assert [(call.path, call.credits) for call in org.calls] == [("/__apis", 1)]

    @pytest.mark.parametrize(("rows", "expected"), [(1, 1), (10, 1), (11, 2), (100, 10)], ids=str)
    async def test_rows_are_priced_within_the_listed_range(
        self, crm: ZohoCRM, rows: int, expected: int
    ) -> None:
        price = await crm.apis.price("POST", "/Leads/upsert", rows=rows)
        why = "POST /Leads/upsert in the organisation's __apis"
        assert price == Price(1, 10, expected, exact=True, why=why)

    async def test_more_rows_than_a_call_takes_are_several_calls(self, crm: ZohoCRM) -> None:
        price = await crm.apis.price("POST", "/Leads/upsert", rows=250)
        assert (price.minimum, price.maximum, price.expected, price.exact) == (3, 30, 25, True)
        assert price.why.endswith("250 rows take 3 calls")

    async def test_what_is_asked_for_counts(self, crm: ZohoCRM) -> None:
        plain = await crm.apis.price("GET", "/Leads", query={"fields": "Email"})
        viewed = await crm.apis.price("GET", "/Leads", query={"cvid": "77"})
        assert (plain.expected, viewed.expected) == (1, 3)

    @pytest.mark.parametrize(("rows", "expected"), [(200, 1), (201, 2), (1_001, 3)])
    async def test_rows_tell_what_a_query_costs(
        self, crm: ZohoCRM, rows: int, expected: int
    ) -> None:
        price = await crm.apis.price("POST", "/coql", rows=rows)
        assert (price.minimum, price.maximum, price.expected) == (1, 3, expected)
        assert price.exact

    async def test_an_unlisted_path_has_the_published_price(self, crm: ZohoCRM) -> None:
        price = await crm.apis.price("GET", "/nowhere")
        assert (price.expected, price.exact) == (1, True)
        assert "the published price" in price.why

    async def test_it_is_what_the_call_then_costs(self, org: Emulator, crm: ZohoCRM) -> None:
        path = f"/Leads/{lead(org)}/actions/send_mail"
        price = await crm.apis.price("post", path)
        message = await mail(org, crm)
        before = org.credits_used
        await crm.mail.send("Leads", path.split("/")[2], message)
        assert org.credits_used - before == price.expected == 20

    @pytest.mark.parametrize(
        ("method", "path", "rows"), [("BREW", "/Leads", 1), ("GET", "Leads", 1), ("POST", "/x", -1)]
    )
    async def test_what_is_no_call_is_refused(
        self, org: Emulator, crm: ZohoCRM, method: str, path: str, rows: int
    ) -> None:
        with pytest.raises(errors.InvalidRequest):
            await crm.apis.price(method, path, rows=rows)
        assert not org.calls


class TestCorrection:
    """A price that differs from the service's count is corrected and reported."""

    async def test_a_dearer_call_is_found_out_and_booked_in_full(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The books then agree with the service before its next count comes."""
        caplog.set_level(logging.WARNING)
        events: list[Event] = []
        async with Emulator(credits=1_000) as org, org.client(hooks=[events.append]) as crm:
            record, message = lead(org), await mail(org, crm)
            org.spend(600)  # from half of the allowance on, the service counts aloud
            org.reprice("mail.send", 25)
            for _ in range(4):
                await crm.mail.send("Leads", record, message)
            assert [e for e in events if isinstance(e, PriceCorrected)] == [
                PriceCorrected("mail.send", f"/Leads/{record}/actions/send_mail", 20, 25)
            ]
            assert sum("costs 25 credits" in r.getMessage() for r in caplog.records) == 1
            price = await crm.apis.price("POST", f"/Leads/{record}/actions/send_mail")
            assert (price.expected, price.maximum) == (25, 25)
            assert price.why.endswith("seen to cost 25")
            async with crm.budget("one", credits=24):
                with pytest.raises(errors.BudgetExceeded):
                    await crm.mail.send("Leads", record, message)

    async def test_strangers_do_not_change_a_price(self) -> None:
        events: list[Event] = []
        async with Emulator(credits=1_000) as org, org.client(hooks=[events.append]) as crm:
            record, message = lead(org), await mail(org, crm)
            org.spend(500)
            for spent in (3, 11, 0, 5):
                org.spend(spent)
                await crm.mail.send("Leads", record, message)
            assert not [e for e in events if isinstance(e, PriceCorrected)]
            price = await crm.apis.price("POST", f"/Leads/{record}/actions/send_mail")
            assert price.expected == 20
