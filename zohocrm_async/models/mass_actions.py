"""Which records a mass action is for.

See https://www.zoho.com/crm/developer/docs/api/v7/mass-update-records.html.
"""

from attrs import frozen


@frozen
class TerritoryFilter:
    """A territory to which the records of a custom view are narrowed."""

    id: str
    include_child: bool | None = None
    """Whether the territories below it count, too."""
