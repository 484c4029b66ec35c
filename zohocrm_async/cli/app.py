"""The command's tree: every subcommand with its examples."""

import inspect
from collections.abc import Callable
from typing import Annotated

import typer

from zohocrm_async import __version__
from zohocrm_async.cli.apis import apis
from zohocrm_async.cli.credits import credits_of_window
from zohocrm_async.cli.demo import demo
from zohocrm_async.cli.emulator import emulator
from zohocrm_async.cli.export import export
from zohocrm_async.cli.find import merge_find
from zohocrm_async.cli.journals import delete, join, report, resume, retry, stop
from zohocrm_async.cli.mail import mail_plan, mail_run
from zohocrm_async.cli.merge import merge_plan, merge_run
from zohocrm_async.cli.models import models
from zohocrm_async.cli.output import show
from zohocrm_async.cli.token import token
from zohocrm_async.cli.unsubscribe_links import delete_link, list_links
from zohocrm_async.cli.worker import worker

_ENVIRONMENT = """
Credentials come from the environment: ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET and
ZOHO_REFRESH_TOKEN; ZOHO_DATA_CENTER (us, eu, in, au, cn, jp, sa, ca; us unless set);
ZOHO_API_VERSION (v7 unless set). ZOHO_ACCOUNTS_URL and ZOHO_API_URL name other hosts,
such as an emulator's. ZOHO_CREDITS, ZOHO_CONCURRENCY, ZOHO_HEAVY_CONCURRENCY and
ZOHO_TIME_ZONE take the place of what the organisation says; ZOHO_FLOOR and ZOHO_HEADROOM
are the credits and slots that jobs leave to others. ZOHO_BROKER_PASSWORD and
ZOHO_DATABASE_PASSWORD are those of --broker and --database.

Exit codes: 0 all went well; 1 some items failed, or the service refused;
2 wrong usage or settings; 130 interrupted.
"""

_MAIL_EXAMPLE = """
Example: zohocrm mail run leads.csv --module Leads --from crm@example.com
--subject 'Hello $First_Name' --content hello.html --budget 40000

leads.csv begins: id,Email,First_Name
"""
_MAIL_PLAN_EXAMPLE = """
Example: zohocrm mail plan leads.csv --module Leads --from crm@example.com
--subject 'Hello $First_Name' --content hello.html
"""
_MERGE_EXAMPLE = """
Example: zohocrm merge run duplicates.csv --module Leads

duplicates.csv begins: master,children,fields; its children are ids with a space between.
"""
_MERGE_PLAN_EXAMPLE = "Example: zohocrm merge plan duplicates.csv --module Leads"
_FIND_EXAMPLE = """
Example: zohocrm merge find Leads --by Email --take Phone=first_filled -o duplicates.csv
"""
_WHERE = "--broker redis://10.0.0.5:6379/0 --database postgresql://jobs@10.0.0.6/jobs"
_EXPORT_EXAMPLE = """
Example: zohocrm export Leads --fields Email,First_Name -o leads.csv
--where '(City:equals:Bonn) and (No_of_Employees:greater_than:10)'
"""
_EMULATOR_EXAMPLE = "Example: zohocrm emulator --port 8080 --csv Leads=demo --latency 0.1"


def _flowing(text: str) -> str:
    """Return *text* with a line for each paragraph, which then fits terminals of any width."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _group(help_: str) -> typer.Typer:
    return typer.Typer(help=help_, no_args_is_help=True, add_completion=False)


app = typer.Typer(
    help="Zoho CRM: jobs that keep to the organisation's credits and mail nobody twice.",
    epilog=_flowing(_ENVIRONMENT),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
links = _group("List and delete unsubscribe links.")
app.add_typer(links, name="unsubscribe-links")

mails = _group("Send mails from a file.")
merges = _group("Merge duplicate records from a file.")
app.add_typer(mails, name="mail")
app.add_typer(merges, name="merge")


def _add(group: typer.Typer, name: str, command: Callable[..., None], example: str) -> None:
    help_ = _flowing(inspect.cleandoc(command.__doc__ or ""))
    group.command(name, help=help_, epilog=_flowing(example))(command)


_add(mails, "plan", mail_plan, _MAIL_PLAN_EXAMPLE)
_add(mails, "run", mail_run, _MAIL_EXAMPLE)
_add(merges, "find", merge_find, _FIND_EXAMPLE)
_add(merges, "plan", merge_plan, _MERGE_PLAN_EXAMPLE)
_add(merges, "run", merge_run, _MERGE_EXAMPLE)
for kind, group in (("mail", mails), ("merge", merges)):
    of = f"Example: zohocrm {kind}"
    _add(group, "resume", resume, f"{of} resume rows.csv.journal")
    _add(group, "retry", retry, f"{of} retry rows.csv.journal --refused RECORD_LOCKED")
    _add(group, "report", report, f"{of} report rows.csv.journal --csv")
    _add(group, "join", join, f"Example: zohocrm {kind} join rows.csv {_WHERE}")
    _add(group, "stop", stop, f"Example: zohocrm {kind} stop rows.csv {_WHERE}")
    _add(group, "delete", delete, f"Example: zohocrm {kind} delete rows.csv {_WHERE}")
_add(app, "demo", demo, "Example: zohocrm demo")
_add(app, "emulator", emulator, _EMULATOR_EXAMPLE)
_add(
    app, "token", token, "Example: zohocrm token 1000.8cb99dxxxxxxxxxxxxx9be93.9b8xxxxxxxxxxxxxxxf"
)
_add(app, "credits", credits_of_window, "Example: zohocrm credits --json")
_add(app, "apis", apis, "Example: zohocrm apis --module Leads")
_add(app, "export", export, _EXPORT_EXAMPLE)
_add(app, "models", models, "Example: zohocrm models Leads Contacts -o models.py")
_add(app, "worker", worker, f"Example: zohocrm worker {_WHERE}")
_add(links, "list", list_links, "Example: zohocrm unsubscribe-links list")
_add(links, "delete", delete_link, "Example: zohocrm unsubscribe-links delete 4876876000000511001")


def _version(wanted: bool) -> None:
    if wanted:
        show(f"zohocrm {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Zoho CRM: jobs that keep to the organisation's credits and mail nobody twice."""
