"""What an export plans: the cheapest way, what it costs, and why the others are closed."""

import pytest
from attrs import evolve
from deals import add_deals, counting, exported
from moving import spent_on

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import (
    InvalidRequest,
)
from zohocrm_async.models import ExportRoute


async def test_the_cheapest_route_is_taken_by_the_number_of_records(
    org: Emulator, crm: ZohoCRM
) -> None:
    """A page for a few, a query for some, and never a job where it costs more."""
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(900)))
    plan = await crm.records.plan_export("Leads", fields=("Last_Name",))
    assert (plan.count, plan.route, plan.credits) == (900, "coql", 2)
    assert {each.route: each.credits for each in plan.routes}["pages"] == 5
    assert len(await exported(org, crm, "Leads", fields=("Last_Name",))) == 900
    assert spent_on(org, "coql.query") == 2
    assert spent_on(org, "records.list", "bulk_read.create") == 0


@pytest.mark.parametrize(
    ("count", "route", "most"),
    [
        (150, "pages", 1),
        (2_000, "coql", 3),
        (2_050, "coql", 4),
        (30_000, "coql", 45),
        (250_000, "bulk_read", 130),
    ],
)
async def test_a_plan_follows_the_price_list(
    crm: ZohoCRM, count: int, route: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For any number of records, without one being read."""
    monkeypatch.setattr(type(crm.records), "count", counting(count))
    plan = await crm.records.plan_export("Leads", fields=("Last_Name",))
    assert plan.route == route
    assert plan.credits <= most
    assert plan.seconds is not None
    assert plan.chosen.why
    assert "cheapest" in plan.why


async def test_a_dearer_price_moves_the_choice(org: Emulator, crm: ZohoCRM) -> None:
    """The organisation's own list is asked, not a table of ours."""
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(250)))
    plan = await crm.records.plan_export("Leads", fields=("Last_Name",))
    pages = next(each for each in plan.routes if each.route == "pages")
    assert pages.credits == 2


async def test_a_plan_says_why_a_route_is_closed(org: Emulator, crm: ZohoCRM) -> None:
    """And a forced one that is closed is refused with the same words."""
    add_deals(org, 1)
    plan = await crm.records.plan_export("Deals", fields=("Deal_Name", "Tag"), where=None)
    assert plan.route == "pages"
    closed = {each.route: each.why for each in plan.routes if not each.possible}
    assert set(closed) == {"coql", "bulk_read"}
    assert all("Tag" in why for why in closed.values())
    with pytest.raises(InvalidRequest, match="gives no Tag"):
        await exported(org, crm, fields=("Deal_Name", "Tag"), route="bulk_read")


async def test_jobs_cost_what_their_plan_says(org: Emulator, crm: ZohoCRM) -> None:
    """Each a look when it may be done, and a download; the count is on top."""
    org.state.bulk.seconds = 37.0
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(35_000)))
    plan = await crm.records.plan_export("Leads", fields=["Last_Name"])
    assert (plan.route, plan.credits) == (ExportRoute.BULK_READ, 50 + 1 + 1)
    org.clear_calls()
    rows = await exported(org, crm, "Leads", fields=("Last_Name",))
    assert len(rows) == plan.count
    assert sum(call.credits for call in org.calls) == plan.credits + 1


async def test_a_route_takes_as_long_as_its_credits_need_to_come_back(org: Emulator) -> None:
    """One for which its budget never has enough is closed."""
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(900)))
    async with org.client(limits=evolve(org.limits, credits=7)) as crm:
        await crm.organization.get()
        async with crm.budget("export", credits=4):
            now = await crm.records.plan_export("Leads", fields=("Last_Name",))
        while crm.credits().remaining > 1:
            await crm.organization.get()
        later = await crm.records.plan_export("Leads", fields=("Last_Name",))
    assert now.seconds is not None
    assert now.seconds < 60
    assert later.seconds == pytest.approx(86_400, abs=120)
    closed = {each.route: each.why for each in now.routes if not each.possible}
    assert closed["pages"] == "there are never 5 credits for it"
