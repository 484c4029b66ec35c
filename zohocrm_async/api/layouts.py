"""Layouts of modules, and picklists that depend on others."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.layouts import Layout, MapDependency, NewMapDependency


class Layouts(Resource, family="layouts"):
    """Layouts of modules. Every call takes 1 credit."""

    @endpoint("GET /settings/layouts", key="layouts")
    async def list(
        self,
        module: str,
        *,
        mode: str | None = None,
        include: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> tuple[Layout, ...]:
        """List the layouts of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/layouts-meta.html.
        """
        ...

    @endpoint("GET /settings/layouts/{id}", key="layouts")
    async def get(
        self,
        module: str,
        id: str,
        *,
        mode: str | None = None,
        include: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> Layout:
        """Return one layout, with its sections and fields.

        See https://www.zoho.com/crm/developer/docs/api/v7/layouts-meta.html.

        Raises:
            RecordNotFound: no such layout.
        """
        ...

    @endpoint("PATCH /settings/layouts/{id}", key="layouts", repeatable=True)
    async def update(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one custom layout.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-layout.html.

        Raises:
            RecordNotFound: no such layout.
        """
        ...

    @endpoint("PATCH /settings/layouts", key="layouts", repeatable=True)
    async def update_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change several custom layouts by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-layout.html.
        """
        ...

    @endpoint(
        "DELETE /settings/layouts/{id}",
        key="layouts",
        look_at="Ask for the layout (crm.layouts.get).",
    )
    async def delete(
        self,
        module: str,
        id: str,
        *,
        transfer_to: str,
        pipeline: str | None = None,
        stage: str | None = None,
    ) -> Outcome:
        """Delete one custom layout; its records go to the layout *transfer_to*.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-custom-layout.html.

        Raises:
            RecordNotFound: no such layout.
        """
        ...

    @endpoint("POST /settings/layouts/{id}/actions/activate", key="layouts", repeatable=True)
    async def activate(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Put a custom layout into use.

        See https://www.zoho.com/crm/developer/docs/api/v7/activate-custom-layout.html.

        Raises:
            RecordNotFound: no such layout.
        """
        ...

    @endpoint("DELETE /settings/layouts/{id}/actions/activate", key="layouts", repeatable=True)
    async def deactivate(self, module: str, id: str, *, transfer_to: str) -> Outcome:
        """Take a custom layout out of use; its records go to *transfer_to*.

        See https://www.zoho.com/crm/developer/docs/api/v7/deactivate-custom-layout.html.

        Raises:
            RecordNotFound: no such layout.
        """
        ...


class MapDependencies(Resource, family="map_dependencies"):
    """Choices of one picklist that depend on those of another. Every call takes 1 credit."""

    @endpoint("GET /settings/layouts/{layout_id}/map_dependency", key="map_dependency")
    def list(
        self,
        module: str,
        layout_id: str,
        *,
        page: int = 1,
        per_page: int = 200,
        filters: Mapping[str, Any] | str | None = None,
    ) -> Pager[MapDependency]:
        """List the dependencies of a layout.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-map-dependency.html.
        """
        ...

    @endpoint("GET /settings/layouts/{layout_id}/map_dependency/{id}", key="map_dependency")
    async def get(self, module: str, layout_id: str, id: str) -> MapDependency:
        """Return one dependency.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-map-dependency.html.

        Raises:
            RecordNotFound: no such dependency.
        """
        ...

    @endpoint(
        "POST /settings/layouts/{layout_id}/map_dependency",
        key="map_dependency",
        look_at="List the dependencies (crm.map_dependencies.list).",
    )
    async def create(self, module: str, layout_id: str, body: NewMapDependency) -> Outcome:
        """Make one picklist depend on another.

        See https://www.zoho.com/crm/developer/docs/api/v7/map-dependency.html.
        """
        ...

    @endpoint(
        "PUT /settings/layouts/{layout_id}/map_dependency/{id}",
        key="map_dependency",
        repeatable=True,
    )
    async def update(
        self, module: str, layout_id: str, id: str, body: Mapping[str, Any]
    ) -> Outcome:
        """Change one dependency.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-map-dependency.html.

        Raises:
            RecordNotFound: no such dependency.
        """
        ...

    @endpoint(
        "DELETE /settings/layouts/{layout_id}/map_dependency/{id}",
        key="map_dependency",
        look_at="Ask for the dependency (crm.map_dependencies.get).",
    )
    async def delete(self, module: str, layout_id: str, id: str) -> Outcome:
        """Delete one dependency.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-map-dependency.html.

        Raises:
            RecordNotFound: no such dependency.
        """
        ...
