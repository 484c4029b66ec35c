"""Clients that share everything in Redis, against the emulator."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import evolve
from members import LEASE, until

from benchmarks.redis_server import Server
from zohocrm_async import ClientPool, Limits, OrganizationSettings, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.redis import RedisFleet

LIMITS = Limits(concurrency=3, heavy_concurrency=3, credits=50_000)


@pytest.fixture
async def org() -> AsyncIterator[Emulator]:
    async with Emulator(concurrency=3, heavy_concurrency=3, latency=0.01) as org:
        yield org


def client(org: Emulator, fleet: RedisFleet, limits: Limits | None = LIMITS) -> ZohoCRM:
    return ZohoCRM(
        org.credentials,
        data_center=org.data_center,
        limits=limits,
        token_store=fleet.token_store(),
        ledger=fleet.ledger("acme"),
        slots=fleet.slots("acme"),
        mails=fleet.mails("acme"),
    )


def fleets(server: Server, number: int) -> list[RedisFleet]:
    return [RedisFleet(server.url, prefix=server.prefix, lease=LEASE) for _ in range(number)]


async def test_no_call_is_refused_for_want_of_a_slot(org: Emulator, server: Server) -> None:
    """The emulator refuses the fourth call in flight; three clients never make one."""
    clients = [client(org, fleet) for fleet in fleets(server, 3)]
    for crm in clients:
        await crm.__aenter__()
    await asyncio.gather(*(crm.organization.get() for crm in clients for _ in range(20)))
    assert {call.status for call in org.calls} == {200}
    assert org.tokens_minted == 1
    spent = [crm.credits() for crm in clients]
    for crm in clients:
        await crm.close()
    async with client(org, fleets(server, 1)[0]) as last:
        assert last.credits().used == org.credits_used
    assert all(report.used <= org.credits_used for report in spent)


@pytest.mark.parametrize(("concurrency", "at_once"), [(4, 1), (12, 2)])
async def test_no_composite_request_is_refused_either(
    server: Server, concurrency: int, at_once: int
) -> None:
    """Nor a plain call beside it: it counts as five, and each query in it as a heavy call."""
    limits = evolve(LIMITS, concurrency=concurrency, heavy_concurrency=4)

    async def together(crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            batch.add(batch.records.count("Leads"))
            found = batch.add(batch.coql.query("select id from Leads where id > 0 limit 1"))
        assert found.result.items == ()

    async with Emulator(concurrency=concurrency, heavy_concurrency=4, latency=0.005) as org:
        clients = [client(org, fleet, limits) for fleet in fleets(server, 3)]
        for crm in clients:
            await crm.__aenter__()
        work = [together(crm) for crm in clients for _ in range(5)]
        await asyncio.gather(*work, *(crm.organization.get() for crm in clients for _ in range(15)))
        for crm in clients:
            await crm.close()
        assert not any(org.refusals.values())
        assert {call.status for call in org.calls} == {200}
        assert org.peak_heavy == 2 * at_once
        assert org.peak_in_flight > 5 * (at_once - 1)


async def test_limits_are_asked_for_once_and_hold_for_all(org: Emulator, server: Server) -> None:
    first, second = (client(org, fleet, limits=None) for fleet in fleets(server, 2))
    async with first:
        await first.organization.get()
        async with second:
            # Before it has asked anybody.
            assert second.credits().slots.limit == first.credits().slots.limit
            assert second.credits().allowance == first.credits().allowance


async def test_who_is_configured_otherwise_is_refused(org: Emulator, server: Server) -> None:
    one, two = fleets(server, 2)
    async with client(org, one) as crm:
        calls = asyncio.gather(*(crm.organization.get() for _ in range(30)))
        await until(lambda: org.in_flight)
        other = client(org, two, evolve(LIMITS, concurrency=7))
        with pytest.raises(errors.ConfigurationError, match="concurrency=7"):
            await other.__aenter__()
        await other.close()
        await calls


async def test_a_pool_of_organisations_on_one_fleet(org: Emulator, server: Server) -> None:
    fleet = fleets(server, 1)[0]

    class Store:
        async def load(self, name: str) -> OrganizationSettings:
            return OrganizationSettings(
                credentials=org.credentials,
                data_center=org.data_center,
                limits=LIMITS,
                ledger=fleet.ledger(name),
                slots=fleet.slots(name),
                mails=fleet.mails(name),
            )

    async with fleet, ClientPool(Store(), token_store=fleet.token_store()) as pool:
        for _ in range(2):
            async with pool.organisation("acme") as crm:
                await crm.organization.get()
                used = crm.credits().used
            await pool.forget("acme")
        async with pool.organisation("acme") as crm:
            assert crm.credits().used == used


async def test_a_wrong_password_leaves_nothing_open(org: Emulator) -> None:
    with Server("--requirepass", "right") as server:
        crm = client(org, RedisFleet(server.url))
        with pytest.raises(errors.ConfigurationError, match="password"):
            await crm.__aenter__()
        await crm.close()
