"""What tests of related records, jobs and the like put into an organisation."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import ModuleReference

T = TypeVar("T")


def leads(org: Emulator, *rows: dict[str, Any]) -> tuple[str, ...]:
    """Add leads; return their ids."""
    return org.add_records("Leads", [{"Last_Name": "Stone", **row} for row in rows])


def one(org: Emulator, module: str, **fields: Any) -> str:
    """Add a record; return its id."""
    [own] = org.add_records(module, [fields])
    return own


def colleague(org: Emulator) -> str:
    """Add a user; return the id."""
    row = {"full_name": "Ada Wray", "email": "wray@example.com", "status": "active"}
    return org.add_setting("/users", row)


def all_of(org: Emulator, module: str = "Leads") -> str:
    """Return the custom view of all records of a module."""
    return next(iter(org.state.settings.rows("/settings/custom_views", module)))


async def module_of(crm: ZohoCRM, name: str) -> ModuleReference:
    """Return a module with its id."""
    return ModuleReference(name, (await crm.modules.get(name)).id)


async def passing(org: Emulator, waiting: Awaitable[T]) -> T:
    """Return what *waiting* gives, the clock moving on whenever the client pauses."""
    task = asyncio.ensure_future(waiting)
    while not task.done():
        await asyncio.sleep(0.002)
        org.advance(seconds=1)
    return await task
