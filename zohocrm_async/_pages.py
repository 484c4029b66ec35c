"""Lists: await the first page, or iterate over every item."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

from attrs import field, frozen

T = TypeVar("T")

# The service pages by number up to this many records and by token beyond
# (https://www.zoho.com/crm/developer/docs/api/v7/get-records.html).
_NUMBERED = 2_000
_PER_PAGE = 200


@frozen
class Page(Generic[T]):
    """One page of a list; a read-only sequence of its items."""

    items: tuple[T, ...]
    info: Mapping[str, Any] = field(factory=dict[str, Any])
    """What the service says of the page: ``per_page``, ``count``, ``more_records`` ..."""

    @property
    def more(self) -> bool:
        """Whether further pages follow."""
        return bool(self.info.get("more_records"))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]


FetchPage = Callable[[Mapping[str, str]], Awaitable[Page[T]]]


class Pager(Generic[T]):
    """A list to be read: ``await`` gives its first page, ``async for`` every item.

    Each page is one call, made when it is reached.
    """

    __slots__ = ("_fetch", "_query", "_style")

    def __init__(self, fetch: FetchPage[T], query: Mapping[str, str], style: str = "page") -> None:
        self._fetch = fetch
        self._query = query
        self._style = style

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._fetch(self._query).__await__()

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield page after page."""
        query: Mapping[str, str] | None = self._query
        while query is not None:
            page = await self._fetch(query)
            yield page
            query = following(query, page.info, self._style)

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item


def following(
    query: Mapping[str, str], info: Mapping[str, Any], style: str = "page"
) -> Mapping[str, str] | None:
    """Return the query of the page after the one that *info* describes, or None."""
    if not info.get("more_records"):
        return None
    if style == "index":
        index = info.get("next_index")
        return {**query, "index": str(index)} if index is not None else None
    token = info.get("next_page_token")
    if style == "token":
        rest = {key: value for key, value in query.items() if key not in {"page", "per_page"}}
        return {**rest, "page_token": str(token)} if token else None
    per_page = int(query.get("per_page", info.get("per_page") or _PER_PAGE))
    page = int(query.get("page", info.get("page") or 1))
    # Numbers end at record 2,000, and a number and a token exclude each other.
    if token and ("page_token" in query or (page + 1) * per_page > _NUMBERED):
        rest = {key: value for key, value in query.items() if key != "page"}
        return {**rest, "page_token": str(token)}
    return {**query, "page": str(page + 1)}
