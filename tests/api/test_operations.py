"""The declarations are the operations of the service, no more and no fewer.

``operations.txt`` is the project's own list of them: method and path, one a line.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from zohocrm_async._endpoint import Operation
from zohocrm_async.api import declarations, operations

LISTED = (Path(__file__).parent / "operations.txt").read_text().splitlines()
PAGE = re.compile(r"https://www\.zoho\.com/crm/developer/docs/api/v7/[\w/-]+\.html")
# Known from the service's own libraries alone; no page describes them.
UNDESCRIBED = {
    "currencies.available",
    "digests.create",
    "features.data_enrichment",
    "functions.run",
    "functions.run_with",
    "taxes.get",
    "taxes.get_one",
    "taxes.update",
    "user_groups.grouped_counts",
}


def line(operation: Operation) -> str:
    """Return how an operation is listed."""
    return f"{operation.method} {operation.path}"


def test_the_list_is_sorted_and_names_each_once() -> None:
    """So that a change of it shows what changed."""
    assert sorted(LISTED) == LISTED
    assert not [entry for entry, times in Counter(LISTED).items() if times > 1]


def test_every_operation_is_declared() -> None:
    """None is missing."""
    assert not sorted({*LISTED} - {line(operation) for operation in operations()})


def test_nothing_else_is_declared() -> None:
    """None is made up."""
    assert not sorted({line(operation) for operation in operations()} - {*LISTED})


@pytest.mark.parametrize("name", [n for n in declarations() if not n.startswith("web_forms")])
def test_an_operation_names_its_page(name: str) -> None:
    """Its method, the public one around it, or its family leads to the documentation."""
    method = declarations()[name]
    family = method.__qualname__.rpartition(".")[0]
    holder = getattr(__import__(method.__module__, fromlist=[family]), family)
    public = getattr(holder, method.__name__.lstrip("_"))
    described = any(PAGE.search(thing.__doc__ or "") for thing in (method, public, holder))
    assert described is (name not in UNDESCRIBED)


@pytest.mark.parametrize(
    "name",
    [
        "cadences.enrol",
        "mail.send",
        "mail_merge.send",
        "mail_merge.sign",
        "meetings.cancel",
        "portals.invite",
        "portals.invite_many",
        "users.create",
    ],
)
def test_nobody_hears_of_a_thing_twice(name: str) -> None:
    """What sends mails is not sent again when its answer is lost."""
    method: Any = declarations()[name]
    assert not method.operation.repeatable
