"""What a composite request takes."""

from pathlib import Path
from typing import Any

import pytest

from zohocrm_async._batching.sub_requests import ALLOWED, check, heavy_slots, line
from zohocrm_async._endpoint import Call
from zohocrm_async.api import operations
from zohocrm_async.exceptions import InvalidRequest

LISTED = (Path(__file__).parents[1] / "api" / "operations.txt").read_text().splitlines()
BY_LINE = {line(operation): operation for operation in operations()}


def call(name: str, **facts: object) -> Call:
    return Call(BY_LINE[name], "/x", **facts)  # type: ignore[arg-type]  # as the test says


def test_all_that_it_takes_are_operations_of_the_service() -> None:
    assert not ALLOWED.keys() - set(LISTED)


@pytest.mark.parametrize("name", ["GET /org", "GET /{module}", "POST /{module}", "POST /coql"])
def test_it_takes(name: str) -> None:
    check(call(name, body={"data": [{}]}, query={"per_page": "25"}))


@pytest.mark.parametrize(
    "name", ["DELETE /{module}", "POST /__composite_requests", "POST /{module}/{id}/actions/merge"]
)
def test_it_does_not_take(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be part of a composite request"):
        check(call(name))


def test_it_takes_one_record_to_write() -> None:
    with pytest.raises(InvalidRequest, match="of 2 records"):
        check(call("POST /{module}", body={"data": [{}, {}]}))


def test_it_takes_25_records_of_a_list() -> None:
    with pytest.raises(InvalidRequest, match="per_page=25"):
        check(call("GET /{module}", query={"per_page": "26"}))


def test_it_takes_25_rows_of_a_query() -> None:
    query = "select id from Leads where a = 1 limit "
    check(call("POST /coql", body={"select_query": f"{query} 25"}))
    with pytest.raises(InvalidRequest, match="say limit 25"):
        check(call("POST /coql", body={"select_query": f"{query} 26"}))


def test_it_takes_any_number_of_others() -> None:
    check(call("POST /settings/roles", body={"roles": [{}, {}]}))


@pytest.mark.parametrize(
    ("requests", "slots"),
    [
        ([], 1),
        ([{"method": "GET", "uri": "/crm/v7/Leads/1"}] * 5, 1),
        ([{"method": "POST", "uri": "/crm/v7/coql", "body": {"select_query": "x"}}] * 5, 6),
        ([{"method": "GET", "uri": "/crm/v7/Leads", "params": {"sort_by": "id"}}], 2),
        ([{"method": "GET", "uri": "/crm/v7/Leads?sort_by=id&fields=id"}], 2),
        ([{"method": "POST", "uri": "/crm/v2.1/Leads/@{1:$.data[0].id}/actions/convert"}], 2),
    ],
)
def test_each_heavy_request_takes_a_heavy_slot_beside_that_of_the_whole(
    requests: list[dict[str, Any]], slots: int
) -> None:
    body = {"__composite_requests": requests}
    assert heavy_slots(call("POST /__composite_requests", body=body)) == slots


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"__composite_requests": None},
        {"__composite_requests": [None, 5, {}, {"uri": "x"}, {"method": "GET", "uri": None}]},
        {"__composite_requests": [{"method": "GET", "uri": "/crm/v7/nowhere"}]},
        {"__composite_requests": [{"method": "GET", "uri": "/crm/v7/Leads", "params": "x"}]},
        {"__composite_requests": [{"method": "POST", "uri": "/crm/v7/Leads", "body": 5}]},
    ],
)
def test_what_is_no_call_takes_none(body: object) -> None:
    """The service says what is wrong with it."""
    assert heavy_slots(call("POST /__composite_requests", body=body)) == 1
