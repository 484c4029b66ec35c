"""Who we are to Zoho: credentials, access tokens, token stores, login."""

from zohocrm_async.auth.credentials import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    Credentials,
    RefreshToken,
)
from zohocrm_async.auth.login import authorize_url
from zohocrm_async.auth.stores import FileTokenStore, MemoryTokenStore, TokenStore
from zohocrm_async.auth.tokens import Token, TokenSource

__all__ = [
    "AccessToken",
    "AuthorizationCode",
    "ClientCredentials",
    "Credentials",
    "FileTokenStore",
    "MemoryTokenStore",
    "RefreshToken",
    "Token",
    "TokenSource",
    "TokenStore",
    "authorize_url",
]
