"""Territories: who sees which records beside their owners.

See https://www.zoho.com/crm/developer/docs/api/v7/territories.html.
"""

from datetime import datetime

from attrs import frozen

from zohocrm_async.models.common import Reference, Word
from zohocrm_async.models.criteria import Criteria


class TerritoryPermission(Word):
    """What members may do with the records of a territory."""

    READ_WRITE_DELETE = "read_write_delete"
    READ_ONLY = "read_only"


@frozen
class Territory:
    """A territory."""

    id: str
    name: str | None = None
    api_name: str | None = None
    manager: Reference | None = None
    account_rule_criteria: Criteria | None = None
    description: str | None = None
    lead_rule_criteria: Criteria | None = None
    reporting_to: Reference | None = None
    deal_rule_criteria: Criteria | None = None
    permission_type: TerritoryPermission | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewTerritory:
    """A territory to create; *reporting_to* None makes it the topmost."""

    name: str
    reporting_to: Reference | None
    permission_type: TerritoryPermission | str
    description: str | None = None
    manager: Reference | None = None
    account_rule_criteria: Criteria | None = None
    lead_rule_criteria: Criteria | None = None
    deal_rule_criteria: Criteria | None = None


@frozen(kw_only=True)
class TerritoryTransfer:
    """Where the records of a territory that is deleted go."""

    transfer_to_id: str
    id: str | None = None
    """The territory, where several are deleted in one call."""
    delete_previous_forecasts: bool | None = None


@frozen
class TerritoryUserCount:
    """How many users belong to a territory."""

    count: int | None = None
    territory: Reference | None = None
