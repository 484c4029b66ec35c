"""The client of a command, and what it asks before a job begins."""

import contextlib
import hashlib
import os
import re
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve

from zohocrm_async import FileTokenStore, Limits, Priority, Retry, SQLiteLedger, ZohoCRM
from zohocrm_async._environment import read
from zohocrm_async.exceptions import InvalidRequest, PermissionDenied, ScopeMismatch
from zohocrm_async.scheduler import Budget

BRIEFLY = Retry(attempts=3)
"""For a command whose human waits for the answer."""


def client(**settings: Any) -> ZohoCRM:
    """Return the client of the environment; its tokens and its ledger outlive the command.

    The service gives ten tokens in ten minutes, and commands may well be run more often.
    What they spend counts for a day, whichever of them spent it.
    """
    own: dict[str, Any] = {"ledger": ledger(), "token_store": FileTokenStore(token_file())}
    return ZohoCRM.from_env(**{**own, **settings})


@contextlib.asynccontextmanager
async def client_for_one_call() -> AsyncGenerator[ZohoCRM]:
    """Open a client that need not ask for the organisation's limits first."""
    books, limits = ledger(), Limits()
    allowance = await books.open()
    try:
        # Those that the last command knew: the books may hold more than is usual.
        limits = evolve(limits, credits=allowance or limits.credits)
        async with client(ledger=books, limits=limits, retry=BRIEFLY) as crm, awaited(crm):
            yield crm
    finally:
        await books.close()


def awaited(crm: ZohoCRM) -> Budget:
    """Return the budget of calls whose answer a human waits for: the floor is theirs."""
    return crm.budget("command", priority=Priority.INTERACTIVE)


def ledger() -> SQLiteLedger:
    """Return the ledger of the environment's organisation."""
    return SQLiteLedger.default(organisation())


def organisation() -> str:
    """Return what tells the environment's organisation from others: a hash of its client."""
    found = read(os.environ)
    told = f"{found.credentials['client_id']} {found.data_center.api}"
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    name = re.sub(r"[^\w-]", "_", found.data_center.name)
    return f"{name}-{mark}"


def token_file() -> Path:
    """Return where commands keep their access tokens; only its owner can read it."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(caches) if caches else Path.home() / ".cache") / "zohocrm" / "tokens.json"


async def check_module(crm: ZohoCRM, module: str) -> None:
    """Raise what the service says of *module*, before every row is refused for it."""
    try:
        await crm.records.list(module, fields=["id"], per_page=1)
    except (PermissionDenied, ScopeMismatch):
        return  # a token that may only send mails cannot tell


async def check_fields(crm: ZohoCRM, module: str, names: Iterable[str]) -> None:
    """Refuse fields that *module* has not: a list has no value in them, and says nothing."""
    try:
        for name in names:
            await crm.metadata.field(module, name)
    except (PermissionDenied, ScopeMismatch):
        return  # a token that may not see settings cannot tell


async def check_sender(crm: ZohoCRM, sender: str) -> None:
    """Refuse a *sender* that is not one of the allowed from addresses."""
    try:
        allowed = [address.email for address in await crm.mail.from_addresses()]
    except (PermissionDenied, ScopeMismatch):
        return  # a token that may only send mails cannot tell
    if sender.lower() not in {address.lower() for address in allowed}:
        raise InvalidRequest(
            f"--from {sender} is not one of the allowed from addresses: {', '.join(allowed)}"
        )
