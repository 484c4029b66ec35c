"""Whatever a caller sends, each operation answers or refuses, and never breaks."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st
from soaking import examples

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.emulator import Emulator
from zohocrm_async.emulator.catalogue import price_of, table
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.handlers import Organization, Router, answer, handler_of
from zohocrm_async.emulator.mail import MailDay
from zohocrm_async.emulator.merge import Merges
from zohocrm_async.emulator.requests import Incoming

# Keys that mean something somewhere, so that bodies get past the first check.
KEYS = st.sampled_from(
    [
        *("data", "merge", "unsubscribe_links", "from", "to", "cc", "bcc", "email"),
        *("user_name", "subject", "content", "template", "id", "attachments"),
        *("scheduled_time", "in_reply_to", "message_id", "owner", "mail_format"),
        *("inventory_details", "inventory_template", "paper_type", "consent_email"),
        *("data_subject_request", "type", "_fields", "api_name", "_data"),
        *("master_record_fields", "Last_Name", "Email", "Email_Opt_Out", "Annual_Revenue"),
        *("name", "page_type", "submission_action_type", "custom_location_url", "trigger"),
        *("duplicate_check_fields", "linked_record", "tags", "ids", "Territories", "taxes"),
        *("query", "module", "fields", "criteria", "file_type", "operation", "resource", "backup"),
        *("maps", "_delete", "pipeline", "sources", "reporting_to", "pick_list_values"),
    ]
)
WORDS = st.sampled_from(
    [
        *("", "1", "jo@example.org", "crm@example.com", "html", "access", "standard", "City"),
        *(
            "2030-01-01T00:00:00Z",
            "(City:equals:x)",
            "-1",
            "\U0001f600",
            "A4",
            "File_Upload",
            "Leads",
        ),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-1, 9) | st.floats(0, 1) | WORDS | st.text()
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
LISTED = st.lists(st.dictionaries(KEYS, JSON, max_size=6), max_size=3)
FILLED = dict.fromkeys(("name", "api_name", "status", "email", "iso_code", "job_id"), "x")
# A link has no route of its own: it names one.
OPERATIONS = st.sampled_from([known for known in table() if known.host != "link"])


def organization() -> tuple[Organization, list[str]]:
    org = Emulator(mail_cap=5)
    org.state.compliance_enabled = True
    ids = org.add_records(
        "Leads", [{"Last_Name": str(n), "Email": "a@b.example"} for n in range(3)]
    )
    for operation in table():
        if "{" not in operation.path and operation.method == "GET":
            for scope in ("", "Leads"):
                org.add_setting(operation.path, {"id": "1", **FILLED}, scope=scope)
    return Organization(org.state, MailDay(org.state), Merges(org.state), "1"), list(ids)


@st.composite
def incoming(draw: st.DrawFn, ids: list[str]) -> Incoming:
    operation: Operation = draw(OPERATIONS)
    key = operation.key or "data"
    beside = draw(st.dictionaries(KEYS, JSON, max_size=1))
    body = draw(st.one_of(st.none(), JSON, LISTED.map(lambda items: {**beside, key: items})))
    body = body if operation.method in {"POST", "PUT"} else None
    handler = handler_of(operation)
    names = sorted(handler.query) if handler else []
    query = draw(st.dictionaries(st.sampled_from(names), WORDS, max_size=4)) if names else {}
    params = {
        place.strip("{}"): draw(st.sampled_from([*ids, "1"]))
        for place in operation.path.split("/")
        if place.startswith("{") and place != "{module}"
    }
    if "{module}" in operation.path:
        params["module"] = draw(st.sampled_from(["Leads", "Deals", "Vendors", "Quotes", "Boats"]))
    version = draw(st.integers(2, 8))
    return Incoming(Call(operation, operation.path, query, {}, body), params, version)


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_every_call_is_answered_or_refused(data: st.DataObject) -> None:
    """With JSON, within the price range, in the shape of the service's errors."""
    org, ids = organization()
    for _ in range(3):
        asked = data.draw(incoming(ids))
        assert price_of(asked.call) >= 1
        got = outcome(org, asked)
        if isinstance(got, Refusal):
            assert 400 <= got.status < 500
            assert got.item["status"] == "error"
            assert orjson.dumps(got.item)
        else:
            nothing = got.body is None and got.file is None
            assert nothing is (got.status in {204, 304})
            assert orjson.dumps(got.body)


def outcome(org: Organization, asked: Incoming) -> Reply | Refusal:
    try:
        return answer(org, asked)
    except Refusal as refusal:
        return refusal


class TestRouter:
    """Which operation a path belongs to."""

    @pytest.mark.parametrize(
        ("method", "path", "name"),
        [
            ("GET", "/Leads/search", "records.search"),
            ("GET", "/Leads/deleted", "records.deleted"),
            ("GET", "/Leads/4711", "records.get"),
            ("POST", "/Leads/upsert", "records.upsert"),
            ("GET", "/settings/unsubscribe_links", "unsubscribe_links.list"),
            ("GET", "/settings/modules", "modules.list"),
            ("GET", "/Leads/1/Emails/2", "mail.get"),
            ("GET", "/leads/4711", None),
            ("GET", "//4711", None),
            ("GET", "/Leads/", None),
            ("GET", "", None),
        ],
    )
    def test_literal_segments_come_first(self, method: str, path: str, name: str | None) -> None:
        found = Router().find(method, path)
        assert (found[0].name if found else None) == name

    def test_places_are_read(self) -> None:
        found = Router().find("GET", "/Leads/1/Emails/2")
        assert found is not None
        assert found[1] == {"module": "Leads", "id": "1", "message_id": "2"}


def test_an_operation_without_a_handler_says_so() -> None:
    """Not with a failure that looks like the service's."""
    org, _ = organization()
    unknown: Any = Call(Operation("GET", "/x", name="x.y"), "/x")
    with pytest.raises(Refusal, match="not emulated") as refused:
        answer(org, Incoming(unknown, {}, 7))
    assert refused.value.status == 501
