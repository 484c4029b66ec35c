"""Credentials: what an organisation's administrator hands over, and how it is asked with."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import Attribute, field, frozen

from zohocrm_async.auth._token import Secret, is_token_text
from zohocrm_async.exceptions import ConfigurationError


def _strip(value: str | None) -> str:
    # Values are pasted, or read from files that end in a newline. What is no
    # string, such as a variable that is not set, counts as missing.
    return value.strip() if isinstance(value, str) else ""


def _secret(value: str | None) -> Secret:
    return Secret(_strip(value))


def _present(instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not value:
        raise ConfigurationError(
            f"{type(instance).__name__}.{attribute.name} is missing; give it as a string"
        )


def _identity(accounts_url: str, *parts: str) -> str:
    text = "\0".join((accounts_url, *parts))
    return hashlib.sha256(text.encode()).hexdigest()


@frozen(kw_only=True)
class RefreshToken:
    """A client and a refresh token, which does not expire: for services.

    The pair comes from a code exchange; see `AuthorizationCode`.
    """

    client_id: str = field(converter=_strip, validator=_present)
    client_secret: str = field(converter=_secret, validator=_present, repr=False)
    refresh_token: str = field(converter=_secret, validator=_present, repr=False)

    def form(self) -> Mapping[str, str]:
        """Return what is posted to the token endpoint."""
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }

    def key(self, accounts_url: str) -> str:
        """Return the name under which token stores keep the token; no secret."""
        return _identity(accounts_url, "refresh", self.client_id, self.refresh_token)


def _joined(scope: str | Sequence[str] | None) -> str:
    if isinstance(scope, str):
        return _strip(scope)
    return ",".join(scope) if isinstance(scope, Sequence) else ""


def _soid(value: str | None) -> str:
    text = _strip(value)
    return f"ZohoCRM.{text}" if text.isdigit() else text


@frozen(kw_only=True)
class ClientCredentials:
    """A self client that asks for tokens in its own name: for one-off work.

    Args:
        client_id: of a self client.
        client_secret: its secret.
        scope: scopes, as one string with commas or as a sequence.
        soid: the organisation: ``ZohoCRM.<organisation id>``, or the id alone.
    """

    client_id: str = field(converter=_strip, validator=_present)
    client_secret: str = field(converter=_secret, validator=_present, repr=False)
    scope: str = field(converter=_joined, validator=_present)
    soid: str = field(converter=_soid, validator=_present)

    def form(self) -> Mapping[str, str]:
        """Return what is posted to the token endpoint."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
            "soid": self.soid,
        }

    def key(self, accounts_url: str) -> str:
        """Return the name under which token stores keep the token; no secret."""
        return _identity(accounts_url, "client", self.client_id, self.soid, self.scope)


@frozen(kw_only=True)
class AuthorizationCode:
    """A grant code, which is exchanged once for a refresh token.

    The refresh token is kept in the token store; give a store that outlives
    the process, or the code will be needed, and refused, at the next start.

    Args:
        client_id: of the client that the code was made for.
        client_secret: its secret.
        code: the code of a redirect, or one made in the API console.
        redirect_uri: the one that the code was asked with; None for a self client.
    """

    client_id: str = field(converter=_strip, validator=_present)
    client_secret: str = field(converter=_secret, validator=_present, repr=False)
    code: str = field(converter=_secret, validator=_present, repr=False)
    redirect_uri: str | None = None

    def form(self) -> Mapping[str, str]:
        """Return what is posted to the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code": self.code,
        }
        if self.redirect_uri is not None:
            form["redirect_uri"] = self.redirect_uri
        return form

    def renewal(self, refresh_token: str) -> RefreshToken:
        """Return the credentials that the exchanged code has become."""
        return RefreshToken(
            client_id=self.client_id,
            client_secret=self.client_secret,
            refresh_token=refresh_token,
        )

    def key(self, accounts_url: str) -> str:
        """Return the name under which token stores keep the token; no secret."""
        return _identity(accounts_url, "code", self.client_id, self.code)


def _header_text(instance: object, attribute: "Attribute[str]", value: str) -> None:
    _present(instance, attribute, value)
    if not is_token_text(value):
        raise ConfigurationError("AccessToken.token holds a space or a character beyond ASCII")


def _aware(_: object, __: "Attribute[datetime | None]", value: datetime | None) -> None:
    if value is not None and value.tzinfo is None:
        raise ConfigurationError("AccessToken.expires_at has no time zone; give an aware datetime")


@frozen(kw_only=True)
class AccessToken:
    """One access token that somebody else renews: for scripts and tests.

    Args:
        token: the access token.
        expires_at: when it ceases to be valid (aware); None if that is not known.
    """

    token: str = field(converter=_secret, validator=_header_text, repr=False)
    expires_at: datetime | None = field(default=None, validator=_aware)

    def key(self, accounts_url: str) -> str:
        """Return a name for the token; no secret. Stores never hold it."""
        return _identity(accounts_url, "access", self.token)


Credentials = RefreshToken | ClientCredentials | AuthorizationCode | AccessToken
