"""``zohocrm merge find``: a module's duplicates, as a file of groups."""

import contextlib
import csv
from pathlib import Path
from typing import Annotated

import orjson
import typer

from zohocrm_async.cli.clients import check_fields, client
from zohocrm_async.cli.files import Output, written
from zohocrm_async.cli.merge import rules
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import note
from zohocrm_async.cli.running import run
from zohocrm_async.jobs.find import find_duplicates
from zohocrm_async.jobs.groups import FieldRule, MasterRule

ModuleName = Annotated[
    str, typer.Argument(metavar="MODULE", help="The module's API name, such as Leads.")
]
By = Annotated[
    list[str],
    typer.Option(metavar="FIELD", help="Duplicates agree in it; repeated: in each of them."),
]
Rule = Annotated[MasterRule, typer.Option("--master-rule", help="Which record stays.")]
Take = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=RULE",
        help="Whose value a field takes, newest or first_filled; may be repeated.",
    ),
]


def merge_find(
    module: ModuleName,
    *,
    by: By,
    master_rule: Rule = MasterRule.OLDEST,
    take: Take = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Read a module and write its groups of duplicates, as merge run takes them.

    Case and blanks make no difference; a record that lacks a value is no duplicate.
    Costs 1 credit for 200 records, and 1 to look at the fields. Look through the file
    before you run it.
    """
    run(_find(module, by, master_rule, rules(take), output, as_json=as_json))


async def _find(
    module: str,
    by: list[str],
    master_rule: MasterRule,
    take: dict[str, FieldRule],
    output: Path | None,
    *,
    as_json: bool,
) -> bool:
    groups = records = 0
    with written(output) as file:
        writer = csv.DictWriter(file, ("master", "children", "fields", *by), lineterminator="\n")
        if not as_json:
            writer.writeheader()
        async with client() as crm:
            await check_fields(crm, module, (*by, *take))
            finding = find_duplicates(crm, module, by, master_rule=master_rule, take=take)
            async with contextlib.aclosing(finding) as found:
                async for duplicates in found:
                    groups += 1
                    records += len(duplicates.chain.records)
                    if as_json:
                        file.write(orjson.dumps(duplicates.row()).decode() + "\n")
                    else:
                        writer.writerow(duplicates.row())
    note(f"{groups:,} groups of {records:,} records.")
    return True
