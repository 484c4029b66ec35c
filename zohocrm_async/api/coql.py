"""Queries in COQL, the query language of the service."""

from zohocrm_async._coql import MOST_ROWS, QueryPager, literal, price
from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import given
from zohocrm_async._into import R, class_of
from zohocrm_async._pages import Page, Pager
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.records import Record


class Coql(Resource, family="coql"):
    """Queries: ``select ... from ... where ...`` over modules and what they look up."""

    @endpoint(
        "POST /coql",
        key="data",
        beside=("select_query",),
        price=price,
        heavy=True,
        repeatable=True,
    )
    async def _query(self, select_query: str) -> Page[Record]: ...

    def query(
        self, select_query: str, *, into: type[R] | None = None, per_page: int = MOST_ROWS
    ) -> Pager[R]:
        """Ask for the rows of a query, in a heavy call each.

        Awaited, it is sent as it is: 200 rows without a LIMIT, 2,000 at most. 1 credit for
        a LIMIT of up to 200, 2 for up to 1,000, 3 for up to 2,000.

        Iterated over, it gives all of its rows, or as many as its LIMIT says, *per_page* a
        call. A query without ORDER BY and OFFSET, or by id alone, is read on from the last
        id, so that no row is missed or given twice while others come and go; that takes
        one of the 25 criteria, and rows then hold their id. Any other is read by OFFSET,
        which ends at 100,000 rows.

        `literal` writes values into the query, `condition` whole conditions. *into* is an
        attrs class for each row.
        See https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html.

        Raises:
            InvalidRequest: the query has no select, from or where, or its limit is too high.
            APIError: the service cannot read it: SYNTAX_ERROR or INVALID_QUERY, with the
                place in ``details``.
        """
        given(str, select_query, "select_query", "coql.query")
        given(int, per_page, "per_page", "coql.query")
        kind = class_of(into, "coql.query")
        return QueryPager(self._query, select_query, per_page=per_page, into=kind)

    @staticmethod
    def condition(criteria: Criteria) -> str:
        """Return what `where` made as it stands behind ``where`` in a query.

        Raises:
            InvalidRequest: a query cannot say it.
        """
        from zohocrm_async._moving.criteria import queried  # noqa: PLC0415  # seldom needed

        return queried(criteria, "coql.condition")

    @staticmethod
    def literal(value: object) -> str:
        """Return *value* as it stands in a query: texts and times quoted, lists in brackets.

        Raises:
            InvalidRequest: a query cannot hold it.
        """
        return literal(value)
