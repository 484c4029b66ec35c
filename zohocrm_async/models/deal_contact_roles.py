"""Contacts of a deal and the parts they play.

See
https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles-of-a-specific-deal.html.
"""

from attrs import field, frozen

from zohocrm_async.models.common import Reference


@frozen(kw_only=True)
class DealContact:
    """A contact with its part in a deal."""

    id: str
    """The contact."""
    role: Reference | None = field(default=None, metadata={"wire": "Contact_Role"})
    name: str | None = field(default=None, metadata={"wire": "Full_Name", "also": "name"})
