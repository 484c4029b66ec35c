"""Wizards of modules."""

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.wizards import Wizard


class Wizards(Resource, family="wizards"):
    """Wizards of modules. Every call takes 1 credit."""

    @endpoint("GET /settings/wizards", key="wizards")
    async def list(self, *, module: str | None = None) -> tuple[Wizard, ...]:
        """List the wizards.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-wizards.html.
        """
        ...

    @endpoint("GET /settings/wizards/{id}", key="wizards")
    async def get(self, id: str, *, layout_id: str) -> Wizard:
        """Return one wizard, with its screens.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-wizards.html.

        Raises:
            RecordNotFound: no such wizard.
        """
        ...
