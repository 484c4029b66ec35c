"""Wizards of modules.

See https://www.zoho.com/crm/developer/docs/api/v7/get-wizards.html.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class WizardScreen:
    """A screen of a wizard."""

    id: str | None = None
    api_name: str | None = None
    display_label: str | None = None
    reference_id: str | None = None
    conditional_rules: tuple[Mapping[str, Any], ...] = ()
    segments: tuple[Mapping[str, Any], ...] = ()


@frozen
class WizardContainer:
    """A layout as a wizard walks through it."""

    id: str | None = None
    layout: Reference | None = None
    chart_data: Mapping[str, Any] | None = None
    screens: tuple[WizardScreen, ...] = ()


@frozen
class Wizard:
    """A wizard; *containers* come with one alone."""

    id: str
    name: str | None = None
    module: ModuleReference | None = None
    active: bool | None = None
    draft: bool | None = None
    containers: tuple[WizardContainer, ...] = ()
    profiles: tuple[Reference, ...] = ()
    portal_user_types: tuple[Mapping[str, Any], ...] = ()
    exempted_portal_user_types: tuple[Mapping[str, Any], ...] = ()
    parent_wizard: Mapping[str, Any] | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
