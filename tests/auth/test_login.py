"""The page where a user grants access."""

from urllib.parse import parse_qs, urlsplit

import pytest

from zohocrm_async.auth import authorize_url
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import DataCenter

BACK = "https://app.example/back?from=zoho&x=1"


def test_url_asks_for_a_refresh_token() -> None:
    """The URL holds all that is needed to get a refresh token, each value whole."""
    url = urlsplit(
        authorize_url(
            "1000.ID", ["ZohoCRM.modules.ALL", "a b"], BACK, data_center=DataCenter.CA, state="s&t"
        )
    )
    assert (url.scheme, url.netloc, url.path) == (
        "https",
        "accounts.zohocloud.ca",
        "/oauth/v2/auth",
    )
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["1000.ID"],
        "scope": ["ZohoCRM.modules.ALL,a b"],
        "redirect_uri": [BACK],
        "access_type": ["offline"],
        "prompt": ["consent"],
        "state": ["s&t"],
    }


@pytest.mark.parametrize(
    ("client_id", "scopes", "redirect_uri", "state", "named"),
    [
        (" ", "a", BACK, "s", "client_id"),
        ("i", [], BACK, "s", "scopes"),
        ("i", "", BACK, "s", "scopes"),
        ("i", "a", "/relative", "s", "redirect_uri"),
        ("i", "a", "https://[", "s", "redirect_uri"),
        ("i", "a", BACK, "", "state"),
    ],
)
def test_missing_part_is_named(
    client_id: str, scopes: str, redirect_uri: str, state: str, named: str
) -> None:
    """A part without which the login would fail on Zoho's page is named here."""
    with pytest.raises(ConfigurationError, match=named):
        authorize_url(client_id, scopes, redirect_uri, data_center=DataCenter.EU, state=state)
