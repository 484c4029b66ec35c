"""What the service knows of people and organisations."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.enrichment import (
    DataEnrichment,
    NewOrganizationEnrichment,
    NewPersonEnrichment,
    OrganizationEnrichment,
    PersonEnrichment,
)


class Enrichments(Resource, family="enrichment"):
    """What the service knows of people and organisations. Every call takes 1 credit."""

    @endpoint("GET /settings/zia/data_enrichment", key="data_enrichment")
    async def configurations(self) -> tuple[DataEnrichment, ...]:
        """List how modules are enriched.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-config.html.
        """
        ...

    @endpoint("GET /__zia_org_enrichment", key="__zia_org_enrichment")
    def list_organizations(
        self,
        *,
        status: str | None = None,
        sort_order: str | None = None,
        sort_by: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[OrganizationEnrichment]:
        """List the enrichments of organisations.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-org-config.html.
        """
        ...

    @endpoint("GET /__zia_org_enrichment/{id}", key="__zia_org_enrichment")
    async def organization(self, id: str) -> OrganizationEnrichment:
        """Return one enrichment of an organisation.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-org-config.html.

        Raises:
            RecordNotFound: no such enrichment.
        """
        ...

    @endpoint(
        "POST /__zia_org_enrichment",
        key="__zia_org_enrichment",
        look_at="List the enrichments (crm.enrichment.list_organizations).",
    )
    async def create_organizations(
        self,
        module: str,
        body: Sequence[NewOrganizationEnrichment],
        *,
        record_id: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Ask for what is known of organisations, as a job.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/create-org-enrichment.html.
        """
        ...

    @endpoint("GET /__zia_people_enrichment", key="__zia_people_enrichment")
    def list_people(
        self,
        *,
        status: str | None = None,
        sort_order: str | None = None,
        sort_by: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[PersonEnrichment]:
        """List the enrichments of people.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-ppl-config.html.
        """
        ...

    @endpoint("GET /__zia_people_enrichment/{id}", key="__zia_people_enrichment")
    async def person(self, id: str) -> PersonEnrichment:
        """Return one enrichment of a person.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-ppl-config.html.

        Raises:
            RecordNotFound: no such enrichment.
        """
        ...

    @endpoint(
        "POST /__zia_people_enrichment",
        key="__zia_people_enrichment",
        look_at="List the enrichments (crm.enrichment.list_people).",
    )
    async def create_people(
        self, module: str, body: Sequence[NewPersonEnrichment], *, record_id: str | None = None
    ) -> tuple[Outcome, ...]:
        """Ask for what is known of people, as a job.

        See https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/create-ppl-enrichment.html.
        """
        ...
