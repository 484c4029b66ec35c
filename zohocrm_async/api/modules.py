"""Modules with their related lists and custom views."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.modules import CustomView, Module, NewModule, RelatedList


class Modules(Resource, family="modules"):
    """Modules, standard and custom.

    Calls take 1 credit, but `create`, which takes 500.
    """

    @endpoint(
        "GET /settings/modules", key="modules", headers={"if_modified_since": "If-Modified-Since"}
    )
    async def list(
        self,
        *,
        status: str | None = None,
        feature_name: str | None = None,
        include: Sequence[str] | None = None,
        if_modified_since: datetime | None = None,
    ) -> tuple[Module, ...]:
        """List the modules.

        See https://www.zoho.com/crm/developer/docs/api/v7/modules-api.html.
        """
        ...

    @endpoint("GET /settings/modules/{name}", key="modules")
    async def get(self, name: str) -> Module:
        """Return one module, by its API name or id.

        See https://www.zoho.com/crm/developer/docs/api/v7/module-meta.html.

        Raises:
            RecordNotFound: no such module.
        """
        ...

    @endpoint(
        "POST /settings/modules",
        key="modules",
        price=500,
        look_at="List the modules (crm.modules.list).",
    )
    async def create(self, body: NewModule) -> Outcome:
        """Create a custom module. 500 credits.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-custom-module-api.html.

        Raises:
            DuplicateData: a module has this name.
        """
        ...

    @endpoint("PUT /settings/modules/{name}", key="modules", repeatable=True)
    async def update(self, name: str, body: Mapping[str, Any]) -> Outcome:
        """Change one module, by its API name or id.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-module-api.html.

        Raises:
            RecordNotFound: no such module.
        """
        ...

    @endpoint("PUT /settings/modules", key="modules", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several modules by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-module-api.html.
        """
        ...


class RelatedLists(Resource, family="related_lists"):
    """Lists of related records that modules show. Every call takes 1 credit."""

    @endpoint("GET /settings/related_lists", key="related_lists")
    async def list(
        self, module: str, *, layout_id: str | None = None, status: str | None = None
    ) -> tuple[RelatedList, ...]:
        """List the related lists of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/related-list-meta.html.
        """
        ...

    @endpoint("GET /settings/related_lists/{id}", key="related_lists")
    async def get(self, module: str, id: str, *, layout_id: str | None = None) -> RelatedList:
        """Return one related list of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/related-list-meta.html.

        Raises:
            RecordNotFound: no such list.
        """
        ...


class CustomViews(Resource, family="custom_views"):
    """Custom views of modules. Every call takes 1 credit."""

    @endpoint("GET /settings/custom_views", key="custom_views")
    def list(
        self,
        module: str,
        *,
        page: int = 1,
        per_page: int = 200,
        filters: Mapping[str, Any] | str | None = None,
    ) -> Pager[CustomView]:
        """List the views of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html.
        """
        ...

    @endpoint("GET /settings/custom_views/{id}", key="custom_views")
    async def get(
        self, module: str, id: str, *, include_inner_details: Sequence[str] | None = None
    ) -> CustomView:
        """Return one view, with its columns and conditions.

        See https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html.

        Raises:
            RecordNotFound: no such view.
        """
        ...

    @endpoint(
        "PUT /settings/custom_views/{id}/actions/change_sort", key="custom_views", repeatable=True
    )
    async def sort(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change how a view is sorted.

        Give ``sort_by``, a field by ``id``, and ``sort_order``, asc or desc.
        See https://www.zoho.com/crm/developer/docs/api/v7/sort-order-cv.html.

        Raises:
            RecordNotFound: no such view.
        """
        ...

    @endpoint("PUT /settings/custom_views/actions/change_sort", key="custom_views", repeatable=True)
    async def sort_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change how several views are sorted, by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/sort-order-cv.html.
        """
        ...
