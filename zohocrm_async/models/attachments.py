"""Files and links that are attached to records.

See https://www.zoho.com/crm/developer/docs/api/v7/get-attachments.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import Reference


@frozen(kw_only=True)
class RecordAttachment:
    """A file or a link that is attached to a record, with the fields that were asked for."""

    id: str
    file_name: str | None = field(default=None, metadata={"wire": "File_Name"})
    """The name of the file, or the title of the link."""
    size: int | None = field(default=None, metadata={"wire": "Size"})
    """Bytes; 0 for a link."""
    parent: Reference | None = field(default=None, metadata={"wire": "Parent_Id"})
    """The record."""
    owner: Reference | None = field(default=None, metadata={"wire": "Owner"})
    created_by: Reference | None = field(default=None, metadata={"wire": "Created_By"})
    created_time: datetime | None = field(default=None, metadata={"wire": "Created_Time"})
    modified_by: Reference | None = field(default=None, metadata={"wire": "Modified_By"})
    modified_time: datetime | None = field(default=None, metadata={"wire": "Modified_Time"})
    type: str | None = field(default=None, metadata={"wire": "$type"})
    """What it is, in the service's words, such as ``Attachment`` or ``Link URL``."""
    attachment_type: int | None = field(default=None, metadata={"wire": "$attachment_type"})
    file_id: str | None = field(default=None, metadata={"wire": "$file_id"})
    link_url: str | None = field(default=None, metadata={"wire": "$link_url"})
    module: str | None = field(default=None, metadata={"wire": "$se_module"})
    editable: bool | None = field(default=None, metadata={"wire": "$editable"})
    state: str | None = field(default=None, metadata={"wire": "$state"})
    sharing_permission: str | None = field(default=None, metadata={"wire": "$sharing_permission"})

    @property
    def is_link(self) -> bool:
        """Whether it is a link, which cannot be downloaded."""
        return self.link_url is not None
