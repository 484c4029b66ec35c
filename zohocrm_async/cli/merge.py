"""``zohocrm merge``: groups of duplicates, each merged into one record."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from zohocrm_async import ZohoCRM
from zohocrm_async.cli.clients import check_module, client
from zohocrm_async.cli.hosted import start
from zohocrm_async.cli.hosts import Broker, Database, JobName, hosts_of
from zohocrm_async.cli.jobs import beside, journal_path, run_job
from zohocrm_async.cli.options import (
    AsJson,
    Budget,
    Grace,
    JournalFile,
    Module,
    ResendAbsent,
)
from zohocrm_async.cli.plan import SecondsPerCall, show_plan
from zohocrm_async.cli.preview import show_previews
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.cli.sharing import with_options
from zohocrm_async.jobs import MergeJob
from zohocrm_async.jobs.estimate import SECONDS_PER_CALL
from zohocrm_async.jobs.groups import FieldRule, MasterRule
from zohocrm_async.jobs.job import GRACE

Groups = Annotated[
    Path,
    typer.Argument(
        metavar="GROUPS.csv",
        exists=True,
        dir_okay=False,
        help="One row for each group, or with --group-column for each record.",
    ),
]
MasterColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="The column of the ids that stay; of records: the master's mark."
    ),
]
ChildrenColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="The column of the ids that go into it, any number, space between."
    ),
]
FieldsColumn = Annotated[
    str, typer.Option(metavar="NAME", help="The column of fields that come from a child.")
]
GroupColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The column whose value the records of a group share."),
]
IdColumn = Annotated[
    str, typer.Option(metavar="NAME", help="With --group-column: the column of record ids.")
]
CreatedColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="With --group-column: when a record was created, for the rules."
    ),
]
ModifiedColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="With --group-column: when it was last changed, for the rules."
    ),
]
Rule = Annotated[
    MasterRule, typer.Option("--master-rule", help="With --group-column: which record stays.")
]
Take = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=RULE",
        help="With --group-column: whose value a field takes, newest or first_filled; "
        "may be repeated.",
    ),
]
DryRun = Annotated[
    int | None,
    typer.Option(
        "--dry-run",
        metavar="GROUPS",
        min=1,
        help="Merge nothing: show so many merged records beside their parts (1 credit a record).",
    ),
]


MakeMerge = Callable[..., MergeJob]


def _job(
    groups: Groups,
    *,
    module: Module,
    master_column: MasterColumn = "master",
    children_column: ChildrenColumn = "children",
    fields_column: FieldsColumn = "fields",
    group_column: GroupColumn = None,
    id_column: IdColumn = "id",
    created_column: CreatedColumn = "Created_Time",
    modified_column: ModifiedColumn = "Modified_Time",
    master_rule: Rule = MasterRule.OLDEST,
    take: Take = None,
    budget: Budget = None,
) -> MakeMerge:
    """Return what makes the job that the options describe, once there is a client."""
    return partial(
        MergeJob,
        journal=beside(groups),
        module=module,
        budget=budget,
        master_column=master_column,
        children_column=children_column,
        fields_column=fields_column,
        group_column=group_column,
        id_column=id_column,
        created_column=created_column,
        modified_column=modified_column,
        master_rule=master_rule,
        take=rules(take),
    )


@with_options(_job)
def merge_run(
    make_job: MakeMerge,
    *,
    groups: Groups,
    journal: JournalFile = None,
    resend_absent: ResendAbsent = False,
    grace: Grace = GRACE,
    dry_run: DryRun = None,
    broker: Broker = None,
    database: Database = None,
    name: JobName = None,
    as_json: AsJson = False,
) -> None:
    """Merge duplicate records, group by group, and report every one.

    A row is a group: its master stays, its children go into it and are deleted, two a
    call. The fields named in a column 'fields', if there is one, take the first child's
    values, or with FIELD=ID that child's. With --group-column a row is a record, and the
    rules choose. A merge cannot be undone. A call costs 50 credits, and 1 for each look at
    one that the service schedules. 'merge resume' goes on after any end. With --broker and
    --database workers merge them ('zohocrm worker'), and this command shows how far they
    are; it can be left by Ctrl-C, and the same command joins.
    """
    if (hosts := hosts_of(broker, database, name, journal)) and dry_run is None:
        make = partial(make_job, journal=name or groups.name)
        settings = {"resend_absent": resend_absent, "grace": grace}
        run(start(hosts, make, _check, groups, as_json=as_json, **settings))
        return
    with errors_shown():
        # A dry run makes no journal, so that one of an earlier run is no matter.
        path = beside(groups) if dry_run else journal_path(groups, journal, "merge")

    async def work() -> bool:
        async with client() as crm:
            job = make_job(crm, journal=path)
            await _check(crm, job)
            if dry_run is not None:
                return await show_previews(job, groups, dry_run, as_json=as_json)
            carry = partial(job.run, resend_absent=resend_absent, grace=grace)
            return await run_job(job, groups, as_json=as_json, carry=carry)

    run(work())


@with_options(_job)
def merge_plan(
    make_job: MakeMerge,
    *,
    groups: Groups,
    seconds_per_call: SecondsPerCall = SECONDS_PER_CALL,
    as_json: AsJson = False,
) -> None:
    """Say what merge run will do, cost and take; nothing is merged. Up to 3 credits.

    Every group is judged as a run would judge it. What the service itself refuses, such
    as a record that is locked, nobody can know before.
    """

    async def work() -> bool:
        async with client() as crm:
            job = make_job(crm)
            await check_module(crm, job.module)
            show_plan(await job.plan(groups, seconds_per_call=seconds_per_call), as_json=as_json)
        return True

    run(work())


async def _check(crm: ZohoCRM, job: MergeJob) -> None:
    await check_module(crm, job.module)


def rules(take: Sequence[str] | None) -> dict[str, FieldRule]:
    """Return the rules for fields that the options give."""
    found: dict[str, FieldRule] = {}
    for part in take or ():
        name, _, rule = part.partition("=")
        try:
            found[name] = FieldRule(rule.replace("-", "_"))
        except ValueError:
            known = ", ".join(FieldRule)
            raise typer.BadParameter(
                f"--take {part}: give FIELD=RULE with one of {known}"
            ) from None
    return found
