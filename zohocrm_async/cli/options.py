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
ResendAbsent = Annotated[
    bool,
    typer.Option(
        "--resend-absent",
        help="Send again what got no answer and of which the service certainly knows nothing.",
    ),
]
Grace = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0,
        help="After how long what the service does not show was certainly not done.",
    ),
]
Budget = Annotated[
    int | None,
    typer.Option(metavar="CREDITS", min=1, help="The most credits that the job may spend."),
]
