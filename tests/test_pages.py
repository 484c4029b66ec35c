"""Lists are awaited for their first page or iterated over all their items."""

from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._pages import Page, Pager, following


class Listing:
    """A list of numbers served as the service serves records."""

    def __init__(self, count: int, per_page: int = 200) -> None:
        self.count, self.per_page = count, per_page
        self.queries: list[Mapping[str, str]] = []

    async def __call__(self, query: Mapping[str, str]) -> Page[int]:
        self.queries.append(query)
        assert not {"page", "page_token"} <= query.keys(), "they exclude each other"
        number = int(query.get("page_token", query.get("page", "1")))
        start = (number - 1) * self.per_page
        assert "page_token" in query or start < 2000, "a number beyond record 2,000"
        items = tuple(range(start, min(start + self.per_page, self.count)))
        more = start + self.per_page < self.count
        info = {"page": number, "per_page": self.per_page, "more_records": more}
        return Page(items, {**info, "next_page_token": str(number + 1)} if more else info)


async def test_awaiting_gives_the_first_page_in_one_call() -> None:
    """A page is a sequence of its items and knows whether more follow."""
    listing = Listing(450)
    page = await Pager(listing, {"fields": "id"})
    assert (len(page), page[0], page[-1], page.more) == (200, 0, 199, True)
    assert page[:2] == (0, 1)
    assert listing.queries == [{"fields": "id"}]


@given(count=st.integers(0, 3_000), per_page=st.sampled_from([1, 7, 100, 200]))
async def test_iterating_gives_every_item_once_in_order(count: int, per_page: int) -> None:
    """Pages are followed by number up to record 2,000 and by token beyond."""
    count = min(count, per_page * 40)
    listing = Listing(count, per_page)
    found = [item async for item in Pager(listing, {"per_page": str(per_page)})]
    assert found == list(range(count))
    assert len(listing.queries) == max(1, -(-count // per_page))


async def test_pages_beyond_2000_go_by_token() -> None:
    """The eleventh page of 200 is asked for by token, and keeps the other arguments."""
    listing = Listing(2_400)
    async for _ in Pager(listing, {"fields": "id"}):
        pass
    assert [q.get("page") for q in listing.queries] == [None, *map(str, range(2, 11)), None, None]
    assert listing.queries[10] == {"fields": "id", "page_token": "11"}


def test_the_index_leads_on_where_the_service_pages_by_index() -> None:
    """E-mails of a record are paged by index."""
    info = {"more_records": True, "next_index": "abc"}
    assert following({"type": "drafts"}, info, "index") == {"type": "drafts", "index": "abc"}


def test_a_token_alone_leads_on_where_the_service_has_no_numbers() -> None:
    """The token knows the size of its pages."""
    info = {"more_records": True, "next_page_token": "abc"}
    query = {"sort_order": "asc", "per_page": "3"}
    assert following(query, info, "token") == {"sort_order": "asc", "page_token": "abc"}
    assert following(query, {"more_records": True}, "token") is None


@pytest.mark.parametrize("info", [{}, {"more_records": False, "next_index": "x"}])
def test_the_last_page_is_the_last(info: Mapping[str, object]) -> None:
    """Without more_records nothing follows, whatever else the page says."""
    assert following({}, info, "index") is None
    assert following({}, info) is None
