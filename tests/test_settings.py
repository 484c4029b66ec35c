"""zohocrm_async._settings: a client of the wrong things is not made."""

from typing import Any

import pytest

from zohocrm_async import AccessToken, Event, ZohoCRM
from zohocrm_async.exceptions import ConfigurationError

TOKEN = AccessToken(token="secret")


async def tell_later(event: Event) -> None:
    """Would never run."""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"credentials": "secret"}, "credentials: a str was given; give a RefreshToken"),
        ({"credentials": {"token": "secret"}}, "credentials: a dict was given"),
        ({"data_center": "eu"}, r"data_center: a str was given; give DataCenter\.EU"),
        ({"version": 7}, "version is 7: take one such as 'v7'"),
        ({"version": "7"}, "version is '7'"),
        ({"version": "v10"}, "version is 'v10'"),
        ({"limits": {"credits": 1}}, r"limits: a dict was given; give Limits\(\.\.\.\)"),
        ({"retry": 3}, r"retry: a int was given; give Retry\(\.\.\.\) or None"),
        ({"hooks": print}, "hooks: a builtin_function_or_method was given; give a list"),
        ({"hooks": [None]}, "hooks: a NoneType was given; give plain functions"),
        ({"hooks": [print, tell_later]}, "hooks: a coroutine function was given"),
        ({"timeouts": 5.0}, r"timeouts: a float was given; give Timeouts\(\.\.\.\) or None"),
    ],
)
def test_a_setting_of_another_kind_is_named(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{told}") as caught:
        ZohoCRM(**{"credentials": TOKEN, **given})
    assert "secret" not in str(caught.value)
