"""Frozen groups of settings: where, how much, how long, how often."""

import enum
import re
from collections.abc import Callable
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen

from zohocrm_async.exceptions import ConfigurationError


class Priority(enum.IntEnum):
    """Which call goes first; INTERACTIVE overtakes and may use the floor."""

    INTERACTIVE = 0
    NORMAL = 1
    BULK = 2


class WhenSpent(enum.Enum):
    """What becomes of a call whose budget has not enough credits left."""

    REFUSE = "refuse"
    """It raises `BudgetExceeded` at once."""
    WAIT = "wait"
    """It waits until the budget is given more, or another of its calls costs less."""


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


def _least(minimum: float, *, whole: bool = False) -> Callable[[object, Any, object], None]:
    """Make a validator: a number, *minimum* or more; *whole* asks for an int."""

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        kinds = (int,) if whole else (int, float)
        # Written so that NaN fails it, too.
        if isinstance(value, bool) or not (isinstance(value, kinds) and value >= minimum):
            kind = "a whole number" if whole else "a number"
            raise ConfigurationError(
                f"{type(instance).__name__}.{attribute.name} is {value!r}; "
                f"give {kind}, {minimum:g} or more"
            )

    return check


def _seconds_or_none(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None:
        _least(0)(instance, attribute, value)


def _whole_or_none(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None:
        _least(0, whole=True)(instance, attribute, value)


def _share(instance: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    _least(0)(instance, attribute, value)
    if value > _MOST_SHARE:
        raise ConfigurationError(
            f"{type(instance).__name__}.{attribute.name} is {value!r}; "
            f"give {_MOST_SHARE:g} or less, or the class stands above the others"
        )


def _zone(_: object, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if value == "UTC":
        return  # known everywhere, even to a machine without time zones
    import zoneinfo  # noqa: PLC0415  # seldom needed, and slow to load

    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise ConfigurationError(
            f"Limits.{attribute.name} is {value!r}; give a name such as Europe/Berlin "
            "(where the machine has no time zones, install tzdata)"
        ) from None


_MOST_SHARE = 0.5


@frozen(kw_only=True)
class Limits:
    """What the organisation grants and what this client may take of it."""

    credits: int = field(default=5_000, validator=_least(1, whole=True))
    """Credits of any 24-hour window."""
    concurrency: int = field(default=5, validator=_least(1, whole=True))
    """Calls in flight at once."""
    heavy_concurrency: int = field(default=10, validator=_least(1, whole=True))
    """Heavy calls (send mail, COQL, search, composite ...) in flight at once."""
    floor: int = field(default=0, validator=_least(0, whole=True))
    """Credits that only INTERACTIVE calls may use."""
    headroom: int = field(default=0, validator=_least(0, whole=True))
    """Slots of each pool that only INTERACTIVE calls may use; one is left to others."""
    normal_share: float = field(default=0.1, validator=_share)
    """Part of all turns that NORMAL calls get while some wait; 0: only what is left."""
    bulk_share: float = field(default=0.02, validator=_share)
    """Part of all turns that BULK calls get while some wait; 0: only what is left."""
    daily_mails: int | None = field(default=None, validator=_whole_or_none)
    """Mails of one calendar day of the organisation; None: counted, not limited."""
    time_zone: str = field(default="UTC", validator=_zone)
    """Where the organisation's calendar day begins and ends."""
    max_waiting: int = field(default=100_000, validator=_least(0, whole=True))
    """Calls that may wait; one more raises `QueueFull`."""
    max_wait: float | None = field(default=30.0, validator=_seconds_or_none)
    """Seconds a call waits for credits before `CreditsExhausted`; None: no end."""

    @classmethod
    def for_edition(cls, edition: Edition, *, users: int = 1) -> Self:
        """Return the published limits of *edition* with *users* licensed users."""
        return cls(
            credits=edition.credits(users),
            concurrency=edition.concurrency,
            daily_mails=edition.daily_mails(users),
        )


# To aiohttp, no time at all means no limit at all.
_BRIEF = 0.001


@frozen(kw_only=True)
class Timeouts:
    """Seconds allowed for the parts of one attempt on the wire."""

    connect: float = field(default=10.0, validator=_least(_BRIEF))
    """To reach the host, TLS included."""
    read: float = field(default=60.0, validator=_least(_BRIEF))
    """Between two pieces of the answer."""
    total: float = field(default=300.0, validator=_least(_BRIEF))
    """For the whole attempt."""


@frozen(kw_only=True)
class Retry:
    """When a failed call is tried again; never when it might act twice."""

    attempts: int = field(default=5, validator=_least(1, whole=True))
    """Attempts at one call, the first included."""
    base: float = field(default=0.5, validator=_least(0))
    """Seconds: the longest first pause; each further one may be twice as long."""
    ceiling: float = field(default=30.0, validator=_least(0))
    """Seconds: no pause is longer. Who is asked to wait longer gets the error at once."""
    budget: int = field(default=100, validator=_least(0, whole=True))
    """Units that all calls of a client share: a retry takes 5, a success brings 1 back."""


def _origin(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "?" in value or "#" in value or "@" in value or not value.isprintable():
        raise ConfigurationError(
            f"DataCenter.{attribute.name} is {value!r}; give a URL such as https://www.zohoapis.eu"
        )


_PRODUCTION = "https://www.zohoapis."


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
        if not self.api.startswith(_PRODUCTION):
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
        base = _strip(url)
        if base == self.api:
            return True
        # The answer comes over the network: a whole host, letter by letter.
        # An environment chosen on purpose is never left for another.
        domain = self.api.removeprefix(_PRODUCTION)
        return domain != self.api and base in {
            f"https://{label}.zohoapis.{domain}" for label in ("sandbox", "developer")
        }

    def owns(self, link: str) -> bool:
        """Whether *link*, a URL of an answer, leads to a host of this data centre."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return False
        if not link.isprintable() or "\\" in link:
            return False
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in {self.api, self.content, self.accounts}:
            return True
        # Results are kept on hosts of their own, such as download-accl.zoho.com.
        domain = self.accounts.removeprefix("https://accounts.")
        return domain != self.accounts and bool(
            re.fullmatch(rf"https://download[a-z0-9-]*\.{re.escape(domain)}", origin)
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
