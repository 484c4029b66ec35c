"""Pipelines of deals.

See https://www.zoho.com/crm/developer/docs/api/v7/get-pipelines.html.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import Reference


@frozen
class PipelineStage:
    """A stage of a pipeline."""

    id: str
    display_value: str | None = None
    sequence_number: int | None = None
    colour_code: str | None = None
    forecast_category: Reference | None = None
    actual_value: str | None = None
    forecast_type: str | None = None
    delete: bool | None = field(default=None, metadata={"wire": "_delete"})


@frozen
class Pipeline:
    """A pipeline of deals."""

    id: str
    display_value: str | None = None
    actual_value: str | None = None
    default: bool | None = None
    child_available: bool | None = None
    parent: Mapping[str, Any] | None = None
    maps: tuple[PipelineStage, ...] = ()


@frozen(kw_only=True)
class NewPipeline:
    """A pipeline to create; *maps* are its stages."""

    display_value: str
    maps: Sequence[Mapping[str, Any]]
    """Stages by ``id``, ``display_value`` and ``sequence_number``."""
    default: bool | None = None


@frozen
class Transfer:
    """One id whose records go to another."""

    from_: str = field(metadata={"wire": "from"})
    to: str


@frozen(kw_only=True)
class PipelineTransfer:
    """Where the deals of a pipeline that is deleted go."""

    pipeline: Transfer
    stages: Sequence[Transfer]
