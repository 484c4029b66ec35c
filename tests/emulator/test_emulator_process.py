"""The emulator as a process of its own starts, says where, and ends when told."""

import asyncio
import gc
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import aiohttp
import orjson
import pytest

from zohocrm_async.emulator import Emulator, demo_leads, serve
from zohocrm_async.emulator.process import main, short_collections


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_one_line_says_all_that_another_process_needs(
    number: signal.Signals, tmp_path: Path
) -> None:
    """And a signal ends it in good order."""
    path = tmp_path / "leads.csv"
    path.write_text("Last_Name,Email\nStone,stone@example.com\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "zohocrm_async.emulator", "--port", "0", "--credits", "77"),
        *("--csv", f"Leads={path}"),
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdout is not None
    said = orjson.loads(await process.stdout.readline())
    assert said["env"]["ZOHO_CREDITS"] == "77"
    form = {
        "grant_type": "refresh_token",
        **{key: said[key] for key in ("client_id", "client_secret", "refresh_token")},
    }
    async with aiohttp.ClientSession(said["url"]) as session:
        async with session.post("/oauth/v2/token", data=form) as answer:
            token = (await answer.json(content_type=None))["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        async with session.get("/crm/v7/Leads/actions/count", headers=headers) as answer:
            assert await answer.json(content_type=None) == {"count": 1}
        process.send_signal(number)
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_serving_ends_when_cancelled() -> None:
    """The port is free again."""
    ready: asyncio.Future[Emulator] = asyncio.get_running_loop().create_future()
    files: list[tuple[str, str | Path]] = [("Leads", "demo"), ("Contacts", demo_leads())]
    task = asyncio.create_task(serve(csv=files, ready=ready.set_result, credits=5))
    org = await ready
    assert len(org.records("Leads")) == len(org.records("Contacts")) == 2_000
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(org.url)


def test_what_a_full_collection_found_in_use_is_not_gone_through_again() -> None:
    """So that each stops the process for what is new alone; afterwards all is as before."""
    before = gc.get_threshold(), gc.callbacks[:]
    with short_collections():
        kept = [[number] for number in range(1_000)]
        gc.collect()
        assert not any(one is kept[0] for one in gc.get_objects())
        assert gc.get_threshold()[2] < before[0][2]
    assert (gc.get_threshold(), gc.callbacks) == before


@pytest.mark.parametrize(
    "arguments", [["--csv", "leads.csv"], ["--edition", "golden"], ["--port", "x"]]
)
def test_wrong_arguments_are_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with status 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[1] in capsys.readouterr().err
