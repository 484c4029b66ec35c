"""The command zohocrm against an emulator."""

import asyncio
import signal
from pathlib import Path

import pytest
import shell as shells
from shell import MAIL, TEXT, Shell, ended

from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import NewUnsubscribeLink

shell = shells.shell
MERGE = ("merge", "run", "groups.csv", "--module", "Leads")


async def test_apis_lists_operations_with_prices_and_our_names(shell: Shell) -> None:
    """A filter goes to the service; the table says what the operation is called here."""
    ran = await shell.run("apis", "--scope", "send_mail")
    assert ran.code == 0
    assert ran.err == ""
    [line] = [line for line in ran.out.splitlines() if "POST     /Leads/" in line]
    assert line.split() == ["POST", "/Leads/{{id}}/actions/send_mail", "20", "mail.send"]


async def test_apis_as_json_carries_everything(shell: Shell) -> None:
    """One object an operation, with its scope and both prices."""
    ran = await shell.run("apis", "--module", "custom", "--json")
    assert ran.code == 0
    found = {(o["method"], o["path"]): o for o in ran.objects}
    assert found["POST", "/crm/v7/{{module}}"] == {
        "method": "POST",
        "path": "/crm/v7/{{module}}",
        "oauth_scope": found["POST", "/crm/v7/{{module}}"]["oauth_scope"],
        "min_credits": 1,
        "max_credits": 10,
        "call": "records.create",
    }


async def test_an_unknown_filter_is_refused_by_the_service(shell: Shell) -> None:
    """Exit code 1, and the service's own reason."""
    ran = await shell.run("apis", "--scope", "no_such_scope")
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("error: apis.list: INVALID_DATA (400)")
    assert "Traceback" not in ran.err


async def test_unsubscribe_links_can_be_listed_and_deleted(shell: Shell) -> None:
    """A link goes; the Default link stays."""
    async with shell.org.client() as crm:
        made = await crm.unsubscribe_links.create(NewUnsubscribeLink(name="Spring"))
    deleted = await shell.run("unsubscribe-links", "delete", str(made.id), "--json")
    assert deleted.code == 0
    assert deleted.objects[0]["id"] == made.id
    listed = await shell.run("unsubscribe-links", "list")
    [default] = [line for line in listed.out.splitlines() if "Default" in line]
    assert "Spring" not in listed.out
    refused = await shell.run("unsubscribe-links", "delete", default.split()[0])
    assert refused.code == 1
    assert "NOT_ALLOWED" in refused.err


async def test_mail_run_sends_each_row_and_reports_every_one(shell: Shell) -> None:
    """Bad rows are refused with their reason, and the other rows go on."""
    first, second, out = *shell.leads(2), *shell.leads(1, Email_Opt_Out=True)
    shell.write(
        "rows.csv",
        "id,Email,Name",
        f"{first},one@example.com,Ann & Co",
        f"{second},not an address,Bob",
        f"{out},two@example.com,Cy",
        "12/3,three@example.com,Dee",
        f"{first},one@example.com,Ann again",
    )
    ran = await shell.run(*MAIL, *TEXT, "--json")
    assert ran.code == 1
    assert ran.err == ""
    [mail] = shell.org.mails
    assert (mail.record_id, mail.subject) == (first, "Hello Ann & Co")
    assert mail.content == "<p>Dear Ann &amp; Co</p>\n"
    assert [(o["record_id"], o["state"], o["code"]) for o in ran.objects] == [
        (first, "sent", None),
        (second, "refused", "INVALID_ADDRESS"),
        (out, "refused", "NO_PERMISSION"),
        ("12/3", "refused", "INVALID_ID"),
        (first, "skipped", "DUPLICATE"),
    ]
    assert ran.objects[0]["message_id"] == mail.message_id
    assert {"key", "record_id", "state", "message_id", "code", "message"} <= ran.objects[0].keys()


async def test_mail_run_without_json_tells_a_human(shell: Shell) -> None:
    """Sums, what failed and why, what it cost, and where the journal is."""
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Name", f"{lead},a@example.com,A", "7,b@example.com,B")
    ran = await shell.run(*MAIL, *TEXT)
    assert ran.code == 1
    words = [line.split() for line in ran.out.splitlines()]
    assert ["sent", "1"] in words
    assert ["refused", "1"] in words
    assert ["INVALID_DATA", "1"] in words
    assert "40 credits" in ran.out
    assert "Journal: rows.csv.journal" in ran.out
    assert (shell.folder / "rows.csv.journal").stat().st_mode & 0o077 == 0


async def test_mail_run_that_went_well_exits_0(shell: Shell) -> None:
    """Also with a template, an attachment, other columns and plain text."""
    [lead] = shell.leads(1)
    template = shell.org.add_email_template("Spring", subject="Spring", content="Hello")
    shell.write("rows.csv", "Lead,Address", f"{lead},a@example.com")
    shell.write("offer.txt", "an offer")
    ran = await shell.run(
        *MAIL,
        *("--template", template, "--subject", "Hello $Lead", "--attach", "offer.txt"),
        *("--id-column", "Lead", "--to-column", "Address"),
    )
    assert (ran.code, ran.err) == (0, "")
    [mail] = shell.org.mails
    assert mail.body["template"] == {"id": template}
    assert (mail.subject, mail.content) == (f"Hello {lead}", "Hello")
    assert len(mail.body["attachments"]) == 1


async def test_running_the_same_command_again_mails_nobody_twice(shell: Shell) -> None:
    """The journal of the first run stands in the way, and the error names both ways on."""
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Name", f"{lead},a@example.com,A")
    await shell.run(*MAIL, *TEXT)
    again = await shell.run(*MAIL, *TEXT)
    assert again.code == 2
    assert "rows.csv.journal exists" in again.err
    assert "--journal" in again.err
    assert len(shell.org.mails) == 1


async def test_a_budget_ends_the_job_and_says_so(shell: Shell) -> None:
    """Nothing is spent beyond it; what was not sent stays planned."""
    rows = [f"{lead},a@example.com,A" for lead in shell.leads(5)]
    shell.write("rows.csv", "id,Email,Name", *rows)
    ran = await shell.run(*MAIL, *TEXT, "--budget", "45")
    assert ran.code == 1
    assert "error: stopped early: the call may cost 20 credits" in ran.err
    assert len(shell.org.mails) == 2
    assert "ROW" not in ran.out  # nothing went wrong with the others


async def test_a_lost_answer_is_looked_up_and_reported(shell: Shell) -> None:
    """The mail was sent once, and its record shows it."""
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Name", f"{lead},a@example.com,A")
    shell.org.fail_next(Fault.CUT_AFTER, path="/Leads/.*/send_mail")
    ran = await shell.run(*MAIL, *TEXT, "--json")
    assert ran.code == 0
    assert [(o["state"], o["message_id"]) for o in ran.objects] == [
        ("sent", shell.org.mails[0].message_id)
    ]
    assert len(shell.org.mails) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupt_ends_the_job_in_good_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    """What is in flight comes to its end, and its report agrees with the emulator."""
    async with Emulator(latency=0.2) as org:
        shell = Shell(org, tmp_path)
        shell.write("hello.html", "<p>Dear $Name</p>")
        rows = [f"{lead},a@example.com,A" for lead in shell.leads(200)]
        shell.write("rows.csv", "id,Email,Name", *rows)
        process = await shell.start(*MAIL, *TEXT, "--json")
        async with asyncio.timeout(30):
            while not org.mails:  # another process sends them
                await asyncio.sleep(0.02)
        process.send_signal(number)
        ran = await ended(process)
        assert ran.code == 130
        assert "Interrupted. What was in flight has ended: " in ran.err
        assert "rows.csv.journal" in ran.err
        assert f" {len(org.mails)} sent" in ran.err
        sent = {o["message_id"] for o in ran.objects if o["state"] == "sent"}
        assert sent == {mail.message_id for mail in org.mails}
        assert 0 < len(sent) < 200


async def test_a_second_interrupt_breaks_off_what_is_in_flight_and_says_so(shell: Shell) -> None:
    """The journal knows that nobody knows."""
    shell.write("hello.html", "<p>Dear $Name</p>")
    shell.write("rows.csv", "id,Email,Name", *(f"{id_},a@example.com,A" for id_ in shell.leads(3)))
    shell.org.fail_next(Fault.SLOW, times=3, path="send_mail", seconds=60)
    process = await shell.start(*MAIL, *TEXT)
    async with asyncio.timeout(30):
        while len(shell.org.mails) < 3:  # another process sends them
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    await asyncio.sleep(0.1)  # one that comes with it is the same
    process.send_signal(signal.SIGINT)
    ran = await ended(process)
    assert ran.code == 130
    assert "Interrupted. What became of some is unknown: 3 unknown." in ran.err
    assert "Go on with: zohocrm mail resume rows.csv.journal" in ran.err


async def test_merge_run_merges_each_row_and_reports_every_one(shell: Shell) -> None:
    """Immediate and scheduled merges end as merged; bad rows are refused."""
    ids = shell.leads(6)
    shell.org.related_records["Leads", ids[3]] = 1_500
    shell.write(
        "groups.csv",
        "master,children",
        f"{ids[0]},{ids[1]}",
        f"{ids[2]},{ids[3]}",
        f"{ids[4]},1 2 3",
        f"{ids[5]},{ids[0]}",
    )
    process = await shell.start(*MERGE, "--json")
    async with asyncio.timeout(30):
        while not any(m.scheduled for m in shell.org.merges):  # as above
            await asyncio.sleep(0.02)
    shell.org.advance(minutes=5)
    ran = await ended(process)
    assert ran.code == 1
    assert [(o["record_id"], o["state"], o["code"]) for o in ran.objects] == [
        (ids[0], "merged", None),
        (ids[2], "merged", None),
        (ids[4], "refused", "INVALID_DATA"),
        (ids[5], "refused", "RECORD_IN_TWO_GROUPS"),
    ]
    assert shell.org.record("Leads", ids[1]) is None
    assert shell.org.record("Leads", ids[3]) is None


async def test_a_code_becomes_the_line_that_completes_the_environment(shell: Shell) -> None:
    """Once: the second time it is refused, and no secret is shown."""
    code = shell.org.grant_code().code
    del shell.env["ZOHO_REFRESH_TOKEN"]
    ran = await shell.run("token", code)
    assert ran.code == 0
    name, _, refresh_token = ran.out.strip().removeprefix("export ").partition("=")
    assert name == "ZOHO_REFRESH_TOKEN"
    again = await shell.run("token", code)
    assert (again.code, again.out) == (2, "")
    assert "invalid_code" in again.err
    assert code not in again.err
    shell.env[name] = refresh_token
    assert (await shell.run("credits")).code == 0


async def test_missing_variables_are_named(shell: Shell) -> None:
    """Exit code 2 and one line."""
    del shell.env["ZOHO_CLIENT_ID"], shell.env["ZOHO_REFRESH_TOKEN"]
    ran = await shell.run("credits")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ZOHO_CLIENT_ID, ZOHO_REFRESH_TOKEN not set")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("ZOHO_CLIENT_SECRET", "wrong"), ("ZOHO_REFRESH_TOKEN", "1000.wrong")],
)
async def test_wrong_credentials_are_said_to_be(shell: Shell, name: str, value: str) -> None:
    """Exit code 2; no secret is printed; no journal is left that would hinder the next try."""
    shell.env[name] = value
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Name", f"{lead},a@example.com,A")
    ran = await shell.run(*MAIL, *TEXT)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert shell.org.env["ZOHO_REFRESH_TOKEN"] not in ran.err
    assert value not in ran.err.replace("wrong data centre", "")
    assert not (shell.folder / "rows.csv.journal").exists()


async def test_an_unreachable_host_is_named(shell: Shell) -> None:
    """Exit code 1: nothing is wrong with the command."""
    shell.env |= {"ZOHO_ACCOUNTS_URL": "http://127.0.0.1:9", "ZOHO_API_URL": "http://127.0.0.1:9"}
    ran = await shell.run("credits")
    assert ran.code == 1
    assert "error: 127.0.0.1 was not reached" in ran.err
    assert "Traceback" not in ran.err


async def test_missing_columns_are_named_before_anything_is_sent(shell: Shell) -> None:
    """Exit code 2, with the columns there are; no journal is left."""
    shell.write("rows.csv", "Record,Mail", "1,a@example.com")
    ran = await shell.run(*MAIL, *TEXT)
    assert ran.code == 2
    assert "no column 'id'" in ran.err
    assert "no column 'Email'" in ran.err
    assert "Record, Mail" in ran.err
    assert shell.org.mails == ()
    assert not (shell.folder / "rows.csv.journal").exists()


async def test_a_text_that_asks_for_a_column_that_is_not_there_refuses_no_row(
    shell: Shell,
) -> None:
    """It is a slip of the pen: no journal is left that would hinder the next try."""
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Nmae", f"{lead},a@example.com,A")
    ran = await shell.run(*MAIL, *TEXT)
    assert (ran.code, ran.out) == (2, "")
    assert "no column 'Name'; it has: id, Email, Nmae" in ran.err
    assert "write $$Name" in ran.err
    assert not (shell.folder / "rows.csv.journal").exists()


async def test_an_unknown_module_is_refused_before_anything_is_sent(shell: Shell) -> None:
    """One error, and not one for each row; no journal is left."""
    shell.write("rows.csv", "id,Email,Name", "1,a@example.com,A", "2,b@example.com,B")
    words = [word if word != "Leads" else "Leeds" for word in MAIL]
    ran = await shell.run(*words, *TEXT)
    assert ran.code == 1
    assert "INVALID_MODULE" in ran.err
    assert not (shell.folder / "rows.csv.journal").exists()


async def test_a_sender_that_is_not_allowed_costs_no_mail(shell: Shell) -> None:
    """It is checked for 1 credit before 20 are lost with each row."""
    [lead] = shell.leads(1)
    shell.write("rows.csv", "id,Email,Name", f"{lead},a@example.com,A")
    words = [word if word != "crm@example.com" else "me@example.com" for word in MAIL]
    ran = await shell.run(*words, *TEXT)
    assert ran.code == 2
    assert "--from me@example.com" in ran.err
    assert "crm@example.com" in ran.err


async def test_commands_share_their_access_token(shell: Shell) -> None:
    """A script of many commands stays within ten tokens in ten minutes."""
    for _ in range(2):
        process = await shell.start("unsubscribe-links", "list")
        assert (await ended(process)).code == 0
    assert (await shell.run("unsubscribe-links", "list")).code == 0
    assert shell.org.tokens_minted == 1
    kept = shell.folder / "cache" / "zohocrm" / "tokens.json"
    assert kept.stat().st_mode & 0o077 == 0
