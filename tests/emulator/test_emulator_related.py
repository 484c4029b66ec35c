"""Related records, notes and locks: what the service refuses."""

from typing import Any

import pytest
from direct import add_lead, direct

ONE = {"data": [{"id": "1"}]}


class TestRelatedRecords:
    """Each wrong call has its word and says where."""

    @pytest.mark.parametrize(
        ("call", "query", "body", "word", "details"),
        [
            ("GET Leads/9/Notes", {"fields": "id"}, None, "INVALID_DATA",
             {"resource_path_index": 1}),
            ("GET Leads/{id}/Nothing", {"fields": "id"}, None, "INVALID_DATA",
             {"resource_path_index": 2}),
            ("GET Nothing/1/Notes", {"fields": "id"}, None, "INVALID_MODULE", {}),
            ("GET Leads/{id}/Campaigns", {}, None, "REQUIRED_PARAM_MISSING",
             {"param_name": "fields"}),
            ("GET Leads/{id}/Campaigns", {"fields": ",".join("a" * 51)}, None,
             "LIMIT_EXCEEDED", {"maximum_length": 50}),
            ("GET Leads/{id}/Campaigns", {"fields": "id", "perPage": "1"}, None,
             "EXTRA_PARAM_FOUND", {"param_name": "perPage"}),
            ("GET Leads/{id}/Campaigns", {"fields": "id", "per_page": "201"}, None,
             "INVALID_DATA", {"param_name": "per_page"}),
            ("GET Leads/deleted/{id}/Campaigns", {"fields": "id"}, None, "INVALID_DATA",
             {"resource_path_index": 2}),
            ("PUT Leads/{id}/Campaigns", {}, {"data": []}, "INVALID_DATA", {}),
            ("PUT Leads/{id}/Campaigns", {}, {"data": [{"id": "1"}] * 101}, "LIMIT_EXCEEDED",
             {"maximum_length": 100}),
            ("PUT Leads/{id}/Campaigns", {}, {**ONE, "trigger": []}, "INVALID_DATA",
             {"api_name": "trigger"}),
            ("PUT Leads/{id}/Campaigns", {}, {"data": [{"Member_Status": "x"}]},
             "MANDATORY_NOT_FOUND", {"json_path": "$.data[0].id"}),
            ("PUT Leads/{id}/Campaigns", {}, {"data": [{"id": 5}]}, "INVALID_DATA",
             {"expected_data_type": "string"}),
            ("PUT Leads/{id}/Campaigns", {}, {"data": [{"id": "1", "City": "x"}]},
             "INVALID_DATA", {"api_name": "City"}),
            ("PUT Leads/{id}/Campaigns", {}, ONE, "INVALID_DATA",
             {"json_path": "$.data[0].id"}),
            ("PUT Leads/{id}/Tasks", {}, ONE, "CANNOT_BE_UPDATED", {"id": "1"}),
            ("DELETE Leads/{id}/Campaigns", {}, None, "REQUIRED_PARAM_MISSING",
             {"param_name": "ids"}),
            ("DELETE Leads/{id}/Campaigns", {"ids": ","}, None, "REQUIRED_PARAM_MISSING",
             {"param_name": "ids"}),
            ("DELETE Leads/{id}/Campaigns", {"ids": ",".join("1" * 101)}, None,
             "LIMIT_EXCEEDED", {"maximum_length": 100}),
            ("DELETE Leads/{id}/Campaigns/1", {}, None, "INVALID_DATA", {"id": "1"}),
        ],
    )  # fmt: skip
    async def test_a_wrong_call_is_refused(
        self, call: str, query: dict[str, str], body: Any, word: str, details: dict[str, Any]
    ) -> None:  # fmt: skip
        async with direct() as (org, api):
            method, path = call.replace("{id}", add_lead(org)).split()
            got = await api(method, f"/{path}", body, **query)
            assert got.word == (400, word)
            assert details.items() <= got.item["details"].items()

    async def test_nothing_related_is_204(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            assert (await api("GET", f"/Leads/{lead}/Campaigns", fields="id")).status == 204
            assert (await api("GET", f"/Leads/{lead}/Campaigns/1", fields="id")).status == 204

    async def test_a_header_that_names_no_field_is_refused(self) -> None:
        async with direct() as (_, api):
            got = await api(
                "GET", "/Leads/x/Campaigns", fields="id", headers={"X-EXTERNAL": "Customer_No"}
            )
            assert got.word == (400, "INVALID_DATA")

    async def test_paths_of_actions_are_no_related_lists(self) -> None:
        """API names begin with a capital letter."""
        async with direct() as (org, api):
            lead = add_lead(org)
            for path in (f"/Leads/{lead}/actions/nothing", f"/Leads/{lead}/nothing"):
                got = await api("PUT", path, {"data": [{"id": "1"}]})
                assert got.word == (404, "INVALID_URL_PATTERN")


class TestNotes:
    """Notes name the record that they belong to."""

    @pytest.mark.parametrize(
        ("note", "word", "path"),
        [
            ({}, "MANDATORY_NOT_FOUND", "Note_Content"),
            ({"Note_Content": 5}, "INVALID_DATA", "Note_Content"),
            ({"Note_Content": "x" * 32_001}, "INVALID_DATA", "Note_Content"),
            ({"Note_Content": "x", "Note_Title": "x" * 121}, "INVALID_DATA", "Note_Title"),
            ({"Note_Content": "x", "City": "x"}, "INVALID_DATA", "City"),
        ],
    )
    async def test_a_wrong_one_is_refused(self, note: dict[str, Any], word: str, path: str) -> None:
        async with direct() as (org, api):
            got = await api("POST", f"/Leads/{add_lead(org)}/Notes", {"data": [note]})
            assert got.word == (400, word)
            assert got.item["details"]["json_path"] == f"$.data[0].{path}"

    @pytest.mark.parametrize(
        ("parent", "word"),
        [
            (None, "MANDATORY_NOT_FOUND"),
            ({"id": "9"}, "MANDATORY_NOT_FOUND"),
            ({"id": "9", "module": {"api_name": "Leads"}}, "INVALID_DATA"),
            ({"id": "9", "module": {"api_name": "Nothing"}}, "INVALID_DATA"),
            ({"id": "9", "module": {"name": "Leads"}}, "INVALID_DATA"),
        ],
    )
    async def test_a_record_that_is_not_there_has_none(self, parent: Any, word: str) -> None:
        async with direct() as (_, api):
            row = {"Note_Content": "x", "Parent_Id": parent}
            assert (await api("POST", "/Notes", {"data": [row]})).word == (400, word)


class TestLocks:
    """A lock has a reason."""

    @pytest.mark.parametrize("row", [{}, {"Locked_Reason__s": ""}, {"Locked_Reason__s": 5},
                                     {"Locked_Reason__s": "x" * 3_001},
                                     {"Locked_Reason__s": "x", "id": "1"}])  # fmt: skip
    async def test_a_wrong_one_is_refused(self, row: dict[str, Any]) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            got = await api("POST", f"/Leads/{lead}/Locking_Information__s", {"data": [row]})
            assert got.status == 400
            assert not org.state.is_locked("Leads", lead)

    async def test_a_second_one_is_forbidden(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            org.lock("Leads", lead)
            body = {"data": [{"Locked_Reason__s": "x"}]}
            got = await api("POST", f"/Leads/{lead}/Locking_Information__s", body)
            assert got.word == (403, "NOT_ALLOWED")
