"""Pipelines of deals."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.pipelines import NewPipeline, Pipeline, PipelineTransfer


class Pipelines(Resource, family="pipelines"):
    """Pipelines of deals, by the layout that they belong to. Every call takes 1 credit."""

    @endpoint("GET /settings/pipeline", key="pipeline")
    async def list(self, layout_id: str) -> tuple[Pipeline, ...]:
        """List the pipelines of a layout.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-pipelines.html.
        """
        ...

    @endpoint("GET /settings/pipeline/{id}", key="pipeline")
    async def get(self, layout_id: str, id: str) -> Pipeline:
        """Return one pipeline.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-pipelines.html.

        Raises:
            RecordNotFound: no such pipeline.
        """
        ...

    @endpoint(
        "POST /settings/pipeline",
        key="pipeline",
        look_at="List the pipelines (crm.pipelines.list).",
    )
    async def create(self, layout_id: str, body: NewPipeline) -> Outcome:
        """Create a pipeline.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-pipeline.html.

        Raises:
            DuplicateData: a pipeline has this name.
        """
        ...

    @endpoint("PUT /settings/pipeline/{id}", key="pipeline", repeatable=True)
    async def update(self, layout_id: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one pipeline.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-pipeline.html.

        Raises:
            RecordNotFound: no such pipeline.
        """
        ...

    @endpoint("PUT /settings/pipeline", key="pipeline", repeatable=True)
    async def update_many(
        self, layout_id: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change several pipelines by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-pipeline.html.
        """
        ...

    @endpoint(
        "POST /settings/pipeline/actions/transfer",
        key="transfer_pipeline",
        look_at="List the pipelines (crm.pipelines.list).",
    )
    async def transfer(
        self, layout_id: str, body: Sequence[PipelineTransfer]
    ) -> tuple[Outcome, ...]:
        """Move the deals of pipelines to others, and delete the emptied ones.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-and-delete-pipeline.html.
        """
        ...

    @endpoint(
        "PATCH /settings/pipeline/{id}",
        key="pipeline",
        look_at="List the pipelines (crm.pipelines.list).",
    )
    async def delete(self, layout_id: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Delete a pipeline, or some of its stages.

        Give ``{"_delete": {"permanent": True}}``, for the whole or within its ``maps``.
        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-and-delete-pipeline.html.

        Raises:
            RecordNotFound: no such pipeline.
        """
        ...
