"""zohocrm_async.cli.emulated: an emulator in a process of its own."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import pytest

from zohocrm_async.cli.emulated import emulator_process
from zohocrm_async.exceptions import ConfigurationError


async def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_it_is_there_inside_the_block_and_gone_after() -> None:
    """Also when the block ends in an error."""
    with contextlib.suppress(ZeroDivisionError):
        async with emulator_process("--credits", "500") as facts:
            assert facts["env"]["ZOHO_CREDITS"] == "500"
            assert await _listens(facts["url"])
            raise ZeroDivisionError
    assert not await _listens(facts["url"])


async def test_one_that_cannot_start_is_said_to_be() -> None:
    """What it says itself is on stderr already."""
    with pytest.raises(ConfigurationError, match="did not start"):
        async with emulator_process("--csv", "Leads=/no/such/file.csv"):
            pytest.fail("it started")
