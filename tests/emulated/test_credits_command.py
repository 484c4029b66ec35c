"""``zohocrm credits`` against an emulator: once, and as it changes."""

import asyncio
import json
import signal

import pytest
import shell as shells
from shell import MAIL, TEXT, Shell, ended

from benchmarks.redis_server import Server
from zohocrm_async import ZohoCRM
from zohocrm_async.cli.credits import _watch
from zohocrm_async.emulator import Emulator
from zohocrm_async.redis import RedisFleet

shell = shells.shell


async def test_credits_shows_limits_and_says_what_it_cost(shell: Shell) -> None:
    """The cost it names is the cost in the emulator's books."""
    ran = await shell.run("credits")
    assert ran.code == 0
    assert "75,000" in ran.out
    assert f"This command spent {shell.org.credits_used} credits." in ran.out


async def test_credits_as_json(shell: Shell) -> None:
    """One object with numbers."""
    ran = await shell.run("credits", "--json")
    [facts] = ran.objects
    assert facts["allowance"] == shell.org.limits.credits
    assert facts["concurrency"] == shell.org.limits.concurrency
    assert facts["spent_by_this_command"] == shell.org.credits_used == facts["used"]


async def test_the_day_s_mails_are_told_whoever_sets_the_limits(shell: Shell) -> None:
    """The environment says nothing of them, and the organisation is asked anyway."""
    asked = await shell.run("credits")
    shell.env |= {"ZOHO_CREDITS": "1000", "ZOHO_CONCURRENCY": "2"}
    ran = await shell.run("credits")
    [line] = [line.split() for line in ran.out.splitlines() if "day's mails" in line]
    [known] = [line.split() for line in asked.out.splitlines() if "day's mails" in line]
    assert line == known
    [facts] = (await shell.run("credits", "--json")).objects
    assert facts["windows"]["mails"] == {"limit": 7_500, "used": 0}, "300 for each of 25 users"


async def test_credits_shows_a_window_that_is_spent(shell: Shell) -> None:
    """When it is wanted most; what only the organisation could tell is left out."""
    async with Emulator(credits=2) as org:
        shell.env |= org.env
        assert (await shell.run("credits", "--json")).code == 0
        ran = await shell.run("credits")
        assert (ran.code, ran.err) == (0, "")
        words = [" ".join(line.split()) for line in ran.out.splitlines()]
        assert "Free, at most 0" in words
        assert not any("Edition" in line for line in words)
        assert "This command spent 0 credits." in words
        [facts] = (await shell.run("credits", "--json")).objects
        assert (facts["used"], facts["edition"]) == (2, None)
        assert org.credits_used == 2


async def test_what_is_kept_for_people_pays_for_a_question(shell: Shell) -> None:
    """A job leaves the floor alone; a command that somebody waits for may use it."""
    leads = shell.leads(5)
    shell.write("rows.csv", "id,Email,Name", *(f"{lead},a@example.com,A" for lead in leads))
    async with Emulator(credits=100) as org:
        shell.env |= {**org.env, "ZOHO_FLOOR": "50"}
        plan = await shell.run("mail", "plan", *MAIL[2:], *TEXT)
        assert " of 50" in plan.out
        shell.env["ZOHO_FLOOR"] = "100"
        refused = await shell.run(*MAIL, *TEXT)
        assert (refused.code, "less the floor" in refused.err) == (1, True)
        [facts] = (await shell.run("credits", "--json")).objects
        assert facts["edition"] == "enterprise"
        assert (await shell.run("apis", "--json")).code == 0


async def test_credits_can_be_watched(shell: Shell) -> None:
    """A line at once, and no credit more than without watching, until it is interrupted."""
    process = await shell.start("credits", "--watch", "--json")
    assert process.stdout is not None
    facts = json.loads(await process.stdout.readline())
    assert facts["concurrency"] == facts["concurrency_in_force"] == shell.org.limits.concurrency
    assert facts["spent_by_this_command"] == shell.org.credits_used
    process.send_signal(signal.SIGINT)
    ran = await ended(process)
    assert ran.code == 130


async def test_the_credits_of_a_fleet_can_be_watched(shell: Shell, server: Server) -> None:
    """Those that processes of a service share in Redis: what they spend is seen."""
    org, fleet = shell.org, RedisFleet(server.url, lease=1.0)

    def service() -> ZohoCRM:
        return ZohoCRM(
            org.credentials,
            data_center=org.data_center,
            limits=org.limits,
            token_store=fleet.token_store(),
            ledger=fleet.ledger("watched"),
            slots=fleet.slots("watched"),
            mails=fleet.mails("watched"),
        )

    async with service() as crm:
        await crm.organization.get()
    where = ("--redis", server.url, "--organisation", "watched")
    process = await shell.start("credits", "--watch", "--json", *where)
    assert process.stdout is not None
    facts = json.loads(await process.stdout.readline())
    spent = facts["spent_by_this_command"]
    async with service() as crm:
        await asyncio.gather(*(crm.organization.get() for _ in range(5)))
    async with asyncio.timeout(10):
        while facts["used"] < org.credits_used:
            facts = json.loads(await process.stdout.readline())
    assert (facts["used"], facts["spent_by_this_command"]) == (org.credits_used, spent)
    process.send_signal(signal.SIGINT)
    assert (await ended(process)).code == 130
    assert org.tokens_minted == 1
    ran = await shell.run("credits", "--organisation", "watched")
    assert (ran.code, "--redis" in ran.err) == (2, True)


async def test_whoever_watches_without_a_terminal_gets_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One for each change, and none without."""
    async with Emulator() as org, org.client() as crm:
        organization = await crm.organization.get()
        watching = asyncio.create_task(_watch(crm, organization, as_json=False))
        for calls in (0, 0, 3, 0):
            for _ in range(calls):
                await crm.organization.get()
            org.advance(1)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        watching.cancel()
        await asyncio.wait((watching,))
    first, second = capsys.readouterr().out.splitlines()
    assert "UTC: 2 of 75,000 credits used, 0 of them by others, 0 held for calls" in first
    assert "UTC: 5 of 75,000 credits used" in second


async def test_credits_spent_by_others_show_once_half_is_gone(shell: Shell) -> None:
    """From there on the service tells what is left, and the command says it."""
    shell.org.spend(40_000)
    [facts] = (await shell.run("credits", "--json")).objects
    assert facts["used_by_others"] == 40_000
    assert facts["remaining"] == shell.org.credits_remaining
