"""Files of Zoho's file system.

See https://www.zoho.com/crm/developer/docs/api/v7/upload-files-to-zfs.html.
"""

from pathlib import Path

from attrs import field, frozen


@frozen
class UploadedFile:
    """An uploaded file; its id attaches it to mails and records."""

    id: str = field(metadata={"wire": "details.id"})
    name: str | None = field(default=None, metadata={"wire": "details.name"})


@frozen
class Download:
    """A file that was downloaded, whole: at a path, or in memory."""

    name: str | None
    """The name that the service gives it, without any folder."""
    content_type: str | None
    size: int
    """Bytes."""
    path: Path | None = None
    content: bytes | None = field(default=None, repr=False)
