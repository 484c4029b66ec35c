"""Whatever a body asks of a bulk job, it is taken in and done, or refused, and never breaks."""

import io
import zipfile
from typing import Any

from hypothesis import given, settings, strategies as st
from soaking import examples

from zohocrm_async._endpoint import Call
from zohocrm_async.api import declarations
from zohocrm_async.emulator import Emulator
from zohocrm_async.emulator.bulk_jobs import BulkFile
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.handlers import Organization, answer
from zohocrm_async.emulator.mail import MailDay
from zohocrm_async.emulator.merge import Merges
from zohocrm_async.emulator.requests import Incoming

FIELDS = ("id", "Last_Name", "Email", "City", "No_of_Employees", "Created_Time", "Owner", "Tag")
WORDS = st.sampled_from(
    ["", "1", "post", "http://x", "csv", "ics", "${EMPTY}", "2026-03-02T09:00:00Z", *FIELDS]
)
LEAVES = st.none() | st.booleans() | st.integers(-1, 9) | st.floats(0, 1) | WORDS
ODD = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
)
CONDITION = st.fixed_dictionaries(
    {
        "field": st.fixed_dictionaries({"api_name": st.sampled_from(FIELDS)}),
        "comparator": st.sampled_from(
            [
                "equal",
                "not_equal",
                "in",
                "not_in",
                "between",
                "not_between",
                "less_than",
                "contains",
            ]
        ),
        "value": LEAVES | st.lists(LEAVES, max_size=3),
    }
)
CRITERIA = st.recursive(
    CONDITION,
    lambda inner: st.fixed_dictionaries(
        {"group_operator": st.sampled_from(["and", "or"]), "group": st.lists(inner, max_size=3)}
    ),
    max_leaves=4,
)
LEADS = st.just({"api_name": "Leads"})
QUERY = st.fixed_dictionaries(
    {"module": LEADS},
    optional={
        "criteria": CRITERIA | ODD,
        "fields": st.lists(st.sampled_from(FIELDS), max_size=3) | ODD,
        "page": LEAVES,
        "page_token": LEAVES,
        "cvid": LEAVES,
    },
)
READS = st.fixed_dictionaries(
    {"query": QUERY}, optional={"file_type": LEAVES | ODD, "callback": ODD}
)
MAPPING = st.fixed_dictionaries(
    {"api_name": st.sampled_from(FIELDS)},
    optional={"index": LEAVES, "default_value": ODD, "find_by": LEAVES},
)
RESOURCE = st.fixed_dictionaries(
    {"type": st.just("data"), "module": LEADS, "file_id": st.just("F")},
    optional={
        "find_by": st.sampled_from(["id", "Email"]) | ODD,
        "field_mappings": st.lists(MAPPING, max_size=3) | ODD,
        "ignore_empty": LEAVES,
    },
)
WRITES = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["insert", "update", "upsert"]) | LEAVES,
        "resource": st.lists(RESOURCE, max_size=2),
    },
    optional={"character_encoding": LEAVES, "ignore_empty": LEAVES},
)


def organization() -> Organization:
    """Return an organisation whose jobs end at once, with a file to write."""
    org = Emulator()
    state = org.state
    state.bulk.seconds = 0.0
    org.add_records("Leads", [{"Last_Name": "Stone", "Email": "a@b.example", "City": None}])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "Last_Name,Email,id\nA,a@b.example,1\nB,,2\n,x,\n")
    state.bulk.files["F"] = BulkFile("a.zip", packed.getvalue())
    return Organization(state, MailDay(state), Merges(state), "1")


def outcome(org: Organization, name: str, body: Any) -> Reply | Refusal:
    method: Any = declarations()[name]
    call = Call(method.operation, method.operation.path, {}, {}, body)
    try:
        return answer(org, Incoming(call, {"version": "v7"}, 7))
    except Refusal as refusal:
        return refusal


@settings(max_examples=examples(100), deadline=None)
@given(READS)
def test_any_bulk_read_is_done_or_refused(body: Any) -> None:
    """With an archive at its end."""
    org = organization()
    got = outcome(org, "bulk_read.create", body)
    org.state.settle()
    if isinstance(got, Refusal):
        assert got.status == 400
        return
    [item] = (got.body or {})["data"]
    job = org.state.bulk.job(item["details"]["id"], "read")
    assert (job.end, job.archive is not None) == ("COMPLETED", True)


@settings(max_examples=examples(100), deadline=None)
@given(WRITES)
def test_any_bulk_write_is_done_or_refused(body: Any) -> None:
    """With a result for each of its rows."""
    org = organization()
    got = outcome(org, "bulk_write.create", body)
    org.state.settle()
    if isinstance(got, Refusal):
        assert got.status == 400
        return
    job = org.state.bulk.job((got.body or {})["details"]["id"], "insert update upsert")
    counts = job.row["resource"][0]["file"]
    assert counts["total_count"] == 3
    told = counts["added_count"] + counts["updated_count"] + counts["skipped_count"]
    assert told == 3
