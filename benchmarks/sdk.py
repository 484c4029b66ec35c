"""The client beside Zoho's own SDK, in turn, on the same emulator.

    pip install zohocrmsdk7-0 && python -m benchmarks.sdk

Where the SDK is installed elsewhere, `--python` names that interpreter. With 20 ms latency
and 10 slots: mails, mails asked for 25 at once, and pages of 200 records; and what importing
each costs. Both get the threads or tasks that fill the slots.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import orjson

from benchmarks.import_time import TIMED
from benchmarks.throughput import SLOTS, Send, client, make_leads, measure, running
from zohocrm_async import ZohoCRM

CROWD, PAGE = 25, 200
FIELDS = ("Last_Name", "Email", "Company", "Phone", "City")
IMPORTS = {
    "client": "zohocrm_async",
    "SDK": "zohocrmsdk.src.com.zoho.crm.api.initializer, "
    "zohocrmsdk.src.com.zoho.api.authenticator.oauth_token",
}
KINDS = {
    "mails": f"mails, {SLOTS} threads",
    "crowd": f"mails, {CROWD} threads",
    "pages": f"pages of 200 records, {SLOTS} threads",
}


async def sdk(
    options: argparse.Namespace, env: Mapping[str, str], kind: str, count: int, leads: bytes
) -> Any:
    """Run the SDK's process and return what it prints; its token is kept in a folder."""
    threads = CROWD if kind == "crowd" else SLOTS
    what = "pages" if kind == "pages" else "mails"
    process = await asyncio.create_subprocess_exec(
        options.python,
        *("-m", "benchmarks.sdk_calls", what, str(count), str(threads), options.folder),
        env={**os.environ, **env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(leads + b"\n")
    if process.returncode:
        sys.exit(
            f"{options.python} could not run the SDK: pip install zohocrmsdk7-0, or give --python"
        )
    return orjson.loads(out)


async def ours(crm: ZohoCRM, kind: str, count: int, leads: Sequence[str]) -> dict[str, Any]:
    """Do the same through the client; whoever asks for more than the slots waits."""

    async def read(number: int) -> None:
        page = await crm.records.list("Leads", fields=FIELDS, page=number % 2 + 1)
        assert len(page) == PAGE

    work: Send = read if kind == "pages" else client(crm, leads)
    await asyncio.gather(*(work(number) for number in range(SLOTS)))
    done = await measure(work, count, [])
    return {"rate": done.rate, "cpu": done.cpu, "refused": 0}


async def connections(env: Mapping[str, str]) -> int:
    """Return how many the emulator has seen."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{env['ZOHO_API_URL']}/__emulator__/books") as answer,
    ):
        return int((await answer.json())["connections"])


def import_seconds(python: str, modules: str) -> float:
    """Return the least of ten imports, each in a fresh interpreter."""
    command = [python, "-c", TIMED.format(modules)]
    return min(float(subprocess.check_output(command, text=True)) for _ in range(10))  # noqa: S603  # our own program


async def main() -> None:
    """Run both in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for name, modules in IMPORTS.items():
        python = options.python if name == "SDK" else sys.executable
        print(f"import, {name:6} {import_seconds(python, modules) * 1000:7.0f} ms")
    with tempfile.TemporaryDirectory() as options.folder:
        await compare(options)


async def compare(options: argparse.Namespace) -> None:
    """Run each kind of calls through both."""
    async with running(0.02, lean=False) as env, ZohoCRM.from_env(env) as crm:
        leads = await make_leads(crm)
        for kind, title in KINDS.items():
            count = options.calls // 5 if kind == "pages" else options.calls
            found: dict[str, list[Any]] = {"client": [], "SDK": []}
            for _ in range(options.rounds):
                for name, runs in found.items():
                    before = await connections(env)
                    run = (
                        await ours(crm, kind, count, leads)
                        if name == "client"
                        else await sdk(options, env, kind, count, orjson.dumps(leads))
                    )
                    runs.append({**run, "connections": await connections(env) - before - 1})
            print(f"\n{count} {title}, {options.rounds} rounds")
            for name, runs in found.items():
                rate, cpu, refused = (
                    statistics.median(run[field] for run in runs)
                    for field in ("rate", "cpu", "refused")
                )
                opened = max(run["connections"] for run in runs)
                print(
                    f"{name:6} {rate:7.1f} calls/s {cpu * 1000:7.2f} ms CPU/call "
                    f"{opened:6.0f} connections {refused:6.0f} refused with 429"
                )


if __name__ == "__main__":
    asyncio.run(main())
