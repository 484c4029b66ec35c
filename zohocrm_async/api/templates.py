"""E-mail and inventory templates."""

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.templates import EmailTemplate, InventoryTemplate


class EmailTemplates(Resource, family="email_templates"):
    """Templates for mails. Every call takes 1 credit.

    See https://www.zoho.com/crm/developer/docs/api/v7/email-templates.html.
    """

    @endpoint("GET /settings/email_templates", key="email_templates")
    def list(
        self,
        *,
        module: str | None = None,
        category: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        filters: str | None = None,
        page: int = 1,
        per_page: int = 20,
    ) -> Pager[EmailTemplate]:
        """List the templates, at most 100 a page."""
        ...

    @endpoint("GET /settings/email_templates/{id}", key="email_templates")
    async def get(self, id: str) -> EmailTemplate:
        """Return one template, with its content."""
        ...


class InventoryTemplates(Resource, family="inventory_templates"):
    """Templates for quotes, orders and invoices. Every call takes 1 credit.

    See https://www.zoho.com/crm/developer/docs/api/v7/inventory_templates.html.
    """

    @endpoint("GET /settings/inventory_templates", key="inventory_templates")
    def list(
        self,
        *,
        module: str | None = None,
        category: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        filters: str | None = None,
        page: int = 1,
        per_page: int = 20,
    ) -> Pager[InventoryTemplate]:
        """List the templates, at most 100 a page."""
        ...

    @endpoint("GET /settings/inventory_templates/{id}", key="inventory_templates")
    async def get(self, id: str) -> InventoryTemplate:
        """Return one template, with its content."""
        ...
