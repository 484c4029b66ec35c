"""What a client is made with, checked before anything is made of it."""

import inspect
import re
from collections.abc import Sequence
from typing import cast

from zohocrm_async.auth import Credentials
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import DataCenter, Limits, Retry, Timeouts

_VERSION = re.compile(r"v[2-9]")


def check(  # noqa: PLR0917  # in the order in which a client takes them
    credentials: object,
    data_center: object,
    version: object,
    limits: object,
    retry: object,
    timeouts: object,
    hooks: object,
) -> None:
    """Refuse settings of another kind than they are annotated with.

    Raises:
        ConfigurationError: the message names the setting, and shows no secret.
    """
    if not isinstance(credentials, Credentials):
        raise _another(
            "credentials", credentials, "a RefreshToken, or another class of zohocrm_async.auth"
        )
    if not isinstance(data_center, DataCenter):
        raise _another("data_center", data_center, "DataCenter.EU, or DataCenter.named('eu')")
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise ConfigurationError(f"version is {version!r}: take one such as 'v7'")
    if not (limits is None or callable(limits) or isinstance(limits, Limits)):
        raise _another("limits", limits, "Limits(...), a function that returns some, or None")
    for name, value, kind in (("retry", retry, Retry), ("timeouts", timeouts, Timeouts)):
        if not (value is None or isinstance(value, kind)):
            raise _another(name, value, f"{kind.__name__}(...) or None")
    if not isinstance(hooks, Sequence):
        raise _another("hooks", hooks, "a list of functions")
    for hook in cast("Sequence[object]", hooks):
        # What such a function returns would never be awaited.
        if not callable(hook) or inspect.iscoroutinefunction(hook):
            given = "coroutine function" if callable(hook) else type(hook).__name__
            raise ConfigurationError(f"hooks: a {given} was given; give plain functions")


def _another(name: str, value: object, fit: str) -> ConfigurationError:
    return ConfigurationError(f"{name}: a {type(value).__name__} was given; give {fit}")
