"""Every declared operation is called, answered, and its answer structured."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import samples_attached
import samples_bulk
import samples_companions
from samples import arguments_of
from world import World

from zohocrm_async import ZohoCRM
from zohocrm_async._pages import Page, Pager
from zohocrm_async.api import declarations
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import NewUnsubscribeLink, Outcome

# Nothing that is emulated leads to an answer with something in it.
EMPTY = {
    "merge.status",
    "unsubscribe_links.associations",
    "global_picklists.associations",
    "global_picklists.value_associations",
    "global_picklists.replaced_values",
    "user_groups.associations",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, ZohoCRM]]:
    """Give one organisation for all operations: opening it takes longer than calling it."""
    async with Emulator(users=200) as org, org.client() as crm:
        yield org, crm


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", declarations())
async def test_an_operation_is_answered(name: str, shared: tuple[Emulator, ZohoCRM]) -> None:
    """With sample arguments, and the answer has the declared shape."""
    org, crm = shared
    world = World(org)
    await prepare(name, world, crm)
    family, _, called = name.partition(".")
    method = getattr(getattr(crm, family), called)
    given = method(**arguments_of(name, method, world))
    result = await given
    if isinstance(given, Pager):
        assert isinstance(result, Page)
    assert_filled(name, result)
    assert world.org.calls[-1].operation == name


async def prepare(name: str, world: World, crm: ZohoCRM) -> None:
    """Bring about what an operation asks for and no row can hold."""
    if name in {"mail.list", "mail.get"}:
        arguments = arguments_of("mail.send", crm.mail.send, world)
        await crm.mail.send(**arguments)
    await samples_attached.prepare(name, world, crm)
    await samples_companions.prepare(name, world, crm)
    if name.startswith(("bulk_", "backup.", "audit_log.")):
        await samples_bulk.prepare(name, world, crm)
    if name.startswith("email_templates"):
        world.lead = world.org.add_email_template("Welcome")
    if name.startswith("inventory_templates"):
        world.lead = world.org.add_inventory_template("Offer")
    if name.startswith("unsubscribe_links"):
        world.lead = await own_link(crm)


async def own_link(crm: ZohoCRM) -> str:
    """Return a link that is not the default one."""
    made = await crm.unsubscribe_links.create(NewUnsubscribeLink(name="Own"))
    assert made.id is not None
    return made.id


def assert_filled(name: str, result: Any) -> None:
    """Check that there is something in the result, and that no part of it failed."""
    if name in EMPTY:
        return
    items = list(result) if isinstance(result, tuple | Page) else [result]
    assert items
    assert [item for item in items if isinstance(item, Outcome) and not item.ok] == []
