"""The organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html.
"""

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
    zgid: str | None = None
    type: str | None = None
    time_zone: str | None = None
    country_code: str | None = None
    currency: str | None = None
    iso_code: str | None = None
    primary_email: str | None = None
    domain_name: str | None = None
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
