"""Records shared with users.

See https://www.zoho.com/crm/developer/docs/api/v7/share-record.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import MinifiedModule, Reference, Word
from zohocrm_async.models.users import User


class SharePermission(Word):
    """What a user may do with a shared record."""

    READ_ONLY = "read_only"
    READ_WRITE = "read_write"
    FULL_ACCESS = "full_access"


class ShareType(Word):
    """Whether a share is for one user or for all."""

    PRIVATE = "private"
    PUBLIC = "public"


@frozen(kw_only=True)
class NewShare:
    """A user to share a record with."""

    shared_with: Reference
    permission: SharePermission
    type: ShareType = ShareType.PRIVATE
    share_related_records: bool | None = None


@frozen
class SharedThrough:
    """The record through which another one is shared."""

    id: str | None = None
    name: str | None = None
    entity_name: str | None = None
    module: MinifiedModule | None = None


@frozen
class Share:
    """A user with whom a record is shared."""

    shared_with: Reference | None = field(default=None, metadata={"also": "user"})
    permission: SharePermission | None = None
    type: ShareType | None = None
    share_related_records: bool | None = None
    shared_by: Reference | None = None
    shared_time: datetime | None = None
    shared_through: SharedThrough | None = None


@frozen
class Sharing:
    """With whom a record is shared, and with whom it could be."""

    shares: tuple[Share, ...] = field(default=(), metadata={"wire": "share"})
    shareable_users: tuple[User, ...] = field(default=(), metadata={"wire": "shareable_user"})
    """Where the view ``manage`` was asked for."""
