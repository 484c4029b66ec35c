"""Fields of modules."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.fields import Field, NewField, PickListValue


class Fields(Resource, family="fields"):
    """Fields of modules. Every call takes 1 credit."""

    @endpoint("GET /settings/fields", key="fields")
    async def list(
        self,
        module: str,
        *,
        data_type: str | None = None,
        type: str | None = None,
        include: Sequence[str] | None = None,
        feature_name: str | None = None,
        component: str | None = None,
        layout_id: str | None = None,
    ) -> tuple[Field, ...]:
        """List the fields of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html.
        """
        ...

    @endpoint("GET /settings/fields/{id}", key="fields")
    async def get(
        self, module: str, id: str, *, include: Sequence[str] | None = None, type: str | None = None
    ) -> Field:
        """Return one field.

        See https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html.

        Raises:
            RecordNotFound: no such field.
        """
        ...

    @endpoint(
        "POST /settings/fields",
        key="fields",
        counts={"body": (1, 5)},
        look_at="List the fields (crm.fields.list).",
    )
    async def create(self, module: str, body: Sequence[NewField]) -> tuple[Outcome, ...]:
        """Create up to 5 custom fields; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-custom-field.html.
        """
        ...

    @endpoint("PATCH /settings/fields/{id}", key="fields", repeatable=True)
    async def update(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one custom field.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-fields.html.

        Raises:
            RecordNotFound: no such field.
        """
        ...

    @endpoint("PATCH /settings/fields", key="fields", repeatable=True, counts={"body": (1, 5)})
    async def update_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change up to 5 custom fields by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-custom-fields.html.
        """
        ...

    @endpoint(
        "DELETE /settings/fields/{id}", key="fields", look_at="Ask for the field (crm.fields.get)."
    )
    async def delete(self, module: str, id: str) -> Outcome:
        """Delete one custom field and what records hold in it.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-custom-fields.html.

        Raises:
            RecordNotFound: no such field.
        """
        ...

    @endpoint("GET /settings/fields/{id}/pick_list_values", key="pick_list_values")
    async def pick_list_values(self, module: str, id: str) -> tuple[PickListValue, ...]:
        """List the choices of a picklist field.

        See https://www.zoho.com/crm/developer/docs/api/v7/picklist-values.html.
        """
        ...
