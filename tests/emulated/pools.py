"""Two organisations for the tests of pools."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from attrs import evolve, frozen

from zohocrm_async import ClientPool, OrganizationSettings
from zohocrm_async._clock import ManualClock
from zohocrm_async.emulator import Emulator


class Store:
    """Settings of organisations, and a note of who was asked for."""

    def __init__(self, **known: OrganizationSettings | None) -> None:
        self.known: Mapping[str, OrganizationSettings | None] = known
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def load(self, name: str) -> OrganizationSettings | None:
        self.asked.append(name)
        await self.open.wait()
        return self.known.get(name)


def settings(org: Emulator, **changes: Any) -> OrganizationSettings:
    known = OrganizationSettings(
        credentials=org.credentials, data_center=org.data_center, limits=org.limits
    )
    return evolve(known, **changes)


@frozen
class Pair:
    """Two organisations, a store that knows both, and a pool."""

    first: Emulator
    second: Emulator
    store: Store
    clock: ManualClock

    def pool(self, **options: Any) -> ClientPool:
        return ClientPool(self.store, clock=self.clock, **options)


@asynccontextmanager
async def pairs() -> AsyncIterator[Pair]:
    clock = ManualClock()
    async with Emulator(seed=1) as first, Emulator(seed=2) as second:
        store = Store(acme=settings(first), globex=settings(second))
        yield Pair(first, second, store, clock)
