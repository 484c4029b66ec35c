"""Token stores: kept, private, whole, and one refresh among all processes."""

import asyncio
import contextlib
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from zohocrm_async.auth import FileTokenStore, MemoryTokenStore, Token, TokenStore, stores
from zohocrm_async.exceptions import ConfigurationError

TOKEN = Token(
    access_token="1000.t",
    expires_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    api_domain="https://www.zohoapis.eu",
    refresh_token="r",
    scope="a b",
)
PROCESSES = 4
ROUNDS = 5


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    """Both stores keep the same promises."""
    return MemoryTokenStore() if request.param == "memory" else FileTokenStore(tmp_path / "t" / "f")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def listing(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_store_keeps_tokens_apart_and_forgets(store: TokenStore) -> None:
    """Each key has a token of its own; a deleted one is gone, deleting twice is fine."""
    other = evolve(TOKEN, access_token="1000.other", refresh_token=None)
    assert await store.load("one") is None
    await store.save("one", TOKEN)
    await store.save("two", other)
    assert await store.load("one") == TOKEN
    assert await store.load("two") == other
    await store.save("one", other)
    assert await store.load("one") == other
    await store.delete("one")
    await store.delete("one")
    assert await store.load("one") is None
    assert await store.load("two") == other


async def test_lock_is_held_by_one_at_a_time(store: TokenStore) -> None:
    """Of many who want the lock of one key, one has it."""
    inside = 0

    async def enter() -> None:
        nonlocal inside
        async with store.lock("key"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(5)))


async def test_lock_is_freed_by_an_error(store: TokenStore) -> None:
    """Who fails inside leaves the lock to the next."""
    with pytest.raises(RuntimeError, match="inside"):
        async with store.lock("key"):
            raise RuntimeError("inside")
    async with asyncio.timeout(5), store.lock("key"):
        pass


async def test_cancelled_waiter_leaves_the_lock_to_others(store: TokenStore) -> None:
    """A cancelled waiter takes no lock along, in whatever tick it is cancelled."""

    async def wait() -> None:
        async with store.lock("key"):
            pass

    for ticks in range(20):
        waiter = asyncio.create_task(wait())
        for _ in range(ticks):
            await asyncio.sleep(0)
        waiter.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiter
    async with asyncio.timeout(5), store.lock("key"):
        pass


async def test_a_process_that_hangs_does_not_hold_up_the_others_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told what is wrong."""
    monkeypatch.setattr(stores, "_MOST_POLLS", 2)
    store = FileTokenStore(tmp_path / "f")
    async with store.lock("key"):
        with pytest.raises(ConfigurationError, match="end the process that hangs"):
            async with asyncio.timeout(5), FileTokenStore(tmp_path / "f").lock("key"):
                raise AssertionError("two have it")
    async with asyncio.timeout(5), store.lock("key"):
        pass


async def test_locks_of_different_keys_are_independent() -> None:
    """The refresh of one organisation holds up no other."""
    store = MemoryTokenStore()
    async with store.lock("one"), asyncio.timeout(5), store.lock("two"):
        pass


async def test_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """File, folder and lock files are private from the start, whatever the umask."""
    folder = tmp_path / "private"
    old = os.umask(0)
    try:
        store = FileTokenStore(folder / "tokens.json")
        async with store.lock("key"):
            await store.save("key", TOKEN)
    finally:
        os.umask(old)
    assert mode(folder) == 0o700
    names = sorted(path.name for path in folder.iterdir())
    assert "tokens.json" in names
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert not [name for name in names if name.endswith((".tmp", "~"))]


async def test_file_is_never_half_written(tmp_path: Path) -> None:
    """Who reads while others write finds a whole file each time."""
    store = FileTokenStore(tmp_path / "tokens.json")
    await store.save("key", TOKEN)
    done = threading.Event()

    async def read_on() -> int:
        reads = 0
        while not done.is_set():
            assert await store.load("key") is not None
            reads += 1
        return reads

    reader = asyncio.create_task(read_on())
    for number in range(20):
        await store.save("key", evolve(TOKEN, scope="x" * 1000 * number))
    done.set()
    assert await reader > 0


async def test_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails costs neither the old tokens nor leaves pieces behind."""
    store = FileTokenStore(tmp_path / "tokens.json")
    await store.save("key", TOKEN)
    before = listing(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match=r"tokens\.json.*No space left"):
            await store.save("key", evolve(TOKEN, scope="new"))
    assert await store.load("key") == TOKEN
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"key": 5}', b'{"key": {"access_token": "a"}}', b"\xff"]
)
async def test_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    """A damaged file is named with the way out, and not overwritten."""
    path = tmp_path / "tokens.json"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"tokens\.json is damaged; remove it"):
        await FileTokenStore(path).load("key")
    assert path.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
async def test_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """A file that others can read may hold a stolen or planted token."""
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    await store.save("key", TOKEN)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        await store.load("key")


async def test_path_that_cannot_be_a_file_is_named(tmp_path: Path) -> None:
    """A folder in the file's place, or a file in the folder's, is a wrong setting."""
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "file").touch(mode=0o600)
    for path in (tmp_path / "folder", tmp_path / "file" / "tokens.json"):
        store = FileTokenStore(path)
        with pytest.raises(ConfigurationError, match=str(path)):
            await store.save("key", TOKEN)
    with pytest.raises(ConfigurationError, match=str(path)):
        async with store.lock("key"):
            pass


REFRESHER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from attrs import evolve
from zohocrm_async.auth import FileTokenStore, Token

async def main(folder, rounds):
    store = FileTokenStore(folder / "tokens.json")
    for _ in range(rounds):
        async with store.lock("shared"):
            (folder / "inside").touch(exist_ok=False)
            held = await store.load("shared")
            await store.save("shared", evolve(held, scope=str(int(held.scope) + 1)))
            (folder / "inside").unlink()
        await store.save(f"own-{sys.argv[3]}", held)

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


async def test_processes_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    """Of several processes one refreshes at a time, and all their tokens are kept."""
    store = FileTokenStore(tmp_path / "tokens.json")
    await store.save("shared", evolve(TOKEN, scope="0"))
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            REFRESHER,
            str(tmp_path),
            str(ROUNDS),
            str(number),
            stderr=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    for process in processes:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    held = await store.load("shared")
    assert held is not None
    assert held.scope == str(PROCESSES * ROUNDS)
    for number in range(PROCESSES):
        assert await store.load(f"own-{number}") is not None


HOLDER = """
import asyncio, sys
from zohocrm_async.auth import FileTokenStore

async def main(path):
    async with FileTokenStore(path).lock("key"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


async def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """A process that dies in a refresh blocks nobody."""
    path = tmp_path / "tokens.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"

    async def take() -> None:
        async with FileTokenStore(path).lock("key"):
            pass

    taking = asyncio.create_task(take())
    await asyncio.wait((taking,), timeout=0.1)
    assert not taking.done()
    process.kill()
    await process.communicate()
    async with asyncio.timeout(5):
        await taking


async def test_time_zone_survives_the_file(tmp_path: Path) -> None:
    """An expiry in any zone is the same instant after a round through the file."""
    store = FileTokenStore(tmp_path / "tokens.json")
    local = TOKEN.expires_at.astimezone(tz=None) + timedelta(microseconds=5)
    await store.save("key", evolve(TOKEN, expires_at=local))
    loaded = await store.load("key")
    assert loaded is not None
    assert loaded.expires_at == local
