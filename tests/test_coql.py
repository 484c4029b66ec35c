"""What the client reads of a query, and what it makes of it."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from zohocrm_async._coql import Query, QueryPager, literal, price, read, tokens, unquoted
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._pages import Page
from zohocrm_async.exceptions import InvalidRequest, UnexpectedAnswer
from zohocrm_async.models import Record

PLAIN = "select Last_Name from Leads where id is not null"


class Rating(enum.StrEnum):
    ACTIVE = "Active"


class TestLiteral:
    """A value stands in a query as it is meant."""

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("O'Hara", "'O''Hara'"),
            (Rating.ACTIVE, "'Active'"),
            (True, "true"),
            (12, "12"),
            (-0.5, "-0.5"),
            (1e-9, "0.000000001"),
            (Decimal("10.50"), "10.50"),
            (dt.date(2026, 1, 31), "'2026-01-31'"),
            (dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC), "'2026-01-31T09:00:00+00:00'"),
            (["a", 1], "('a', 1)"),
        ],
    )
    def test_it_is_written(self, value: object, text: str) -> None:
        assert literal(value) == text

    @given(st.text())
    def test_text_never_ends_early(self, text: str) -> None:
        [token] = tokens(literal(text))
        assert (token.kind, unquoted(token.text)) == ("text", text)

    @pytest.mark.parametrize("value", [None, object(), [], float("nan"), float("inf"), b"x"])
    def test_what_a_query_cannot_hold_is_refused(self, value: object) -> None:
        with pytest.raises(InvalidRequest, match="cannot stand in a query"):
            literal(value)

    def test_a_time_without_a_zone_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match="no time zone"):
            literal(dt.datetime(2026, 1, 31, 9))  # noqa: DTZ001  # what is refused


class TestPrice:
    """The LIMIT tells it."""

    @staticmethod
    def of(query: str) -> int:
        operation = Operation("POST", "/coql", key="data")
        return price(Call(operation, "/coql", body={"select_query": query}))

    @pytest.mark.parametrize(
        ("end", "credits"),
        [
            ("", 1),
            (" limit 200", 1),
            (" LIMIT 201", 2),
            (" limit 1000 offset 5000", 2),
            (" limit 1001\noffset 10", 3),
            (" limit 4000, 2000", 3),
            (" order by id limit 2000", 3),
        ],
    )
    def test_a_query(self, end: str, credits: int) -> None:
        assert self.of(PLAIN + end) == credits

    def test_a_limit_within_a_text_is_none(self) -> None:
        assert self.of("select id from Leads where Last_Name = ' limit 2000'") == 1


class TestReading:
    """The clauses of a query."""

    def test_all_of_them(self) -> None:
        text = (
            "SELECT Last_Name, 'Account_Name.Phone' FROM Contacts\n"
            "WHERE (Last_Name = 'from where limit 5' and id > 3) GROUP BY x ORDER BY Last_Name "
            "LIMIT 20 OFFSET 40"
        )
        assert read(text) == Query(
            columns="Last_Name, 'Account_Name.Phone'",
            module="Contacts",
            where="(Last_Name = 'from where limit 5' and id > 3)",
            rest="group BY x order BY Last_Name",
            limit=20,
            offset=40,
            by_id=False,
        )

    @pytest.mark.parametrize(
        ("end", "by_id"),
        [
            ("", True),
            (" order by id", True),
            (" ORDER BY id ASC limit 7", True),
            (" order by id desc", False),
            (" order by Last_Name", False),
            (" group by Last_Name", False),
            (" limit 7 offset 3", False),
        ],
    )
    def test_which_are_read_by_id(self, end: str, by_id: bool) -> None:
        assert read(PLAIN + end).by_id is by_id

    def test_a_join_is_not_read_by_id(self) -> None:
        assert not read("select a from Contacts as c left join Deals as d where a = 1").by_id

    def test_no_column_is_added_to_the_most(self) -> None:
        """A query by OFFSET has its rows, too."""
        columns = ", ".join(f"c{number}" for number in range(500))
        query = read(f"select {columns} from Leads where a = 1")
        assert (query.by_id, query.columns) == (False, columns)
        assert read(f"select id, {columns[4:]} from Leads where a = 1").by_id

    @pytest.mark.parametrize("select", ["count(id)", "Last_Name as name", "distinct Last_Name"])
    def test_what_is_more_than_columns_is_not_read_by_id(self, select: str) -> None:
        query = read(f"select {select} from Leads where id > 1")
        assert (query.by_id, query.columns) == (False, select)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "begin it with select"),
            ("delete from Leads", "begin it with select"),
            ("select a", "no from"),
            ("select a from Leads", "no where"),
            ("select a from Leads where", "no where"),
            ("select a from Leads where b = 'O'Hara'", "never closed"),
            (f"{PLAIN} limit many", "no limit"),
            (f"{PLAIN} limit 0", "no limit"),
            (f"{PLAIN} offset 5", "no limit"),
        ],
    )
    def test_what_is_no_query_is_refused(self, text: str, problem: str) -> None:
        with pytest.raises(InvalidRequest, match=problem) as caught:
            read(text)
        assert caught.value.operation == "coql.query"


class TestPages:
    """The queries of one page after the other."""

    def test_by_id(self) -> None:
        query = read("select Last_Name from Leads where a = 1 and b = 2")
        assert query.page(50, skip=0, after="") == (
            "select Last_Name, id from Leads where a = 1 and b = 2 order by id asc limit 50"
        )
        assert query.page(50, skip=50, after="77") == (
            "select Last_Name, id from Leads where (a = 1 and b = 2) and id > '77' "
            "order by id asc limit 50"
        )

    def test_by_offset(self) -> None:
        query = read(f"{PLAIN} order by Last_Name desc limit 500 offset 10")
        start = f"{PLAIN} order by Last_Name desc limit 50"
        assert query.page(50, skip=0, after="") == f"{start} offset 10"
        assert query.page(50, skip=50, after="") == f"{start} offset 60"


class Service:
    """Answers queries with rows of rising ids."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.asked: list[str] = []
        self.given = 0

    async def __call__(self, text: str) -> Page[Record]:
        self.asked.append(text)
        limit = read(text).limit or 200
        count = min(limit, self.rows - self.given)
        items = tuple(Record({"id": str(self.given + n + 1), "Age": 7}) for n in range(count))
        self.given += count
        return Page(items, {"more_records": self.given < self.rows})

    def pager(self, text: str, per_page: int = 2_000, into: type[Any] = Record) -> Any:
        return QueryPager(self, text, per_page=per_page, into=into)


async def collect(pager: Any, found: list[Record]) -> None:
    """Put all that comes into *found*."""
    async for row in pager:
        found.append(row)  # noqa: PERF401  # what came before an error stays


class TestPager:
    """Awaited or iterated over."""

    async def test_awaited_it_is_one_call_as_it_is(self) -> None:
        service = Service(1_000)
        assert len(await service.pager(PLAIN)) == 200
        assert service.asked == [PLAIN]

    async def test_iterated_over_it_gives_all(self) -> None:
        service = Service(4_500)
        assert len([row async for row in service.pager(PLAIN)]) == 4_500
        assert len(service.asked) == 3

    @pytest.mark.parametrize("end", ["", " order by Age"])
    async def test_its_limit_is_the_most_of_all_pages(self, end: str) -> None:
        service = Service(9_000)
        found = [row async for row in service.pager(f"{PLAIN}{end} limit 2500")]
        assert len(found) == 2_500
        assert [read(text).limit for text in service.asked] == [2_000, 500]

    async def test_an_order_of_its_own_ends_at_the_last_offset(self) -> None:
        """What was given by then is given, and nothing is sent that would be refused."""
        service, found = Service(100_500), list[Record]()
        pager = service.pager(f"{PLAIN} order by Age limit 100400 offset 1000")
        with pytest.raises(InvalidRequest, match="order by id, for all"):
            await collect(pager, found)
        assert len(found) == 99_000
        assert service.asked[-1].endswith("limit 1000 offset 99000")

    async def test_by_id_there_is_no_end(self) -> None:
        service = Service(103_000)
        assert len([row async for row in service.pager(PLAIN)]) == 103_000

    async def test_a_page_without_rows_is_the_last(self) -> None:
        async def empty(_: str) -> Page[Record]:
            return Page((), {"more_records": True})

        pager: Any = QueryPager(empty, PLAIN, per_page=5, into=Record)
        assert [row async for row in pager] == []

    async def test_rows_are_of_the_class_that_is_named(self) -> None:
        @attrs.frozen
        class Person:
            age: int = attrs.field(metadata={"wire": "Age"})

        page = await Service(2).pager(PLAIN, into=Person)
        assert page.items == (Person(7), Person(7))

    async def test_a_class_that_does_not_fit_is_told(self) -> None:
        @attrs.frozen
        class Person:
            Age: str

        with pytest.raises(UnexpectedAnswer, match="expected text"):
            await Service(2).pager(PLAIN, into=Person)

    async def test_more_rows_than_a_call_gives_are_not_awaited(self) -> None:
        service = Service(1)
        with pytest.raises(InvalidRequest, match="iterate over the query"):
            await service.pager(f"{PLAIN} limit 2001")
        assert not service.asked

    @pytest.mark.parametrize("per_page", [0, 2_001])
    def test_a_page_has_a_size(self, per_page: int) -> None:
        with pytest.raises(InvalidRequest, match="per_page"):
            Service(1).pager(PLAIN, per_page)
