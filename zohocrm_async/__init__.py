"""The asyncio client for Zoho CRM that keeps to its credits, its slots and its word."""

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
from zohocrm_async.pool import ClientPool, OrganizationSettings, OrganizationStore
from zohocrm_async.scheduler import SQLiteLedger

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
