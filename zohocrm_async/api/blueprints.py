"""Blueprints: the process that a record goes through."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.blueprints import Blueprint
from zohocrm_async.models.common import Outcome


class Blueprints(Resource, family="blueprints"):
    """The process that a record goes through. Calls take 1 credit."""

    @endpoint("GET /{module}/{id}/actions/blueprint", key="blueprint")
    async def get(self, module: str, id: str) -> Blueprint:
        """Return where a record stands in its process, and the transitions open to it.

        See https://www.zoho.com/crm/developer/docs/api/v7/blueprint-details.html.

        Raises:
            RecordNotFound: no such record.
            RecordNotInProcess: the record is in no process.
        """
        ...

    @endpoint(
        "PUT /{module}/{id}/actions/blueprint",
        look_at="Ask where the record stands (crm.blueprints.get).",
    )
    async def _update(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome: ...

    async def update(
        self, module: str, id: str, transition_id: str, data: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Take a record through one transition.

        *data* holds the fields that the transition asks for. Where some of them are missing
        they are saved and the record stays where it is; `get` tells by the transition's
        ``percent_partial_save``. See
        https://www.zoho.com/crm/developer/docs/api/v7/update-blueprint.html.

        Raises:
            RecordNotFound: no such record.
            RecordNotInProcess: the record is in no process.
            InvalidData: the transition is not open to the record, or a value is not acceptable.
            MandatoryNotFound: nothing is given of what the transition asks for.
        """
        step = {"transition_id": transition_id, "data": data or {}}
        return await self._update(module, id, {"blueprint": [step]})
