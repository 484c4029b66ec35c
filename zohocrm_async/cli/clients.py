"""The client of a command, and what it asks before a job begins."""

from zohocrm_async import Limits, ZohoCRM
from zohocrm_async.exceptions import InvalidRequest, PermissionDenied, ScopeMismatch


def client() -> ZohoCRM:
    """Return a client for a call or two; it need not ask for the organisation's limits."""
    return ZohoCRM.from_env(limits=Limits())


async def check_module(crm: ZohoCRM, module: str) -> None:
    """Raise what the service says of *module*, before every row is refused for it."""
    try:
        await crm.records.list(module, fields=["id"], per_page=1)
    except (PermissionDenied, ScopeMismatch):
        return  # a token that may only send mails cannot tell


async def check_sender(crm: ZohoCRM, sender: str) -> None:
    """Refuse a *sender* that is not one of the allowed from addresses."""
    try:
        allowed = [address.email for address in await crm.mail.from_addresses()]
    except (PermissionDenied, ScopeMismatch):
        return  # a token that may only send mails cannot tell
    if sender.lower() not in {address.lower() for address in allowed}:
        raise InvalidRequest(
            f"--from {sender} is not one of the allowed from addresses: {', '.join(allowed)}"
        )
