"""Everything that goes into calls and comes out of them; each family loads on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zohocrm_async.models.apis import (
        ApiFilter as ApiFilter,
        OperationType as OperationType,
        SupportedAPI as SupportedAPI,
    )
    from zohocrm_async.models.common import (
        ModuleReference as ModuleReference,
        Outcome as Outcome,
        Reference as Reference,
        Word as Word,
    )
    from zohocrm_async.models.files import (
        UploadedFile as UploadedFile,
    )
    from zohocrm_async.models.mail import (
        Address as Address,
        Attachment as Attachment,
        BlockedAddress as BlockedAddress,
        DataSubjectRequest as DataSubjectRequest,
        Email as Email,
        EmailAddress as EmailAddress,
        EmailAttachment as EmailAttachment,
        EmailStatus as EmailStatus,
        EmailType as EmailType,
        FromAddress as FromAddress,
        InReplyTo as InReplyTo,
        InventoryDetails as InventoryDetails,
        InventoryTemplateChoice as InventoryTemplateChoice,
        LinkedRecord as LinkedRecord,
        Mail as Mail,
        MailFormat as MailFormat,
        PaperType as PaperType,
        SentMail as SentMail,
        SubjectRequestType as SubjectRequestType,
        Template as Template,
        ViewType as ViewType,
    )
    from zohocrm_async.models.merge import (
        MergeChild as MergeChild,
        MergeField as MergeField,
        MergeJobStatus as MergeJobStatus,
        MergeOutcome as MergeOutcome,
        MergeState as MergeState,
    )
    from zohocrm_async.models.organization import (
        LicenseDetails as LicenseDetails,
        Organization as Organization,
    )
    from zohocrm_async.models.records import (
        Record as Record,
    )
    from zohocrm_async.models.templates import (
        EmailTemplate as EmailTemplate,
        InventoryTemplate as InventoryTemplate,
        TemplateAttachment as TemplateAttachment,
        TemplateStatistics as TemplateStatistics,
    )
    from zohocrm_async.models.unsubscribe_links import (
        AssociatedPlace as AssociatedPlace,
        AssociationDetails as AssociationDetails,
        NewUnsubscribeLink as NewUnsubscribeLink,
        PageType as PageType,
        SubmissionAction as SubmissionAction,
        UnsubscribeLink as UnsubscribeLink,
        UnsubscribeLinkAssociation as UnsubscribeLinkAssociation,
        UnsubscribeLinkChange as UnsubscribeLinkChange,
    )

_HOME = {
    "ApiFilter": "apis",
    "OperationType": "apis",
    "SupportedAPI": "apis",
    "ModuleReference": "common",
    "Outcome": "common",
    "Reference": "common",
    "Word": "common",
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

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]  # one list of names is enough


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
