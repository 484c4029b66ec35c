"""Records that are related to a record: its children, and those linked to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._into import R
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome

_HEADERS = {"if_modified_since": "If-Modified-Since", "external": "X-EXTERNAL"}
_COUNTS = {"fields": (1, 50), "ids": (0, 100)}
_FIELDS = {"fields": (1, 50)}


class RelatedRecords(Resource, family="related_records"):
    """Records of a related list, named by its API name (``crm.related_lists.list``).

    Calls take 1 credit. With *external*, the ids are values of external fields: it names
    the field, such as ``Contacts.External_Id``, and that of the related record after it.
    More than 100 records to link or unlink are cut into calls that run at once; a call that
    fails as a whole gives its records outcomes with its error.
    """

    @endpoint(
        "GET /{module}/{id}/{related_list}",
        key="data",
        headers=_HEADERS,
        counts=_COUNTS,
        apart=(("page", "page_token"),),
    )
    def list(
        self,
        module: str,
        id: str,
        related_list: str,
        *,
        fields: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        if_modified_since: datetime | None = None,
        external: Sequence[str] | None = None,
        page: int = 1,
        page_token: str | None = None,
        per_page: int = 200,
        into: type[R] | None = None,
    ) -> Pager[R]:
        """List the records of a related list, 200 a page. 1 credit a page.

        Name *fields*, at most 50, or a class to have the records *into*. See
        https://www.zoho.com/crm/developer/docs/api/v7/get-related-records.html.

        Raises:
            RecordNotFound: no such record.
            InvalidData: no such related list.
        """
        ...

    @endpoint(
        "GET /{module}/{id}/{related_list}/{related_id}",
        key="data",
        headers=_HEADERS,
        counts=_FIELDS,
    )
    async def get(
        self,
        module: str,
        id: str,
        related_list: str,
        related_id: str,
        *,
        fields: Sequence[str] | None = None,
        external: Sequence[str] | None = None,
        into: type[R] | None = None,
    ) -> R:
        """Return one related record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-related-records.html.

        Raises:
            RecordNotFound: no such record, or the two are not related.
        """
        ...

    @endpoint(
        "PUT /{module}/{id}/{related_list}",
        key="data",
        headers=_HEADERS,
        counts={"body": (1, 100)},
        cut="body",
        repeatable=True,
    )
    async def link(
        self,
        module: str,
        id: str,
        related_list: str,
        body: Sequence[Mapping[str, Any]],
        *,
        external: Sequence[str] | None = None,
    ) -> tuple[Outcome, ...]:
        """Link records by their ``id``; one outcome for each, in order. 1 credit for 100.

        What a link says of itself goes with the id: the ``Member_Status`` of a campaign,
        the ``list_price`` of a price book, the ``Contact_Role`` of a deal. A record that is
        linked already has this changed. See
        https://www.zoho.com/crm/developer/docs/api/v7/update-related-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "PUT /{module}/{id}/{related_list}/{related_id}",
        key="data",
        headers=_HEADERS,
        repeatable=True,
    )
    async def link_one(
        self,
        module: str,
        id: str,
        related_list: str,
        related_id: str,
        body: Mapping[str, Any],
        *,
        external: Sequence[str] | None = None,
    ) -> Outcome:
        """Link one record, or change what its link says.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-related-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "DELETE /{module}/{id}/{related_list}",
        key="data",
        headers=_HEADERS,
        counts={"ids": (1, 100)},
        cut="ids",
        look_at="List the related records (crm.related_records.list).",
    )
    async def unlink(
        self,
        module: str,
        id: str,
        related_list: str,
        ids: Sequence[str],
        *,
        external: Sequence[str] | None = None,
    ) -> tuple[Outcome, ...]:
        """Take the links to records away; one outcome for each, in order. 1 credit for 100.

        See https://www.zoho.com/crm/developer/docs/api/v7/delink.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "DELETE /{module}/{id}/{related_list}/{related_id}",
        key="data",
        headers=_HEADERS,
        look_at="List the related records (crm.related_records.list).",
    )
    async def unlink_one(
        self,
        module: str,
        id: str,
        related_list: str,
        related_id: str,
        *,
        external: Sequence[str] | None = None,
    ) -> Outcome:
        """Take the link to one record away.

        See https://www.zoho.com/crm/developer/docs/api/v7/delink.html.

        Raises:
            RecordNotFound: no such record, or the two are not related.
        """
        ...

    @endpoint("GET /{module}/deleted/{id}/{related_list}", key="data", counts=_COUNTS)
    def of_deleted(
        self,
        module: str,
        id: str,
        related_list: str,
        *,
        fields: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        page: int = 1,
        per_page: int = 200,
        into: type[R] | None = None,
    ) -> Pager[R]:
        """List the related records of a record in the recycle bin. 1 credit a page.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/get-related-records-of-deleted-record.html.

        Raises:
            RecordNotFound: no such deleted record.
        """
        ...
