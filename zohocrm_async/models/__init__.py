"""Everything that goes into calls and comes out of them; each family loads on first use.

What checkers see of it stands in ``__init__.pyi``.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "access": (
        "GroupAssociation GroupSource GroupSourcesCount GroupUserCount GroupUsers"
        " NewProfile NewRole NewUserGroup Permission Profile Role UserGroup"
    ),
    "administration": (
        "AppointmentPreferences AuditLogExport AuditLogRequest ContactRole"
        " DealRecordConfiguration DeletedItem DigestRequest NewContactRole"
        " ServicePreferences"
    ),
    "apis": "ApiFilter OperationType Price SupportedAPI",
    "attachments": "RecordAttachment",
    "automation": (
        "AssignmentRule Cadence EntityScore FieldRule NewScoringRule ScoringRule Signal SignalRule"
    ),
    "backup": "Backup BackupEvent BackupLinks",
    "blueprints": (
        "Blueprint BlueprintProcess BlueprintState Escalation NextTransition Transition"
        " TransitionField"
    ),
    "bulk_read": "BulkReadJob BulkReadQuery BulkReadResult",
    "bulk_write": (
        "BulkFieldMapping BulkOperation BulkRowResult BulkWrite BulkWriteFile BulkWriteJob"
        " BulkWriteResource BulkWriteResult"
    ),
    "common": "FieldReference MinifiedModule ModuleReference Outcome Reference Word",
    "company": (
        "AvailableCurrency Currency Feature FeatureComponent FeatureDetail FeatureLimit"
        " FiscalYear MoneyFormat NewCurrency Tax TaxPreference Taxes"
    ),
    "conversion": "ConversionOptions ConversionOutcome LeadConversion MatchedField MatchedFields",
    "credits": (
        "BudgetReport CreditReport Forecast OperationReport QueueReport RateReport"
        " RefusalReport SlotReport SpentMinute WindowReport"
    ),
    "criteria": "Criteria where",
    "deal_contact_roles": "DealContact",
    "email_drafts": (
        "DraftAttachment DraftInventoryDetails DraftPaperType EmailDraft NewEmailDraft"
        " ScheduleDetails ScheduleSource"
    ),
    "enrichment": (
        "CompanyFacts DataEnrichment EnrichmentField EnrichmentStatus"
        " NewOrganizationEnrichment NewPersonEnrichment OrganizationEnrichment"
        " OrganizationFacts PersonEnrichment PersonFacts SocialAccounts"
    ),
    "fields": (
        "AutoNumber CurrencyFormat DataType Field FieldForms FieldLookup FieldProfile"
        " FieldWays Formula LookupModule MultiSelectLookup NewField PickListValue Subform"
        " UniqueField"
    ),
    "files": "Download UploadedFile",
    "jobs": "Callback JobState JobStatus",
    "layouts": ("DependentValue Layout LayoutProfile LayoutSection MapDependency NewMapDependency"),
    "mail": (
        "Address Attachment BlockedAddress DataSubjectRequest Email EmailAddress"
        " EmailAttachment EmailStatus EmailType FromAddress InReplyTo InventoryDetails"
        " InventoryTemplateChoice LinkedRecord Mail MailFormat PaperType SentMail"
        " SubjectRequestType Template ViewType"
    ),
    "mail_merge": (
        "DownloadMailMerge MailMerge MailMergeTemplate MailMergeType MergeAddress"
        " MergeAddressType OutputFormat SignMailMerge Signer SignerAction"
    ),
    "mass_actions": "TerritoryFilter",
    "merge": "MergeChild MergeField MergeJobStatus MergeOutcome MergeState",
    "modules": (
        "CustomView GeneratedType Module ModuleStatus NewModule RelatedList SharedTo"
        " ViewAccess ViewField"
    ),
    "moving": "ExportPlan ExportRoute ImportPlan ImportRoute RoutePlan",
    "notes": "NewNote Note NoteParent",
    "notifications": (
        "Channel NewChannel Notification NotificationCondition NotificationOperation"
    ),
    "organization": "LicenseDetails Organization",
    "picklists": (
        "GlobalPickListValue GlobalPicklist NewGlobalPicklist NewPickListValue"
        " PicklistAssociation PicklistReplacement PicklistUse PicklistValueAssociation"
        " ReplacedValue"
    ),
    "pipelines": "NewPipeline Pipeline PipelineStage PipelineTransfer Transfer",
    "portals": (
        "NewPortalUserType Portal PortalInvite PortalInviteJob PortalModule"
        " PortalPermissions PortalUser PortalUserType"
    ),
    "record_emails": "EmailAssociation EmailSharing EmailSharingType SharingUser",
    "record_locks": "LockSource LockedRecord RecordLock",
    "record_rules": (
        "DuplicateCheck DuplicateCheckModule FieldMapping LockType LockingRule"
        " NewRecordLockingConfiguration RecordLockingConfiguration"
    ),
    "records": ("DeletedRecord DeletedType FieldChange Record TimelineEvent TimelineRecord"),
    "sharing": "NewShare Share SharePermission ShareType SharedThrough Sharing",
    "tags": "NewTag Tag TagDeletion",
    "templates": "EmailTemplate InventoryTemplate TemplateAttachment TemplateStatistics",
    "territories": (
        "NewTerritory Territory TerritoryPermission TerritoryTransfer TerritoryUserCount"
    ),
    "unsubscribe_links": (
        "AssociatedPlace AssociationDetails NewUnsubscribeLink PageType SubmissionAction"
        " UnsubscribeLink UnsubscribeLinkAssociation UnsubscribeLinkChange"
    ),
    "users": (
        "NewUser NewUserUnavailability TerritoryPerson User UserKind UserStatus"
        " UserTerritory UserTransfer UserTransferTarget UserUnavailability"
    ),
    "variables": "NewVariable Variable VariableGroup VariableType",
    "web_forms": "NewWebForm WebForm WebFormField",
    "wizards": "Wizard WizardContainer WizardScreen",
    "working_time": (
        "BreakHours BusinessHours BusinessHoursType DayTiming Holiday HolidayType"
        " NewHoliday NewShiftHours ShiftDay ShiftHoliday ShiftHours ShiftUser Weekday"
    ),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return __dir__()
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
