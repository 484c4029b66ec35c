"""The command zohocrm export against an emulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from shell import Shell

from zohocrm_async.emulator import Emulator


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with Emulator() as org:
        yield Shell(org, tmp_path)


async def test_it_writes_a_file_that_mail_run_takes(shell: Shell) -> None:
    """Ids and the fields, in the order asked for; the route and the price are said."""
    ids = shell.leads(3, First_Name="Ann, or Anne")
    before = shell.org.credits_used
    ran = await shell.run("export", "Leads", "--fields", "Email, First_Name", "-o", "rows.csv")
    assert (ran.code, ran.out) == (0, "")
    assert "3 records by pages, the cheapest: 1 credit " in ran.err
    assert f"3 records, {shell.org.credits_used - before} credits." in ran.err
    lines = (shell.folder / "rows.csv").read_text().splitlines()
    assert lines[0] == "id,Email,First_Name"
    assert sorted(lines[1:]) == [
        f'{id_},reed{n}@example.com,"Ann, or Anne"' for n, id_ in enumerate(ids)
    ]

    shell.write("hello.txt", "Hello $First_Name")
    words = ("--module", "Leads", "--from", "crm@example.com", "--subject", "Hi")
    sent = await shell.run("mail", "run", "rows.csv", *words, "--content", "hello.txt")
    assert sent.code == 0
    assert {mail.record_id for mail in shell.org.mails} == set(ids)


async def test_cells_hold_one_value_each(shell: Shell) -> None:
    """A lookup is its id, several choices have semicolons, and nothing is an empty cell."""
    [account] = shell.org.add_records("Accounts", [{"Account_Name": "Zylker"}])
    shell.org.add_setting(
        "/settings/fields",
        {"api_name": "Likes", "data_type": "multiselectpicklist"},
        scope="Contacts",
    )
    [id_] = shell.org.add_records(
        "Contacts",
        [
            {
                "Last_Name": "Stone",
                "Account_Name": {"id": account, "name": "Zylker"},
                "Likes": ["tea", "rain"],
                "Email_Opt_Out": True,
            }
        ],
    )
    fields = "Account_Name,Likes,Email_Opt_Out,Phone"
    ran = await shell.run("export", "Contacts", "--fields", fields)
    assert ran.out.splitlines() == [f"id,{fields}", f"{id_},{account},tea;rain,true,"]
    ran = await shell.run("export", "Contacts", "--fields", fields, "--json")
    [row] = ran.objects
    assert row["Account_Name"] == {"id": account}
    assert row["Likes"] == ["tea", "rain"]


async def test_criteria_choose_the_records(shell: Shell) -> None:
    """The plan goes by them too, and values are compared as their fields hold them."""
    rows = [
        {"Last_Name": f"L{n}", "City": city, "No_of_Employees": n} for n, city in enumerate("ABAB")
    ]
    shell.org.add_records("Leads", rows)
    criteria = "(City:equals:B)and(No_of_Employees:greater_than:1)"
    ran = await shell.run("export", "Leads", "--fields", "Last_Name", "--where", criteria)
    assert ran.err.startswith("1 records by coql, ")
    assert "So many are what a search finds, which may differ.\n" in ran.err
    assert [line.split(",")[1] for line in ran.out.splitlines()] == ["Last_Name", "L3"]


async def test_it_spends_what_it_says_it_will(shell: Shell) -> None:
    """A query is as dear as the rows that it may give, and the plan has counted them."""
    shell.leads(3)
    criteria = "Last_Name:starts_with:Reed"
    ran = await shell.run("export", "Leads", "--fields", "City", "--where", criteria)
    assert "by coql, the cheapest: 1 credit " in ran.err
    [query] = [call for call in shell.org.calls if call.path == "/coql"]
    assert query.credits == 1


@pytest.mark.parametrize(
    ("criteria", "said", "credits"),
    [
        ("City = B", "--where: 'City = B' is no condition", 0),
        ("No_of_Employees:equals:few", "'few': give a number", 1),
        ("Ctiy:equals:B", "no field 'Ctiy'", 1),
    ],
)
async def test_criteria_that_mean_nothing_read_nothing(
    shell: Shell, criteria: str, said: str, credits: int
) -> None:
    """What is wrong is named; fields alone are asked for, once the text can be read."""
    ran = await shell.run("export", "Leads", "--fields", "Email", "--where", criteria)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert [call.path for call in shell.org.calls if "__apis" not in call.path] == (
        ["/settings/fields"] * credits
    )


async def test_what_fails_leaves_the_file_as_it_was(shell: Shell) -> None:
    """An unknown field is named with what is meant, before anything is read."""
    shell.write("rows.csv", "mine")
    ran = await shell.run("export", "Leads", "--fields", "Emial", "-o", "rows.csv")
    assert ran.code == 2
    assert ran.err == "error: Leads has no field 'Emial': did you mean Email?\n"
    assert (shell.folder / "rows.csv").read_text() == "mine\n"
    assert not list(shell.folder.glob("*.part"))


async def test_a_folder_that_is_not_there_is_named(shell: Shell) -> None:
    """Before anything is asked of the service."""
    ran = await shell.run("export", "Leads", "--fields", "Email", "-o", "nowhere/rows.csv")
    assert ran.code == 2
    assert ran.err.startswith("error: nowhere/rows.csv cannot be written: ")
    assert shell.org.credits_used == 0
