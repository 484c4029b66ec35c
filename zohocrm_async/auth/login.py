"""The first step of a login: the page where a user grants access."""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import DataCenter


def authorize_url(
    client_id: str,
    scopes: str | Sequence[str],
    redirect_uri: str,
    *,
    data_center: DataCenter,
    state: str,
) -> str:
    """Return the URL to which the user's browser is sent.

    The browser comes back to *redirect_uri* with ``code``, ``state`` and
    ``location``, the data centre in which the user's organisation lives.
    The code is good for about a minute: exchange it with `AuthorizationCode`.

    Args:
        client_id: of a server-based client.
        scopes: what is asked for, such as ``ZohoCRM.modules.ALL``.
        redirect_uri: as the API console holds it for the client.
        data_center: where the page is; users of other data centres are led on.
        state: a value that cannot be guessed; compare it when the browser returns.
    """
    scope = scopes if isinstance(scopes, str) else ",".join(scopes)
    for name, value in (("client_id", client_id), ("scopes", scope), ("state", state)):
        if not value.strip():
            raise ConfigurationError(f"authorize_url needs {name}")
    if not _is_absolute(redirect_uri):
        raise ConfigurationError(f"redirect_uri is {redirect_uri!r}; give an absolute URL")
    query = {
        "response_type": "code",
        "client_id": client_id,
        "scope": scope,
        "redirect_uri": redirect_uri,
        # Without these two the exchange brings no refresh token: the first
        # asks for one, the second for one again.
        "access_type": "offline",
        "prompt": "consent",
        "state": state,
    }
    return f"{data_center.accounts}/oauth/v2/auth?{urlencode(query, safe=',')}"


def _is_absolute(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
