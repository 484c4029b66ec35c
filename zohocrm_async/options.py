"""Frozen groups of settings: where, how much, how long, how often."""

import enum
from typing import ClassVar, Self
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen, validators

from zohocrm_async.exceptions import ConfigurationError


class Priority(enum.IntEnum):
    """Which call goes first; INTERACTIVE overtakes and may use the floor."""

    INTERACTIVE = 0
    NORMAL = 1
    BULK = 2


class Edition(enum.Enum):
    """Editions of Zoho CRM: allowance of credits and calls in flight.

    From https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html. The
    value holds: base credits, credits a user, cap of credits (0: none), calls
    in flight, mails a user and day.
    """

    FREE = ("free", 5_000, 0, 5_000, 5, 50)
    STANDARD = ("standard", 50_000, 250, 100_000, 10, 300)
    PROFESSIONAL = ("professional", 50_000, 500, 3_000_000, 15, 300)
    ENTERPRISE = ("enterprise", 50_000, 1_000, 5_000_000, 20, 300)
    ULTIMATE = ("ultimate", 50_000, 2_000, 0, 25, 300)

    def credits(self, users: int) -> int:
        """Credits of a 24-hour window for *users* licensed users."""
        _, base, each, cap, _, _ = self.value
        total = base + each * users
        return min(total, cap) if cap else total

    @property
    def concurrency(self) -> int:
        """Calls in flight."""
        return self.value[4]

    def daily_mails(self, users: int) -> int:
        """Mails of one calendar day of the organisation for *users* users."""
        return self.value[5] * users

    @classmethod
    def of_license(cls, paid_type: str) -> "Edition":
        """Read the word of the organisation's ``license_details.paid_type``."""
        word = paid_type.lower().replace("_", "").replace(" ", "")
        words = {
            "starter": cls.STANDARD,
            "zohoonestandard": cls.STANDARD,
            "crmplusstarter": cls.STANDARD,
            "zohooneenterprise": cls.ENTERPRISE,
            "zohoone": cls.ENTERPRISE,
            "crmplus": cls.ULTIMATE,
        }
        for edition in cls:
            words[edition.value[0]] = edition
        return words.get(word, cls.FREE)


@frozen(kw_only=True)
class Limits:
    """What the organisation grants and what this client may take of it."""

    credits: int = field(default=5_000, validator=validators.ge(1))
    """Credits of any 24-hour window."""
    concurrency: int = field(default=5, validator=validators.ge(1))
    """Calls in flight at once."""
    heavy_concurrency: int = field(default=10, validator=validators.ge(1))
    """Heavy calls (send mail, COQL, search, composite ...) in flight at once."""
    floor: int = field(default=0, validator=validators.ge(0))
    """Credits that only INTERACTIVE calls may use."""
    max_waiting: int = field(default=100_000, validator=validators.ge(0))
    """Calls that may wait; one more raises `QueueFull`."""
    max_wait: float | None = 30.0
    """Seconds a call waits for credits before `CreditsExhausted`; None: no end."""

    @classmethod
    def for_edition(cls, edition: Edition, *, users: int = 1) -> Self:
        """Return the published limits of *edition* with *users* licensed users."""
        return cls(credits=edition.credits(users), concurrency=edition.concurrency)


@frozen(kw_only=True)
class Timeouts:
    """Seconds allowed for the parts of one attempt on the wire."""

    connect: float = 10.0
    """To reach the host, TLS included."""
    read: float = 60.0
    """Between two pieces of the answer."""
    total: float = 300.0
    """For the whole attempt."""


@frozen(kw_only=True)
class Retry:
    """When a failed call is tried again; never when it might act twice."""

    attempts: int = field(default=5, validator=validators.ge(1))
    """Attempts at one call, the first included."""
    base: float = 0.5
    """Seconds: the longest first pause; each further one may be twice as long."""
    ceiling: float = 30.0
    """Seconds: no pause is longer."""


def _origin(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ConfigurationError(
            f"DataCenter.{attribute.name} is {value!r}; give a URL such as https://www.zohoapis.eu"
        )


def _strip(value: str) -> str:
    return value.rstrip("/")


@frozen
class DataCenter:
    """Hosts of one data centre: tokens go to these and to no other.

    The eight published ones are attributes of the class (``DataCenter.EU``);
    make your own for a test server.
    """

    name: str
    accounts: str = field(converter=_strip, validator=_origin)
    """Accounts server, where tokens come from."""
    api: str = field(converter=_strip, validator=_origin)
    """API host."""
    content: str = field(converter=_strip, validator=_origin)
    """Content host, for uploads of bulk jobs."""

    US: ClassVar["DataCenter"]
    EU: ClassVar["DataCenter"]
    IN: ClassVar["DataCenter"]
    AU: ClassVar["DataCenter"]
    CN: ClassVar["DataCenter"]
    JP: ClassVar["DataCenter"]
    SA: ClassVar["DataCenter"]
    CA: ClassVar["DataCenter"]

    def sandbox(self) -> "DataCenter":
        """Return the same data centre with the API host of its sandboxes."""
        return self._environment("sandbox")

    def developer(self) -> "DataCenter":
        """Return the same data centre with the API host of developer editions."""
        return self._environment("developer")

    def _environment(self, label: str) -> "DataCenter":
        if "//www.zohoapis." not in self.api:
            raise ConfigurationError(
                f"data centre {self.name!r} has no {label} host; only the published ones do"
            )
        return attrs.evolve(
            self,
            name=f"{self.name}-{label}",
            api=self.api.replace("//www.", f"//{label}.", 1),
        )

    def owns_api(self, url: str) -> bool:
        """Whether *url*, an ``api_domain`` of a token answer, is this data centre's."""
        if url.rstrip("/") == self.api:
            return True
        ours, theirs = urlsplit(self.api), urlsplit(url)
        _, _, domain = (ours.hostname or "").partition(".")
        label, _, their_domain = (theirs.hostname or "").partition(".")
        return (
            domain.startswith("zohoapis.")
            and their_domain == domain
            and theirs.scheme == "https"
            and theirs.port is None
            and theirs.username is None
            and not theirs.path.strip("/")
            and not theirs.query
            and not theirs.fragment
            and label in {"www", "sandbox", "developer"}
        )

    @classmethod
    def named(cls, name: str) -> "DataCenter":
        """Return the published data centre called *name*, such as ``eu`` or ``eu-sandbox``."""
        slug, _, environment = name.strip().upper().partition("-")
        found = _PUBLISHED.get(slug)
        if found is None or environment not in {"", "SANDBOX", "DEVELOPER"}:
            known = ", ".join(sorted(_PUBLISHED)).lower()
            raise ConfigurationError(
                f"no data centre is called {name!r}; take one of {known}, "
                "alone or with -sandbox or -developer"
            )
        if environment:
            return found.sandbox() if environment == "SANDBOX" else found.developer()
        return found


def _published(name: str, accounts: str, api: str, content: str) -> DataCenter:
    return DataCenter(
        name=name,
        accounts=f"https://accounts.{accounts}",
        api=f"https://www.zohoapis.{api}",
        content=f"https://{content}",
    )


DataCenter.US = _published("us", "zoho.com", "com", "content.zohoapis.com")
DataCenter.EU = _published("eu", "zoho.eu", "eu", "content.zohoapis.eu")
DataCenter.IN = _published("in", "zoho.in", "in", "content.zohoapis.in")
DataCenter.AU = _published("au", "zoho.com.au", "com.au", "content.zohoapis.com.au")
DataCenter.CN = _published("cn", "zoho.com.cn", "com.cn", "content.zohoapis.com.cn")
DataCenter.JP = _published("jp", "zoho.jp", "jp", "content.zohoapis.jp")
DataCenter.SA = _published("sa", "zoho.sa", "sa", "files.zoho.sa")
DataCenter.CA = _published("ca", "zohocloud.ca", "ca", "upload.zohocloud.ca")

_PUBLISHED = {
    "US": DataCenter.US,
    "EU": DataCenter.EU,
    "IN": DataCenter.IN,
    "AU": DataCenter.AU,
    "CN": DataCenter.CN,
    "JP": DataCenter.JP,
    "SA": DataCenter.SA,
    "CA": DataCenter.CA,
}
