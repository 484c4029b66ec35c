"""Rows that are refused before any call is made for them."""

import re

from attrs import evolve

from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import Order

Fault = tuple[str, str, str | None]
"""What is wrong with a row: a code, a sentence, and the column where there is one."""

RECORD_ID = re.compile(r"[0-9]{1,30}")


def refused(item: Item, code: str, message: str, column: str | None = None) -> Order:
    """Return the order of a row that no call is made for."""
    return Order(evolve(item, state=ItemState.REFUSED, code=code, message=message, field=column))


def id_problem(value: str) -> str:
    """Say what is wrong with an id that is none."""
    if not value:
        return "the record's id is empty"
    return f"{value!r} is no record id: ids are digits only, and spreadsheets may round them"
