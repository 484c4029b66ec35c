"""Mass actions and conversions: what the service refuses, and in which words it tells of jobs."""

from typing import Any

import pytest
from direct import Direct, add_lead, direct

from zohocrm_async.emulator import Emulator

CITY = {"data": [{"City": "Cork"}]}


def view(org: Emulator, module: str = "Leads") -> str:
    return next(iter(org.state.settings.rows("/settings/custom_views", module)))


@pytest.mark.parametrize(
    ("body", "word", "details"),
    [
        (CITY, "MANDATORY_NOT_FOUND", {"api_name": "ids"}),
        ({"ids": ["1"]}, "MANDATORY_NOT_FOUND", {"api_name": "data"}),
        ({**CITY, "ids": ["1"], "cvid": "2"}, "AMBIGUITY_DURING_PROCESSING", {}),
        ({**CITY, "ids": ["1"] * 501}, "INVALID_DATA", {"maximum_length": 500}),
        ({**CITY, "ids": "1"}, "INVALID_DATA", {"expected_data_type": "jsonarray"}),
        ({**CITY, "cvid": "9"}, "INVALID_DATA", {"api_name": "cvid"}),
        ({**CITY, "cvid": "{view}", "over_write": 1}, "INVALID_DATA", {"api_name": "over_write"}),
        ({**CITY, "cvid": "{view}", "all": True}, "INVALID_DATA", {"api_name": "all"}),
        ({**CITY, "cvid": "{view}", "territory": {"id": "9"}}, "INVALID_DATA",
         {"json_path": "$.territory.id"}),
        ({**CITY, "cvid": "{view}", "criteria": [{"comparator": "equal"}]}, "AMBIGUOUS_CRITERIA",
         {}),
        ({"data": [{}], "ids": ["1"]}, "LIMIT_EXCEEDED", {"maximum_length": 1}),
        ({"data": [{"City": "a"}] * 2, "ids": ["1"]}, "INVALID_DATA", {"maximum_length": 1}),
    ],
)  # fmt: skip
async def test_a_wrong_update_is_refused(
    body: dict[str, Any], word: str, details: dict[str, Any]
) -> None:
    """And changes nothing."""
    async with direct() as (org, api):
        add_lead(org)
        sent = {**body, **({"cvid": view(org)} if body.get("cvid") == "{view}" else {})}
        got = await api("POST", "/Leads/actions/mass_update", sent)
        assert got.word == (400, word)
        assert details.items() <= got.item["details"].items()
        org.advance(minutes=1)
        assert [record.get("City") for record in org.records("Leads")] == [None]


async def test_three_fields_of_deals_go_at_once() -> None:
    """Of other modules one."""
    async with direct() as (org, api):
        [deal] = org.add_records("Deals", [{"Deal_Name": "D"}])
        values = {"Stage": "Closed Won", "Amount": 5, "Probability": 100}
        body = {"data": [values], "ids": [deal]}
        assert (await api("POST", "/Deals/actions/mass_update", body)).status == 200
        assert values.items() <= (org.record("Deals", deal) or {}).items()


@pytest.mark.parametrize("action", ["mass_update", "mass_delete", "mass_change_owner"])
async def test_jobs_are_asked_for_by_their_ids(action: str) -> None:
    """An unknown one is no content, a job of another kind too."""
    async with direct() as (_, api):
        path = f"/Leads/actions/{action}"
        assert (await api("GET", path)).word == (400, "REQUIRED_PARAM_MISSING")
        assert (await api("GET", path, job_id="9")).status == 204


async def test_a_job_is_told_of_in_the_words_of_its_page() -> None:
    """Those of mass actions begin with capitals."""
    async with direct() as (org, api):
        add_lead(org)
        path = "/Leads/actions/mass_delete"
        made = await api("POST", path, {"cvid": view(org)})
        assert made.word == (200, "SCHEDULED")
        job = made.item["details"]["job_id"]
        org.advance(minutes=1)
        assert (await api("GET", path, job_id=job)).item == {
            "Status": "COMPLETED", "Total_Count": 1, "Deleted_Count": 1, "Failed_Count": 0,
        }  # fmt: skip
        assert (await api("GET", "/Deals/actions/mass_delete", job_id=job)).status == 204


async def test_a_change_of_owners_is_accepted() -> None:
    """It answers 202, and needs a view and an owner."""
    async with direct() as (org, api):
        path, owner = "/Leads/actions/mass_change_owner", {"id": org.state.owner["id"]}
        got = await api("POST", path, {"cvid": view(org), "owner": owner})
        assert got.word == (202, "SCHEDULED")
        for body in ({"owner": owner}, {"cvid": view(org)}, {"cvid": view(org), "owner": {}},
                     {"cvid": view(org), "owner": owner, "ids": ["1"]}):  # fmt: skip
            assert (await api("POST", path, body)).status == 400


class TestConversions:
    """A lead becomes what it can, and nothing on a wrong call."""

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            ({"overwrite": "yes"}, "INVALID_DATA"),
            ({"Contacts": "9"}, "INVALID_DATA"),
            ({"Contacts": {"id": "9"}}, "INVALID_DATA"),
            ({"assign_to": {"id": "9"}}, "INVALID_DATA"),
            ({"Deals": "x"}, "INVALID_DATA"),
            ({"Deals": {}}, "MANDATORY_NOT_FOUND"),
            ({"Deals": {"Deal_Name": "D", "Amount": "much"}}, "INVALID_DATA"),
            ({"carry_over_tags": {"Leads": ["x"]}}, "INVALID_DATA"),
            ({"carry_over_tags": ["x"]}, "INVALID_DATA"),
            ({"move_attachments_to": {"api_name": "Leads", "id": "1"}}, "INVALID_DATA"),
            ({"why": "x"}, "INVALID_DATA"),
        ],
    )
    async def test_a_wrong_one_of_a_lead(self, body: dict[str, Any], word: str) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, Company="Acme")
            got = await api("POST", f"/Leads/{lead}/actions/convert", {"data": [body]})
            assert got.word == (400, word)
            assert not org.records("Contacts")
            assert not org.records("Accounts")

    @pytest.mark.parametrize(
        "body", [None, {}, {"ids": ["1"] * 51}, {"ids": ["1"], "Deals": {}}, {"ids": ["1"], "x": 1}]
    )
    async def test_a_wrong_one_of_many_leads(self, body: Any) -> None:
        async with direct() as (_, api):
            assert (await api("POST", "/Leads/actions/mass_convert", body)).status == 400

    async def test_the_answer_of_many_stands_alone(self) -> None:
        """It is no list; conversions tell their states in small letters."""
        async with direct() as (org, api):
            path = "/Leads/actions/mass_convert"
            made = await api("POST", path, {"ids": [add_lead(org)]})
            assert (made.status, made.body["code"]) == (202, "SCHEDULED")
            job = made.body["details"]["job_id"]
            org.advance(seconds=3)
            got = await api("GET", path, job_id=job)
            assert (got.item["Status"], got.item["Converted_Count"]) == ("in progress", 0)
            org.advance(seconds=3)
            got = await api("GET", path, job_id=job)
            assert (got.item["Status"], got.item["Converted_Count"]) == ("completed", 1)

    @pytest.mark.parametrize(
        "target",
        [
            None,
            [],
            [{"module": {"api_name": "Invoices"}}],
            [{"module": {"api_name": "Quotes", "id": "{id}"}}],
            [{"module": {"api_name": "Invoices", "id": "9"}}],
            [{"module": {"api_name": "Invoices", "id": "{id}"}, "carry_over_tags": 1}],
            [{"module": {"api_name": "Invoices", "id": "{id}"}}] * 2,
        ],
    )
    async def test_a_wrong_one_of_a_quote(self, target: Any) -> None:
        async with direct() as (org, api):
            [quote] = org.add_records("Quotes", [{"Subject": "Boats"}])
            known = await self.module_id(api, "Invoices")
            for each in target or []:
                if each["module"].get("id") == "{id}":
                    each["module"] = {**each["module"], "id": known}
            row = {} if target is None else {"convert_to": target}
            got = await api("POST", f"/Quotes/{quote}/actions/convert", {"data": [row]})
            assert got.status == 400
            body = {**row, "ids": [quote]}
            assert (await api("POST", "/Quotes/actions/mass_convert", body)).status == 400
            org.advance(minutes=1)
            assert not org.records("Invoices")

    async def test_other_modules_are_not_converted(self) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/Deals/1/actions/convert", {"data": [{}]})
            assert got.word == (400, "INVALID_MODULE")

    @staticmethod
    async def module_id(api: Direct, name: str) -> str:
        return str((await api("GET", f"/settings/modules/{name}")).item["id"])
