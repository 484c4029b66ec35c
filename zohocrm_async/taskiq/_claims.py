"""Claims of parts: who carries a part through, until when, and what of the budget it holds.

A claim is a random token in the part's row. Every write of a part asks for it in the same
transaction and renews the lease, on the database's clock; a part whose lease has lapsed is
anybody's, and who takes it puts a token of its own in place. The row of the job is locked
before that of a part, always in this order.
"""

import secrets
from typing import Final

from attrs import frozen
from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import ItemState
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._states import JobState
from zohocrm_async.taskiq._tables import items, jobs, parts

UNFINISHED: Final = (ItemState.PLANNED, ItemState.SENDING, ItemState.MERGING)
"""States that keep a part from being done."""

# Credits that pay for some calls whatever they are.
_LITTLE: Final = 1_000


class ClaimLost(JournalError):
    """A part is no longer ours to write: its lease lapsed, and another may have taken it."""


@frozen
class Claim:
    """A part that is ours, as long as the database has our token."""

    job: int
    number: int
    first: int
    """The positions of its items are from here ..."""
    last: int
    """... to here."""
    token: str


@frozen
class Renewed:
    """What is learnt whenever a claim is renewed."""

    now: float
    """The database's time, in seconds."""
    state: JobState
    stopped: str | None


async def lock(connection: AsyncConnection, job: int, *states: JobState) -> bool:
    """Let no other claim or end of a claim of the job come between; whether it is in *states*."""
    found = await connection.scalar(select(jobs.c.state).where(jobs.c.id == job).with_for_update())
    return found in states


async def take(
    database: Database, connection: AsyncConnection, job: int, number: int, lease: float
) -> Claim | None:
    """Claim a part, or return None: it is done, or somebody's, or the job does not run.

    What was being sent under the claim before is unknown from then on, and what it held
    of the budget is taken for spent.
    """
    if not await lock(connection, job, JobState.RUNNING):
        return None
    now = database.now()
    mine = and_(parts.c.job == job, parts.c.number == number)
    free = or_(parts.c.token.is_(None), parts.c.leased_until < now)
    found = await connection.execute(
        select(parts.c.first, parts.c.last).where(mine, parts.c.done == 0, free).with_for_update()
    )
    part = found.one_or_none()
    if part is None:
        return None
    claim = Claim(job, number, part.first, part.last, secrets.token_hex(16))
    await _leave_unknown(database, connection, claim)
    await _settle(connection, claim)
    await connection.execute(
        update(parts)
        .where(mine)
        .values(token=claim.token, leased_until=now + lease, granted=0, spent=0)
    )
    return claim


async def renew(
    database: Database, connection: AsyncConnection, claim: Claim, lease: float, spent: int
) -> Renewed:
    """Have the claim for another *lease*, and tell what was *spent* under it.

    Until the transaction ends nobody else can take the part.

    Raises:
        ClaimLost: another has it.
    """
    now = database.now()
    statement = (
        update(parts)
        .where(_held(claim))
        .values(leased_until=now + lease, spent=spent)
        .returning(now.label("now"))
    )
    at = await connection.scalar(statement)
    if at is None:
        raise ClaimLost(
            f"part {claim.number} was claimed by another worker, as this one gave no sign of "
            "life for too long"
        )
    job = await connection.execute(
        select(jobs.c.state, jobs.c.stopped).where(jobs.c.id == claim.job)
    )
    state, stopped = job.one()
    return Renewed(float(at), JobState(state), stopped)


async def release(
    database: Database, connection: AsyncConnection, claim: Claim, spent: int
) -> None:
    """Let others have the part, and give back what it holds of the budget."""
    await lock(connection, claim.job)
    given = await connection.execute(update(parts).where(_held(claim)).values(spent=spent))
    if not given.rowcount:
        return
    await _leave_unknown(database, connection, claim)
    await _settle(connection, claim, alive=True)
    await connection.execute(
        update(parts).where(_held(claim)).values(token=None, leased_until=None, granted=0, spent=0)
    )


async def finish(database: Database, connection: AsyncConnection, claim: Claim) -> bool:
    """Have the part done, if nothing in it is left to do; whether the job has ended by that.

    Raises:
        ClaimLost: another has it.
    """
    # Of two parts that end together, the one that comes later sees that it is the last.
    await lock(connection, claim.job)
    left = exists().where(_of(claim), items.c.state.in_(UNFINISHED))
    done = await connection.execute(
        update(parts).where(_held(claim)).values(done=case((left, 0), else_=1))
    )
    if not done.rowcount:
        raise ClaimLost(f"part {claim.number} was claimed by another worker")
    others = exists().where(parts.c.job == claim.job, parts.c.done == 0)
    ended = await connection.execute(
        update(jobs)
        .where(jobs.c.id == claim.job, jobs.c.state == JobState.RUNNING, ~others)
        .values(state=JobState.ENDED, ended_at=database.now())
    )
    return bool(ended.rowcount)


async def grant(connection: AsyncConnection, claim: Claim, wanted: int, shares: int) -> int:
    """Take up to *wanted* credits of the job's budget for the part; return how many.

    Of a budget no more is taken at once than one of so many *shares*, or a little.

    Raises:
        ClaimLost: another has it.
    """
    found = await connection.execute(
        select(jobs.c.budget, jobs.c.granted).where(jobs.c.id == claim.job).with_for_update()
    )
    budget, granted = found.one()
    given = wanted
    if budget is not None:
        given = max(0, min(wanted, max(budget // shares, _LITTLE), budget - granted))
    held = await connection.execute(
        update(parts).where(_held(claim)).values(granted=parts.c.granted + given)
    )
    if not held.rowcount:
        raise ClaimLost(f"part {claim.number} was claimed by another worker")
    await connection.execute(
        update(jobs).where(jobs.c.id == claim.job).values(granted=jobs.c.granted + given)
    )
    return given


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(
        parts.c.job == claim.job,
        parts.c.number == claim.number,
        parts.c.token == claim.token,
    )


def _of(claim: Claim) -> ColumnElement[bool]:
    return and_(items.c.job == claim.job, items.c.position.between(claim.first, claim.last))


async def _leave_unknown(database: Database, connection: AsyncConnection, claim: Claim) -> None:
    await connection.execute(
        update(items)
        .where(_of(claim), items.c.state == ItemState.SENDING)
        .values(
            state=ItemState.UNKNOWN,
            code="PROCESS_ENDED",
            message="the process ended before the answer was written down",
            updated_at=database.now(),
        )
    )


async def _settle(connection: AsyncConnection, claim: Claim, *, alive: bool = False) -> None:
    """Book what was spent under the claim that ends; of one that died, all that it held."""
    found = await connection.execute(
        select(parts.c.granted, parts.c.spent).where(
            parts.c.job == claim.job, parts.c.number == claim.number
        )
    )
    granted, spent = found.one()
    dead = case((jobs.c.budget.is_(None), spent), else_=max(granted, spent))
    used = spent if alive else dead
    await connection.execute(
        update(jobs)
        .where(jobs.c.id == claim.job)
        .values(granted=jobs.c.granted - granted + used, spent=jobs.c.spent + used)
    )
