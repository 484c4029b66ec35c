"""The emulator as a process of its own."""

import argparse
import asyncio
import contextlib
import gc
import json
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zohocrm_async.emulator.loading import demo_leads
from zohocrm_async.emulator.server import Emulator
from zohocrm_async.options import Edition

# The generation whose collection is a full one.
_FULL = 2


def announcement(org: Emulator) -> Mapping[str, Any]:
    """Return what another process needs to reach *org*."""
    credentials = org.credentials
    return {
        "url": org.url,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
        "zgid": org.zgid,
        "env": dict(org.env),
    }


def _print_line(org: Emulator) -> None:
    print(json.dumps(announcement(org)), flush=True)  # noqa: T201  # its only output


@contextlib.contextmanager
def short_collections() -> Generator[None]:
    """Let no collection of garbage hold up the answers of a process that keeps all it is told.

    A full collection goes through every record, call and mail: a tenth of a second
    and more, in which nothing is answered. Here they come more often, and each leaves
    what it found in use out of the later ones.
    """

    def freeze(phase: str, info: Mapping[str, int]) -> None:
        if phase == "stop" and info["generation"] == _FULL:
            gc.freeze()

    thresholds = gc.get_threshold()
    gc.set_threshold(thresholds[0], thresholds[1], 2)
    gc.callbacks.append(freeze)
    try:
        yield
    finally:
        gc.callbacks.remove(freeze)
        gc.set_threshold(*thresholds)


async def serve(
    *,
    port: int = 0,
    csv: Sequence[tuple[str, str | Path]] = (),
    ready: Callable[[Emulator], None] = _print_line,
    **settings: Any,
) -> None:
    """Serve an organisation until cancelled.

    Args:
        port: where to listen; 0 takes any that is free.
        csv: pairs of a module and a file of its records; ``demo`` names the
            invented leads that come with the package.
        ready: called once it listens; by default prints one line of JSON.
        settings: as `Emulator` takes them.
    """
    async with Emulator(port=port, **settings) as org:
        for module, path in csv:
            await org.load_csv(module, demo_leads() if path == "demo" else path)
        ready(org)
        await asyncio.Event().wait()


def _pair(text: str) -> tuple[str, str]:
    module, equals, path = text.partition("=")
    if not module or not equals or not path:
        raise argparse.ArgumentTypeError(f"{text!r}: give MODULE=FILE, such as Leads=leads.csv")
    return module, path


def _edition(word: str) -> Edition:
    try:
        return Edition[word.upper()]
    except KeyError:
        known = ", ".join(edition.name.lower() for edition in Edition)
        raise argparse.ArgumentTypeError(f"{word!r}: take one of {known}") from None


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zohocrm_async.emulator",
        description="Serve an emulated organisation of Zoho CRM on this machine.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument(
        "--edition", type=_edition, default=Edition.ENTERPRISE, help="free ... ultimate"
    )
    parser.add_argument("--users", type=int, default=25)
    parser.add_argument("--credits", type=int, help="of 24 hours, instead of the edition's")
    parser.add_argument("--concurrency", type=int, help="instead of the edition's")
    parser.add_argument("--heavy-concurrency", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a call takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mail-cap", type=int, help="mails a day, instead of the edition's")
    parser.add_argument("--time-zone", default="UTC")
    parser.add_argument(
        "--csv", type=_pair, action="append", default=[], metavar="MODULE=FILE",
        help="records to begin with; Leads=demo loads 2,000 invented leads",
    )  # fmt: skip
    return parser


async def _until_told(given: Mapping[str, Any]) -> None:
    """Serve until the process is told to end."""
    serving = asyncio.ensure_future(serve(**given))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main(argv: Sequence[str] | None = None) -> None:
    """Run the process."""
    given = vars(_arguments().parse_args(argv))
    with short_collections():
        asyncio.run(_until_told(given))
