"""The organisation as tests hold it."""

import re
from typing import Any

import pytest
from direct import Direct, add_lead, direct

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import Address, Mail
from zohocrm_async.options import Edition


async def test_a_client_works_with_nothing_but_the_organisation() -> None:
    """As the package's own words show it."""
    async with Emulator(credits=1_000) as org:
        [lead] = org.add_records("Leads", [{"Last_Name": "Stone", "Email": "s@example.com"}])
        async with org.client() as crm:
            mail = Mail(from_=Address("crm@example.com"), to=[Address("s@example.com")])
            sent = await crm.mail.send("Leads", lead, mail)
        assert [mail.message_id for mail in org.mails] == [sent.message_id]
        assert crm.credits().used == org.credits_used


async def test_a_client_from_its_environment_knows_its_limits() -> None:
    """No call is needed to learn them."""
    async with (
        Emulator(credits=77, concurrency=3, heavy_concurrency=2) as org,
        ZohoCRM.from_env(org.env) as crm,
    ):
        assert (await crm.organization.get()).zgid == org.zgid
        assert crm.credits().allowance == 77


async def test_limits_follow_from_the_edition() -> None:
    """Unless they are given."""
    org = Emulator(edition=Edition.PROFESSIONAL, users=10)
    assert (org.limits.credits, org.limits.concurrency) == (55_000, 15)
    assert org.state.mail_cap == 3_000


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"edition": "enterprise"}, "edition is 'enterprise': give one of Edition"),
        ({"users": 0}, "users is 0: give a whole number, 1 or more"),
        ({"users": 2.5}, "users is 2.5"),
        ({"latency": -1}, "latency is -1: give seconds"),
        ({"latency": "1"}, "latency is '1'"),
        ({"seed": None}, "seed is None"),
        ({"time_zone": "Nowhere/X"}, "time_zone is 'Nowhere/X': give a name such as"),
        ({"time_zone": 5}, "time_zone is 5"),
        ({"users": 0, "seed": -1}, "users is 0: give a whole number, 1 or more; seed is -1"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(settings: dict[str, Any], says: str) -> None:
    """At once, and not by what fails later."""
    with pytest.raises(ValueError, match=re.escape(says)):
        Emulator(**settings)


async def test_it_is_opened_before_it_is_used_and_only_once() -> None:
    """Both are told."""
    org = Emulator()
    with pytest.raises(RuntimeError, match="open the emulator"):
        _ = org.url
    async with org:
        with pytest.raises(RuntimeError, match="make another"):
            await org.__aenter__()


async def test_a_taken_port_is_told() -> None:
    """As the system says it."""
    async with Emulator() as org:
        port = int(org.url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            async with Emulator(port=port):
                pass


async def test_two_organisations_know_nothing_of_each_other() -> None:
    """Records, tokens and credits."""
    async with direct(seed=1) as (one, api), Emulator(seed=2) as other:
        add_lead(one)
        await api("GET", "/org")
        assert not other.records("Leads")
        assert other.credits_used == 0
        token = await api.token()
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        async with api.session.get(f"{other.url}/crm/v7/org", headers=headers) as answer:
            assert answer.status == 401


async def test_what_is_returned_cannot_change_what_is_stored() -> None:
    """Records come as copies."""
    async with direct() as (org, _):
        lead = add_lead(org)
        record = org.record("Leads", lead)
        assert isinstance(record, dict)
        record["Last_Name"] = "Other"
        assert org.records("Leads")[0]["Last_Name"] == "Stone"
        assert org.record("Leads", "4711") is None


async def test_what_others_spend_is_missing() -> None:
    """An application that the client knows nothing of."""
    async with direct(credits=25) as (org, api):
        org.spend(10)
        assert (await api.send(add_lead(org))).status == 429
        org.advance(hours=24)
        assert (await Direct(org, api.session).send(add_lead(org))).status == 200
