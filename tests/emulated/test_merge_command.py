"""The commands zohocrm merge plan, run and find against an emulator."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from shell import Shell, ended

from zohocrm_async.emulator import Emulator

RUN = ("merge", "run", "groups.csv", "--module", "Leads")
PLAN = ("merge", "plan", "groups.csv", "--module", "Leads")


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with Emulator(credits=2_000) as org:
        yield Shell(org, tmp_path)


async def test_a_plan_says_what_the_run_will_do_and_cost(shell: Shell) -> None:
    """And merges nothing."""
    ids = shell.leads(12)
    shell.write(
        "groups.csv",
        "master,children",
        f"{ids[0]},{' '.join(ids[1:6])}",
        f"{ids[6]},{ids[7]}",
        f"{ids[8]},{ids[1]}",
        f"{ids[9]},nobody",
    )
    ran = await shell.run(*PLAN, "--json", "--seconds-per-call", "2")
    assert ran.code == 0, ran.err
    [plan] = ran.objects
    assert (plan["kind"], plan["items"], plan["planned"], plan["calls"]) == ("merge", 4, 2, 4)
    assert plan["refused"] == {"RECORD_IN_TWO_GROUPS": 1, "INVALID_ID": 1}
    assert plan["credits_min"] == 200
    assert (plan["windows"], [part["calls"] for part in plan["parts"]]) == (1, [4])
    assert [example["row"] for example in plan["examples"]] == [3, 4]
    assert shell.org.merges == ()
    ran = await shell.run(*PLAN)
    assert ran.code == 0
    assert "RECORD_IN_TWO_GROUPS" in ran.out
    assert not (shell.folder / "groups.csv.journal").exists()
    ran = await shell.run(*RUN, "--json")
    assert [line["state"] for line in ran.objects] == ["merged", "merged", "refused", "refused"]
    assert len(shell.org.merges) == 4


async def test_a_plan_beyond_the_allowance_shows_its_windows(shell: Shell) -> None:
    """When each part begins, and what it waits for."""
    ids = shell.leads(100)
    rows = [f"{ids[n]},{ids[n + 1]}" for n in range(0, 100, 2)]
    shell.write("groups.csv", "master,children", *rows)
    ran = await shell.run(*PLAN)
    assert ran.code == 0
    [second] = [line for line in ran.out.splitlines() if line.split()[-1:] == ["credits"]]
    assert second.split()[0] == "2"
    assert "2,500 to " in ran.out


async def test_duplicates_that_are_found_can_be_merged_at_once(shell: Shell) -> None:
    """The file that find writes is one that run takes."""
    ids = shell.org.add_records(
        "Leads",
        [
            {"Last_Name": "Stone", "Email": "Ann@Example.com"},
            {"Last_Name": "Stone", "Email": " ann@example.com", "Phone": "1"},
            {"Last_Name": "Rivers", "Email": "r@example.com"},
            {"Last_Name": "Nobody"},
            {"Last_Name": "Nobody"},
            {"Last_Name": "A. Stone", "Email": "ann@example.com", "Phone": "2"},
            {"Last_Name": "Stone", "Email": "ANN@example.com"},
        ],
    )
    ran = await shell.run("merge", "find", "Leads", "--by", "Email", "--take", "Phone=first-filled")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "master,children,fields,Email",
        f"{ids[0]},{ids[1]} {ids[5]} {ids[6]},Phone={ids[1]},Ann@Example.com",
    ]
    assert "1 groups of 4 records" in ran.err
    ran = await shell.run(
        "merge", "find", "Leads", "--by", "Email", "--by", "Last_Name", "-o", "groups.csv"
    )
    assert (ran.code, ran.out) == (0, "")
    ran = await shell.run(*RUN, "--json")
    assert [(line["record_id"], line["state"]) for line in ran.objects] == [(ids[0], "merged")]
    assert [record["id"] for record in shell.org.records("Leads")] == [
        ids[0], ids[2], ids[3], ids[4], ids[5],
    ]  # fmt: skip


@pytest.mark.parametrize("words", [("--by", "Emial"), ("--by", "Email", "--take", "Emial=newest")])
async def test_a_field_that_is_not_there_has_no_duplicates_to_find(
    shell: Shell, words: tuple[str, ...]
) -> None:
    """It is a slip, which a list would answer with no values."""
    shell.leads(2, Phone="1")
    ran = await shell.run("merge", "find", "Leads", *words)
    assert (ran.code, ran.err) == (
        2,
        "error: the organisation has no field 'Emial' of Leads: did you mean Email?\n",
    )


async def test_found_duplicates_as_json_are_rows_of_a_job(shell: Shell) -> None:
    """One object a group."""
    ids = shell.leads(2, Phone="1")
    ran = await shell.run("merge", "find", "Leads", "--by", "Phone", "--json")
    assert ran.objects == [{"master": ids[0], "children": ids[1], "fields": "", "Phone": "1"}]


async def test_a_dry_run_shows_the_merged_record_beside_its_parts(shell: Shell) -> None:
    """Field by field, with a mark where each value comes from."""
    ids = shell.leads(4)
    shell.write(
        "groups.csv",
        "master,children,fields",
        f"{ids[0]},{ids[1]} {ids[2]},Email={ids[2]}",
        f"{ids[3]},77,",
    )
    ran = await shell.run(*RUN, "--dry-run", "1")
    assert ran.code == 0
    [line] = [line for line in ran.out.splitlines() if "Email" in line]
    assert line.split() == [
        "Email", "reed2@example.com", "reed0@example.com", "reed1@example.com", ">",
        "reed2@example.com",
    ]  # fmt: skip
    ran = await shell.run(*RUN, "--dry-run", "9", "--json")
    assert ran.code == 1
    good, bad = ran.objects
    assert good["merged"]["Email"] == "reed2@example.com"
    assert good["merged"]["Last_Name"] == "Reed 0"
    assert list(good["parts"]) == list(ids[:3])
    assert "no record 77" in bad["problem"]
    assert shell.org.merges == ()
    assert not (shell.folder / "groups.csv.journal").exists()


async def test_a_file_of_records_is_merged_by_the_rules_of_the_options(shell: Shell) -> None:
    """A column says which belong together, the rules which stays and what it takes."""
    ids = shell.leads(4)
    shell.write(
        "groups.csv",
        "Person,id,master,Phone,Modified_Time",
        f"ann,{ids[0]},,1,2026-01-01",
        f"bob,{ids[1]},,,2026-01-01",
        f"ann,{ids[2]},x,,2026-01-01",
        f"ann,{ids[3]},,2,2026-01-02",
    )
    ran = await shell.run(
        *RUN, "--group-column", "Person", "--master-rule", "column", "--take", "Phone=newest",
        "--json",
    )  # fmt: skip
    assert [(line["record_id"], line["state"], line["code"]) for line in ran.objects] == [
        (ids[2], "merged", None),
        ("", "refused", "NO_SINGLE_MASTER"),
    ]
    [merge] = shell.org.merges
    assert merge.children == (ids[0], ids[3])


async def test_columns_that_are_missing_are_named_by_an_option(shell: Shell) -> None:
    """An export of the CRM's own pages has blanks where API names have none."""
    ids = shell.leads(2)
    shell.write(
        "groups.csv",
        "Person,Record,Phone,Created Time,Modified Time",
        f"ann,{ids[0]},1,2026-01-02,2026-01-02",
        f"ann,{ids[1]},2,2026-01-01,2026-01-03",
    )
    words = (*RUN, "--group-column", "Person", "--take", "Phone=newest")
    ran = await shell.run(*words)
    assert ran.code == 2
    named = {"--id-column": "Record", "--created-column": "Created Time"}
    named["--modified-column"] = "Modified Time"
    assert all(f"({option})" in ran.err for option in named)
    ran = await shell.run(*words, *(word for option in named.items() for word in option))
    assert ran.code == 0
    [merge] = shell.org.merges
    assert merge.master_id == ids[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--take", "Phone=newest"), "take needs group_column"),
        (("--group-column", "Person"), "group_column"),
        (("--group-column", "master", "--take", "Phone=longest"), "first_filled"),
        (("--master-rule", "best"), "oldest"),
    ],
)
async def test_wrong_rules_are_refused_before_anything_is_merged(
    shell: Shell, words: tuple[str, ...], told: str
) -> None:
    """Exit code 2, and what to give instead."""
    shell.write("groups.csv", "master,children", "1,2")
    ran = await shell.run(*RUN, *words)
    assert ran.code == 2
    assert told in " ".join(ran.err.split())
    assert shell.org.merges == ()


async def test_a_run_that_was_killed_is_resumed_to_its_end(shell: Shell) -> None:
    """Scheduled merges are followed, chains go on, and nothing is merged twice."""
    ids = shell.leads(30)
    for n in (1, 7, 18):
        shell.org.related_records["Leads", ids[n]] = 1_500
    rows = [f"{ids[n]},{' '.join(ids[n + 1 : n + 6])}" for n in range(0, 30, 6)]
    shell.write("groups.csv", "master,children", *rows)
    process = await shell.start(*RUN)
    async with asyncio.timeout(30):
        while len(shell.org.merges) < 6:
            await asyncio.sleep(0.005)
    process.kill()
    await ended(process)
    shell.org.advance(minutes=5)
    ran = await shell.run(*RUN)
    assert ran.code == 2
    assert "merge resume" in ran.err
    # What was in flight when it was killed may have done nothing.
    resumed = await shell.start(
        "merge", "resume", "groups.csv.journal", "--resend-absent", "--grace", "0.1", "--json"
    )
    async with asyncio.timeout(30):
        while resumed.returncode is None:
            await asyncio.sleep(0.05)
            shell.org.advance(2)
    ran = await ended(resumed)
    assert ran.code == 0, ran.err
    assert [line["state"] for line in ran.objects] == ["merged"] * 5
    merged = [child for merge in shell.org.merges for child in merge.children]
    assert sorted(merged) == sorted(set(ids) - {line["record_id"] for line in ran.objects})


async def test_a_report_says_how_far_a_chain_has_come(shell: Shell) -> None:
    """In every form; a retry goes on with the call that was refused."""
    ids = shell.leads(6)
    shell.write("groups.csv", "master,children", f"{ids[0]},{' '.join(ids[1:])}")
    shell.org.lock("Leads", ids[3])
    assert (await shell.run(*RUN)).code == 1
    journal = "groups.csv.journal"
    [line] = (await shell.run("merge", "report", journal, "--json")).objects
    assert (line["state"], line["code"], line["step"]) == ("refused", "NOT_ALLOWED", 1)
    for form in ((), ("--table",)):
        shown = (await shell.run("merge", "report", journal, *form)).out
        [row] = [words for words in map(str.split, shown.splitlines()) if ids[0] in words]
        assert row[:4] == ["1", ids[0], "refused", "1"]
    head, row_ = (await shell.run("merge", "report", journal, "--csv")).out.splitlines()
    assert dict(zip(head.split(","), row_.split(","), strict=False))["step"] == "1"
    shell.org.unlock("Leads", ids[3])
    again = await shell.run("merge", "retry", journal, "--refused", "NOT_ALLOWED", "--json")
    assert [(one["state"], one["step"]) for one in again.objects] == [("merged", 3)]
    assert len(shell.org.merges) == 3
