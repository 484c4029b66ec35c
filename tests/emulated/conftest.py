"""An organisation of its own for each test, and a client of it."""

from collections.abc import AsyncIterator

import pytest

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator


@pytest.fixture
async def org() -> AsyncIterator[Emulator]:
    """An organisation with nothing in it."""
    async with Emulator() as org:
        yield org


@pytest.fixture
async def crm(org: Emulator) -> AsyncIterator[ZohoCRM]:
    """A client of the organisation."""
    async with org.client() as crm:
        yield crm
