"""``zohocrm mail resume``, ``retry`` and ``report`` against an emulator."""

import asyncio
import signal
from pathlib import Path

import pytest
import shell as shells
from shell import Shell, ended

from zohocrm_async.emulator import Emulator, Fault

MAIL = ("mail", "run", "rows.csv", "--module", "Leads", "--from", "crm@example.com")
TEXT = ("--subject", "Hello $Name", "--content", "hello.html")
JOURNAL = "rows.csv.journal"


shell = shells.shell


def write_rows(shell: Shell, count: int) -> tuple[str, ...]:
    leads = shell.leads(count)
    rows = [f"{lead},p{n}@example.com,Person {n}" for n, lead in enumerate(leads)]
    shell.write("rows.csv", "id,Email,Name", *rows)
    return leads


async def test_a_stopped_job_says_how_to_go_on_and_goes_on(shell: Shell) -> None:
    """The journal alone is enough: it knows the input and all options."""
    write_rows(shell, 6)
    ran = await shell.run(*MAIL, *TEXT, "--budget", "45")
    assert ran.code == 1
    assert f"Go on with: zohocrm mail resume {JOURNAL}" in ran.err
    again = await shell.run("mail", "resume", JOURNAL, "--json")
    assert (again.code, again.err) == (0, "")
    assert [o["state"] for o in again.objects] == ["sent"] * 6
    assert len({mail.record_id for mail in shell.org.mails}) == len(shell.org.mails) == 6


async def test_an_interrupted_job_goes_on(tmp_path: Path) -> None:
    """After Ctrl-C the way on is named, and nobody is mailed twice; not before it has ended."""
    async with Emulator(latency=0.1) as org:
        shell = Shell(org, tmp_path)
        shell.write("hello.html", "<p>Dear $Name</p>")
        write_rows(shell, 100)
        process = await shell.start(*MAIL, *TEXT)
        async with asyncio.timeout(30):
            while not org.mails:  # another process sends them
                await asyncio.sleep(0.02)
        second = await shell.run("mail", "resume", JOURNAL)
        assert (second.code, "is in use by another run" in second.err) == (2, True)
        process.send_signal(signal.SIGINT)
        ran = await ended(process)
        assert (ran.code, "Go on with: zohocrm mail resume" in ran.err) == (130, True)
        assert len(org.mails) < 100
        again = await shell.run("mail", "resume", JOURNAL)
        assert again.code == 0
        assert len({mail.record_id for mail in org.mails}) == len(org.mails) == 100


@pytest.mark.parametrize("words", [("resume",), ("retry", "--refused", "NOT_ALLOWED"), ("report",)])
async def test_a_journal_is_of_one_kind_of_job(shell: Shell, words: tuple[str, ...]) -> None:
    """Whoever asks for a merge is told that it is a job of mails, and nothing is sent."""
    write_rows(shell, 2)
    await shell.run(*MAIL, *TEXT, "--budget", "20")
    ran = await shell.run("merge", *words, JOURNAL)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: {JOURNAL} is of a mail job: zohocrm mail {words[0]} {JOURNAL}\n"
    assert len(shell.org.mails) == 1


async def test_an_input_without_rows_is_said_to_be(shell: Shell) -> None:
    """Nothing to do is nothing wrong."""
    write_rows(shell, 0)
    ran = await shell.run(*MAIL, *TEXT)
    assert ran.code == 0
    assert ran.out.startswith("The input has no rows.\n")


async def test_a_changed_or_missing_input_is_refused(shell: Shell) -> None:
    """Each error says the way out."""
    write_rows(shell, 3)
    await shell.run(*MAIL, *TEXT, "--budget", "20")
    (shell.folder / "rows.csv").rename(shell.folder / "moved.csv")
    missing = await shell.run("mail", "resume", JOURNAL)
    assert (missing.code, "say by --rows" in missing.err) == (2, True)
    shell.write("other.csv", "id,Email,Name", "1,a@example.com,A")
    changed = await shell.run("mail", "resume", JOURNAL, "--rows", "other.csv")
    assert (changed.code, "another input" in changed.err) == (2, True)
    moved = await shell.run("mail", "resume", JOURNAL, "--rows", "moved.csv")
    assert moved.code == 0
    assert len(shell.org.mails) == 3


async def test_refusals_are_tried_again_by_their_code(shell: Shell) -> None:
    """Once their reason is gone."""
    leads = write_rows(shell, 3)
    shell.org.state.locked.add(("Leads", leads[0]))
    ran = await shell.run(*MAIL, *TEXT)
    assert "RECORD_LOCKED" in ran.out
    shell.org.state.locked.clear()
    again = await shell.run("mail", "retry", JOURNAL, "--refused", "RECORD_LOCKED")
    assert again.code == 0
    none = await shell.run("mail", "retry", JOURNAL, "--refused", "RECORD_LOCKED")
    assert (none.code, "no item was refused" in none.err) == (2, True)
    assert len(shell.org.mails) == 3


async def test_what_is_unknown_is_listed_and_sent_again_only_on_demand(shell: Shell) -> None:
    """With its record and its time."""
    [lead] = write_rows(shell, 1)
    shell.org.fail_next(Fault.CUT_BEFORE, path="send_mail")
    ran = await shell.run(*MAIL, *TEXT)
    assert ran.code == 1
    assert lead in ran.out
    assert "CONNECTION_FAILED" in ran.out
    resumed = await shell.run("mail", "resume", JOURNAL, "--grace", "0")
    assert (resumed.code, "ABSENT" in resumed.out) == (1, True)
    assert shell.org.mails == ()
    again = await shell.run("mail", "resume", JOURNAL, "--grace", "0", "--resend-absent")
    assert again.code == 0
    assert len(shell.org.mails) == 1


@pytest.mark.parametrize(
    ("word", "first"),
    [("--json", '{"key"'), ("--csv", "key,record_id,"), ("--table", "     ROW  RECORD")],
)
async def test_a_report_asks_nothing_of_the_service(shell: Shell, word: str, first: str) -> None:
    """It can be read at any time, by humans and by programs."""
    write_rows(shell, 3)
    await shell.run(*MAIL, *TEXT)
    shell.org.clear_calls()
    table = await shell.run("mail", "report", JOURNAL)
    assert ["sent", "3"] in [line.split() for line in table.out.splitlines()]
    assert "60 credits" in table.out
    lines = await shell.run("mail", "report", JOURNAL, word)
    assert lines.out.startswith(first)
    assert lines.out.count("sent") == 3
    both = await shell.run("mail", "report", JOURNAL, "--json", "--csv")
    assert (both.code, "give one of --json, --csv" in both.err) == (2, True)
    none = await shell.run("mail", "report", "none.journal")
    assert (none.code, "there is no journal" in none.err) == (2, True)
    assert shell.org.calls == ()
