"""Assignment rules, cadences and scoring.

See https://www.zoho.com/crm/developer/docs/api/v7/scoring-rules.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference
from zohocrm_async.models.criteria import Criteria


@frozen
class AssignmentRule:
    """A rule that gives records to users."""

    id: str
    name: str | None = None
    api_name: str | None = None
    default_assignee: Reference | None = None
    module: ModuleReference | None = None
    description: str | None = None
    created_time: datetime | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    created_by: Reference | None = None


@frozen
class Cadence:
    """A sequence of follow-ups."""

    id: str
    name: str | None = None
    summary: Mapping[str, Any] | None = None
    module: ModuleReference | None = None
    active: bool | None = None
    execution_details: Mapping[str, Any] | None = None
    published: bool | None = None
    type: str | None = None
    custom_view: Reference | None = None
    status: str | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen
class FieldRule:
    """A score for records that meet a condition."""

    id: str | None = None
    score: int | None = None
    criteria: Criteria | None = None


@frozen
class SignalRule:
    """A score for a signal."""

    id: str | None = None
    score: int | None = None
    signal: Mapping[str, Any] | None = None


@frozen
class ScoringRule:
    """A rule that scores records."""

    id: str
    name: str | None = None
    layout: Reference | None = None
    field_rules: tuple[FieldRule, ...] = ()
    module: ModuleReference | None = None
    description: str | None = None
    active: bool | None = None
    signal_rules: tuple[SignalRule, ...] = ()
    created_time: datetime | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    created_by: Reference | None = None


@frozen(kw_only=True)
class NewScoringRule:
    """A scoring rule to create."""

    name: str
    module: ModuleReference
    layout: Reference | None = None
    description: str | None = None
    field_rules: Sequence[FieldRule] = ()
    signal_rules: Sequence[SignalRule] = ()


@frozen
class EntityScore:
    """The score of a record by one rule."""

    id: str
    score: int | None = field(default=None, metadata={"wire": "Score"})
    positive_score: int | None = field(default=None, metadata={"wire": "Positive_Score"})
    negative_score: int | None = field(default=None, metadata={"wire": "Negative_Score"})
    touch_point_score: int | None = field(default=None, metadata={"wire": "Touch_Point_Score"})
    touch_point_positive_score: int | None = field(
        default=None, metadata={"wire": "Touch_Point_Positive_Score"}
    )
    touch_point_negative_score: int | None = field(
        default=None, metadata={"wire": "Touch_Point_Negative_Score"}
    )
    scoring_rule: Reference | None = field(default=None, metadata={"wire": "Scoring_Rule"})
    entity: Reference | None = field(default=None, metadata={"wire": "Entity"})


@frozen
class Signal:
    """Something that happens outside and is told to users."""

    id: str
    display_label: str | None = None
    extension: Mapping[str, Any] | None = None
    feature_availability: Mapping[str, bool] | None = None
    namespace: str | None = None
    chat_enabled: bool | None = None
    enabled: bool | None = None
