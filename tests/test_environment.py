"""Settings are read from the environment, and what is wrong is named."""

import pytest

from zohocrm_async import DataCenter, Limits
from zohocrm_async._environment import read
from zohocrm_async.exceptions import ConfigurationError

GIVEN = {
    "ZOHO_CLIENT_ID": "id",
    "ZOHO_CLIENT_SECRET": "very-secret",
    "ZOHO_REFRESH_TOKEN": "more-secret",
}


def test_credentials_alone_suffice() -> None:
    """The rest has defaults, and the limits are the organisation's."""
    found = read(GIVEN)
    assert found.data_center == DataCenter.US
    assert found.version == "v7"
    assert found.limits is None


def test_secrets_are_not_shown() -> None:
    """A repr may end in a log."""
    assert "secret" not in repr(read(GIVEN))


@pytest.mark.parametrize("name", sorted(GIVEN))
@pytest.mark.parametrize("value", ["", "  "])
def test_a_missing_credential_is_named(name: str, value: str) -> None:
    """Blank is missing."""
    with pytest.raises(ConfigurationError, match=f"^{name} not set"):
        read({**GIVEN, name: value})


def test_a_data_center_by_name_or_by_hosts() -> None:
    """Hosts of a test server make one of their own."""
    assert read({**GIVEN, "ZOHO_DATA_CENTER": "eu-sandbox"}).data_center.api == (
        "https://sandbox.zohoapis.eu"
    )
    hosts = {"ZOHO_ACCOUNTS_URL": "http://127.0.0.1:1/", "ZOHO_API_URL": "http://127.0.0.1:2"}
    found = read({**GIVEN, **hosts}).data_center
    assert (found.accounts, found.api) == ("http://127.0.0.1:1", "http://127.0.0.1:2")


def test_one_host_alone_is_refused() -> None:
    """Half a data centre would send tokens elsewhere."""
    with pytest.raises(ConfigurationError, match="set both or neither"):
        read({**GIVEN, "ZOHO_API_URL": "http://127.0.0.1:2"})


def test_limits_are_complete_or_added_to_the_organisations() -> None:
    """Credits, slots and the zone of its days leave nothing to ask for."""
    numbers = {"ZOHO_CREDITS": "1000", "ZOHO_CONCURRENCY": "4"}
    all_ = read({**GIVEN, **numbers, "ZOHO_TIME_ZONE": "Asia/Tokyo"})
    assert all_.limits == Limits(credits=1000, concurrency=4, time_zone="Asia/Tokyo")
    both = read({**GIVEN, **numbers})
    assert callable(both.limits)
    assert both.limits(Limits(time_zone="Asia/Tokyo")) == all_.limits
    some = read({**GIVEN, "ZOHO_CREDITS": "1000", "ZOHO_FLOOR": "50", "ZOHO_HEADROOM": "2"})
    assert callable(some.limits)
    assert some.limits(Limits(concurrency=20)) == Limits(
        credits=1000, concurrency=20, floor=50, headroom=2
    )


def test_a_time_zone_that_is_none_is_named() -> None:
    """The message says what to give."""
    with pytest.raises(ConfigurationError, match=r"ZOHO_TIME_ZONE is 'Berlin'.*Europe/Berlin"):
        read({**GIVEN, "ZOHO_TIME_ZONE": "Berlin"})


@pytest.mark.parametrize("value", ["many", "-1", "0", "1.5"])
def test_a_limit_that_is_no_number_is_named(value: str) -> None:
    """The message says what to give."""
    with pytest.raises(ConfigurationError, match=r"ZOHO_CREDITS .* whole number"):
        read({**GIVEN, "ZOHO_CREDITS": value})
