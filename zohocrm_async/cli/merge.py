"""``zohocrm merge``: one merge for each row of a file."""

from pathlib import Path
from typing import Annotated

import typer

from zohocrm_async.cli.clients import check_module, client
from zohocrm_async.cli.jobs import journal_path, run_job
from zohocrm_async.cli.options import AsJson, Budget, JournalFile, Module
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.jobs import MergeJob

Groups = Annotated[
    Path,
    typer.Argument(
        metavar="GROUPS.csv", exists=True, dir_okay=False, help="One row for each merge."
    ),
]
MasterColumn = Annotated[str, typer.Option(metavar="NAME", help="The column of the ids that stay.")]
ChildrenColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="The column of the one or two ids that go into it, space between."
    ),
]


def merge_run(
    groups: Groups,
    *,
    module: Module,
    master_column: MasterColumn = "master",
    children_column: ChildrenColumn = "children",
    journal: JournalFile = None,
    budget: Budget = None,
    as_json: AsJson = False,
) -> None:
    """Merge duplicate records, a row of a CSV file for each group, and report every one.

    The fields named in a column 'fields', if there is one, take the first child's values;
    all others stay the master's, and the children are deleted. A merge cannot be undone.
    It costs 50 credits; up to 3 more are spent to check the module first. The service
    makes a scheduled job of a child with over 1,000 related records: the command waits
    for its end, 1 credit a look. Ctrl-C ends it in good order.
    """
    with errors_shown():
        path = journal_path(groups, journal)

    async def work() -> bool:
        async with client() as crm:
            await check_module(crm, module)
            job = MergeJob(
                crm,
                journal=path,
                module=module,
                master_column=master_column,
                children_column=children_column,
                budget=budget,
            )
            return await run_job(job, groups, as_json=as_json)

    run(work())
