"""The accounts server: a client, its grants, and tokens with their limits."""

import hashlib
from collections import deque
from collections.abc import Mapping
from typing import Any

from attrs import Factory, define

from zohocrm_async._clock import Clock
from zohocrm_async.emulator import errors

TOKEN_SECONDS = 3600.0
_PER_PERIOD, _PERIOD_SECONDS = 10, 600.0
_LIVE_TOKENS = 10
_CODE_SECONDS = 180.0

JSON = dict[str, Any]


@define(eq=False)
class Grant:
    """A refresh token, or a client's own access, with the tokens made of it."""

    refresh_token: str
    scopes: frozenset[str] | None
    """None: every scope."""
    minted: deque[float] = Factory(deque[float])
    live: deque[str] = Factory(deque[str])


@define(eq=False)
class AccessGranted:
    """An access token's facts."""

    grant: Grant
    expires: float


@define(eq=False)
class _Code:
    grant: Grant
    expires: float


class _Denied(Exception):
    """An error of the token endpoint."""

    def __init__(self, word: str, http_status: int = 200, **more: str) -> None:
        self.http_status = http_status
        self.body: JSON = {"error": word, **more}
        super().__init__(word)


class Accounts:
    """Everything the accounts server knows."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.minted = 0
        self.zgid = f"{700_000_000 + seed}"
        """The organisation's number."""
        self._clock = clock
        self._seed = seed
        self._made = 0
        self._grants: dict[str, Grant] = {}
        self._codes: dict[str, _Code] = {}
        self._tokens: dict[str, AccessGranted] = {}
        self._own_access: dict[frozenset[str], Grant] = {}
        self.client: Mapping[str, str] = {
            "client_id": f"1000.{self._secret('client').upper()[:30]}",
            "client_secret": self._secret("secret"),
        }
        self.refresh_token = self.add_grant(None)

    # --- what tests arrange

    def add_grant(self, scopes: frozenset[str] | None) -> str:
        """Return a refresh token for *scopes* (None: all)."""
        token = f"1000.{self._secret('refresh')}.{self._secret('grant')}"
        self._grants[token] = Grant(token, scopes)
        return token

    def add_code(self, scopes: frozenset[str] | None) -> str:
        """Return a code that can be exchanged once, for three minutes."""
        grant = self._grants.pop(self.add_grant(scopes))  # not known until the exchange
        code = f"1000.{self._secret('code')}.{self._secret('code')}"
        self._codes[code] = _Code(grant, self._clock.monotonic() + _CODE_SECONDS)
        return code

    def expire(self) -> None:
        """Kill every access token; grants stay."""
        self._tokens.clear()

    # --- the API's side

    def check(self, header: str | None) -> str:
        """Return the access token of an Authorization *header*.

        Raises:
            Refusal: there is none, or it is not valid (any more).
        """
        scheme, _, token = (header or "").partition(" ")
        if scheme != "Zoho-oauthtoken" or not token:
            raise errors.Refusal("AUTHENTICATION_FAILURE", "Authentication failed", status=401)
        granted = self._tokens.get(token)
        if granted is None or granted.expires <= self._clock.monotonic():
            raise errors.invalid_token()
        return token

    def scopes(self, token: str) -> frozenset[str] | None:
        """Return the scopes of a valid access token; None: all."""
        return self._tokens[token].grant.scopes

    def kill(self, token: str) -> None:
        """Make an access token invalid."""
        self._tokens.pop(token, None)

    # --- the token endpoints

    def token(self, form: Mapping[str, str], api_domain: str) -> tuple[int, JSON]:
        """Answer the token endpoint: status and body."""
        try:
            grant, first = self._grant(form)
            return 200, self._mint(grant, api_domain, first=first)
        except _Denied as denied:
            return denied.http_status, denied.body

    def revoke(self, form: Mapping[str, str]) -> tuple[int, JSON]:
        """Answer the revoke endpoint: status and body."""
        grant = self._grants.pop(form.get("token", ""), None)
        if grant is None:
            return 400, {"error": "invalid_token", "status": "error"}
        for token in grant.live:
            self.kill(token)
        return 200, {"status": "success"}

    def _grant(self, form: Mapping[str, str]) -> tuple[Grant, bool]:
        for key, value in self.client.items():
            if form.get(key) != value:
                raise _Denied(f"invalid_{key.removesuffix('_id')}")
        kind = form.get("grant_type")
        if kind == "refresh_token":
            return self._refreshed(form.get("refresh_token", "")), False
        if kind == "authorization_code":
            return self._exchanged(form.get("code", "")), True
        if kind == "client_credentials":
            return self._own(form), False
        raise _Denied("unsupported_grant_type")

    def _refreshed(self, refresh_token: str) -> Grant:
        grant = self._grants.get(refresh_token)
        if grant is None:
            raise _Denied("invalid_code")
        return grant

    def _exchanged(self, code: str) -> Grant:
        found = self._codes.pop(code, None)
        if found is None or found.expires <= self._clock.monotonic():
            raise _Denied("invalid_code")
        self._grants[found.grant.refresh_token] = found.grant
        return found.grant

    def _own(self, form: Mapping[str, str]) -> Grant:
        if not form.get("soid"):
            raise _Denied("missing_org_info")
        if form["soid"] != f"ZohoCRM.{self.zgid}":
            raise _Denied("invalid_soid")
        scopes = frozenset(form.get("scope", "").replace(",", " ").split())
        if not scopes or not all(scope.startswith("Zoho") for scope in scopes):
            raise _Denied("invalid_scope")
        return self._own_access.setdefault(scopes, Grant("", scopes))

    def _mint(self, grant: Grant, api_domain: str, *, first: bool) -> JSON:
        now = self._clock.monotonic()
        while grant.minted and now - grant.minted[0] >= _PERIOD_SECONDS:
            grant.minted.popleft()
        if len(grant.minted) >= _PER_PERIOD:
            raise _Denied(
                "Access Denied",
                400,
                error_description="too many tokens were asked for; wait before you try again",
                status="failure",
            )
        grant.minted.append(now)
        token = f"1000.{self._secret('access')}.{self._secret('access')}"
        self._tokens[token] = AccessGranted(grant, now + TOKEN_SECONDS)
        self._retire(grant, token)
        self.minted += 1
        body: JSON = {
            "access_token": token,
            "scope": " ".join(sorted(grant.scopes)) if grant.scopes else "ZohoCRM.modules.ALL",
            "api_domain": api_domain,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_SECONDS),
        }
        return {**body, "refresh_token": grant.refresh_token} if first else body

    def _retire(self, grant: Grant, token: str) -> None:
        """Kill the oldest live token when there is one too many."""
        now = self._clock.monotonic()
        alive = [t for t in grant.live if t in self._tokens and self._tokens[t].expires > now]
        for stale in set(grant.live).difference(alive):
            self.kill(stale)
        grant.live = deque([*alive, token])
        while len(grant.live) > _LIVE_TOKENS:
            self.kill(grant.live.popleft())

    def _secret(self, kind: str) -> str:
        self._made += 1
        return hashlib.md5(  # an invented token of an invented organisation
            f"{kind}:{self._seed}:{self._made}".encode(), usedforsecurity=False
        ).hexdigest()
