"""Records of any module."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.records import Record
from zohocrm_async.scheduler.prices import custom_view, more_rows_than, per_rows, sorted_or_viewed

_LOOK = "Read the module's records (crm.records.list) by what tells them apart."


class Records(Resource, family="records"):
    """Records: a row of a write is a mapping of the module's field names to values."""

    @endpoint(
        "GET /{module}",
        key="data",
        price=custom_view(3),
        heavy=sorted_or_viewed,
        headers={"if_modified_since": "If-Modified-Since"},
    )
    def list(
        self,
        module: str,
        *,
        fields: Sequence[str],
        ids: Sequence[str] | None = None,
        cvid: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        converted: str | None = None,
        approved: str | None = None,
        territory_id: str | None = None,
        include_child: bool | None = None,
        if_modified_since: datetime | None = None,
        page: int = 1,
        page_token: str | None = None,
        per_page: int = 200,
    ) -> Pager[Record]:
        """List records, 200 a page, by number and beyond 2,000 by token. 1 credit a page.

        A custom view costs 3 a page, and makes a heavy call as sorting does.
        At most 50 *fields*. See
        https://www.zoho.com/crm/developer/docs/api/v7/get-records.html.

        Raises:
            InvalidModule: no such module.
        """
        ...

    @endpoint("GET /{module}/{id}", key="data", price=custom_view(3), heavy=sorted_or_viewed)
    async def get(
        self, module: str, id: str, *, fields: Sequence[str] | None = None, cvid: str | None = None
    ) -> Record:
        """Return one record. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=("trigger", "lar_id", "duplicate_check_fields"),
        look_at=_LOOK,
    )
    async def create(
        self,
        module: str,
        body: Sequence[Mapping[str, Any]],
        *,
        trigger: Sequence[str] | None = None,
        lar_id: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Create up to 100 records; one outcome for each, in order. 1 credit for 10.

        See https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html.
        """
        ...

    @endpoint(
        "PUT /{module}",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=("trigger",),
        repeatable=True,
    )
    async def update(
        self,
        module: str,
        body: Sequence[Mapping[str, Any]],
        *,
        trigger: Sequence[str] | None = None,
    ) -> tuple[Outcome, ...]:
        """Update up to 100 records by their ``id``; one outcome for each. 1 credit for 10.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-records.html.
        """
        ...

    @endpoint(
        "POST /{module}/upsert",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=("trigger", "duplicate_check_fields"),
        look_at=_LOOK,
    )
    async def upsert(
        self,
        module: str,
        body: Sequence[Mapping[str, Any]],
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        trigger: Sequence[str] | None = None,
    ) -> tuple[Outcome, ...]:
        """Create or update up to 100 records; one outcome for each. 1 credit for 10.

        See https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html.
        """
        ...

    @endpoint("DELETE /{module}", key="data", look_at="Ask for the records (crm.records.get).")
    async def delete(
        self, module: str, ids: Sequence[str], *, wf_trigger: bool = True
    ) -> tuple[Outcome, ...]:
        """Delete up to 100 records; one outcome for each, in order. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-records.html.
        """
        ...

    @endpoint("GET /{module}/search", key="data", heavy=True)
    def search(
        self,
        module: str,
        *,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        fields: Sequence[str] | None = None,
        converted: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[Record]:
        """Search records, up to 2,000, by one of the four ways. 1 credit a page, heavy.

        See https://www.zoho.com/crm/developer/docs/api/v7/search-records.html.
        """
        ...

    @endpoint("GET /{module}/actions/count", key="count")
    async def count(
        self,
        module: str,
        *,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        cvid: str | None = None,
    ) -> int:
        """Return the number of records. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/record-count.html.
        """
        ...
