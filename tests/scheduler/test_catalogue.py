"""The price list: which entry rules which path."""

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.scheduler.catalogue import Catalogue, PriceEntry
from zohocrm_async.scheduler.prices import per_rows


def catalogue(*lines: str) -> Catalogue:
    """Make a price list of lines such as ``GET /crm/v7/Leads 1 1``."""
    entries = []
    for line in lines:
        method, path, minimum, maximum = line.split()
        entries.append(PriceEntry(method, path, int(minimum), int(maximum)))
    return Catalogue(entries, source="the test's list")


LIST = catalogue(
    "GET /crm/v7/__apis 1 1",
    "POST /crm/v7/Leads/{{id}}/actions/merge 50 50",
    "GET /crm/v7/Leads/{{id}}/actions/merge 1 1",
    "POST /crm/v7/Leads/upsert 1 10",
    "GET /crm/v7/Leads/deleted 3 3",
    "GET /crm/v7/Leads/{{id}} 1 1",
    "POST /crm/v7/{{module}} 1 12",
    "GET /crm/v7/{{module}}/deleted 2 2",
    "GET /crm/v7/{{module}}/{{id}} 4 4",
    "GET /crm/v7/{{module}}/{{id}}/Locking_Information__s/{{id}} 5 5",
    "POST /crm/v7/{{module}}/{{id}}/actions/send_mail 20 20",
    "GET /crm/v7/settings/unsubscribe_links/{{id}} 6 6",
    "POST /crm/bulk/v7/read 50 50",
    "GET /crm/bulk/v7/read/{{id}} 7 7",
)


@pytest.mark.parametrize(
    ("method", "path", "price"),
    [
        ("GET", "/__apis", 1),
        ("POST", "/Leads/77/actions/merge", 50),
        ("GET", "/Leads/77/actions/merge", 1),
        ("GET", "/Leads/deleted", 3),
        ("GET", "/Trips/deleted", 2),
        ("GET", "/Leads/77", 1),
        ("GET", "/Trips__c/77", 4),
        ("GET", "/Trips/77/Locking_Information__s/88", 5),
        ("GET", "/settings/unsubscribe_links/77", 6),
        ("POST", "/crm/bulk/v7/read", 50),
        ("GET", "/crm/bulk/v7/read/77", 7),
    ],
)
def test_the_closest_entry_rules(method: str, path: str, price: int) -> None:
    """A literal segment beats a template, and a spelt-out module beats any module."""
    quote = LIST.quote(method, path, exact=None, default=99)
    assert (quote.reserve, quote.exact) == (price, True)


@pytest.mark.parametrize(
    ("method", "path", "price"),
    [
        ("POST", "/Leads/77/actions/send_mail", 20),
        ("GET", "/Leads/77/Locking_Information__s/88", 5),
    ],
)
def test_a_literal_branch_that_leads_nowhere_is_left_again(
    method: str, path: str, price: int
) -> None:
    """What the spelt-out module lacks is found under any module."""
    assert LIST.quote(method, path, exact=None, default=99).reserve == price


def test_an_entry_without_the_method_is_passed_over() -> None:
    """A path that is listed for another method only gives way to a template."""
    prices = catalogue("POST /crm/v7/Leads/deleted 9 9", "GET /crm/v7/{{module}}/deleted 2 2")
    assert prices.quote("GET", "/Leads/deleted", exact=None, default=1).reserve == 2


@pytest.mark.parametrize("path", ["/settings/77", "/org/77", "/users/deleted"])
def test_only_what_can_be_a_module_is_one(path: str) -> None:
    """``{{module}}`` never stands for a word in small letters, such as ``settings``."""
    assert LIST.quote("GET", path, exact=None, default=99).reserve == 99


def test_the_module_template_stands_for_the_first_segment_alone() -> None:
    """Deeper down, ``{{module}}`` is a template like any other."""
    prices = catalogue("GET /crm/v7/settings/modules/{{module}} 7 7")
    assert prices.quote("GET", "/settings/modules/leads", exact=None, default=1).reserve == 7


def test_a_range_takes_the_calls_own_price() -> None:
    """Between minimum and maximum the exact price counts, and is certain."""
    quote = LIST.quote("POST", "/Leads/upsert", exact=4, default=1)
    assert (quote.minimum, quote.maximum, quote.expected) == (1, 10, 4)
    assert (quote.exact, quote.reserve) == (True, 4)


def test_a_range_without_an_exact_price_reserves_the_maximum() -> None:
    """Where the call does not tell its price, the dearest is reserved."""
    quote = LIST.quote("POST", "/Leads/upsert", exact=None, default=3)
    assert (quote.expected, quote.exact, quote.reserve) == (3, False, 10)


@given(exact=st.none() | st.integers(0, 30), default=st.integers(0, 30))
def test_a_listed_price_is_never_left(exact: int | None, default: int) -> None:
    """Whatever is asked for, the quote stays within the listed range."""
    quote = LIST.quote("POST", "/Trips", exact=exact, default=default)
    assert 1 <= quote.expected <= quote.reserve <= 12


def test_a_call_is_priced_by_its_operation_and_its_arguments() -> None:
    """A rule is asked for the exact price; a number is the published one."""
    rows = Operation("POST", "/{module}", key="data", price=per_rows(10))
    upsert = Call(rows, "/Leads/upsert", body={"data": [{}] * 35})
    assert LIST.price(upsert) == LIST.quote("POST", "/Leads/upsert", exact=4, default=1)
    flat = Call(Operation("POST", "/coql", price=3), "/coql")
    assert LIST.price(flat) == LIST.quote("POST", "/coql", exact=None, default=3)


def test_an_unlisted_path_has_the_published_price() -> None:
    """Without an entry the published price holds, and the basis says so."""
    quote = LIST.quote("POST", "/coql", exact=None, default=3)
    assert (quote.minimum, quote.maximum, quote.reserve, quote.exact) == (3, 3, 3, True)
    assert quote.basis == "the published price; POST /coql is not in the test's list"
    assert LIST.quote("POST", "/coql", exact=2, default=3).reserve == 2


def test_the_basis_names_the_entry_and_the_list() -> None:
    """A person can read what a price was based on."""
    quote = LIST.quote("GET", "/Trips/deleted", exact=None, default=1)
    assert quote.basis == "GET /{{module}}/deleted in the test's list"


def test_entries_that_mean_the_same_path_take_the_wider_range() -> None:
    """Templates that differ by name alone never lead to reserving too little."""
    prices = catalogue("GET /crm/v7/x/{{id}} 2 3", "GET /crm/v7/x/{{name}} 1 5")
    quote = prices.quote("GET", "/x/1", exact=None, default=2)
    assert (quote.minimum, quote.maximum) == (1, 5)


def test_a_range_given_upside_down_is_read_as_it_must_be_meant() -> None:
    """A list whose minimum is above its maximum still reserves the higher."""
    quote = catalogue("GET /crm/v7/x 9 4").quote("GET", "/x", exact=None, default=1)
    assert (quote.minimum, quote.maximum, quote.reserve) == (4, 9, 9)


def test_the_root_and_odd_slashes_are_no_special_case() -> None:
    """Slashes at the ends do not matter, and the empty path is merely unlisted."""
    assert LIST.quote("GET", "Leads/77/", exact=None, default=99).reserve == 1
    assert LIST.quote("GET", "/", exact=None, default=99).reserve == 99
