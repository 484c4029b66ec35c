"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line instead of a table.")
]
Module = Annotated[str, typer.Option(metavar="NAME", help="The module's API name, such as Leads.")]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Where every item's state is kept; beside the input unless given.",
    ),
]
Budget = Annotated[
    int | None,
    typer.Option(metavar="CREDITS", min=1, help="The most credits that the job may spend."),
]
