"""The asyncio client for Zoho CRM that keeps to its credits, its slots and its word."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zohocrm_async._client import ZohoCRM
from zohocrm_async._events import (
    AttemptFinished,
    CallFinished,
    CallStarted,
    ClientClosed,
    ClientOpened,
    Event,
    ForeignUse,
    Hook,
    LimitChanged,
    Parked,
    PriceCorrected,
    Resumed,
    RetryPlanned,
    RetryRefused,
)
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import FormFile
from zohocrm_async.auth import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    FileTokenStore,
    MemoryTokenStore,
    RefreshToken,
)
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import (
    DataCenter,
    Edition,
    Limits,
    Priority,
    Retry,
    Timeouts,
    WhenSpent,
)

if TYPE_CHECKING:
    from zohocrm_async.pool import ClientPool, OrganizationSettings, OrganizationStore
    from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

__version__ = "0.1.0"

__all__ = [
    "AccessToken",
    "AttemptFinished",
    "AuthorizationCode",
    "CallFinished",
    "CallStarted",
    "ClientClosed",
    "ClientCredentials",
    "ClientOpened",
    "ClientPool",
    "DataCenter",
    "Edition",
    "Event",
    "FileTokenStore",
    "ForeignUse",
    "FormFile",
    "Hook",
    "LimitChanged",
    "Limits",
    "MemoryTokenStore",
    "OrganizationSettings",
    "OrganizationStore",
    "Parked",
    "PriceCorrected",
    "Priority",
    "RefreshToken",
    "Resumed",
    "Retry",
    "RetryPlanned",
    "RetryRefused",
    "SQLiteLedger",
    "SessionPool",
    "Timeouts",
    "WhenSpent",
    "ZohoCRM",
    "ZohoCRMError",
    "__version__",
]

# What not every program needs loads when it is asked for.
_LATER = {
    "ClientPool": "pool",
    "OrganizationSettings": "pool",
    "OrganizationStore": "pool",
    "SQLiteLedger": "scheduler.sqlite_ledger",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
