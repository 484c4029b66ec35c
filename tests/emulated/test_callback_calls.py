"""Callbacks of bulk jobs, which are really posted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from samples_bulk import LEADS, packed

from zohocrm_async import ZohoCRM
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import BulkReadQuery, BulkWrite, BulkWriteResource, Callback

Told = asyncio.Queue[Any]
QUERY = BulkReadQuery(module=LEADS, fields=("Last_Name",))


@pytest.fixture
async def told() -> AsyncIterator[tuple[str, Told]]:
    """An address to post to, and what was posted there."""
    posted: Told = asyncio.Queue()

    async def answer(request: web.BaseRequest) -> web.Response:
        posted.put_nowait(await request.json())
        return web.Response(status=202)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/jobs?key=s3cret", posted
    finally:
        await runner.cleanup()


async def test_a_read_that_has_ended_is_told(
    org: Emulator, crm: ZohoCRM, told: tuple[str, Told]
) -> None:
    """With its result, which is there to be downloaded."""
    url, posted = told
    org.add_records("Leads", [{"Last_Name": "Stone"}])
    job = await crm.bulk_read.create(QUERY, callback=Callback(url))
    await org.notified()
    assert posted.empty()
    org.advance(5)
    body = await posted.get()
    assert (body["job_id"], body["state"], body["operation"]) == (job.id, "COMPLETED", "read")
    assert body["result"]["count"] == 1
    assert [row["Last_Name"] async for row in crm.bulk_read.rows(body["job_id"])] == ["Stone"]
    await org.notified()
    [kept] = org.callbacks
    assert (kept.job_id, kept.status, kept.problem) == (job.id, 202, "")
    assert "s3cret" not in repr(kept)


async def test_a_read_that_fails_is_told_too(
    org: Emulator, crm: ZohoCRM, told: tuple[str, Told]
) -> None:
    """By the word for it."""
    url, posted = told
    org.state.bulk.fail.add("Leads")
    await crm.bulk_read.create(QUERY, callback=Callback(url))
    org.advance(5)
    assert (await posted.get())["state"] == "FAILURE"


async def test_a_write_that_has_ended_is_told(
    org: Emulator, crm: ZohoCRM, told: tuple[str, Told]
) -> None:
    """With what became of its file."""
    url, posted = told
    file_id = await crm.bulk_write.upload(
        FormFile("leads.zip", packed([("Last_Name",), ("Stone",), ("",)]))
    )
    write = BulkWrite(
        operation="insert",
        resource=(BulkWriteResource(module=LEADS, file_id=file_id),),
        callback=Callback(url),
    )
    job = await crm.bulk_write.create(write)
    org.advance(5)
    body = await posted.get()
    assert (body["job_id"], body["status"]) == (job.id, "COMPLETED")
    file = body["resource"][0]["file"]
    assert (file["added_count"], file["skipped_count"]) == (1, 1)


async def test_a_job_ends_and_is_told_though_nobody_asks(
    org: Emulator, crm: ZohoCRM, told: tuple[str, Told]
) -> None:
    """By the clock as it goes by itself."""
    url, posted = told
    org.state.bulk.seconds = 0.02
    job = await crm.bulk_read.create(QUERY, callback=Callback(url))
    assert (await posted.get())["job_id"] == job.id


async def test_a_job_that_goes_on_when_the_emulator_closes_is_not_told(
    told: tuple[str, Told],
) -> None:
    """And keeps nothing alive."""
    url, posted = told
    async with Emulator() as org, org.client() as crm:
        await crm.bulk_read.create(QUERY, callback=Callback(url))
    org.advance(5)
    assert posted.empty()


async def test_nothing_is_posted_to_another_machine(org: Emulator, crm: ZohoCRM) -> None:
    """It is written down that it would have been."""
    await crm.bulk_read.create(QUERY, callback=Callback("https://example.com/jobs"))
    org.advance(5)
    await org.notified()
    [kept] = org.callbacks
    assert kept.status is None
    assert "loopback" in kept.problem
