"""__apis lists what is answered, with prices, and filters as documented."""

import json
from typing import Any

import pytest
from direct import Direct, Got, direct

from zohocrm_async.emulator import catalogue

SCOPE, METHOD, MODULE = "operation_types.oauth_scope", "operation_types.method", "module"


async def ask(api: Direct, filters: Any = None, version: str = "v7") -> Got:
    query = {} if filters is None else {"filters": filters}
    return await api("GET", "/__apis", version=version, **query)


def criterion(name: Any, value: Any, comparator: Any = "equals") -> str:
    return json.dumps({"field": {"api_name": name}, "comparator": comparator, "value": value})


def prices(got: Got) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (kind["method"], api["path"]): (kind["min_credits"], kind["max_credits"])
        for api in got.body["__apis"]
        for kind in api["operation_types"]
    }


@pytest.mark.parametrize(
    ("method", "path", "bounds"),
    [
        ("POST", "/Leads/{{id}}/actions/send_mail", (20, 20)),
        ("PUT", "/Quotes/{{id}}/actions/send_mail", (20, 20)),
        ("POST", "/{{module}}/{{id}}/actions/send_mail", (20, 20)),
        ("POST", "/Leads/{{id}}/actions/merge", (50, 50)),
        ("GET", "/Leads/{{id}}/actions/merge", (1, 1)),
        ("POST", "/Leads", (1, 10)),
        ("PUT", "/{{module}}", (1, 10)),
        ("POST", "/Deals/upsert", (1, 10)),
        ("GET", "/Leads", (1, 3)),
        ("GET", "/{{module}}/deleted", (2, 2)),
        ("POST", "/Leads/actions/add_tags", (1, 50)),
        ("GET", "/Accounts/{{id}}/photo", (1, 1)),
        ("GET", "/{{module}}/{{id}}/Locking_Information__s/{{id}}", (1, 1)),
        ("POST", "/{{module}}/{{id}}/actions/remove_territories", (1, 1)),
        ("GET", "/Leads/{{id}}/Emails/{{id}}", (1, 1)),
        ("DELETE", "/settings/unsubscribe_links/{{id}}", (1, 1)),
        ("POST", "/files", (1, 1)),
    ],
)
async def test_prices_stand_beside_versioned_paths(
    method: str, path: str, bounds: tuple[int, int]
) -> None:
    """Standard modules are spelled out, custom ones are one place."""
    async with direct() as (_, api):
        listed = prices(await ask(api))
        assert listed[method, f"/crm/v7{path}"] == bounds


async def test_a_version_lists_what_it_knows() -> None:
    """Merge came with v6."""
    async with direct() as (_, api):
        for version, known in (("v5", False), ("v6", True), ("v8", True)):
            listed = prices(await ask(api, version=version))
            path = f"/crm/{version}/Leads/{{{{id}}}}/actions/merge"
            assert (("POST", path) in listed) is known
            starts = (f"/crm/{version}/", f"/crm/bulk/{version}/")
            assert all(path.startswith(starts) for _, path in listed)


def test_a_method_and_a_path_are_listed_once() -> None:
    """Two prices for one call would be none."""
    entries = [(entry.method, entry.path) for entry in catalogue.listed(7)]
    assert len(entries) == len(set(entries))


async def test_scopes_filter_by_word_and_by_module() -> None:
    """Whole words only."""
    async with direct() as (_, api):
        got = prices(await ask(api, criterion(SCOPE, "send_mail")))
        assert {path.rpartition("/")[2] for _, path in got} == {"send_mail"}
        got = prices(await ask(api, criterion(SCOPE, "modules.leads")))
        assert {path.split("/")[3] for _, path in got} == {"Leads"}
        got = prices(await ask(api, criterion(SCOPE, "settings.unsubscribe")))
        assert {method for method, _ in got} == {"GET", "POST", "PUT", "DELETE"}


async def test_methods_filter_the_kinds_too() -> None:
    """Only the method that was asked for is left of each path."""
    async with direct() as (_, api):
        got = prices(await ask(api, criterion(METHOD, "POST")))
        assert {method for method, _ in got} == {"POST"}


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("Leads", "Leads"),
        ("Sales Orders", "Sales_Orders"),
        ("Meetings", "Events"),
        ("custom", "{{module}}"),
    ],
)
async def test_modules_filter_by_their_names(value: str, segment: str) -> None:
    """Meetings are Events in paths; custom ones have one name for all."""
    async with direct() as (_, api):
        got = prices(await ask(api, criterion(MODULE, value)))
        assert {path.split("/")[3] for _, path in got} == {segment}


async def test_nothing_listed_is_204() -> None:
    """For a value that is known and leads to nothing here."""
    async with direct() as (_, api):
        assert (await ask(api, criterion(SCOPE, "bulk.other"))).status == 204


@pytest.mark.parametrize(
    ("filters", "code", "name"),
    [
        ("{", "INVALID_DATA", None),
        ("", "INVALID_DATA", None),
        ("[]", "INVALID_DATA", None),
        (f"[{criterion(METHOD, 'GET')}]", "INVALID_DATA", None),
        (criterion("path", "x"), "INVALID_DATA", "api_name"),
        (criterion(METHOD, "GET", "contains"), "INVALID_DATA", "comparator"),
        (criterion(METHOD, "get"), "INVALID_DATA", "value"),
        (criterion(METHOD, "HEAD"), "INVALID_DATA", "value"),
        (criterion(METHOD, ["GET"]), "INVALID_DATA", "value"),
        (criterion(MODULE, "Boats"), "INVALID_DATA", "value"),
        (criterion(MODULE, "leads"), "INVALID_DATA", "value"),
        (criterion(SCOPE, "ZohoCRM.send_mail"), "INVALID_DATA", "value"),
        (criterion(SCOPE, "everything"), "INVALID_DATA", "value"),
        (json.dumps({"comparator": "equals", "value": "GET"}), "MANDATORY_NOT_FOUND", "field"),
        (
            json.dumps({"field": {"api_name": METHOD}, "value": "GET"}),
            "MANDATORY_NOT_FOUND",
            "comparator",
        ),
        (
            json.dumps({"field": {"name": METHOD}, "comparator": "equals", "value": "GET"}),
            "MANDATORY_NOT_FOUND",
            "api_name",
        ),
        (
            json.dumps({"field": {"api_name": METHOD}, "comparator": "equals"}),
            "DEPENDENT_FIELD_MISSING",
            "value",
        ),
        (
            json.dumps({"fields": {"api_name": METHOD}, "comparator": "equals", "value": "GET"}),
            "INVALID_DATA",
            "fields",
        ),
    ],
)
async def test_wrong_filters_are_refused(filters: str, code: str, name: str | None) -> None:
    """Flat, with the parameter and the key that is wrong."""
    async with direct() as (_, api):
        got = await ask(api, filters)
        assert (got.status, got.body["code"]) == (400, code)
        assert got.body["details"]["param_name"] == "filters"
        assert got.body["details"].get("api_name") == name


async def test_there_is_no_other_parameter() -> None:
    """The list has no pages."""
    async with direct() as (_, api):
        got = await api("GET", "/__apis", page="2")
        assert got.word == (400, "EXTRA_PARAM_FOUND")
