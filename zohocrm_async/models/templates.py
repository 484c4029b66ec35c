"""E-mail and inventory templates.

See https://www.zoho.com/crm/developer/docs/api/v7/email-templates.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class TemplateStatistics:
    """What became of the mails sent with a template's last version."""

    tracked: int = 0
    delivered: int = 0
    opened: int = 0
    bounced: int = 0
    sent: int = 0
    clicked: int = 0


@frozen
class TemplateAttachment:
    """A file of a template."""

    id: str | None = None
    file_id: str | None = None
    file_name: str | None = None
    size: int | None = None


@frozen
class InventoryTemplate:
    """A template for quotes, orders and invoices; content comes with one alone."""

    id: str
    name: str | None = None
    module: ModuleReference | None = None
    folder: Reference | None = None
    editor_mode: str | None = None
    category: str | None = None
    active: bool | None = None
    favorite: bool | None = None
    content: str | None = None
    mail_content: str | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    last_usage_time: datetime | None = None


@frozen
class EmailTemplate(InventoryTemplate):
    """A template for mails; content comes with one alone."""

    subject: str | None = None
    description: str | None = None
    associated: bool | None = None
    consent_linked: bool | None = None
    attachments: tuple[TemplateAttachment, ...] = ()
    last_version_statistics: TemplateStatistics = field(factory=TemplateStatistics)
