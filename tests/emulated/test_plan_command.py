"""The command zohocrm mail plan against an emulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from shell import Shell

from zohocrm_async import Edition
from zohocrm_async.emulator import Emulator

PLAN = (
    "mail", "plan", "rows.csv", "--module", "Leads", "--from", "crm@example.com",
    "--subject", "Hello $Name", "--content", "hello.html",
)  # fmt: skip


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with Emulator(edition=Edition.FREE, users=1) as org:
        shell = Shell(org, tmp_path)
        shell.write("hello.html", "<p>Dear $Name</p>")
        yield shell


async def test_mail_plan_as_json_says_everything(shell: Shell) -> None:
    """Costs, time and every kind of refusal, in one object; nothing is sent."""
    ids = shell.leads(60)
    rows = [f"{id_},a@example.com,A" for id_ in ids]
    shell.write("rows.csv", "id,Email,Name", *rows, rows[0], "x,a@example.com,A", f"{ids[0]},no,A")
    ran = await shell.run(*PLAN, "--json")
    assert ran.code == 0, ran.err
    [plan] = ran.objects
    assert (plan["items"], plan["planned"], plan["calls"], plan["duplicates"]) == (63, 60, 60, 2)
    assert (plan["refused"], plan["skipped"]) == ({"INVALID_ID": 1}, {"DUPLICATE": 2})
    assert (plan["credits_min"], plan["credits_max"]) == (1_200, 1_200)
    assert plan["daily_mails"] == 50
    assert [part["calls"] for part in plan["parts"]] == [50, 10]
    assert plan["parts"][1]["waits_for"] == "mails"
    assert shell.org.mails == ()
    assert shell.org.credits_used <= 5
    assert not (shell.folder / "rows.csv.journal").exists()


async def test_mail_plan_tells_a_human(shell: Shell) -> None:
    """Sums, parts, and the rows to correct."""
    ids = shell.leads(55)
    rows = [f"{id_},a@example.com,A" for id_ in ids]
    shell.write("rows.csv", "id,Email,Name", *rows, "x,a@example.com,A")
    ran = await shell.run(*PLAN, "--seconds-per-call", "3")
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert "Mails in the input 56 to be tried 55 refused before any call: INVALID_ID 1" in words
    assert "Calls 55 Credits 1,100" in words
    assert "Mails of the organisation's day, by its edition 50" in words
    assert "the next day's mails" in words
    assert "56 x refused INVALID_ID" in words
    assert "by POST /Leads/{{id}}/actions/send_mail" in words


async def test_a_plan_names_what_would_fail_every_mail(shell: Shell) -> None:
    """A sender that is not allowed, a missing column, no content."""
    shell.write("rows.csv", "id,Email,Name", "1,a@example.com,A")
    ran = await shell.run(*PLAN, "--from", "boss@example.com")
    assert (ran.code, ran.out) == (2, "")
    assert "boss@example.com" in ran.err
    ran = await shell.run(*PLAN, "--to-column", "Mail")
    assert ran.code == 2
    assert "no column 'Mail'" in ran.err
    ran = await shell.run(*PLAN[:7], "--json")
    assert ran.code == 2
    assert "--content" in ran.err
