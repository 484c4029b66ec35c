"""The last look of a budget, right before a request leaves."""

import asyncio
import sys

import pytest

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import SchedulerClosed
from zohocrm_async.models import Address, Mail

MAIL = Mail(
    from_=Address("crm@example.com"), to=[Address("a@example.com")], subject="x", content="y"
)
# Where a body leaves a turn of the loop later, there is a look before that, too.
LOOKS = 2 if sys.version_info < (3, 12) else 1


@pytest.mark.parametrize("passed", range(LOOKS))
async def test_what_it_says_keeps_the_request_from_leaving(
    org: Emulator, crm: ZohoCRM, passed: int
) -> None:
    """At each of its looks; nothing is sent and nothing is charged."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Reed", "Email": "a@example.com"}])
    await crm.organization.get()
    left = passed

    def look() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise SchedulerClosed("not any more")

    budget = crm.budget("job")
    budget.last_look = look
    async with budget, asyncio.timeout(5):
        with pytest.raises(SchedulerClosed, match="not any more"):
            await crm.mail.send("Leads", lead, MAIL)
    assert (org.mails, budget.spent) == ((), 0)
    async with crm.budget("other"):
        await crm.mail.send("Leads", lead, MAIL)
    assert len(org.mails) == 1


async def test_a_budget_inside_another_is_looked_at_by_both(org: Emulator, crm: ZohoCRM) -> None:
    """The outer one's last look holds for all calls inside."""
    outer = crm.budget("outer")
    looks: list[str] = []
    outer.last_look = lambda: looks.append("outer")
    async with outer:
        inner = crm.budget("inner")
        inner.last_look = lambda: looks.append("inner")
        async with inner:
            await crm.organization.get()
    assert set(looks) == {"outer", "inner"}
