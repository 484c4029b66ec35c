"""Everything that goes into calls and comes out of them; each family loads on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zohocrm_async.models.apis import (
        ApiFilter,
        OperationType,
        SupportedAPI,
    )
    from zohocrm_async.models.common import (
        ModuleReference,
        Outcome,
        Reference,
        Word,
    )
    from zohocrm_async.models.credits import (
        BudgetReport,
        CreditReport,
        OperationReport,
        SlotReport,
    )
    from zohocrm_async.models.files import (
        UploadedFile,
    )
    from zohocrm_async.models.mail import (
        Address,
        Attachment,
        BlockedAddress,
        DataSubjectRequest,
        Email,
        EmailAddress,
        EmailAttachment,
        EmailStatus,
        EmailType,
        FromAddress,
        InReplyTo,
        InventoryDetails,
        InventoryTemplateChoice,
        LinkedRecord,
        Mail,
        MailFormat,
        PaperType,
        SentMail,
        SubjectRequestType,
        Template,
        ViewType,
    )
    from zohocrm_async.models.merge import (
        MergeChild,
        MergeField,
        MergeJobStatus,
        MergeOutcome,
        MergeState,
    )
    from zohocrm_async.models.organization import (
        LicenseDetails,
        Organization,
    )
    from zohocrm_async.models.records import (
        Record,
    )
    from zohocrm_async.models.templates import (
        EmailTemplate,
        InventoryTemplate,
        TemplateAttachment,
        TemplateStatistics,
    )
    from zohocrm_async.models.unsubscribe_links import (
        AssociatedPlace,
        AssociationDetails,
        NewUnsubscribeLink,
        PageType,
        SubmissionAction,
        UnsubscribeLink,
        UnsubscribeLinkAssociation,
        UnsubscribeLinkChange,
    )

_HOME = {
    "ApiFilter": "apis",
    "OperationType": "apis",
    "SupportedAPI": "apis",
    "ModuleReference": "common",
    "Outcome": "common",
    "Reference": "common",
    "Word": "common",
    "BudgetReport": "credits",
    "CreditReport": "credits",
    "OperationReport": "credits",
    "SlotReport": "credits",
    "UploadedFile": "files",
    "Address": "mail",
    "Attachment": "mail",
    "BlockedAddress": "mail",
    "DataSubjectRequest": "mail",
    "Email": "mail",
    "EmailAddress": "mail",
    "EmailAttachment": "mail",
    "EmailStatus": "mail",
    "EmailType": "mail",
    "FromAddress": "mail",
    "InReplyTo": "mail",
    "InventoryDetails": "mail",
    "InventoryTemplateChoice": "mail",
    "LinkedRecord": "mail",
    "Mail": "mail",
    "MailFormat": "mail",
    "PaperType": "mail",
    "SentMail": "mail",
    "SubjectRequestType": "mail",
    "Template": "mail",
    "ViewType": "mail",
    "MergeChild": "merge",
    "MergeField": "merge",
    "MergeJobStatus": "merge",
    "MergeOutcome": "merge",
    "MergeState": "merge",
    "LicenseDetails": "organization",
    "Organization": "organization",
    "Record": "records",
    "EmailTemplate": "templates",
    "InventoryTemplate": "templates",
    "TemplateAttachment": "templates",
    "TemplateStatistics": "templates",
    "AssociatedPlace": "unsubscribe_links",
    "AssociationDetails": "unsubscribe_links",
    "NewUnsubscribeLink": "unsubscribe_links",
    "PageType": "unsubscribe_links",
    "SubmissionAction": "unsubscribe_links",
    "UnsubscribeLink": "unsubscribe_links",
    "UnsubscribeLinkAssociation": "unsubscribe_links",
    "UnsubscribeLinkChange": "unsubscribe_links",
}

__all__ = [
    "Address",
    "ApiFilter",
    "AssociatedPlace",
    "AssociationDetails",
    "Attachment",
    "BlockedAddress",
    "BudgetReport",
    "CreditReport",
    "DataSubjectRequest",
    "Email",
    "EmailAddress",
    "EmailAttachment",
    "EmailStatus",
    "EmailTemplate",
    "EmailType",
    "FromAddress",
    "InReplyTo",
    "InventoryDetails",
    "InventoryTemplate",
    "InventoryTemplateChoice",
    "LicenseDetails",
    "LinkedRecord",
    "Mail",
    "MailFormat",
    "MergeChild",
    "MergeField",
    "MergeJobStatus",
    "MergeOutcome",
    "MergeState",
    "ModuleReference",
    "NewUnsubscribeLink",
    "OperationReport",
    "OperationType",
    "Organization",
    "Outcome",
    "PageType",
    "PaperType",
    "Record",
    "Reference",
    "SentMail",
    "SlotReport",
    "SubjectRequestType",
    "SubmissionAction",
    "SupportedAPI",
    "Template",
    "TemplateAttachment",
    "TemplateStatistics",
    "UnsubscribeLink",
    "UnsubscribeLinkAssociation",
    "UnsubscribeLinkChange",
    "UploadedFile",
    "ViewType",
    "Word",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
