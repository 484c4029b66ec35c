"""Finding duplicates: the records of a module that agree in some fields."""

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, cast

from attrs import evolve, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs._gather import gathered
from zohocrm_async.jobs.groups import Chain, FieldRule, GroupRow, MasterRule, Rules, Unfit, chain
from zohocrm_async.jobs.rows import Row

_MOST_FIELDS = 50
# Field names begin with a letter, so that no field takes the places of these.
_GROUP, _BETWEEN = "*", "\n"


@frozen
class Duplicates:
    """Records that agree: which one stays, and what it takes from the others."""

    values: Mapping[str, str]
    """What they agree in, as the first of them has it."""
    chain: Chain

    def row(self) -> dict[str, str]:
        """Return a row of a groups file, as a `MergeJob` reads it by default."""
        fields = [
            f"{field.api_name}={child.id}"
            for child in self.chain.children
            for field in child.fields
        ]
        return {
            "master": self.chain.master,
            "children": " ".join(child.id for child in self.chain.children),
            "fields": " ".join(fields),
            **self.values,
        }


async def find_duplicates(
    crm: ZohoCRM,
    module: str,
    by: Sequence[str],
    *,
    master_rule: str | MasterRule = MasterRule.OLDEST,
    take: Mapping[str, str | FieldRule] | None = None,
) -> AsyncGenerator[Duplicates, None]:
    """Read *module* and yield the groups of records that agree in all fields of *by*.

    Costs 1 credit for 200 records. Case, and blanks around and between words, make
    no difference; a record that lacks one of the values is no duplicate.

    Args:
        crm: the organisation.
        module: the records' module.
        by: the fields in which duplicates agree, such as ``Email``.
        master_rule: ``oldest``, ``newest`` or ``most_filled`` (of the fields read).
        take: for fields, ``newest``, ``first_filled`` or ``keep``.

    Raises:
        InvalidRequest: nothing is named to look for, or a rule cannot be kept.
    """
    rules = Rules(group_column=_GROUP, master_rule=master_rule, take=take or {})
    fields = _fields(by, rules)
    rows = _rows(crm, module, fields, by)
    async with contextlib.aclosing(rows), contextlib.aclosing(gathered(rows, _GROUP)) as groups:
        async for group in groups:
            if isinstance(group, GroupRow) and len(group.records) > 1:
                found = _duplicates(group, by, rules, module)
                if found is not None:
                    yield found


def _fields(by: Sequence[str], rules: Rules) -> tuple[str, ...]:
    if not by:
        raise InvalidRequest("name a field in which duplicates agree, such as Email")
    if rules.master_rule is MasterRule.COLUMN:
        raise InvalidRequest("master_rule 'column' is for files: a module has no such column")
    times = (rules.created_column, rules.modified_column)
    fields = tuple(dict.fromkeys((*by, *times, *rules.take)))
    if len(fields) > _MOST_FIELDS:
        raise InvalidRequest(f"{len(fields)} fields to read, and a list holds {_MOST_FIELDS}")
    return fields


async def _rows(
    crm: ZohoCRM, module: str, fields: Sequence[str], by: Sequence[str]
) -> AsyncGenerator[Row, None]:
    position = 0
    async for record in crm.records.list(module, fields=fields):
        values = {name: _text(record.get(name)) for name in fields}
        keys = [" ".join(values[name].split()).casefold() for name in by]
        if all(keys):
            position += 1
            yield Row(position, {"id": record.id, _GROUP: _BETWEEN.join(keys), **values})


def _text(value: Any) -> str:
    """Return a field's value as text; what is looked up stands for itself by its id."""
    if isinstance(value, dict):
        reference = cast("dict[str, Any]", value)
        return str(reference.get("id", reference))
    return "" if value is None else str(value)


def _duplicates(group: GroupRow, by: Sequence[str], rules: Rules, module: str) -> Duplicates | None:
    # Lists come newest first; ids grow with time.
    records = tuple(sorted(group.records, key=lambda row: int(row.text("id"))))
    try:
        found = chain(evolve(group, records=records), rules, module)
    except Unfit as why:
        if why.code == "ALONE":
            return None  # one record, listed on two pages
        raise InvalidRequest(f"{module}: {why}") from why
    return Duplicates({name: records[0].text(name) for name in by}, found)
