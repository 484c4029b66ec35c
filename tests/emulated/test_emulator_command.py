"""``zohocrm emulator`` and ``zohocrm demo``."""

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

import shell as shells
from shell import Shell, ended

shell = shells.shell


async def test_the_emulator_serves_what_its_environment_says(shell: Shell) -> None:
    """Its lines can be given to a shell, and its records are there.

    Its credentials are its own: what one that is gone has spent is not this one's.
    """
    shell.write("leads.csv", "Last_Name,Email", "Reed,reed@example.com")
    process = await shell.start("emulator", "--csv", "Leads=leads.csv", "--credits", "500")
    assert process.stdout is not None
    given: dict[str, str] = {}
    async with asyncio.timeout(30):
        while given.keys() != shell.org.env.keys():
            line = (await process.stdout.readline()).decode()
            assert line, (await ended(process)).err
            name, _, value = line.strip().removeprefix("export ").partition("=")
            given[name] = value.strip("'")
    shell.env |= given
    [facts] = (await shell.run("credits", "--json")).objects
    assert facts["allowance"] == 500
    process.send_signal(signal.SIGINT)
    assert (await ended(process)).code == 0


async def test_a_port_in_use_is_said(shell: Shell) -> None:
    """Exit code 2 and no traceback."""
    port = shell.org.url.rpartition(":")[2]
    ran = await shell.run("emulator", "--port", port)
    assert ran.code == 2
    assert ran.err.startswith("error: the emulator cannot start")
    assert "Traceback" not in ran.err


async def test_a_file_in_another_encoding_is_named(shell: Shell) -> None:
    """As mail run does."""
    (shell.folder / "leads.csv").write_bytes(b"Last_Name\nM\xfcller\n")
    ran = await shell.run("emulator", "--csv", "Leads=leads.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: leads.csv is not UTF-8: save it as CSV UTF-8\n"


def _numbers(line: Mapping[str, Any]) -> tuple[str, str]:
    return line["client"], line["emulator"]


async def test_the_demo_s_two_accounts_agree(shell: Shell) -> None:
    """It needs no credentials, exits 0, and both sides have counted the same."""
    shell.env = {name: v for name, v in shell.env.items() if not name.startswith("ZOHO_")}
    words = ("--mails", "60", "--merges", "30", "--latency", "0.001")
    ran = await shell.run("demo", *words, "--json")
    assert ran.code == 0
    *lines, speed = ran.objects
    by_name = {line["what"]: line for line in lines}
    assert all(line["agree"] for line in lines)
    refused = sum(int(x["client"]) for n, x in by_name.items() if n.startswith(("Ref", "Not")))
    assert int(by_name["Mails sent"]["client"]) + refused == 60
    scheduled = int(by_name["Merges done as scheduled jobs"]["client"])
    assert scheduled > 0
    assert int(by_name["Merges done at once"]["client"]) + scheduled == 30
    assert _numbers(by_name["Answers 429, too many requests"]) == ("0", "0")
    assert speed["interactive_calls"] == 10


async def test_the_demo_draws_a_table_for_a_human(shell: Shell) -> None:
    """The verdict stands below it."""
    ran = await shell.run("demo", "--mails", "2", "--merges", "1", "--latency", "0.001")
    assert ran.code == 0
    assert "Two accounts of the same work" in ran.out
    assert "The two accounts agree." in ran.out


async def test_more_than_the_demo_has_is_refused(shell: Shell) -> None:
    """The message says how many there are."""
    ran = await shell.run("demo", "--merges", "1000")
    assert ran.code == 2
    assert "merges" in ran.err
