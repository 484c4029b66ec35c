"""Prices are learned from the service's own count, and only where nothing else explains it."""

import itertools

import pytest
from hypothesis import given, strategies as st

from zohocrm_async.scheduler.learned import LearnedPrices
from zohocrm_async.scheduler.prices import Quote

MAIL = Quote(20, 20, 20, exact=True, basis="POST /Leads/{{id}}/actions/send_mail")
UPSERT = Quote(1, 10, 5, exact=True, basis="POST /Leads/upsert")
COQL = Quote(1, 3, 1, exact=False, basis="POST /coql")


class Service:
    """Counts down, and tells the learner after each call."""

    def __init__(self, learned: LearnedPrices, remaining: int = 10_000) -> None:
        self.learned = learned
        self.remaining = remaining
        self.sends = 0

    def call(
        self, quote: Quote, cost: int, *, alone: bool = True, served: bool = True
    ) -> int | None:
        """Make one call that costs *cost*; return the price that is news."""
        self.sends += 1
        self.remaining -= cost
        return self.learned.count(
            self.learned.correct(quote),
            self.remaining,
            sends=self.sends,
            alone=alone,
            served=served,
        )


@pytest.fixture
def learned() -> LearnedPrices:
    return LearnedPrices()


@pytest.fixture
def service(learned: LearnedPrices) -> Service:
    service = Service(learned)
    service.call(Quote(1, 1, 1, exact=True, basis="the first count"), 1)
    return service


def test_a_price_is_believed_once_two_counts_agree(
    learned: LearnedPrices, service: Service
) -> None:
    """And then it is news, once."""
    assert [service.call(MAIL, 25) for _ in range(4)] == [None, 25, None, None]
    corrected = learned.correct(MAIL)
    assert (corrected.expected, corrected.reserve, corrected.maximum) == (25, 25, 25)
    assert corrected.basis.endswith("send_mail; seen to cost 25")


def test_strangers_who_spend_now_and_then_are_not_taken_for_a_price(
    learned: LearnedPrices, service: Service
) -> None:
    for cost in (20, 57, 20, 33, 20, 57, 20):
        assert service.call(MAIL, cost) is None
    assert learned.correct(MAIL) is MAIL


def test_no_price_is_below_the_listed_minimum(learned: LearnedPrices, service: Service) -> None:
    """Credits that come back look like a call that costs less."""
    assert [service.call(MAIL, 3) for _ in range(5)] == [None] * 5
    assert learned.correct(MAIL) is MAIL


def test_within_the_range_a_price_goes_both_ways(learned: LearnedPrices, service: Service) -> None:
    for cost in (3, 8):
        service.call(UPSERT, cost)
        service.call(UPSERT, cost)
        assert learned.correct(UPSERT).reserve == cost
        assert (learned.correct(UPSERT).minimum, learned.correct(UPSERT).maximum) == (1, 10)


def test_a_price_that_comes_back_to_the_listed_one_is_the_listed_one(
    learned: LearnedPrices, service: Service
) -> None:
    costs = [25, 25, 20, 20]
    assert [service.call(MAIL, cost) for cost in costs] == [None, 25, None, None]
    assert learned.correct(MAIL) is MAIL


def test_what_is_not_certain_still_holds_its_maximum(
    learned: LearnedPrices, service: Service
) -> None:
    """Two cheap calls do not make the next one cheap."""
    service.call(COQL, 2)
    service.call(COQL, 2)
    corrected = learned.correct(COQL)
    assert (corrected.expected, corrected.reserve) == (2, 3)


@pytest.mark.parametrize("unclear", ["in company", "refused", "after one untold"])
def test_only_a_served_call_between_two_counts_tells(
    learned: LearnedPrices, service: Service, unclear: str
) -> None:
    """Beside other calls, or after one whose answer said nothing, nobody knows whose it was."""
    for _ in range(4):
        if unclear == "after one untold":
            service.sends += 1
        service.call(MAIL, 25, alone=unclear != "in company", served=unclear != "refused")
    assert learned.correct(MAIL) is MAIL


def test_a_kind_of_call_teaches_nothing_of_another(
    learned: LearnedPrices, service: Service
) -> None:
    service.call(MAIL, 25)
    service.call(UPSERT, 5)
    service.call(MAIL, 25)
    assert learned.correct(UPSERT) is UPSERT
    assert learned.correct(MAIL).reserve == 25


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_a_correction_always_has_two_counts_in_a_row_behind_it(
    calls: list[tuple[int, bool]],
) -> None:
    """Whatever the calls cost and whoever was about."""
    learned = LearnedPrices()
    service = Service(learned)
    clear: list[int] = []
    quiet = False
    for cost, alone in calls:
        service.call(UPSERT, cost, alone=alone)
        if quiet and alone:
            clear.append(cost)
        quiet = alone
        believed = learned.correct(UPSERT).expected
        pairs = {a for a, b in itertools.pairwise(clear) if a == b}
        assert believed == UPSERT.expected or believed in pairs
        assert believed >= UPSERT.minimum


def test_paths_without_end_are_not_kept_without_end(
    learned: LearnedPrices, service: Service
) -> None:
    """The oldest corrections go first."""
    for number in range(1_100):
        quote = Quote(1, 1, 1, exact=True, basis=f"POST /unlisted/{number}")
        service.call(quote, 2)
        service.call(quote, 2)
    assert len(learned.known) == 1_000
