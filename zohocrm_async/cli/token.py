"""``zohocrm token``: the refresh token of a code from the API console."""

import os
import shlex
from typing import Annotated

import typer

from zohocrm_async import AuthorizationCode, SessionPool
from zohocrm_async._clock import Clock
from zohocrm_async._environment import read
from zohocrm_async.auth import MemoryTokenStore, TokenSource
from zohocrm_async.cli.output import note, show
from zohocrm_async.cli.running import run
from zohocrm_async.exceptions import InvalidCredentials

Code = Annotated[
    str, typer.Argument(metavar="CODE", help="What 'Generate Code' of a self client gave.")
]


def token(code: Code) -> None:
    """Exchange a code of the API console for a refresh token, which does not expire.

    Takes ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET and ZOHO_DATA_CENTER from the environment, and
    prints the line that completes it. Whoever has the token has the organisation's data.
    """
    run(_exchange(code.strip()))


async def _exchange(code: str) -> bool:
    found = read({**os.environ, "ZOHO_REFRESH_TOKEN": "-"})
    client = {name: found.credentials[name] for name in ("client_id", "client_secret")}
    credentials = AuthorizationCode(**client, code=code)
    async with SessionPool() as sessions:
        source = TokenSource(credentials, found.data_center, sessions, MemoryTokenStore(), Clock())
        try:
            made = await source.get()
        finally:
            await source.close()
    if made.refresh_token is None:
        raise InvalidCredentials(
            "the code gave no refresh token: generate it for a self client, or ask for it offline",
            code="no_refresh_token",
        )
    show(f"export ZOHO_REFRESH_TOKEN={shlex.quote(made.refresh_token)}")
    note("Keep it as you keep a password. Try: zohocrm credits", style="dim")
    return True
