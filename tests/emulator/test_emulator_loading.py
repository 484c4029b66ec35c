"""Files of records, and the invented leads that come with the package."""

import csv
import functools
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from direct import direct

from zohocrm_async.emulator import demo_leads
from zohocrm_async.emulator.checks import EMAIL
from zohocrm_async.emulator.errors import Refusal

FILE = """Key,Last_Name,Email,Email_Opt_Out,No_of_Employees,Duplicate_Of,Related_Records,Bounced
a,Stone,stone@example.com,,12,,,
b,Stein,stein@example.com,true,,a,1500,
c,Pierre,pierre@example.com,false,,a,,true
d,"Nobody, at all",,,,,,
"""


async def test_columns_are_fields_and_four_of_them_help() -> None:
    """Values are read as their fields hold them; empty ones are left out."""
    async with direct() as (org, _):
        ids = await org.load_csv("Leads", io.StringIO(FILE))
        a, b, c, d = (org.record("Leads", id_) or {} for id_ in ids)
        assert (a["Last_Name"], a["No_of_Employees"]) == ("Stone", 12)
        assert b["Email_Opt_Out"] is True
        assert c["Email_Opt_Out"] is False
        assert d["Last_Name"] == "Nobody, at all"
        assert "Email" not in d
        assert not {"Key", "Duplicate_Of", "Related_Records", "Bounced"} & set(a)
        assert org.duplicates("Leads") == {ids[0]: (ids[1], ids[2])}
        assert org.related_records == {("Leads", ids[1]): 1_500}
        assert org.bounced == {"pierre@example.com"}


async def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    """With a byte order mark or without."""
    path = tmp_path / "leads.csv"
    path.write_text(FILE, encoding="utf-8-sig")
    async with direct() as (org, _):
        assert len(await org.load_csv("Leads", str(path))) == 4
        assert len(await org.load_csv("Boats", path)) == 4


@pytest.mark.parametrize("text", ["", "\n", "\x00\x01PK\x03\n"])
async def test_a_file_without_columns_is_refused(text: str) -> None:
    """Who loads nothing would test nothing."""
    async with direct() as (org, _):
        with pytest.raises(ValueError, match="its first line names the columns"):
            await org.load_csv("Leads", io.StringIO(text))
        assert await org.load_csv("Leads", io.StringIO("Last_Name,\n")) == ()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"Last_Name": "Stone"}, "rows is {'Last_Name': 'Stone'}: give a list"),
        (["Stone"], "a row is 'Stone': give a mapping"),
        ("Stone", "rows is 'Stone': give a list"),
    ],
)
async def test_records_are_given_as_a_list_of_mappings(rows: Any, says: str) -> None:
    """And nothing is added otherwise, no module either."""
    async with direct() as (org, _):
        with pytest.raises(TypeError, match=re.escape(says)):
            org.add_records("Boats", rows)
        with pytest.raises(Refusal):
            org.state.module_name("Boats")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Last_Name,No_of_Employees\nA,1\nB,many\n", "line 3"),
        ("Last_Name\nA,B\n", "line 2: more values"),
        ("Last_Name,Related_Records\nA,x\n", "line 2"),
        ("Key,Last_Name,Duplicate_Of\na,A,\nb,B,z\n", "'z'"),
    ],
)
async def test_a_row_that_cannot_be_read_is_named(text: str, says: str) -> None:
    """And nothing is loaded."""
    async with direct() as (org, _):
        with pytest.raises(ValueError, match=says):
            await org.load_csv("Leads", io.StringIO(text))
        assert not org.records("Leads")


@functools.cache
def demo_rows() -> list[dict[str, str]]:
    with demo_leads().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestDemoLeads:
    """The invented leads are what the demo needs, and nobody real."""

    def test_there_are_2000_in_a_small_file(self) -> None:
        assert len(demo_rows()) == 2_000
        assert demo_leads().stat().st_size < 400_000

    def test_duplicates_stand_in_pairs_and_triples(self) -> None:
        rows = demo_rows()
        keys = {row["Key"] for row in rows}
        groups = Counter(row["Duplicate_Of"] for row in rows if row["Duplicate_Of"])
        assert len(groups) >= 150
        assert set(groups.values()) == {1, 2}
        assert groups.keys() <= keys
        large = {row["Duplicate_Of"] for row in rows if int(row["Related_Records"] or 0) > 1_000}
        assert len(large) >= len(groups) // 10

    def test_some_cannot_be_mailed(self) -> None:
        rows = demo_rows()
        assert sum(row["Email_Opt_Out"] == "true" for row in rows) >= 40
        assert sum(row["Bounced"] == "true" for row in rows) >= 20
        assert sum(not row["Email"] for row in rows) >= 20
        bad = [row for row in rows if row["Email"] and not EMAIL.fullmatch(row["Email"])]
        assert len(bad) >= 15

    def test_no_address_can_reach_anybody(self) -> None:
        """Reserved domains only."""
        reserved = re.compile(r"@[\w.-]+\.example(\.(com|org|net))?$", re.IGNORECASE)
        good = [row["Email"] for row in demo_rows() if EMAIL.fullmatch(row["Email"])]
        assert all(reserved.search(email) for email in good)

    async def test_they_load(self) -> None:
        async with direct() as (org, _):
            assert len(set(await org.load_csv("Leads", demo_leads()))) == 2_000
            assert len(org.duplicates("Leads")) >= 150
