"""The organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html.
"""

from datetime import datetime

from attrs import field, frozen


@frozen
class LicenseDetails:
    """What the organisation has paid for."""

    paid: bool | None = None
    paid_type: str | None = None
    paid_expiry: str | None = None
    trial_type: str | None = None
    trial_expiry: str | None = None
    users_license_purchased: int | None = None


@frozen
class Organization:
    """The organisation that the token belongs to."""

    id: str
    company_name: str | None = None
    alias: str | None = None
    description: str | None = None
    employee_count: str | None = None
    website: str | None = None
    primary_email: str | None = None
    primary_zuid: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    zgid: str | None = None
    domain_name: str | None = None
    type: str | None = None
    created_time: datetime | None = None
    time_zone: str | None = None
    currency: str | None = None
    currency_symbol: str | None = None
    currency_locale: str | None = None
    iso_code: str | None = None
    photo_id: str | None = None
    max_per_page: int | None = None
    mc_status: bool | None = None
    """Whether the organisation has several currencies."""
    hipaa_compliance_enabled: bool | None = None
    privacy_settings: bool | None = None
    translation_enabled: bool | None = None
    license_details: LicenseDetails = field(factory=LicenseDetails)

    @property
    def edition(self) -> str:
        """The word of the edition that is paid for or on trial, such as ``enterprise``."""
        details = self.license_details
        word = details.paid_type if details.paid else details.trial_type
        return word or details.paid_type or "free"

    @property
    def users(self) -> int:
        """Licensed users; one where the answer does not say."""
        return max(self.license_details.users_license_purchased or 1, 1)
