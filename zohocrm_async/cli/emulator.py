"""``zohocrm emulator``: an organisation on this machine, until Ctrl-C."""

import asyncio
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zohocrm_async.cli.output import note, show
from zohocrm_async.cli.running import run
from zohocrm_async.exceptions import ConfigurationError

if TYPE_CHECKING:
    from zohocrm_async.emulator import Emulator


Port = Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 takes any that is free.")]
Host = Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")]
Csv = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODULE=FILE",
        help="Records to begin with; Leads=demo are the demo's 2,000. May be repeated.",
    ),
]
Credits = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Credits of 24 hours; 75,000 unless given."),
]
Concurrency = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Calls at once; 20 unless given.")
]
Heavy = Annotated[int, typer.Option(metavar="N", min=1, help="Heavy calls at once.")]
Latency = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.0, help="How long each call takes.")
]


def emulator(
    *,
    port: Port = 0,
    host: Host = "127.0.0.1",
    csv: Csv = None,
    credits: Credits = None,  # noqa: A002  # the service's word
    concurrency: Concurrency = None,
    heavy_concurrency: Heavy = 10,
    latency: Latency = 0.0,
) -> None:
    """Serve an emulated organisation, with nothing in it but what you load.

    It prints the environment that lets every other command, and ZohoCRM.from_env(), use
    it. What is in it is gone when it ends.
    """
    # No other command needs a server.
    from zohocrm_async.emulator.process import serve, short_collections  # noqa: PLC0415
    from zohocrm_async.emulator.state import ID_SEEDS  # noqa: PLC0415

    files = [_pair(text) for text in csv or ()]

    async def work() -> bool:
        try:
            await serve(
                host=host,
                port=port,
                csv=files,
                ready=_tell,
                credits=credits,
                concurrency=concurrency,
                heavy_concurrency=heavy_concurrency,
                latency=latency,
                # Commands remember for a day what an organisation has spent: this is another
                # one each time, with credentials of its own. The same records get the same ids.
                seed=secrets.randbelow(1_000_000) * ID_SEEDS,
            )
        except UnicodeDecodeError as error:
            names = " or ".join(path for _, path in files)
            raise ConfigurationError(f"{names} is not UTF-8: save it as CSV UTF-8") from error
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"the emulator cannot start: {error}") from error
        except asyncio.CancelledError:
            note("# It has ended, and everything in it is gone.")
        return True

    with short_collections():
        run(work())


def _pair(text: str) -> tuple[str, str]:
    module, _, path = text.partition("=")
    if not module or not path:
        raise typer.BadParameter(f"{text!r}: give MODULE=FILE, such as Leads=leads.csv")
    if path != "demo" and not Path(path).is_file():
        raise typer.BadParameter(f"there is no file {path}")
    return module, path


def _tell(org: "Emulator") -> None:
    show(*(f"export {name}={shlex.quote(value)}" for name, value in org.env.items()))
    note(f"# An organisation of Zoho CRM listens at {org.url}; Ctrl-C ends it.")
    note("# Give the lines above to another shell, and try there: zohocrm credits")
