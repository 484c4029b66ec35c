from zohocrm_async.models.access import (
    GroupAssociation as GroupAssociation,
    GroupSource as GroupSource,
    GroupSourcesCount as GroupSourcesCount,
    GroupUserCount as GroupUserCount,
    GroupUsers as GroupUsers,
    NewProfile as NewProfile,
    NewRole as NewRole,
    NewUserGroup as NewUserGroup,
    Permission as Permission,
    Profile as Profile,
    Role as Role,
    UserGroup as UserGroup,
)
from zohocrm_async.models.administration import (
    AppointmentPreferences as AppointmentPreferences,
    AuditLogExport as AuditLogExport,
    AuditLogRequest as AuditLogRequest,
    ContactRole as ContactRole,
    DealRecordConfiguration as DealRecordConfiguration,
    DeletedItem as DeletedItem,
    DigestRequest as DigestRequest,
    NewContactRole as NewContactRole,
    ServicePreferences as ServicePreferences,
)
from zohocrm_async.models.apis import (
    ApiFilter as ApiFilter,
    OperationType as OperationType,
    Price as Price,
    SupportedAPI as SupportedAPI,
)
from zohocrm_async.models.attachments import RecordAttachment as RecordAttachment
from zohocrm_async.models.automation import (
    AssignmentRule as AssignmentRule,
    Cadence as Cadence,
    EntityScore as EntityScore,
    FieldRule as FieldRule,
    NewScoringRule as NewScoringRule,
    ScoringRule as ScoringRule,
    Signal as Signal,
    SignalRule as SignalRule,
)
from zohocrm_async.models.backup import (
    Backup as Backup,
    BackupEvent as BackupEvent,
    BackupLinks as BackupLinks,
)
from zohocrm_async.models.blueprints import (
    Blueprint as Blueprint,
    BlueprintProcess as BlueprintProcess,
    BlueprintState as BlueprintState,
    Escalation as Escalation,
    NextTransition as NextTransition,
    Transition as Transition,
    TransitionField as TransitionField,
)
from zohocrm_async.models.bulk_read import (
    BulkReadJob as BulkReadJob,
    BulkReadQuery as BulkReadQuery,
    BulkReadResult as BulkReadResult,
)
from zohocrm_async.models.bulk_write import (
    BulkFieldMapping as BulkFieldMapping,
    BulkOperation as BulkOperation,
    BulkRowResult as BulkRowResult,
    BulkWrite as BulkWrite,
    BulkWriteFile as BulkWriteFile,
    BulkWriteJob as BulkWriteJob,
    BulkWriteResource as BulkWriteResource,
    BulkWriteResult as BulkWriteResult,
)
from zohocrm_async.models.common import (
    FieldReference as FieldReference,
    MinifiedModule as MinifiedModule,
    ModuleReference as ModuleReference,
    Outcome as Outcome,
    Reference as Reference,
    Word as Word,
)
from zohocrm_async.models.company import (
    AvailableCurrency as AvailableCurrency,
    Currency as Currency,
    Feature as Feature,
    FeatureComponent as FeatureComponent,
    FeatureDetail as FeatureDetail,
    FeatureLimit as FeatureLimit,
    FiscalYear as FiscalYear,
    MoneyFormat as MoneyFormat,
    NewCurrency as NewCurrency,
    Tax as Tax,
    Taxes as Taxes,
    TaxPreference as TaxPreference,
)
from zohocrm_async.models.conversion import (
    ConversionOptions as ConversionOptions,
    ConversionOutcome as ConversionOutcome,
    LeadConversion as LeadConversion,
    MatchedField as MatchedField,
    MatchedFields as MatchedFields,
)
from zohocrm_async.models.credits import (
    BudgetReport as BudgetReport,
    CreditReport as CreditReport,
    Forecast as Forecast,
    OperationReport as OperationReport,
    QueueReport as QueueReport,
    RateReport as RateReport,
    RefusalReport as RefusalReport,
    SlotReport as SlotReport,
    SpentMinute as SpentMinute,
    WindowReport as WindowReport,
)
from zohocrm_async.models.criteria import Criteria as Criteria, where as where
from zohocrm_async.models.deal_contact_roles import (
    DealContact as DealContact,
)
from zohocrm_async.models.email_drafts import (
    DraftAttachment as DraftAttachment,
    DraftInventoryDetails as DraftInventoryDetails,
    DraftPaperType as DraftPaperType,
    EmailDraft as EmailDraft,
    NewEmailDraft as NewEmailDraft,
    ScheduleDetails as ScheduleDetails,
    ScheduleSource as ScheduleSource,
)
from zohocrm_async.models.enrichment import (
    CompanyFacts as CompanyFacts,
    DataEnrichment as DataEnrichment,
    EnrichmentField as EnrichmentField,
    EnrichmentStatus as EnrichmentStatus,
    NewOrganizationEnrichment as NewOrganizationEnrichment,
    NewPersonEnrichment as NewPersonEnrichment,
    OrganizationEnrichment as OrganizationEnrichment,
    OrganizationFacts as OrganizationFacts,
    PersonEnrichment as PersonEnrichment,
    PersonFacts as PersonFacts,
    SocialAccounts as SocialAccounts,
)
from zohocrm_async.models.fields import (
    AutoNumber as AutoNumber,
    CurrencyFormat as CurrencyFormat,
    DataType as DataType,
    Field as Field,
    FieldForms as FieldForms,
    FieldLookup as FieldLookup,
    FieldProfile as FieldProfile,
    FieldWays as FieldWays,
    Formula as Formula,
    LookupModule as LookupModule,
    MultiSelectLookup as MultiSelectLookup,
    NewField as NewField,
    PickListValue as PickListValue,
    Subform as Subform,
    UniqueField as UniqueField,
)
from zohocrm_async.models.files import (
    Download as Download,
    UploadedFile as UploadedFile,
)
from zohocrm_async.models.jobs import (
    Callback as Callback,
    JobState as JobState,
    JobStatus as JobStatus,
)
from zohocrm_async.models.layouts import (
    DependentValue as DependentValue,
    Layout as Layout,
    LayoutProfile as LayoutProfile,
    LayoutSection as LayoutSection,
    MapDependency as MapDependency,
    NewMapDependency as NewMapDependency,
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
from zohocrm_async.models.mail_merge import (
    DownloadMailMerge as DownloadMailMerge,
    MailMerge as MailMerge,
    MailMergeTemplate as MailMergeTemplate,
    MailMergeType as MailMergeType,
    MergeAddress as MergeAddress,
    MergeAddressType as MergeAddressType,
    OutputFormat as OutputFormat,
    Signer as Signer,
    SignerAction as SignerAction,
    SignMailMerge as SignMailMerge,
)
from zohocrm_async.models.mass_actions import (
    TerritoryFilter as TerritoryFilter,
)
from zohocrm_async.models.merge import (
    MergeChild as MergeChild,
    MergeField as MergeField,
    MergeJobStatus as MergeJobStatus,
    MergeOutcome as MergeOutcome,
    MergeState as MergeState,
)
from zohocrm_async.models.modules import (
    CustomView as CustomView,
    GeneratedType as GeneratedType,
    Module as Module,
    ModuleStatus as ModuleStatus,
    NewModule as NewModule,
    RelatedList as RelatedList,
    SharedTo as SharedTo,
    ViewAccess as ViewAccess,
    ViewField as ViewField,
)
from zohocrm_async.models.moving import (
    ExportPlan as ExportPlan,
    ExportRoute as ExportRoute,
    ImportPlan as ImportPlan,
    ImportRoute as ImportRoute,
    RoutePlan as RoutePlan,
)
from zohocrm_async.models.notes import (
    NewNote as NewNote,
    Note as Note,
    NoteParent as NoteParent,
)
from zohocrm_async.models.notifications import (
    Channel as Channel,
    NewChannel as NewChannel,
    Notification as Notification,
    NotificationCondition as NotificationCondition,
    NotificationOperation as NotificationOperation,
)
from zohocrm_async.models.organization import (
    LicenseDetails as LicenseDetails,
    Organization as Organization,
)
from zohocrm_async.models.picklists import (
    GlobalPicklist as GlobalPicklist,
    GlobalPickListValue as GlobalPickListValue,
    NewGlobalPicklist as NewGlobalPicklist,
    NewPickListValue as NewPickListValue,
    PicklistAssociation as PicklistAssociation,
    PicklistReplacement as PicklistReplacement,
    PicklistUse as PicklistUse,
    PicklistValueAssociation as PicklistValueAssociation,
    ReplacedValue as ReplacedValue,
)
from zohocrm_async.models.pipelines import (
    NewPipeline as NewPipeline,
    Pipeline as Pipeline,
    PipelineStage as PipelineStage,
    PipelineTransfer as PipelineTransfer,
    Transfer as Transfer,
)
from zohocrm_async.models.portals import (
    NewPortalUserType as NewPortalUserType,
    Portal as Portal,
    PortalInvite as PortalInvite,
    PortalInviteJob as PortalInviteJob,
    PortalModule as PortalModule,
    PortalPermissions as PortalPermissions,
    PortalUser as PortalUser,
    PortalUserType as PortalUserType,
)
from zohocrm_async.models.record_emails import (
    EmailAssociation as EmailAssociation,
    EmailSharing as EmailSharing,
    EmailSharingType as EmailSharingType,
    SharingUser as SharingUser,
)
from zohocrm_async.models.record_locks import (
    LockedRecord as LockedRecord,
    LockSource as LockSource,
    RecordLock as RecordLock,
)
from zohocrm_async.models.record_rules import (
    DuplicateCheck as DuplicateCheck,
    DuplicateCheckModule as DuplicateCheckModule,
    FieldMapping as FieldMapping,
    LockingRule as LockingRule,
    LockType as LockType,
    NewRecordLockingConfiguration as NewRecordLockingConfiguration,
    RecordLockingConfiguration as RecordLockingConfiguration,
)
from zohocrm_async.models.records import (
    DeletedRecord as DeletedRecord,
    DeletedType as DeletedType,
    FieldChange as FieldChange,
    Record as Record,
    TimelineEvent as TimelineEvent,
    TimelineRecord as TimelineRecord,
)
from zohocrm_async.models.sharing import (
    NewShare as NewShare,
    Share as Share,
    SharedThrough as SharedThrough,
    SharePermission as SharePermission,
    ShareType as ShareType,
    Sharing as Sharing,
)
from zohocrm_async.models.tags import (
    NewTag as NewTag,
    Tag as Tag,
    TagDeletion as TagDeletion,
)
from zohocrm_async.models.templates import (
    EmailTemplate as EmailTemplate,
    InventoryTemplate as InventoryTemplate,
    TemplateAttachment as TemplateAttachment,
    TemplateStatistics as TemplateStatistics,
)
from zohocrm_async.models.territories import (
    NewTerritory as NewTerritory,
    Territory as Territory,
    TerritoryPermission as TerritoryPermission,
    TerritoryTransfer as TerritoryTransfer,
    TerritoryUserCount as TerritoryUserCount,
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
from zohocrm_async.models.users import (
    NewUser as NewUser,
    NewUserUnavailability as NewUserUnavailability,
    TerritoryPerson as TerritoryPerson,
    User as User,
    UserKind as UserKind,
    UserStatus as UserStatus,
    UserTerritory as UserTerritory,
    UserTransfer as UserTransfer,
    UserTransferTarget as UserTransferTarget,
    UserUnavailability as UserUnavailability,
)
from zohocrm_async.models.variables import (
    NewVariable as NewVariable,
    Variable as Variable,
    VariableGroup as VariableGroup,
    VariableType as VariableType,
)
from zohocrm_async.models.web_forms import (
    NewWebForm as NewWebForm,
    WebForm as WebForm,
    WebFormField as WebFormField,
)
from zohocrm_async.models.wizards import (
    Wizard as Wizard,
    WizardContainer as WizardContainer,
    WizardScreen as WizardScreen,
)
from zohocrm_async.models.working_time import (
    BreakHours as BreakHours,
    BusinessHours as BusinessHours,
    BusinessHoursType as BusinessHoursType,
    DayTiming as DayTiming,
    Holiday as Holiday,
    HolidayType as HolidayType,
    NewHoliday as NewHoliday,
    NewShiftHours as NewShiftHours,
    ShiftDay as ShiftDay,
    ShiftHoliday as ShiftHoliday,
    ShiftHours as ShiftHours,
    ShiftUser as ShiftUser,
    Weekday as Weekday,
)
