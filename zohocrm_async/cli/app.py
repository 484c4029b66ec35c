"""The command's tree: every subcommand with its examples."""

from typing import Annotated

import typer

from zohocrm_async import __version__
from zohocrm_async.cli.apis import apis
from zohocrm_async.cli.credits import credits_of_window
from zohocrm_async.cli.demo import demo
from zohocrm_async.cli.emulator import emulator
from zohocrm_async.cli.find import merge_find
from zohocrm_async.cli.journals import report, resume, retry
from zohocrm_async.cli.mail import mail_plan, mail_run
from zohocrm_async.cli.merge import merge_plan, merge_run
from zohocrm_async.cli.models import models
from zohocrm_async.cli.output import show
from zohocrm_async.cli.unsubscribe_links import delete_link, list_links

_ENVIRONMENT = """
Credentials come from the environment: ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET and
ZOHO_REFRESH_TOKEN; ZOHO_DATA_CENTER (us, eu, in, au, cn, jp, sa, ca; us unless set);
ZOHO_API_VERSION (v7 unless set). ZOHO_ACCOUNTS_URL and ZOHO_API_URL name other hosts,
such as an emulator's. ZOHO_CREDITS, ZOHO_CONCURRENCY and ZOHO_HEAVY_CONCURRENCY
override the organisation's limits.

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
_EMULATOR_EXAMPLE = "Example: zohocrm emulator --port 8080 --csv Leads=demo --latency 0.1"


def _group(help_: str) -> typer.Typer:
    return typer.Typer(help=help_, no_args_is_help=True, add_completion=False)


app = typer.Typer(
    help="Zoho CRM: jobs that keep to the organisation's credits and mail nobody twice.",
    epilog=_ENVIRONMENT,
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

mails.command("plan", epilog=_MAIL_PLAN_EXAMPLE)(mail_plan)
mails.command("run", epilog=_MAIL_EXAMPLE)(mail_run)
merges.command("find", epilog=_FIND_EXAMPLE)(merge_find)
merges.command("plan", epilog=_MERGE_PLAN_EXAMPLE)(merge_plan)
merges.command("run", epilog=_MERGE_EXAMPLE)(merge_run)
for kind, group in (("mail", mails), ("merge", merges)):
    group.command("resume", epilog=f"Example: zohocrm {kind} resume rows.csv.journal")(resume)
    group.command(
        "retry", epilog=f"Example: zohocrm {kind} retry rows.csv.journal --refused RECORD_LOCKED"
    )(retry)
    group.command("report", epilog=f"Example: zohocrm {kind} report rows.csv.journal --csv")(report)
app.command("demo", epilog="Example: zohocrm demo")(demo)
app.command("emulator", epilog=_EMULATOR_EXAMPLE)(emulator)
app.command("apis", epilog="Example: zohocrm apis --module Leads")(apis)
app.command("models", epilog="Example: zohocrm models Leads Contacts -o models.py")(models)
app.command("credits", epilog="Example: zohocrm credits --json")(credits_of_window)
links.command("list", epilog="Example: zohocrm unsubscribe-links list")(list_links)
links.command("delete", epilog="Example: zohocrm unsubscribe-links delete 4876876000000511001")(
    delete_link
)


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
