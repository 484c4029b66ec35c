"""The server that a fleet meets on: what is wrong with it is said, and no secret is."""

import asyncio

import pytest
from members import until

from benchmarks.redis_server import Server, free_port
from zohocrm_async import exceptions as errors
from zohocrm_async.redis import RedisFleet

SECRET = "s3cret"


def guarded() -> Server:
    return Server("--requirepass", SECRET)


async def test_a_wrong_password_is_named_and_not_shown() -> None:
    with guarded() as server:
        url = server.url.replace("://", "://:wrong-one@")
        with pytest.raises(errors.ConfigurationError, match="password") as caught:
            async with RedisFleet(url):
                pass
    assert str(server.port) in str(caught.value)
    assert "wrong-one" not in str(caught.value)


async def test_the_right_one_lets_us_in() -> None:
    with guarded() as server:
        async with RedisFleet(server.url.replace("://", f"://:{SECRET}@")) as fleet:
            assert await fleet.ask("PING") in {b"PONG", True}
            assert SECRET not in repr(fleet)


async def test_a_server_that_evicts_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with Server("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru") as server:
        async with RedisFleet(server.url):
            pass
    assert "allkeys-lru" in caplog.text
    assert "noeviction" in caplog.text


async def test_one_that_does_not_is_fine(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with RedisFleet(server.url):
        pass
    assert not caplog.text


async def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()
    with pytest.raises(errors.FleetError, match=str(port)):
        async with RedisFleet(f"redis://:{SECRET}@127.0.0.1:{port}/0"):
            pass


@pytest.mark.parametrize(
    ("grants", "lacking"),
    [
        (("~*", "&*", "-@scripting"), "script"),
        (("~other:*", "&*"), "key"),
        (("~zohocrm:*", "&other:*"), "channel"),
        (("~zohocrm:*", "&zohocrm:*", "-info"), "info"),
    ],
)
async def test_a_user_who_lacks_a_permission(
    server: Server, grants: tuple[str, ...], lacking: str
) -> None:
    """At the opening, though it were missed much later."""
    async with RedisFleet(server.url) as fleet:
        await fleet.ask(
            "ACL", "SETUSER", lacking, "reset", "resetchannels", "on", ">pass", "+@all", *grants
        )
    url = server.url.replace("://", f"://{lacking}:pass@")
    organisation = RedisFleet(url).ledger("acme")
    with pytest.raises(errors.ConfigurationError, match=lacking):
        await organisation.open()
    async with RedisFleet(server.url) as fleet:
        grants = ("+@all", "~zohocrm:*", "&zohocrm:*")
        await fleet.ask("ACL", "SETUSER", lacking, "reset", "resetchannels", "on", ">pass", *grants)
    await organisation.open()
    await organisation.close()


async def test_many_commands_at_once_wait_for_connections(server: Server) -> None:
    """A process that is slow at it does not take the server for away."""
    async with RedisFleet(server.url, lease=0.2) as fleet:
        await asyncio.gather(*(fleet.ask("BLPOP", "nothing", "0.1") for _ in range(32)))


@pytest.mark.parametrize(
    "url",
    [
        *("", "127.0.0.1:6379", "https://example.com", "redis://h:port/0"),
        *("redis://h:6379/0?lease=3", "redis://h:6379/0?db=one"),
    ],
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="url"):
        RedisFleet(url)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [({"lease": 0}, "lease"), ({"away_share": 0}, "share"), ({"away_share": 2}, "share")],
)
def test_settings_that_make_no_sense(wrong: dict[str, float], name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=name):
        RedisFleet("redis://127.0.0.1", **wrong)  # type: ignore[arg-type]  # by name


async def test_it_may_be_opened_again(server: Server) -> None:
    fleet = RedisFleet(server.url)
    for _ in range(3):
        async with fleet:
            await fleet.ask("PING")


async def test_scripts_are_found_again(server: Server) -> None:
    """A server that was restarted, or told to, has forgotten them."""
    async with RedisFleet(server.url, prefix=server.prefix) as fleet:
        ledger = fleet.ledger("acme")
        await ledger.open()
        await fleet.ask("SCRIPT", "FLUSH")
        await ledger.close()
        assert await fleet.ask("EXISTS", fleet.key("acme", "books")) == 1


async def test_words_of_strangers_are_passed_over(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with RedisFleet(server.url, prefix=server.prefix) as fleet:

        async def heard() -> int:
            return int(await fleet.ask("PUBLISH", fleet.channel, "what?"))

        heard_by = 0
        async with asyncio.timeout(5):
            while not heard_by:
                heard_by = await heard()
        await until(lambda: "not ours" in caplog.text)
