"""Settings: the published data centres and editions, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import DataCenter, Edition, Limits, Retry, Timeouts

# As Zoho publishes them: accounts, API and content host of each data centre.
PUBLISHED = {
    "us": ("accounts.zoho.com", "www.zohoapis.com", "content.zohoapis.com"),
    "eu": ("accounts.zoho.eu", "www.zohoapis.eu", "content.zohoapis.eu"),
    "in": ("accounts.zoho.in", "www.zohoapis.in", "content.zohoapis.in"),
    "au": ("accounts.zoho.com.au", "www.zohoapis.com.au", "content.zohoapis.com.au"),
    "cn": ("accounts.zoho.com.cn", "www.zohoapis.com.cn", "content.zohoapis.com.cn"),
    "jp": ("accounts.zoho.jp", "www.zohoapis.jp", "content.zohoapis.jp"),
    "sa": ("accounts.zoho.sa", "www.zohoapis.sa", "files.zoho.sa"),
    "ca": ("accounts.zohocloud.ca", "www.zohoapis.ca", "upload.zohocloud.ca"),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_data_center_has_the_published_hosts(name: str) -> None:
    """Each of the eight is found by name and as an attribute, with its own hosts."""
    found = DataCenter.named(name)
    assert found is getattr(DataCenter, name.upper())
    assert found.name == name
    assert [found.accounts, found.api, found.content] == [
        f"https://{host}" for host in PUBLISHED[name]
    ]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("label", ["sandbox", "developer"])
def test_environment_swaps_the_first_label_of_the_api_host(name: str, label: str) -> None:
    """Sandbox and developer hosts differ in the API host alone."""
    whole = DataCenter.named(name)
    environment = DataCenter.named(f"{name}-{label}")
    assert environment.api == whole.api.replace("//www.", f"//{label}.")
    assert (environment.accounts, environment.content) == (whole.accounts, whole.content)
    assert environment.name == f"{name}-{label}"


def test_name_is_read_in_any_case() -> None:
    """Names from an environment variable may be in capitals, with spaces around."""
    assert DataCenter.named(" EU ") is DataCenter.EU
    assert DataCenter.named("Ca-Sandbox") == DataCenter.CA.sandbox()


@pytest.mark.parametrize("name", ["", "de", "eu-prod", "com", "eu-sandbox-developer"])
def test_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    """An unknown data centre's error lists what there is."""
    with pytest.raises(ConfigurationError, match="au, ca, cn, eu, in, jp, sa, us"):
        DataCenter.named(name)


@pytest.mark.parametrize("environment", [DataCenter.sandbox, DataCenter.developer])
@pytest.mark.parametrize(
    "data_center",
    [
        DataCenter("local", "http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1"),
        DataCenter.EU.sandbox(),
    ],
)
def test_only_published_hosts_have_environments(
    environment: Callable[[DataCenter], DataCenter], data_center: DataCenter
) -> None:
    """There is no sandbox of a test server, nor of a sandbox."""
    with pytest.raises(ConfigurationError, match="only the published ones"):
        environment(data_center)


@pytest.mark.parametrize("name", PUBLISHED)
def test_data_center_owns_its_own_api_hosts(name: str) -> None:
    """Production, sandbox and developer host belong to it, with or without a slash."""
    data_center = DataCenter.named(name)
    for label in ("www", "sandbox", "developer"):
        host = data_center.api.replace("//www.", f"//{label}.")
        assert data_center.owns_api(host)
        assert data_center.owns_api(f"{host}/")


@pytest.mark.parametrize("one", PUBLISHED)
@pytest.mark.parametrize("other", PUBLISHED)
def test_data_center_owns_no_other_ones_host(one: str, other: str) -> None:
    """A token of one data centre never goes to another."""
    owns = DataCenter.named(one).owns_api(DataCenter.named(other).api)
    assert owns == (one == other)


HOSTILE = [
    "https://www.zohoapis.com.evil.example",
    "https://www.zohoapis.com@evil.example",
    "https://www.zohoapis.com:pw@evil.example",
    "https://evil.example@www.zohoapis.com",
    "https://:pw@www.zohoapis.com",
    "https://evil.example/www.zohoapis.com",
    "https://evil.example\\@www.zohoapis.com",
    "https://www.zohoapis.com\\.evil.example",
    "https://evil.example#.zohoapis.com",
    "https://evil.example?.zohoapis.com",
    "https://evil.zohoapis.com",
    "https://www.evil.zohoapis.com",
    "https://zohoapis.com",
    "https://wwwzohoapis.com",
    "https://www-zohoapis.com",
    "https://www.zohoapis.com:8443",
    "https://www.zohoapis.com:bad",
    "https://www.zohoapis.com/elsewhere",
    "https://www.zohoapis.com?x=1",
    "https://www.zohoapis.com#x",
    "https://www.zohoapis.com\n",
    "https://www.zohoapis.com\t.evil.example",
    "https://www.zohoapis.com.",
    "https://www.zohoapis.cоm",  # noqa: RUF001 - a Cyrillic letter
    "http://www.zohoapis.com",
    "ftp://www.zohoapis.com",
    "//www.zohoapis.com",
    "www.zohoapis.com",
    "https://[",
    "",
]


@pytest.mark.parametrize("one", PUBLISHED)
def test_data_center_owns_the_hosts_that_results_are_kept_on(one: str) -> None:
    """They lie below its own domains."""
    data_center = DataCenter.named(one)
    domain = data_center.accounts.removeprefix("https://accounts.")
    for host in (f"https://download-accl.{domain}", data_center.api, data_center.content):
        assert data_center.owns(f"{host}/v2/crm/1.zip?x=y")
        owners = [name for name in PUBLISHED if DataCenter.named(name).owns(f"{host}/a")]
        assert owners == [one]


@pytest.mark.parametrize(
    "link",
    [
        "http://download.zoho.com/",
        "https://download.zoho.com:8443/",
        "https://me@download.zoho.com/",
        "https://evilzoho.com/",
        "https://evil.zoho.com/",
        "https://download.evil.zoho.com/",
        "https://www.zohoapis.com@evil.example/",
        "https://download.zoho.com.evil.example/",
        "https://download.zoho.com\n/",
        "https://evil.example\\.zoho.com/",
        "https://evil.example%2f.zoho.com/",
        "https://[::1]/",
        "https://[",
        "download.zoho.com",
    ],
)
def test_a_link_elsewhere_is_not_owned(link: str) -> None:
    assert not DataCenter.US.owns(link)


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_api_domain_is_not_owned(url: str) -> None:
    """A host that merely looks like the data centre's gets no token."""
    assert not DataCenter.US.owns_api(url)
    assert not DataCenter.US.sandbox().owns_api(url)


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    """Whatever an answer names, it is judged and nothing is raised."""
    assert DataCenter.US.owns_api(text) == (
        text.rstrip("/")
        in {f"https://{label}.zohoapis.com" for label in ("www", "sandbox", "developer")}
    )


@pytest.mark.parametrize("chosen", [DataCenter.EU.sandbox(), DataCenter.EU.developer()])
def test_chosen_environment_is_not_left_for_production(chosen: DataCenter) -> None:
    """Who chose a sandbox never mails from production because an answer said so."""
    assert chosen.owns_api(chosen.api)
    assert not chosen.owns_api(DataCenter.EU.api)


def test_custom_data_center_owns_its_host_alone() -> None:
    """A test server's tokens go to that server only."""
    local = DataCenter("local", "http://127.0.0.1:1/", "http://127.0.0.1:2/", "http://127.0.0.1:3/")
    assert local.api == "http://127.0.0.1:2"
    assert local.owns_api("http://127.0.0.1:2/")
    assert not local.owns_api("http://127.0.0.1:1")
    assert not local.owns_api("https://www.zohoapis.com")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.zohoapis.eu",
        "ftp://host",
        "https://",
        "https://host?x",
        "https://host#x",
        "https://user:pw@host",
        "https://[",
        "https://host:port",
        "https://host\n",
    ],
)
@pytest.mark.parametrize("part", ["accounts", "api", "content"])
def test_malformed_host_is_refused_by_name(url: str, part: str) -> None:
    """A custom host that is no URL is named at once."""
    good = "https://host"
    urls = {"accounts": good, "api": good, "content": good, part: url}
    with pytest.raises(ConfigurationError, match=f"DataCenter.{part}"):
        DataCenter("x", **urls)


# Editions and limits


@pytest.mark.parametrize(
    ("edition", "users", "credits_", "concurrency"),
    [
        (Edition.FREE, 3, 5_000, 5),
        (Edition.STANDARD, 10, 52_500, 10),
        (Edition.STANDARD, 1_000, 100_000, 10),
        (Edition.PROFESSIONAL, 10, 55_000, 15),
        (Edition.PROFESSIONAL, 10_000, 3_000_000, 15),
        (Edition.ENTERPRISE, 25, 75_000, 20),
        (Edition.ENTERPRISE, 10_000, 5_000_000, 20),
        (Edition.ULTIMATE, 25, 100_000, 25),
        (Edition.ULTIMATE, 10_000, 20_050_000, 25),
    ],
)
def test_limits_of_an_edition(
    edition: Edition, users: int, credits_: int, concurrency: int
) -> None:
    """An edition's users give its credits, up to its cap, and its slots."""
    limits = Limits.for_edition(edition, users=users)
    assert limits == Limits(
        credits=credits_,
        concurrency=concurrency,
        heavy_concurrency=10,
        daily_mails=edition.daily_mails(users),
    )


@pytest.mark.parametrize(
    ("word", "edition"),
    [
        ("free", Edition.FREE),
        ("Professional", Edition.PROFESSIONAL),
        ("enterprise", Edition.ENTERPRISE),
        ("ULTIMATE", Edition.ULTIMATE),
        ("zoho_one", Edition.ENTERPRISE),
        ("CRM Plus", Edition.ULTIMATE),
        ("starter", Edition.STANDARD),
        ("something new", Edition.FREE),
    ],
)
def test_license_word_gives_the_edition(word: str, edition: Edition) -> None:
    """The organisation's own word is understood; an unknown one means the least."""
    assert Edition.of_license(word) is edition


@pytest.mark.parametrize(("edition", "mails"), [(Edition.FREE, 150), (Edition.ENTERPRISE, 900)])
def test_mails_of_a_day(edition: Edition, mails: int) -> None:
    """The mails of a day grow with the users."""
    assert edition.daily_mails(3) == mails


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        (Limits, "credits", 0),
        (Limits, "credits", "5000"),
        (Limits, "credits", 1.5),
        (Limits, "concurrency", 0),
        (Limits, "concurrency", True),
        (Limits, "heavy_concurrency", -1),
        (Limits, "floor", -1),
        (Limits, "max_waiting", -1),
        (Limits, "max_wait", -0.1),
        (Limits, "max_wait", float("nan")),
        (Timeouts, "connect", 0),
        (Timeouts, "read", -1),
        (Timeouts, "total", None),
        (Retry, "attempts", 0),
        (Retry, "base", -1),
        (Retry, "ceiling", "30"),
    ],
)
def test_wrong_setting_is_refused_by_name(group: type, name: str, value: Any) -> None:
    """A setting out of range is an error of ours that names it."""
    with pytest.raises(ConfigurationError, match=rf"{group.__name__}\.{name} is "):
        group(**{name: value})


def test_waiting_without_end_is_allowed() -> None:
    """A job may wait for credits as long as it takes."""
    assert Limits(max_wait=None).max_wait is None
    assert Limits(max_wait=0).max_wait == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"headroom": -1}, "headroom is -1"),
        ({"daily_mails": -1}, "daily_mails is -1"),
        ({"bulk_share": 0.6}, "give 0.5 or less"),
        ({"normal_share": -0.1}, "normal_share is -0.1"),
        ({"time_zone": "Mars/Olympus"}, "a name such as Europe/Berlin"),
        ({"time_zone": "../etc/passwd"}, "a name such as Europe/Berlin"),
    ],
)
def test_limits_of_the_queue_and_the_day_are_checked(given: dict[str, Any], words: str) -> None:
    """The error names the limit and the way out."""
    with pytest.raises(ConfigurationError, match="Limits") as told:
        Limits(**given)
    assert words in str(told.value)
    assert Limits(time_zone="Europe/Berlin", daily_mails=0, headroom=2).daily_mails == 0
