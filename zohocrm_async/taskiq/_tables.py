"""The tables of jobs that run on many hosts, and what their statements are made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

METADATA = MetaData()
SCHEMA_VERSION = 1

schema = Table("zohocrm_schema", METADATA, Column("version", Integer, primary_key=True))

jobs = Table(
    "zohocrm_jobs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("fingerprint", Text),
    Column("source", Text),
    Column("created_at", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("stopped", Text),
    Column("part_size", Integer, nullable=False),
    Column("planned", BigInteger, nullable=False),  # the last position that was written
    Column("began_at", Double),  # the run that goes on, or was last
    Column("ended_at", Double),
    Column("budget", BigInteger),
    Column("granted", BigInteger, nullable=False),  # of the budget: spent, or held by a part
    Column("spent", BigInteger, nullable=False),  # by all runs, as far as claims have ended
    sqlite_autoincrement=True,  # no number stands for a second job
)

parts = Table(
    "zohocrm_parts",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),  # its items are those of the positions between
    Column("last", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
    Column("token", Text),  # of the claim; NULL: nobody's
    Column("leased_until", Double),
    Column("granted", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    postgresql_with={"fillfactor": 50},
)

# Room is left in each page for the states to come, so that no index is written for them.
items = Table(
    "zohocrm_items",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("message_id", Text),
    Column("job_id", Text),
    Column("code", Text),
    Column("message", Text),
    Column("field", Text),
    Column("began_at", Double),
    Column("updated_at", Double),
    Column("step", Integer, nullable=False),
    Column("trace", Text),
    UniqueConstraint("job", "key", name="zohocrm_items_key"),
    postgresql_with={"fillfactor": 60},
)

# Apart from the items: a state that changes would take its row's text along each time.
rows = Table(
    "zohocrm_rows",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
)

claims = Table(
    "zohocrm_claims",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("record_id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

notes = Table(
    "zohocrm_notes",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

_GIVEN = "given"


# now() of PostgreSQL is the time when the transaction began, before it waited for a lock.
_TIMES = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


def database_time(dialect: str) -> ColumnElement[float]:
    """Return the time of the database's own clock when a statement runs, in seconds."""
    return literal_column(_TIMES[dialect], Double())


def given(dialect: str, table: Table, columns: Sequence[str]) -> FromClause:
    """Return rows that a statement is given as one value, made by `gift`.

    However many there are, the statement stays the same, and is prepared once.
    """
    value = bindparam(_GIVEN, type_=Text())
    names = [column(name, table.c[name].type) for name in columns]
    if dialect == "postgresql":
        found = func.json_to_recordset(cast(value, JSON)).table_valued(*names)
        return found.render_derived(name=_GIVEN, with_types=True)
    each = func.json_each(value).table_valued(column("value"), name="each")
    taken = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in columns)
    return select(*taken).select_from(each).subquery(_GIVEN)


def gift(values: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return *values* as the rows that a statement with `given` takes."""
    return {_GIVEN: orjson.dumps(list(values)).decode()}


def insert_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insertion that can say what is to be done where there is one already."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def same(table: FromClause, others: FromClause, *columns: str) -> ColumnElement[bool]:
    """Return whether *table* and *others* agree in all *columns*."""
    found = table.c[columns[0]] == others.c[columns[0]]
    for name in columns[1:]:
        found &= table.c[name] == others.c[name]
    return found
