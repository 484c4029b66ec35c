"""Variables of the organisation and their groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.variables import NewVariable, Variable, VariableGroup


class Variables(Resource, family="variables"):
    """Variables of the organisation. Every call takes 1 credit."""

    @endpoint("GET /settings/variables", key="variables")
    async def list(self, *, group: str | None = None) -> tuple[Variable, ...]:
        """List the variables.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-variables.html.
        """
        ...

    @endpoint("GET /settings/variables/{id}", key="variables")
    async def get(self, id: str, *, group: str | None = None) -> Variable:
        """Return one variable, by its id or API name.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-variables.html.

        Raises:
            RecordNotFound: no such variable.
        """
        ...

    @endpoint(
        "POST /settings/variables",
        key="variables",
        look_at="List the variables (crm.variables.list).",
    )
    async def create(self, body: Sequence[NewVariable]) -> tuple[Outcome, ...]:
        """Create variables; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-variables.html.
        """
        ...

    @endpoint("PUT /settings/variables/{id}", key="variables", repeatable=True)
    async def update(
        self, id: str, body: Mapping[str, Any], *, group: str | None = None
    ) -> Outcome:
        """Change one variable, by its id or API name.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-variables.html.

        Raises:
            RecordNotFound: no such variable.
        """
        ...

    @endpoint("PUT /settings/variables", key="variables", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several variables by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-variables.html.
        """
        ...

    @endpoint(
        "DELETE /settings/variables/{id}",
        key="variables",
        look_at="Ask for the variable (crm.variables.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one variable.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-variable.html.

        Raises:
            RecordNotFound: no such variable.
        """
        ...

    @endpoint(
        "DELETE /settings/variables",
        key="variables",
        look_at="List the variables (crm.variables.list).",
    )
    async def delete_many(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete several variables; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-variable.html.
        """
        ...

    @endpoint("GET /settings/variable_groups", key="variable_groups")
    async def groups(self) -> tuple[VariableGroup, ...]:
        """List the groups of variables.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-variable-group.html.
        """
        ...

    @endpoint("GET /settings/variable_groups/{id}", key="variable_groups")
    async def group(self, id: str) -> VariableGroup:
        """Return one group of variables, by its id or API name.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-variable-group.html.

        Raises:
            RecordNotFound: no such group.
        """
        ...
