"""What the processes of a fleet share of an organisation, in Redis or Valkey.

One `RedisFleet` is made for each process and event loop. What it makes is given to clients::

    fleet = RedisFleet("redis://127.0.0.1:6379/0")
    crm = ZohoCRM(
        credentials,
        token_store=fleet.token_store(),
        ledger=fleet.ledger("acme"),
        slots=fleet.slots("acme"),
        mails=fleet.mails("acme"),
    )
"""

try:
    import redis as _library
except ModuleNotFoundError as _missing:
    raise ImportError(
        "zohocrm_async.redis needs redis-py: pip install 'zohocrm-async[redis]'"
    ) from _missing

from zohocrm_async.redis._fleet import RedisFleet
from zohocrm_async.redis._ledger import RedisLedger
from zohocrm_async.redis._mails import RedisMails
from zohocrm_async.redis._slots import RedisSlots
from zohocrm_async.redis._tokens import RedisTokenStore

del _library

__all__ = ["RedisFleet", "RedisLedger", "RedisMails", "RedisSlots", "RedisTokenStore"]
