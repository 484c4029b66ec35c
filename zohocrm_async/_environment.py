"""Settings from ``ZOHO_...`` variables of the environment."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import DataCenter, Limits

_CREDENTIALS = {
    "client_id": "ZOHO_CLIENT_ID",
    "client_secret": "ZOHO_CLIENT_SECRET",
    "refresh_token": "ZOHO_REFRESH_TOKEN",
}
_LIMITS = {
    "credits": "ZOHO_CREDITS",
    "concurrency": "ZOHO_CONCURRENCY",
    "heavy_concurrency": "ZOHO_HEAVY_CONCURRENCY",
    "floor": "ZOHO_FLOOR",
    "headroom": "ZOHO_HEADROOM",
}
_TIME_ZONE = "ZOHO_TIME_ZONE"
# All that the organisation would otherwise be asked for.
_COMPLETE = frozenset({"credits", "concurrency", "time_zone"})


@frozen
class Environment:
    """What the environment says."""

    credentials: Mapping[str, str] = field(repr=False)
    data_center: DataCenter
    version: str
    overrides: Mapping[str, Any]
    """Limits that are set; the rest is the organisation's."""

    @property
    def limits(self) -> Limits | Callable[[Limits], Limits] | None:
        """The limits, or what makes them of those that the organisation grants."""
        if self.overrides.keys() >= _COMPLETE:
            return Limits(**self.overrides)
        return self._adapted if self.overrides else None

    def _adapted(self, granted: Limits) -> Limits:
        return evolve(granted, **self.overrides)


def read(environ: Mapping[str, str]) -> Environment:
    """Return the settings of *environ*.

    Raises:
        ConfigurationError: a variable is missing or wrong; the message names it.
    """
    missing = [name for name in _CREDENTIALS.values() if not environ.get(name, "").strip()]
    if missing:
        raise ConfigurationError(
            f"{', '.join(missing)} not set: give the credentials of a self client "
            "of the API console (or run the emulator)"
        )
    return Environment(
        credentials={key: environ[name].strip() for key, name in _CREDENTIALS.items()},
        data_center=_data_center(environ),
        version=environ.get("ZOHO_API_VERSION", "v7"),
        overrides={
            **{key: _number(environ, name) for key, name in _LIMITS.items() if environ.get(name)},
            **_time_zone(environ),
        },
    )


def _number(environ: Mapping[str, str], name: str) -> int:
    text = environ[name].strip()
    if not text.isdecimal() or int(text) < 1:
        raise ConfigurationError(f"{name} is {text!r}: give a whole number of at least 1")
    return int(text)


def _time_zone(environ: Mapping[str, str]) -> dict[str, str]:
    name = environ.get(_TIME_ZONE, "").strip()
    if not name:
        return {}
    try:
        return {"time_zone": Limits(time_zone=name).time_zone}
    except ConfigurationError:
        raise ConfigurationError(
            f"{_TIME_ZONE} is {name!r}: give that of the organisation, such as Europe/Berlin"
        ) from None


def _data_center(environ: Mapping[str, str]) -> DataCenter:
    accounts, api = environ.get("ZOHO_ACCOUNTS_URL"), environ.get("ZOHO_API_URL")
    named = environ.get("ZOHO_DATA_CENTER")
    if bool(accounts) != bool(api):
        raise ConfigurationError(
            "ZOHO_ACCOUNTS_URL and ZOHO_API_URL go together: set both or neither"
        )
    if accounts and api:
        return DataCenter(named or "custom", accounts, api, api)
    return DataCenter.named(named or "us")
