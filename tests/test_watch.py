"""Where a call goes, as far as those who follow it may know."""

import asyncio

import pytest
from attrs import evolve

from zohocrm_async import CallFinished, CallStarted, Event
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._watch import server_of, template_of
from zohocrm_async.emulator import Emulator, Fault

API, CONTENT = "https://www.zohoapis.eu", "https://content.zohoapis.eu"
RECORD = Operation("GET", "/{module}/{id}", name="records.get")
UPLOAD = Operation("POST", "/crm/{version}/upload", name="bulk_write.upload", host="content")
LINK = Operation("GET", "/{link}", name="bulk_read.download", host="link")
RAW = Operation("GET", "", name="GET /Leads/a@example.com")


@pytest.mark.parametrize(
    ("operation", "path", "server", "template"),
    [
        (RECORD, "/Leads/1", API, "/crm/v7/{module}/{id}"),
        (UPLOAD, "/crm/v7/upload", CONTENT, "/crm/v7/upload"),
        (LINK, "/crm/bulk/v7/read/1/result", API, None),
        (LINK, "https://download.zoho.eu/x?secret=1", "https://download.zoho.eu", None),
        (RAW, "/Leads/a@example.com", API, None),
    ],
    ids=["declared", "content host", "relative link", "link", "not declared"],
)
def test_where_a_call_goes(
    operation: Operation, path: str, server: str, template: str | None
) -> None:
    """Neither values of a path nor what a link holds are part of it."""
    call = Call(operation, path)
    assert server_of(call, api=API, content=CONTENT) == server
    assert template_of(call, "v7") == template


async def test_calls_at_once_are_told_apart(org: Emulator) -> None:
    """Each has a number of its own, in its own task's events."""
    events: list[Event] = []
    async with org.client(hooks=[events.append]) as crm:
        await asyncio.gather(*(crm.organization.get() for _ in range(5)))
    begun = [event.call for event in events if isinstance(event, CallStarted)]
    ended = [event.call for event in events if isinstance(event, CallFinished)]
    assert len(set(begun)) == len(begun)
    assert sorted(begun) == sorted(ended)


async def test_a_wait_that_is_given_up_counts(org: Emulator) -> None:
    """The call was never sent, and waited for a slot."""
    events: list[Event] = []
    limits = evolve(org.limits, concurrency=1)
    async with org.client(hooks=[events.append], limits=limits) as crm:
        await crm.organization.get()
        org.fail_next(Fault.SLOW, seconds=0.2)
        first = asyncio.create_task(crm.organization.get())
        second = asyncio.create_task(crm.organization.get())
        while not crm.credits().waiting:
            await asyncio.sleep(0)
        org.advance(3)
        second.cancel()
        await asyncio.wait((second,))
        given_up = events[-1]
        await first
    assert isinstance(given_up, CallFinished)
    assert isinstance(given_up.error, asyncio.CancelledError)
    assert (given_up.attempts, given_up.credits, given_up.status) == (0, 0, None)
    assert given_up.waits["slots"] == pytest.approx(3, abs=0.5)
    assert given_up.seconds >= given_up.waits["slots"]
