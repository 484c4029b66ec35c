"""What brings items into a database and from one state into the next."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    case,
    exists,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from zohocrm_async.jobs.items import BEFORE, Item, ItemState
from zohocrm_async.taskiq._claims import Claim
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._rows import CHANGED, COLUMNS, item_of, values
from zohocrm_async.taskiq._tables import gift, given, insert_new, items, same

# Constants, so that the statement is the same each time.
_FOLLOWING: Final[tuple[ColumnElement[str], ...]] = tuple(
    literal_column(f"'{before}>{state}'", Text())
    for state in ItemState
    for before in sorted(BEFORE[state])
)


async def add(
    database: Database, connection: AsyncConnection, job: int, new: Sequence[Item]
) -> list[Item]:
    """Write new items, and return those that were not, as their keys are held."""
    source = given(database.dialect, items, COLUMNS)
    # SQLite takes ON CONFLICT for part of the query, unless that has a condition.
    chosen = select(*(source.c[name] for name in COLUMNS), database.now()).where(true())
    statement = (
        insert_new(database.dialect, items)
        .from_select([*COLUMNS, "updated_at"], chosen)
        .on_conflict_do_nothing()
        .returning(items.c.position)
    )
    done = set(await connection.scalars(statement, gift(values(job, item) for item in new)))
    return [item for item in new if item.position not in done]


async def change(
    database: Database, connection: AsyncConnection, claim: Claim, changed: Sequence[Item]
) -> dict[int, Item | None]:
    """Bring items of a part into their new states, each where that may follow.

    No two of them are the same item.

    Returns:
        By their positions those that were not changed, as they stand; None for an item
        that the part has not.
    """
    statement = _changing(database, claim, look_ups=any(map(found_by_look_up, changed)))
    done = await connection.scalars(statement, gift(values(claim.job, item) for item in changed))
    left = {item.position: item.key for item in changed}
    for position in done:
        del left[position]
    if not left:
        return {}
    kept = await connection.execute(
        select(items).where(
            items.c.job == claim.job,
            items.c.position.in_(left),
            items.c.position.between(claim.first, claim.last),
        )
    )
    there = {item.position: item for item in map(item_of, kept.mappings())}
    return {
        position: item if (item := there.get(position)) and item.key == key else None
        for position, key in left.items()
    }


def _changing(database: Database, claim: Claim, *, look_ups: bool) -> ReturningUpdate[int]:
    """Return the statement that changes what it is given, and returns the positions."""
    new = given(database.dialect, items, ("job", "position", "key", *CHANGED))
    now = database.now()
    statement = (
        update(items)
        .where(
            same(items, new, "job", "position", "key"),
            items.c.position.between(claim.first, claim.last),
            (items.c.state + literal_column("'>'") + new.c.state).in_(_FOLLOWING),
        )
        .values(
            {name: new.c[name] for name in CHANGED}
            | {
                "began_at": case(
                    (new.c.state == literal(ItemState.SENDING.value), now), else_=items.c.began_at
                ),
                "updated_at": now,
            }
        )
        .returning(items.c.position)
    )
    return statement.where(_nobody_elses(new)) if look_ups else statement


def found_by_look_up(item: Item) -> bool:
    """Whether *item* may be a mail that a look-up took for its own; few others say something."""
    return item.message_id is not None and item.message is not None


def _nobody_elses(new: FromClause) -> ColumnElement[bool]:
    """Return whether no other item has the e-mail that was found for one left unknown.

    Two workers that look at the same record may find the same.
    """
    other = items.alias("other")
    taken = exists().where(
        same(other, items, "job"),
        other.c.message_id == new.c.message_id,
        other.c.position != new.c.position,
    )
    return or_(items.c.state != literal(ItemState.UNKNOWN.value), ~taken)
