"""The emulator runs composite requests, and refuses what the service refuses."""

import asyncio
from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct
from hypothesis import given, settings, strategies as st

from zohocrm_async.emulator.composite_references import filled, referred
from zohocrm_async.emulator.errors import Refusal

KEY = "__composite_requests"
CREATE = {"method": "POST", "uri": "/crm/v7/Leads", "body": {"data": [{"Last_Name": "Marsh"}]}}
COUNT = {"method": "GET", "uri": "/crm/v7/Leads/actions/count"}
ANSWERS = {"1": {"data": [{"id": "7", "list": [1], "n": 5}], "a b": True}}


def get(path: str, **more: Any) -> dict[str, Any]:
    return {"method": "GET", "uri": f"/crm/v7{path}", **more}


def numbered(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"sub_request_id": str(number), **request} for number, request in enumerate(requests, 1)
    ]


async def send(api: Direct, *requests: Any, **options: Any) -> Got:
    return await api("POST", "/__composite_requests", {KEY: list(requests), **options})


def codes(got: Got) -> list[str]:
    return [item["code"] for item in got.body[KEY]]


def response(got: Got, index: int) -> dict[str, Any]:
    item: dict[str, Any] = got.body[KEY][index]
    assert (item["code"], item["status"]) == ("SUCCESS", "success")
    found: dict[str, Any] = item["details"]["response"]
    return found


class TestSlots:
    """Five of all calls, whatever is in it; a heavy one, and those of its heavy requests."""

    @pytest.mark.parametrize(("concurrency", "served"), [(9, 4), (6, 1), (5, 0), (3, 0)])
    async def test_plain_calls_beside_it_have_the_rest(self, concurrency: int, served: int) -> None:
        """All slots are its own where there are five or fewer."""
        async with direct(concurrency=concurrency, latency=0.05) as (org, api):
            await api.token()
            together = asyncio.create_task(send(api, COUNT))
            while not org.in_flight:
                await asyncio.sleep(0)
            got = await asyncio.gather(*(api("GET", "/org") for _ in range(served + 2)))
            assert sorted(answer.status for answer in got) == [200] * served + [429] * 2
            assert (await together).status == 200
            assert org.refusals["concurrency"] == 2
            assert (org.in_flight, org.peak_in_flight) == (0, min(5, concurrency) + served)

    async def test_it_is_refused_where_fewer_are_free(self) -> None:
        async with direct(concurrency=10) as (org, api):
            org.occupy(6)
            got = await send(api, COUNT)
            assert (got.status, got.body["code"]) == (429, "TOO_MANY_REQUESTS")
            assert "sub-concurrency" not in got.body["message"]
            org.occupy(5)
            assert (await send(api, COUNT)).status == 200

    async def test_heavy_requests_take_heavy_slots(self) -> None:
        """A query and a sorted list are; what is none of our operations takes none."""
        query = {"select_query": "select id from Leads where id > 0 limit 1"}
        heavy = [
            {"method": "POST", "uri": "/crm/v7/coql", "body": query},
            get("/Leads", params={"fields": "id", "sort_by": "id"}),
            get("/Leads?fields=id&sort_by=id"),
        ]
        light = [get("/Leads", params={"fields": "id"}), get("/nowhere")]
        async with direct(concurrency=10, heavy_concurrency=4) as (org, api):
            await send(api, *light)
            assert org.peak_heavy == 1
            assert (await send(api, *heavy, *light)).status == 207
            assert org.peak_heavy == 4
            org.occupy(1, heavy=1)
            got = await send(api, *heavy)
            assert (got.status, "sub-concurrency" in got.body["message"]) == (429, True)


class TestRunning:
    """What becomes of the requests."""

    async def test_each_is_answered_in_its_place(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            got = await send(api, get(f"/Leads/{lead}"), get("/Leads/77"), COUNT)
            assert got.status == 200
            assert [response(got, n)["status_code"] for n in range(3)] == [200, 400, 200]
            assert response(got, 0)["body"]["data"][0]["id"] == lead
            assert response(got, 1)["body"]["code"] == "INVALID_DATA"
            assert response(got, 2)["body"] == {"count": 1}

    async def test_in_parallel_requests_run_after_those_they_refer_to(self) -> None:
        async with direct() as (_, api):
            read = get("/Leads/@{2:$.data[0].details.id}")
            got = await send(api, *numbered(read, CREATE))
            assert response(got, 0)["body"]["data"][0]["Last_Name"] == "Marsh"

    async def test_one_after_the_other_they_refer_to_those_before(self) -> None:
        async with direct() as (_, api):
            read = get("/Leads/@{2:$.data[0].details.id}")
            got = await send(api, *numbered(read, CREATE), parallel_execution=False)
            assert (got.status, codes(got)) == (207, ["INVALID_REFERENCE", "SUCCESS"])

    async def test_references_stand_in_paths_params_and_bodies(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            rename = {
                "method": "PUT",
                "uri": "/crm/v7/Leads/@{1:$.data[0].details.id}",
                "body": {"data": [{"Last_Name": "after @{2:$['count']}", "City": "Cork"}]},
            }
            read = get("/Leads", params={"fields": "City", "ids": f"@{{3:$.data[0].id}},{lead}"})
            found = get("/Leads/@{1:$.data[0].details.id}")
            got = await send(
                api,
                *numbered(CREATE, COUNT, found, rename, read),
                parallel_execution=False,
            )
            assert codes(got) == ["SUCCESS"] * 5
            assert len(response(got, 4)["body"]["data"]) == 2
            assert sorted(row["Last_Name"] for row in org.state.records("Leads").values()) == [
                *("Stone", "after 2")
            ]

    async def test_requests_that_refer_to_each_other_never_run(self) -> None:
        async with direct() as (_, api):
            one, other = get("/Leads/@{2:$.data[0].id}"), get("/Leads/@{1:$.data[0].id}")
            got = await send(api, *numbered(one, other, COUNT))
            assert (got.status, codes(got)) == (207, ["LOOPING_FOUND", "LOOPING_FOUND", "SUCCESS"])
            assert got.body[KEY][0]["details"]["sub_request_indexes"] == [0, 1]

    @pytest.mark.parametrize(
        "reference", ["@{1:$.data[0].nothing}", "@{1:data}", "@{9:$.data}", "@{1:$.data[5]}"]
    )
    async def test_a_reference_to_nothing_is_refused(self, reference: str) -> None:
        async with direct() as (_, api):
            got = await send(api, *numbered(CREATE, get(f"/Leads/{reference}")))
            assert (got.status, codes(got)) == (207, ["SUCCESS", "INVALID_REFERENCE"])
            assert got.body[KEY][1]["details"]["reference"] == reference

    async def test_nothing_triggered_is_an_error(self) -> None:
        async with direct() as (_, api):
            got = await send(api, get("/Leads/@{9:$.data}"))
            assert (got.status, codes(got)) == (400, ["INVALID_REFERENCE"])

    async def test_scopes_are_asked_for_each(self) -> None:
        async with direct() as (org, api):
            scopes = ["ZohoCRM.composite_requests.CUSTOM", "ZohoCRM.modules.leads.READ"]
            token = await api.token(org.credentials_with(scopes=scopes))
            got = await api(
                "POST",
                "/__composite_requests",
                {KEY: [COUNT, CREATE]},
                headers={"Authorization": f"Zoho-oauthtoken {token}"},
            )
            assert (got.status, codes(got)) == (207, ["SUCCESS", "OAUTH_SCOPE_MISMATCH"])


class TestRollback:
    """One that fails undoes the others."""

    async def test_it_is_undone_as_a_whole(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            remove = {"method": "DELETE", "uri": f"/crm/v7/Leads/{lead}"}
            tag = {
                "method": "POST",
                "uri": "/crm/v7/settings/tags",
                "params": {"module": "Leads"},
                "body": {"tags": [{"name": "Hot"}]},
            }
            told: list[str] = []
            org.state.observers.append(lambda kind, *_: told.append(kind))
            got = await send(
                api, CREATE, remove, tag, get("/Leads/77"), COUNT, rollback_on_fail=True
            )
            assert (got.status, codes(got)) == (
                400,
                [*["ROLLBACK_PERFORMED"] * 3, "SUCCESS", "PROCESSING_STOPPED"],
            )
            assert list(org.state.records("Leads")) == [lead]
            assert org.state.deleted("Leads") == []
            assert not org.state.settings.rows("/settings/tags", "Leads")
            assert told == []
            assert org.credits_used == 1

    async def test_what_goes_well_stays_and_is_told(self) -> None:
        async with direct() as (org, api):
            told: list[str] = []
            org.state.observers.append(lambda kind, *_: told.append(kind))
            got = await send(api, CREATE, COUNT, rollback_on_fail=True)
            assert (got.status, codes(got)) == (200, ["SUCCESS", "SUCCESS"])
            assert len(org.state.records("Leads")) == 1
            assert told == ["insert"]
            assert org.credits_used == 2


class TestLimits:
    """How many records a request may be of."""

    async def test_one_to_write(self) -> None:
        async with direct() as (org, api):
            two = {**CREATE, "body": {"data": [{"Last_Name": "a"}, {"Last_Name": "b"}]}}
            got = await send(api, two)
            answer = response(got, 0)
            assert (answer["status_code"], answer["body"]["code"]) == (400, "LIMIT_EXCEEDED")
            assert not org.state.records("Leads")

    async def test_25_to_list(self) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", [{"Last_Name": "x"}] * 30)
            query = {"method": "POST", "uri": "/crm/v7/coql"}
            text = "select id from Leads where id > 0"
            got = await send(
                api,
                get("/Leads", params={"fields": "City"}),
                get("/Leads", params={"fields": "City", "per_page": 26}),
                {**query, "body": {"select_query": text}},
                {**query, "body": {"select_query": f"{text} limit 26"}},
            )
            listed, more, asked, too_many = (response(got, n)["body"] for n in range(4))
            assert len(listed["data"]) == len(asked["data"]) == 25
            assert (more["code"], more["details"]) == (
                "LIMIT_EXCEEDED",
                {"by": "per_page", "limit": 25},
            )
            assert (too_many["code"], too_many["details"]) == (
                "LIMIT_EXCEEDED",
                {"by": "limit", "limit": 25},
            )

    async def test_five_requests(self) -> None:
        async with direct() as (_, api):
            got = await send(api, *[COUNT] * 6)
            assert got.word == (400, "INVALID_DATA")
            assert got.body["details"]["maximum_length"] == 5


class TestRefusals:
    """What is wrong with the whole, or with one of the requests."""

    @pytest.mark.parametrize(
        ("body", "code", "name"),
        [
            ([], "INVALID_DATA", None),
            ({}, "MANDATORY_NOT_FOUND", KEY),
            ({KEY: []}, "INVALID_DATA", KEY),
            ({KEY: {}}, "INVALID_DATA", KEY),
            ({KEY: [COUNT], "rollback_on_fail": "yes"}, "INVALID_DATA", "rollback_on_fail"),
            ({KEY: [COUNT], "parallel_execution": 1}, "INVALID_DATA", "parallel_execution"),
            ({KEY: [COUNT], "concurrent_execution": True}, "INVALID_DATA", "concurrent_execution"),
            ({KEY: [COUNT], "rollback_on_fail": True, "parallel_execution": True},
             "AMBIGUITY_DURING_PROCESSING", None),
        ],
    )  # fmt: skip
    async def test_the_whole(self, body: Any, code: str, name: str | None) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/__composite_requests", body)
            assert got.word == (400, code)
            assert got.body["details"].get("api_name") == name

    @pytest.mark.parametrize(
        ("request_", "code", "details"),
        [
            ("text", "INVALID_DATA", {"expected_data_type": "jsonobject"}),
            ({"uri": "/crm/v7/org"}, "MANDATORY_NOT_FOUND", {"api_name": "method"}),
            ({"method": "GET"}, "MANDATORY_NOT_FOUND", {"api_name": "uri"}),
            ({**COUNT, "method": "get"}, "INVALID_DATA", {"api_name": "method"}),
            ({**COUNT, "uri": "crm/v7/org"}, "INVALID_DATA", {"api_name": "uri"}),
            ({**COUNT, "uri": "/crm/v8/org"}, "NOT_ALLOWED",
             {"sub_request_version": 8, "composite_request_version": 7}),
            ({**COUNT, "url": "x"}, "INVALID_DATA", {"api_name": "url"}),
            ({**COUNT, "sub_request_id": "a-b"}, "INVALID_DATA", {"api_name": "sub_request_id"}),
            ({**COUNT, "params": []}, "INVALID_DATA", {"api_name": "params"}),
            ({**COUNT, "headers": {"Authorization": "x"}}, "INVALID_DATA",
             {"restricted_headers": ["authorization"]}),
            ({**COUNT, "method": "DELETE", "uri": "/crm/v7/Leads"}, "NOT_SUPPORTED", {}),
            ({**COUNT, "uri": "/crm/v7/nowhere"}, "NOT_SUPPORTED", {}),
            ({**COUNT, "uri": "/crm/bulk/v7/read/1"}, "NOT_SUPPORTED", {}),
            ({"sub_request_id": "1", **get("/Leads/@{1:$.id}")}, "INVALID_REFERENCE", {}),
        ],
    )  # fmt: skip
    async def test_one(self, request_: Any, code: str, details: dict[str, Any]) -> None:
        """The others run."""
        async with direct() as (_, api):
            got = await send(api, COUNT, request_)
            assert (got.status, codes(got)) == (207, ["SUCCESS", code])
            found = got.body[KEY][1]["details"]
            assert found["json_path"] == f"$.{KEY}[1]"
            assert {name: found[name] for name in details} == details

    async def test_the_same_id_twice(self) -> None:
        async with direct() as (_, api):
            one = {"sub_request_id": "1", **COUNT}
            assert codes(await send(api, one, one)) == ["SUCCESS", "DUPLICATE_DATA"]

    async def test_a_version_that_does_not_know_it(self) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/__composite_requests", {KEY: [COUNT]}, version="v2")
            assert got.status == 404


class TestReferences:
    """Values in place of references."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("@{1:$.data[0].id}", "7"),
            ("@{1:$.data[0].n}", 5),
            ("x @{1:$.data[0].n} y @{1:$.data[0].id}", "x 5 y 7"),
            ("@{1:$.data[0].list}", [1]),
            ("@{1:$['a b']}", True),
            ({"a": ["@{1:$.data[0].id}", 1]}, {"a": ["7", 1]}),
            ("plain @ { text }", "plain @ { text }"),
        ],
    )
    def test_they_are_filled_in(self, value: Any, expected: Any) -> None:
        assert filled(value, ANSWERS) == expected

    def test_an_object_within_a_text_is_none(self) -> None:
        with pytest.raises(Refusal, match="no proper value"):
            filled("x @{1:$.data}", ANSWERS)

    @given(st.text())
    @settings(max_examples=50)
    def test_text_without_references_stays(self, text: str) -> None:
        if not list(referred(text)):
            assert filled(text, {}) == text
