"""What is read of the records of a module."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import endpoint
from zohocrm_async._into import R
from zohocrm_async._pages import Pager
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.records import DeletedRecord, TimelineEvent
from zohocrm_async.scheduler.prices import custom_view, sorted_or_viewed

_SINCE = {"if_modified_since": "If-Modified-Since"}
_EXTERNAL = {"external": "X-EXTERNAL"}


def _criteria(value: Any, operation: str) -> str:
    from zohocrm_async._moving.criteria import searched  # noqa: PLC0415  # seldom needed

    return value if isinstance(value, str) else searched(value, operation)


_WRITTEN = {"criteria": _criteria}


class RecordReads:
    """Lists of records, single ones, searches, counts, and what happened to them."""

    @endpoint(
        "GET /{module}",
        key="data",
        price=custom_view(3),
        heavy=sorted_or_viewed,
        headers={**_SINCE, **_EXTERNAL},
        counts={"fields": (1, 50), "ids": (0, 100)},
        apart=(("page", "page_token"), ("cvid", "sort_by")),
    )
    def list(
        self,
        module: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        ids: Sequence[str] | None = None,
        cvid: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        converted: str | None = None,
        approved: str | None = None,
        territory_id: str | None = None,
        include_child: bool | None = None,
        if_modified_since: datetime | None = None,
        external: str | None = None,
        page: int = 1,
        page_token: str | None = None,
        per_page: int = 200,
    ) -> Pager[R]:
        """List records, 200 a page, by number and beyond 2,000 by token. 1 credit a page.

        A custom view costs 3 a page, and makes a heavy call as sorting does.
        1 to 50 *fields*, or *into*; at most 100 *ids*. *sort_by* is ``id``,
        ``Created_Time`` or ``Modified_Time``; *converted* and *approved* are ``true``,
        ``false`` or ``both``. Tokens lead to 100,000 records, each for 24 hours. See
        https://www.zoho.com/crm/developer/docs/api/v7/get-records.html.

        Raises:
            InvalidRequest: no fields, or too many fields or ids; *page* with *page_token*, or
                *cvid* with *sort_by*.
            InvalidModule: no such module.
            InvalidPageToken: the token is of another query, or has expired.
            LimitExceeded: there is no page beyond 100,000 records.
        """
        ...

    @endpoint(
        "GET /{module}/{id}",
        key="data",
        price=custom_view(3),
        heavy=sorted_or_viewed,
        headers={**_SINCE, **_EXTERNAL},
        counts={"fields": (0, 50)},
    )
    async def get(
        self,
        module: str,
        id: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        cvid: str | None = None,
        converted: str | None = None,
        approved: str | None = None,
        if_modified_since: datetime | None = None,
        external: str | None = None,
    ) -> R:
        """Return one record, with all that it has unless *fields* are named. 1 credit.

        *converted* and *approved* are as of `list`. See
        https://www.zoho.com/crm/developer/docs/api/v7/get-records.html.

        Raises:
            RecordNotFound: no such record.
            NotModified: it has not changed since *if_modified_since*.
        """
        ...

    @endpoint(
        "GET /{module}/search",
        key="data",
        heavy=True,
        headers=_EXTERNAL,
        counts={"fields": (0, 50)},
        either=("criteria", "email", "phone", "word"),
        written=_WRITTEN,
    )
    def search(
        self,
        module: str,
        *,
        criteria: Criteria | str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        converted: str | None = None,
        approved: str | None = None,
        external: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[R]:
        r"""Search records, up to 2,000, by one of the four ways. 1 credit a page, heavy.

        *criteria* are made by `where`, or text such as
        ``((Last_Name:starts_with:B)and(City:equals:York))``, with a backslash before a
        bracket, comma or backslash within a value.
        See https://www.zoho.com/crm/developer/docs/api/v7/search-records.html.

        Raises:
            InvalidRequest: none of the four is given, or a search has no word for a condition
                of the *criteria*.
            InvalidQuery: the criteria cannot be read, or name no such field.
            LimitExceeded: there is no page beyond 2,000 records.
        """
        ...

    @endpoint("GET /{module}/actions/count", key="count", written=_WRITTEN)
    async def count(
        self,
        module: str,
        *,
        criteria: Criteria | str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        cvid: str | None = None,
    ) -> int:
        """Return the number of records, of those that a search finds, or of a view. 1 credit.

        *criteria* are as of `search`.
        See https://www.zoho.com/crm/developer/docs/api/v7/module_record_count.html.

        Raises:
            InvalidRequest, InvalidQuery: as `search` does.
        """
        ...

    @endpoint("GET /{module}/deleted", key="data", price=2, headers=_SINCE)
    def deleted(
        self,
        module: str,
        *,
        type: str = "all",
        if_modified_since: datetime | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[DeletedRecord]:
        """List deleted records. 2 credits a page.

        *type* is ``recycle`` for those in the recycle bin, ``permanent`` for the others.
        See https://www.zoho.com/crm/developer/docs/api/v7/get-deleted-records.html.
        """
        ...

    @endpoint("GET /{module}/{id}/__timeline", key="__timeline", page="token")
    def timeline(
        self,
        module: str,
        id: str,
        *,
        include_inner_details: Sequence[str] | None = None,
        include_timeline_type: str | None = None,
        include: Sequence[str] | None = None,
        filters: Mapping[str, Any] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        per_page: int = 200,
        page_token: str | None = None,
    ) -> Pager[TimelineEvent]:
        """List what happened to a record, latest first. 1 credit a page.

        *include_inner_details* adds to the fields of an event, such as
        ``field_history.data_type``. *sort_by* is ``audited_time``.
        See https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "GET /{module}/actions/fetch_full_data",
        key="data",
        counts={"fields": (0, 50), "ids": (1, 100)},
    )
    def rich_text(
        self,
        module: str,
        *,
        ids: Sequence[str],
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
    ) -> Pager[R]:
        """Return the whole text of rich-text fields, of up to 100 records. 1 credit.

        Lists give such fields cut short.
        See https://www.zoho.com/crm/developer/docs/api/v7/get-rich-text-fields.html.
        """
        ...

    @endpoint("GET /{module}/{id}/actions/fetch_full_data", key="data", counts={"fields": (0, 50)})
    async def rich_text_one(
        self,
        module: str,
        id: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
    ) -> R:
        """Return the whole text of the rich-text fields of one record. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-rich-text-fields.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
