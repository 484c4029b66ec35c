"""Requests of people beside a newsletter of 20,000 mails, in one backend.

    python -m benchmarks.fastapi

The backend is ``examples/fastapi_app.py`` in a process of its own, the organisation the
emulator in another: 20 calls in flight, 10 of them heavy, 20 ms each. People ask for a lead
25 times a second, before, while and after the newsletter goes out.
"""

import asyncio
import contextlib
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import orjson

from benchmarks.figures import percentile
from zohocrm_async import ZohoCRM

MAILS = 20_000
RATE = 25.0
# By then it has read the first leads and is under way.
_BEGINNING = 2.0
APP = Path(__file__).parent.parent / "examples" / "fastapi_app.py"
EMULATOR = (
    "-m", "zohocrm_async.emulator", "--latency=0.02", "--concurrency=20",
    "--heavy-concurrency=10", "--credits=1000000000", "--mail-cap=1000000000",
)  # fmt: skip


def leads(folder: Path) -> Path:
    """Write the leads who get the newsletter."""
    path = folder / "leads.csv"
    lines = (f"Person {number},person{number}@example.com\n" for number in range(MAILS))
    path.write_text("Last_Name,Email\n" + "".join(lines))
    return path


@contextlib.asynccontextmanager
async def process(
    *arguments: str, env: Mapping[str, str] | None = None, quiet: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Python until the block ends."""
    output = asyncio.subprocess.DEVNULL if quiet else asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**os.environ, **(env or {})}, stdout=output, stderr=output
    )
    try:
        yield running
    finally:
        running.terminate()
        await running.communicate()


async def ask(http: aiohttp.ClientSession, url: str, times: list[float]) -> None:
    """Ask for one lead and note how long it took."""
    began = time.perf_counter()
    async with http.get(url) as answer:
        await answer.read()
        answer.raise_for_status()
    times.append(time.perf_counter() - began)


async def people(http: aiohttp.ClientSession, url: str, seconds: float, seed: int) -> list[float]:
    """Ask at random moments, *RATE* times a second, whatever comes back."""
    draw, times = random.Random(seed), list[float]()
    async with asyncio.TaskGroup() as group:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            await asyncio.sleep(draw.expovariate(RATE))
            group.create_task(ask(http, url, times))
    return times


async def newsletter(http: aiohttp.ClientSession, url: str) -> tuple[int, bool]:
    """Return how many mails are out, and whether all are."""
    async with http.get(f"{url}/newsletters/may") as answer:
        body = await answer.json()
    return body["counts"].get("sent", 0), body["state"] == "done"


async def measure(http: aiohttp.ClientSession, url: str, lead: str) -> None:
    """Ask before, while and after the newsletter goes out, and print what it was like."""
    await people(http, lead, 3, 0)
    alone = await people(http, lead, 20, 1)
    letter = {"subject": "News for $Last_Name", "content": "<p>Hello</p>"}
    async with http.put(f"{url}/newsletters/may", json=letter) as answer:
        answer.raise_for_status()
    await asyncio.sleep(_BEGINNING)
    before, began = (await newsletter(http, url))[0], time.perf_counter()
    beside = await people(http, lead, 20, 2)
    after, done = await newsletter(http, url)
    rate = (after - before) / (time.perf_counter() - began)
    while not done:
        await asyncio.sleep(0.2)
        _, done = await newsletter(http, url)
    alone += await people(http, lead, 20, 3)
    print(f"{'':24}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for name, times in (("alone", alone), ("beside the newsletter", beside)):
        p50, p99 = percentile(times, 0.5) * 1e3, percentile(times, 0.99) * 1e3
        print(f"{name:24}{len(times):10}{p50:9.1f}{p99:9.1f}")
    print(f"newsletter: {rate:.0f} mails a second of the 500 that its slots allow")
    ratio = percentile(beside, 0.99) / percentile(alone, 0.99)
    print(f"p99 beside / alone      {ratio:.3f}   (goal: at most 1.5)")


async def somebody(env: Mapping[str, str]) -> str:
    """Return the id of a lead."""
    async with ZohoCRM.from_env(env) as crm:
        return (await crm.records.list("Leads", fields=["Email"], per_page=1))[0].id


async def ready(http: aiohttp.ClientSession, url: str) -> None:
    """Return once the backend answers."""
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with http.get(f"{url}/health"):
                return
        await asyncio.sleep(0.1)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def main() -> None:
    """Run all three processes and measure."""
    with tempfile.TemporaryDirectory() as folder:
        source = await asyncio.to_thread(leads, Path(folder))
        async with process(*EMULATOR, f"--csv=Leads={source}") as emulator:
            assert emulator.stdout is not None
            env = orjson.loads(await emulator.stdout.readline())["env"]
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            async with (
                process(str(APP), env={**env, "PORT": str(port), "JOURNALS": folder}, quiet=True),
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
            ):
                await ready(http, url)
                await measure(http, url, f"{url}/leads/{await somebody(env)}")


if __name__ == "__main__":
    asyncio.run(main())
