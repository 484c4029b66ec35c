"""What a composite request takes."""

from pathlib import Path

import pytest

from zohocrm_async._batching.sub_requests import ALLOWED, check, line
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
