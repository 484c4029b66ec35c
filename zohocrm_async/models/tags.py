"""Tags of records.

See https://www.zoho.com/crm/developer/docs/api/v7/get-tag-list.html.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class Tag:
    """A tag."""

    name: str
    id: str | None = None
    color_code: str | None = None
    created_time: datetime | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    created_by: Reference | None = None


@frozen(kw_only=True)
class NewTag:
    """A tag to create."""

    name: str
    color_code: str | None = None
    """One of the colours of the service, such as ``#57B1FD``."""


@frozen(kw_only=True)
class TagDeletion:
    """Tags of a module to delete in a job."""

    module: ModuleReference
    tags: Sequence[Reference]
