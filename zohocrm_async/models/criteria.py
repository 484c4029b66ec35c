"""Conditions on fields, as views, rules and exports hold them.

See https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html.
"""

from typing import Any

from attrs import frozen

from zohocrm_async.models.common import FieldReference


@frozen
class Criteria:
    """One condition, or a group of them joined by AND or OR.

    To send one, give *comparator*, *field* and *value*, or *group_operator* and *group*.
    """

    comparator: str | None = None
    field: FieldReference | None = None
    value: Any = None
    type: str | None = None
    group_operator: str | None = None
    group: tuple["Criteria", ...] = ()
