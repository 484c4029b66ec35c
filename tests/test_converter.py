"""The converter is strict about types and lenient about what the service adds."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given, strategies as st

from zohocrm_async._converter import row_problem, structure, text, unstructure
from zohocrm_async._pages import Page
from zohocrm_async._wire import dumps
from zohocrm_async.exceptions import InvalidRequest, UnexpectedAnswer
from zohocrm_async.models import (
    Address,
    ApiFilter,
    Email,
    Holiday,
    Mail,
    Outcome,
    PageType,
    Record,
    RecordLock,
    SentMail,
    SupportedAPI,
    UnsubscribeLink,
)


def one(item: Any, kind: Any) -> Any:
    return structure({"data": [item]}, kind, "data", "test")


def test_where_pages_spell_a_name_in_two_ways_either_is_read() -> None:
    """The usual one counts where both are there."""
    lock = one({"id": "1", "locked_reason__s": "a"}, RecordLock)
    both = one({"id": "1", "locked_reason__s": "a", "Locked_Reason__s": "b"}, RecordLock)
    assert (lock.reason, both.reason) == ("a", "b")


def test_an_outcome_may_name_a_job() -> None:
    """Ids are text, however they come."""
    assert one({"code": "SCHEDULED", "details": {"job_id": 5}}, Outcome).job_id == "5"
    assert one({"code": "SUCCESS", "details": {"id": "1"}}, Outcome).job_id is None


def test_fields_are_read_by_their_wire_names() -> None:
    """``from`` is no Python name, and details are reached into."""
    email = one({"message_id": "m", "from": {"email": "a@b.cd"}}, Email)
    assert email.from_.email == "a@b.cd"
    sent = one(
        {
            "code": "SUCCESS",
            "status": "success",
            "message": "Your mail has been scheduled.",
            "details": {
                "message_id": "m1",
                "blocked_email_addresses": [{"email": "x@y.zz", "reason": "bounced"}],
            },
        },
        SentMail,
    )
    assert (sent.message_id, sent.scheduled, sent.blocked[0].email) == ("m1", True, "x@y.zz")


def test_unknown_keys_are_ignored_and_null_counts_as_missing() -> None:
    """What the service adds or empties never breaks a result."""
    link = one({"id": "1", "name": None, "page_type": None, "new": {"x": 1}}, UnsubscribeLink)
    assert (link.id, link.name, link.page_type) == ("1", None, None)


def test_an_unknown_enum_word_is_kept() -> None:
    """A word of tomorrow equals its text and no member."""
    link = one({"id": "1", "page_type": "hologram"}, UnsubscribeLink)
    assert link.page_type == "hologram"
    assert link.page_type.value == "hologram"


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"path": 5}, "expected text, not int"),
        ({}, "path"),
        ({"path": None}, "path"),
        ("text", "expected an object"),
        ({"path": "/x", "operation_types": [{"method": "GET", "min_credits": True}]}, "number"),
        ({"path": "/x", "operation_types": [{"method": "GET", "min_credits": "1x"}]}, "number"),
    ],
)
def test_another_shape_is_told_as_such(item: Any, fault: str) -> None:
    """No value is bent into a type, and the error names the place."""
    with pytest.raises(UnexpectedAnswer, match=fault):
        one(item, SupportedAPI)


def test_times_and_numbers() -> None:
    """Times are aware where the service says so; digits count as numbers."""
    email = one(
        {"message_id": "m", "time": "2026-01-31T09:00:00+05:30", "attachments": [
            {"id": "1", "size": "2048"}
        ]},
        Email,
    )  # fmt: skip
    assert email.time == datetime(2026, 1, 31, 3, 30, tzinfo=UTC)
    assert email.attachments[0].size == 2048


def test_a_time_that_is_none_is_told() -> None:
    """A damaged time is the answer's fault, not a ValueError."""
    with pytest.raises(UnexpectedAnswer, match="time"):
        one({"message_id": "m", "time": "yesterday"}, Email)


def test_an_object_that_comes_as_a_list_is_told() -> None:
    """No error of the converter's own library gets out."""
    with pytest.raises(UnexpectedAnswer):
        one({"code": "SUCCESS", "details": []}, Outcome)


@pytest.mark.parametrize("body", [None, {}, {"data": None}, {"data": []}])
def test_an_empty_answer_is_an_empty_list(body: Any) -> None:
    """204 and an empty list are the same to a list call."""
    assert structure(body, tuple[Outcome, ...], "data", "x") == ()
    assert structure(body, Page[Record], "data", "x").items == ()
    with pytest.raises(UnexpectedAnswer, match="holds no item"):
        structure(body, SentMail, "data", "x")


def test_an_item_without_a_list_around_it_is_the_only_one() -> None:
    """Some writes answer so."""
    body = {"code": "SUCCESS", "details": {}, "message": "deleted", "status": "success"}
    outcome = Outcome(code="SUCCESS", message="deleted")
    assert structure(body, Outcome, "profiles", "x") == outcome
    assert structure(body, tuple[Outcome, ...], "data", "x") == (outcome,)


def test_a_naive_time_never_goes_out() -> None:
    """The error says what to give instead."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  # on purpose
    with pytest.raises(InvalidRequest, match="aware"):
        dumps({"at": naive})
    with pytest.raises(InvalidRequest, match="aware"):
        text(naive)


def test_a_model_goes_out_without_what_was_not_given() -> None:
    """None is not sent."""
    mail = Mail(
        from_=Address("a@b.cd"),
        to=[Address("c@d.ef", "C")],
        subject="s",
        scheduled_time=datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    )
    assert unstructure(mail) == {
        "from": {"email": "a@b.cd"},
        "to": [{"email": "c@d.ef", "user_name": "C"}],
        "subject": "s",
        "scheduled_time": "2026-01-31T09:00:00+05:30",
    }


def test_rows_may_hold_whatever_json_can_carry() -> None:
    """Times, dates, enumerations, records and models are written as the service reads them."""
    row = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "on": date(2026, 1, 2),
        "kind": PageType.CUSTOM,
        "record": Record({"id": "1"}),
        "address": Address("a@b.cd"),
    }
    assert orjson.loads(dumps(row)) == {
        "at": "2026-01-01T00:00:00+00:00",
        "on": "2026-01-02",
        "kind": "custom",
        "record": {"id": "1"},
        "address": {"email": "a@b.cd"},
    }
    with pytest.raises(InvalidRequest, match="cannot be sent as JSON"):
        dumps({"x": object()})


def test_rows_keep_none_because_it_empties_a_field() -> None:
    """A record's null is a value."""
    assert unstructure([{"Phone": None}], "data") == {"data": [{"Phone": None}]}


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (True, "true"),
        (["Last_Name", "Email"], "Last_Name,Email"),
        (200, "200"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (
            ApiFilter.module("Leads"),
            '{"field":{"api_name":"module"},"comparator":"equals","value":"Leads"}',
        ),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_query_values(value: Any, wire: str) -> None:
    """Queries carry what the service reads."""
    assert text(value) == wire


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "message_id", "from", "to", "details", "code", "status"]), inner
        )
    ),
    max_leaves=10,
)


@given(json, st.sampled_from([Email, SentMail, Outcome, UnsubscribeLink, SupportedAPI, Record]))
def test_no_json_raises_anything_but_our_error(value: Any, kind: Any) -> None:
    """Whatever comes, the caller sees a result or an UnexpectedAnswer."""
    try:
        structure({"data": [value]}, tuple[kind, ...], "data", "x")
        structure({"data": [value]}, kind, "data", "x")
    except UnexpectedAnswer as error:
        told = str(error)
    else:
        told = "structured"
    assert told


def test_dates_are_days() -> None:
    """Both ways, and nothing but a date is one."""
    holiday = one({"id": "1", "date": "2026-05-01"}, Holiday)
    assert holiday.date == date(2026, 5, 1)
    assert unstructure(holiday)["date"] == "2026-05-01"
    for wrong in (5, "yesterday"):
        with pytest.raises(UnexpectedAnswer):
            one({"id": "1", "date": wrong}, Holiday)


@attrs.frozen
class Line:
    price: float


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("body", "place"),
    [
        (lambda odd: odd, "the body"),
        (lambda odd: {"data": [{"Last_Name": None}, {"Amount": odd}]}, "data[1].Amount"),
        (lambda odd: {"data": [{"Lines": ({"Price": 1.5}, {"Price": odd})}]}, "Lines[1].Price"),
        (lambda odd: {"data": [{"Lines": [Line(odd)]}]}, "data[0].Lines[0].price"),
        (lambda odd: MappingProxyType({"Amount": odd}), "Amount"),
    ],
)
def test_a_number_that_json_has_not_is_refused(
    body: Callable[[float], Any], place: str, odd: float
) -> None:
    """As null it would empty the field."""
    with pytest.raises(InvalidRequest, match=re.escape(f"{place} is no number that JSON has")):
        dumps(body(odd))


class Price(float):
    """A number of a class of its own."""


@pytest.mark.parametrize("kind", [dict, MappingProxyType, lambda row: Record({**row, "id": "1"})])
@pytest.mark.parametrize("odd", [float("nan"), Price("inf")])
def test_a_row_names_the_field_whose_number_json_has_not(
    kind: Callable[[dict[str, Any]], Any], odd: float
) -> None:
    """Whatever stands beside it, and of whatever class row and number are."""
    others = {"Name": "a", "Lines": [{"Price": 1.5}], "Tag": None, "Share": 0.5}
    assert row_problem(kind(others)) is None
    told = row_problem(kind({**others, "Amount": odd}))
    assert told == f"has {odd} as Amount: give a number, or None for no value"


def test_null_where_it_is_meant_goes_out() -> None:
    row = {"Amount": None, "Lines": [Line(1.5)], "Name": "null"}
    assert orjson.loads(dumps(row)) == {"Amount": None, "Lines": [{"price": 1.5}], "Name": "null"}
