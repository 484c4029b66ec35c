"""A small backend: mails to leads, newsletters that survive a restart, merges, notifications.

    pip install '.[fastapi]' uvicorn && python examples/fastapi_app.py

Then open http://127.0.0.1:8000/docs, and http://127.0.0.1:8000/account/ to see the credits and
slots. With ZOHO_CLIENT_ID and the like in the environment it serves that organisation, else an
emulated one. PORT, JOURNALS (a folder), PUBLIC_URL (where the organisation can reach this
application) and DASHBOARD_PASSWORD may be set as well.
"""

import asyncio
import gc
import os
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Path as InPath, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

from zohocrm_async import ZohoCRM, dashboard
from zohocrm_async.emulator import Emulator
from zohocrm_async.fastapi import CRM, add_exception_handlers, health, lifespan, notifications
from zohocrm_async.jobs import JobReport, MailJob
from zohocrm_async.models import Address, Mail, MergeChild, NewChannel, Notification
from zohocrm_async.notifications import new_token

PORT = int(os.environ.get("PORT", "8000"))
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
JOURNALS = Path(os.environ.get("JOURNALS", "."))
PASSWORD = os.environ.get("DASHBOARD_PASSWORD") or secrets.token_urlsafe()
CHANNEL = "1000000068001"
TOKENS = {CHANNEL: new_token()}
LEADS = [
    {"Last_Name": "Stone", "Email": "stone@example.com"},
    {"Last_Name": "Rivers", "Email": "rivers@example.com"},
    {"Last_Name": "Rivers", "Email": "rivers@example.com"},
]
changed: dict[str, int] = {}


class Letter(BaseModel):
    """What a mail says."""

    subject: str
    content: str


class Newsletters:
    """Mail jobs that run beside the requests, each with a journal of its own."""

    def __init__(self, crm: ZohoCRM) -> None:
        self._crm = crm
        self._tasks: dict[str, asyncio.Task[JobReport]] = {}
        self._counts: dict[str, Counter[str]] = {}

    def start(self, name: str, letter: Letter) -> None:
        """Begin to mail all leads, or go on where an earlier process stopped."""
        task = self._tasks.get(name)
        if task is not None and not (task.done() and (task.exception() or not task.result().ok)):
            raise HTTPException(409, f"the newsletter {name!r} was started already")
        self._counts[name] = Counter[str]()
        self._tasks[name] = asyncio.create_task(self._run(name, letter), name=name)

    async def _run(self, name: str, letter: Letter) -> JobReport:
        job = MailJob(
            self._crm,
            journal=JOURNALS / f"{name}.journal",
            module="Leads",
            sender=(await self._crm.mail.from_addresses())[0].email,
            subject=letter.subject,
            content=letter.content,
        )
        leads = self._crm.records.list("Leads", fields=["Last_Name", "Email"])
        begin = job.resume if await asyncio.to_thread(job.journal.exists) else job.run
        return await begin(leads, lambda item: self._counts[name].update([item.state]))

    def state(self, name: str) -> Mapping[str, Any]:
        """Return how far a newsletter is."""
        task = self._tasks.get(name)
        if task is None:
            raise HTTPException(404, f"no newsletter {name!r} was started")
        if not task.done():
            return {"state": "running", "counts": self._counts[name]}
        report = task.result()
        return {"state": "done" if report.ok else "stopped", "counts": report.counts}

    async def close(self) -> None:
        """Let what is in flight come to its end; the journals know where to go on."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


@asynccontextmanager
async def organisation() -> AsyncGenerator[ZohoCRM]:
    """Open the client of the environment's organisation, or of an emulated one."""
    async with AsyncExitStack() as stack:
        hooks = [dashboard.Recorder()]
        if "ZOHO_CLIENT_ID" in os.environ:
            client = ZohoCRM.from_env(hooks=hooks)
        else:
            org = await stack.enter_async_context(Emulator())
            org.add_records("Leads", LEADS)
            client = org.client(hooks=hooks)
        yield await stack.enter_async_context(client)


@asynccontextmanager
async def life(app: FastAPI) -> AsyncGenerator[Mapping[str, Any]]:
    """Open the client, keep a channel for notifications, and close all at the end."""
    channel = NewChannel(
        channel_id=CHANNEL,
        events=["Leads.all"],
        notify_url=f"{PUBLIC_URL}/notifications",
        token=TOKENS[CHANNEL],
    )
    async with lifespan(organisation)(app) as state:
        crm: ZohoCRM = state["zohocrm"]
        newsletters = Newsletters(crm)
        try:
            async with crm.notifications.kept([channel]):
                # A search for garbage in all that is here by now would stop every request
                # for 50 ms and more, again and again.
                gc.collect()
                gc.freeze()
                yield {**state, "newsletters": newsletters}
        finally:
            await newsletters.close()


def newsletters_of(request: Request) -> Newsletters:
    """Return the newsletters of the application."""
    found: Newsletters = request.state.newsletters
    return found


async def note(notification: Notification) -> None:
    """Count what happens to leads; a real backend would put it on a queue."""
    for record_id in notification.ids:
        changed[record_id] = changed.get(record_id, 0) + 1


async def guard(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
    """Let in whoever knows the password."""
    if not secrets.compare_digest(given.password.encode(), PASSWORD.encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})


app = FastAPI(title="Leads", lifespan=life)
add_exception_handlers(app)
app.include_router(health())
app.include_router(notifications(note, TOKENS))
app.include_router(dashboard.router(guard), prefix="/account")
Jobs = Annotated[Newsletters, Depends(newsletters_of)]
Name = Annotated[str, InPath(pattern="^[a-z0-9-]{1,40}$")]


@app.get("/leads")
async def leads(crm: CRM) -> list[Mapping[str, Any]]:
    """List the leads, with the number of changes seen since the start."""
    fields = ["Last_Name", "Email"]
    found = [lead async for lead in crm.records.list("Leads", fields=fields)]
    return [{**lead, "changes": changed.get(lead.id, 0)} for lead in found]


@app.get("/leads/{lead}")
async def lead(lead: str, crm: CRM) -> Mapping[str, Any]:
    """Show a lead."""
    return dict(await crm.records.get("Leads", lead))


@app.post("/leads/{lead}/mail", status_code=201)
async def mail(lead: str, letter: Letter, crm: CRM) -> Mapping[str, str]:
    """Send a mail to a lead."""
    record = await crm.records.get("Leads", lead, fields=["Email"])
    if not record.get("Email"):
        raise HTTPException(422, "the lead has no e-mail address")
    sender = (await crm.mail.from_addresses())[0].email
    sent = await crm.mail.send(
        "Leads",
        lead,
        Mail(from_=Address(sender), to=[Address(record["Email"])], **letter.model_dump()),
    )
    return {"message_id": sent.message_id}


@app.post("/leads/{lead}/merge")
async def merge(lead: str, duplicates: list[str], crm: CRM) -> Mapping[str, Any]:
    """Merge duplicates into a lead, and wait until it is done."""
    await crm.merge.run("Leads", lead, [MergeChild(id=one) for one in duplicates])
    return dict(await crm.records.get("Leads", lead))


@app.put("/newsletters/{name}", status_code=202)
async def start(name: Name, letter: Letter, jobs: Jobs) -> None:
    """Mail all leads, beside the requests."""
    jobs.start(name, letter)


@app.get("/newsletters/{name}")
async def watch(name: Name, jobs: Jobs) -> Mapping[str, Any]:
    """Tell how far a newsletter is."""
    return jobs.state(name)


if __name__ == "__main__":
    if "DASHBOARD_PASSWORD" not in os.environ:
        print(f"The password of http://127.0.0.1:{PORT}/account/ is {PASSWORD}")
    uvicorn.run(app, port=PORT)
