"""Tags of modules and of records."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.jobs import JobStatus
from zohocrm_async.models.tags import NewTag, Tag, TagDeletion
from zohocrm_async.scheduler.prices import per_ids


class Tags(Resource, family="tags"):
    """Tags of modules and of records.

    Calls take 1 credit, but `add` and `remove`, which take 1 for 50 records.
    """

    @endpoint("GET /settings/tags", key="tags")
    async def list(
        self, module: str, *, my_tags: str | None = None, include: Sequence[str] | None = None
    ) -> tuple[Tag, ...]:
        """List the tags of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-tag-list.html.
        """
        ...

    @endpoint("POST /settings/tags", key="tags", look_at="List the tags (crm.tags.list).")
    async def create(self, module: str, body: Sequence[NewTag]) -> tuple[Outcome, ...]:
        """Create tags; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-tag.html.
        """
        ...

    @endpoint("PUT /settings/tags/{id}", key="tags", repeatable=True)
    async def update(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one tag: its ``name``, its ``color_code``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-tags.html.

        Raises:
            RecordNotFound: no such tag.
        """
        ...

    @endpoint("PUT /settings/tags", key="tags", repeatable=True)
    async def update_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change several tags by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-tags.html.
        """
        ...

    @endpoint("DELETE /settings/tags/{id}", key="tags", look_at="List the tags (crm.tags.list).")
    async def delete(self, id: str) -> Outcome:
        """Delete one tag.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-tag.html.

        Raises:
            RecordNotFound: no such tag.
        """
        ...

    @endpoint(
        "POST /settings/tags/{id}/actions/merge",
        key="tags",
        look_at="List the tags (crm.tags.list).",
    )
    async def merge(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Merge a tag into the one with the id ``conflict_id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/merge-tags.html.

        Raises:
            RecordNotFound: no such tag.
        """
        ...

    @endpoint("GET /settings/tags/{id}/actions/records_count", key="count")
    async def count(self, module: str, id: str) -> int:
        """Return how many records have a tag.

        See https://www.zoho.com/crm/developer/docs/api/v7/tag-record-count.html.
        """
        ...

    @endpoint(
        "POST /settings/tags/actions/mass_delete",
        key="mass_delete",
        look_at="List the tags (crm.tags.list).",
    )
    async def mass_delete(self, body: TagDeletion) -> Outcome:
        """Delete tags as a job; ``details`` of the outcome hold its ``job_id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-tags.html.
        """
        ...

    @endpoint("GET /settings/tags/actions/mass_delete", key="mass_delete")
    async def mass_delete_status(self, *, job_id: str) -> JobStatus:
        """Return how far a job of `mass_delete` is.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-mass-delete-tags-status.html.
        """
        ...

    @endpoint(
        "POST /{module}/actions/add_tags",
        key="data",
        beside=("ids", "tags", "over_write"),
        price=per_ids(50),
        repeatable=True,
        counts={"ids": (1, 500)},
    )
    async def add(
        self, module: str, ids: Sequence[str], tags: Sequence[NewTag], *, over_write: bool = False
    ) -> tuple[Outcome, ...]:
        """Tag up to 500 records; one outcome for each. 1 credit for 50.

        With *over_write* the tags that records have give way.
        See https://www.zoho.com/crm/developer/docs/api/v7/add-tags.html.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/add_tags",
        key="data",
        beside=("tags", "over_write"),
        repeatable=True,
    )
    async def add_one(
        self, module: str, id: str, tags: Sequence[NewTag], *, over_write: bool = False
    ) -> Outcome:
        """Tag one record.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-tags.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}/actions/remove_tags",
        key="data",
        beside=("ids", "tags"),
        price=per_ids(50),
        repeatable=True,
        counts={"ids": (1, 500)},
    )
    async def remove(
        self, module: str, ids: Sequence[str], tags: Sequence[NewTag]
    ) -> tuple[Outcome, ...]:
        """Take tags from up to 500 records; one outcome for each. 1 credit for 50.

        See https://www.zoho.com/crm/developer/docs/api/v7/remove-tags.html.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/remove_tags", key="data", beside=("tags",), repeatable=True
    )
    async def remove_one(self, module: str, id: str, tags: Sequence[NewTag]) -> Outcome:
        """Take tags from one record.

        See https://www.zoho.com/crm/developer/docs/api/v7/remove-tags.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
