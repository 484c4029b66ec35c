"""Memory of an idle organisation in a pool: 500 that were used once, on shared connections.

    python -m benchmarks.organisations

Each has its own token, price list, ledger and queue. What the first ones load for all, such
as modules, is not counted.
"""

import argparse
import asyncio
import contextlib
import gc
import sys
import tracemalloc
from collections.abc import AsyncIterator

from aiohttp import web

from benchmarks.server import ORGANIZATION
from zohocrm_async import AccessToken, ClientPool, DataCenter, OrganizationSettings
from zohocrm_async.emulator import Emulator

ORGANISATIONS, GOAL = 500, 100_000
_FIRST = 5


class Store:
    """One service under any number of names."""

    def __init__(self, url: str) -> None:
        self._center = DataCenter("local", url, url, url)

    async def load(self, name: str) -> OrganizationSettings:
        credentials = AccessToken(token=f"token{name}")
        return OrganizationSettings(credentials=credentials, data_center=self._center)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """Serve the price list of the emulator, and an organisation, to whoever asks."""
    async with Emulator() as org, org.client() as crm:
        listed = await crm.request("GET", "/__apis")

    async def prices(_: web.Request) -> web.Response:
        return web.json_response(listed)

    async def organisation(_: web.Request) -> web.Response:
        return web.json_response({"org": [ORGANIZATION]})

    app = web.Application()
    app.router.add_get("/crm/v7/__apis", prices)
    app.router.add_get("/crm/v7/org", organisation)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def measure(organisations: int) -> tuple[float, float]:
    """Return the bytes of an organisation that was opened, and of one that was used."""
    async with serving() as url, ClientPool(Store(url), clients=2 * organisations) as pool:

        async def use(numbers: range, *, call: bool) -> None:
            for number in numbers:
                async with pool.organisation(str(number)) as crm:
                    if call:
                        await crm.request("GET", "/org")

        await use(range(_FIRST), call=True)
        tracemalloc.start()
        everyone = range(_FIRST, organisations + _FIRST)
        sizes = [_size()]
        for call in (False, True):
            await use(everyone, call=call)
            sizes.append(_size())
        tracemalloc.stop()
    opened, used = ((size - sizes[0]) / organisations for size in sizes[1:])
    return opened, used


def _size() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def main(organisations: int) -> None:
    opened, used = await measure(organisations)
    print(f"{organisations} organisations: {opened / 1_000:.1f} kB each when opened, "
          f"{used / 1_000:.1f} kB once used (goal: {GOAL / 1_000:.0f})")  # fmt: skip
    sys.exit(used > GOAL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--organisations", type=int, default=ORGANISATIONS)
    asyncio.run(main(parser.parse_args().organisations))
