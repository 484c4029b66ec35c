"""The blueprint of a record: where it stands, and where it may go from there.

See https://www.zoho.com/crm/developer/docs/api/v7/blueprint-details.html.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import Factory, field, frozen

from zohocrm_async.models.fields import PickListValue


@frozen
class TransitionField:
    """A field that a transition asks for."""

    api_name: str | None = None
    id: str | None = None
    display_label: str | None = None
    field_label: str | None = None
    data_type: str | None = None
    json_type: str | None = None
    type: str | None = field(default=None, metadata={"wire": "_type"})
    """Whether it is a field, a message, a checklist, a widget ..."""
    mandatory: bool | None = None
    content: str | None = None
    length: int | None = None
    transition_sequence: int | None = None
    pick_list_values: tuple[PickListValue, ...] = ()


@frozen
class NextTransition:
    """A transition that follows another one."""

    id: str | None = None
    name: str | None = None
    type: str | None = None
    criteria_matched: bool | None = None


@frozen
class Transition:
    """A step that the record may take now."""

    id: str
    name: str | None = None
    type: str | None = None
    next_field_value: str | None = None
    """What the field of the process will hold."""
    criteria_matched: bool | None = None
    criteria_message: str | None = None
    sequence: int | None = None
    execution_time: datetime | None = None
    percent_partial_save: float | None = None
    """How much of what it asks for is given already."""
    color_code: str | None = None
    text_color_code: str | None = None
    data: Mapping[str, Any] = Factory(dict[str, Any])
    fields: tuple[TransitionField, ...] = ()
    next_transitions: tuple[NextTransition, ...] = ()


@frozen
class BlueprintState:
    """The colour and value of the state that a record is in."""

    id: str | None = None
    value: str | None = None
    colour_code: str | None = None


@frozen
class Escalation:
    """When a record has stood in its state for too long."""

    days: int | None = None
    status: str | None = None


@frozen
class BlueprintProcess:
    """The process that a record is in."""

    id: str | None = None
    name: str | None = None
    api_name: str | None = None
    """The field that the process moves."""
    field_id: str | None = None
    field_label: str | None = None
    field_name: str | None = None
    field_value: str | None = None
    column_name: str | None = None
    continuous: bool | None = field(default=None, metadata={"also": "is_continuous"})
    current_picklist: BlueprintState | None = None
    escalation: Escalation | None = None


@frozen
class Blueprint:
    """A record's process and the transitions that are open to it."""

    process_info: BlueprintProcess | None = None
    transitions: tuple[Transition, ...] = ()
