"""What an error means for the item that met it, and for the items after it."""

import re

from attrs import evolve

from zohocrm_async import exceptions as errors
from zohocrm_async._retry import not_acted
from zohocrm_async.jobs.items import Item, ItemState

# Met by one item, they would be met by the next as well, and some cost credits each time.
_STOPPING = (
    errors.AuthenticationError,
    errors.AuthenticationFailure,
    errors.ConcurrencyExceeded,
    errors.ConfigurationError,
    errors.CreditsExhausted,
    errors.FleetError,
    errors.InvalidToken,
    errors.LedgerError,
    errors.MailLimitExceeded,
    errors.SchedulerError,
    errors.ScopeMismatch,
    errors.TransportError,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def word(error: BaseException) -> str:
    """Return the service's word for *error*, or ours in the same form."""
    code = getattr(error, "code", "")
    return code if isinstance(code, str) and code else _HUMP.sub("_", type(error).__name__).upper()


def stops(error: errors.ZohoCRMError) -> bool:
    """Whether no further item should be tried after *error*."""
    return isinstance(error, _STOPPING) and not_acted(error)


def after_sending(item: Item, error: errors.ZohoCRMError) -> Item:
    """Return what *item* became, whose call ended in *error*."""
    if isinstance(error, errors.OutcomeUnknown):
        return _as(item, ItemState.UNKNOWN, error, code=word(error.__cause__ or error))
    if not not_acted(error):
        return _as(item, ItemState.UNKNOWN, error)
    if isinstance(error, _STOPPING):
        # Of several calls some are done: that is no item that nobody has touched.
        state = ItemState.MERGING if item.step else ItemState.PLANNED
        return evolve(_as(item, state, error), job_id=None)
    return _as(item, ItemState.REFUSED, error)


def after_following(item: Item, error: errors.ZohoCRMError) -> Item:
    """Return what *item* became, whose scheduled merge could not be followed to its end."""
    if isinstance(error, errors.MergeFailed):
        return _as(item, ItemState.REFUSED, error)
    return _as(item, ItemState.MERGING, error)


def cut_short(item: Item, error: BaseException) -> Item:
    """Return what *item* became, whose call was broken off: it may have left."""
    return evolve(
        item,
        state=ItemState.UNKNOWN,
        code="BROKEN_OFF",
        message=f"{type(error).__name__} broke off the call, and the service may have acted",
    )


def _as(
    item: Item, state: ItemState, error: errors.ZohoCRMError, *, code: str | None = None
) -> Item:
    sentence = error.message if isinstance(error, errors.APIError) else ""
    field = error.details.get("api_name") if isinstance(error, errors.APIError) else None
    return evolve(
        item,
        state=state,
        code=code or word(error),
        message=sentence or str(error),
        field=None if field is None else str(field),
    )
