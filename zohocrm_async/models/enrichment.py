"""What the service knows of people and organisations.

See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-config.html.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference, Word


class EnrichmentStatus(Word):
    """Where an enrichment stands."""

    SCHEDULED = "SCHEDULED"
    COMPLETED = "COMPLETED"
    DATA_NOT_FOUND = "DATA_NOT_FOUND"
    FAILED = "FAILED"


@frozen
class OrganizationFacts:
    """What is told of an organisation to find it."""

    name: str
    website: str | None = None
    email: str | None = None


@frozen
class CompanyFacts:
    """The company that somebody works for."""

    name: str | None = None
    website: str | None = None


@frozen
class SocialAccounts:
    """Accounts that tell somebody from others."""

    twitter: str | None = None
    facebook: str | None = None
    linkedin: str | None = None


@frozen
class PersonFacts:
    """What is told of a person to find them."""

    name: str | None = None
    email: str | None = None
    company: CompanyFacts | None = None
    social: SocialAccounts | None = None


@frozen
class OrganizationEnrichment:
    """An enrichment of an organisation; *enriched_data* once completed."""

    id: str
    enriched_data: Mapping[str, Any] | None = None
    status: EnrichmentStatus | None = None
    enrich_based_on: Mapping[str, Any] | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None


@frozen
class PersonEnrichment:
    """An enrichment of a person; *enriched_data* once completed."""

    id: str
    enriched_data: Mapping[str, Any] | None = None
    status: EnrichmentStatus | None = None
    enrich_based_on: Mapping[str, Any] | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None


@frozen(kw_only=True)
class NewOrganizationEnrichment:
    """An organisation to be told about."""

    enrich_based_on: OrganizationFacts


@frozen(kw_only=True)
class NewPersonEnrichment:
    """A person to be told about."""

    enrich_based_on: PersonFacts


@frozen
class EnrichmentField:
    """A fact and the field it goes into."""

    crm_field: FieldReference | None = None
    enrich_field: Mapping[str, Any] | None = None


@frozen
class DataEnrichment:
    """How a module is enriched."""

    id: str
    module: ModuleReference | None = None
    input_data_field_mapping: tuple[EnrichmentField, ...] = ()
    type: str | None = None
    output_data_field_mapping: tuple[EnrichmentField, ...] = ()
    status: bool | None = None
    created_time: datetime | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    created_by: Reference | None = None
