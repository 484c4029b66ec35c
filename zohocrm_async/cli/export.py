"""``zohocrm export``: all records of a module, as a file."""

import contextlib
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import orjson
import typer

from zohocrm_async.cli.clients import client
from zohocrm_async.cli.conditions import condition, of_kinds
from zohocrm_async.cli.files import Output, written
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import note
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.cli.watching import bars
from zohocrm_async.models import Criteria, Record

_STEP = 500

ModuleName = Annotated[
    str, typer.Argument(metavar="MODULE", help="The module's API name, such as Leads.")
]
Fields = Annotated[
    str,
    typer.Option(
        metavar="NAMES", help="The fields to read beside the id, with commas: Email,First_Name."
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        metavar="CRITERIA",
        help="Only the records that meet them, such as City:equals:Bonn.",
    ),
]


def export(
    module: ModuleName,
    *,
    fields: Fields,
    where: Where = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Write the records of a module to a CSV file, by the cheapest way.

    That is lists, queries or a bulk read, by the number of records and the organisation's
    prices, which is said before it begins. The file is one that mail run takes.
    """
    names = dict.fromkeys(name.strip() for name in fields.split(","))
    wanted = [name for name in names if name not in {"", "id"}]
    with errors_shown():
        criteria = None if where is None else condition(where)
    run(_export(module, wanted, criteria, output, as_json=as_json))


async def _export(
    module: str, fields: list[str], where: Criteria | None, output: Path | None, *, as_json: bool
) -> bool:
    from zohocrm_async._moving.export import export_of  # noqa: PLC0415  # no other command needs it

    count = 0
    with written(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        async with client() as crm:
            if where is not None:
                where = of_kinds(where, await crm.metadata.fields(module))
            prepared = await export_of(crm, module, fields=fields, into=Record, where=where)
            plan = await prepared.plan()
            note(f"{plan.count:,} records by {plan.route}, {plan.why}.")
            if where is not None:
                note(f"So many are {plan.counted}.")
            if not as_json:
                writer.writerow(["id", *fields])
            rows = prepared.rows(plan.route, plan.count)
            with bars() as progress:
                bar = progress.add_task(module, total=plan.count, states="")
                async with contextlib.aclosing(rows):
                    async for row in rows:
                        count += 1
                        if as_json:
                            file.write(orjson.dumps({**row}).decode() + "\n")
                        else:
                            writer.writerow([row.id, *(_cell(row[name]) for name in fields)])
                        if count % _STEP == 0:
                            progress.update(bar, completed=count)
                progress.update(bar, completed=count)
            spent = sum(one.credits for one in crm.credits().by_operation.values())
    note(f"{count:,} records, {spent:,} credits.")
    return True


def _cell(value: Any) -> str:
    """Return *value* as a cell: a lookup by its id, several choices with semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return str(cast("Mapping[str, Any]", value).get("id", ""))
    if isinstance(value, list | tuple):
        return ";".join(map(_cell, cast("Sequence[Any]", value)))
    return str(value)
