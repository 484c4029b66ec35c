"""Files of Zoho's file system.

See https://www.zoho.com/crm/developer/docs/api/v7/upload-files-to-zfs.html.
"""

from attrs import field, frozen


@frozen
class UploadedFile:
    """An uploaded file; its id attaches it to mails and records."""

    id: str = field(metadata={"wire": "details.id"})
    name: str | None = field(default=None, metadata={"wire": "details.name"})
