"""Zoho's file system."""

from collections.abc import Sequence
from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._uploads import MEGABYTE, form_of
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.models.files import Download, UploadedFile

_MOST_FILES = 10
_LARGEST = 20 * MEGABYTE


class Files(Resource, family="files"):
    """Files that mails and records are given by id."""

    @endpoint(
        "POST /files",
        key="data",
        look_at="Nothing: an upload that nobody refers to does no harm; upload again.",
    )
    async def _upload(self, body: Form, *, type: str | None = None) -> tuple[UploadedFile, ...]: ...

    async def upload(self, files: Sequence[Path | FormFile]) -> tuple[UploadedFile, ...]:
        """Upload up to 10 files of at most 20 MB, streamed from disk. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/upload-files-to-zfs.html.

        Raises:
            InvalidRequest: a file is missing or too large, or too many are given.
            FileTooLarge: the service found one too large; none was taken.
        """
        return await self._upload(await _form(files))

    async def upload_inline(self, files: Sequence[Path | FormFile]) -> tuple[UploadedFile, ...]:
        """Upload images to show in a mail's content by ``mail.inline_image_url``. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/upload-files-to-zfs.html.

        Raises:
            InvalidRequest, FileTooLarge: as `upload` does.
        """
        return await self._upload(await _form(files), type="inline")

    @endpoint("GET /files")
    async def download(self, id: str, *, to: Path | None = None) -> Download:
        """Download an uploaded file to a path, or into memory. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-files.html.

        Raises:
            RecordNotFound: no such file.
            InvalidRequest: *to* cannot be written.
        """
        ...


async def _form(files: Sequence[Path | FormFile]) -> Form:
    return await form_of(files, operation="files.upload", most=_MOST_FILES, largest=_LARGEST)
