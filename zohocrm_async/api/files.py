"""Uploads to Zoho's file system."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.files import UploadedFile

_MOST_FILES = 10
_LARGEST = 20 * 1024 * 1024


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


async def _form(files: Sequence[Path | FormFile]) -> Form:
    parts = [FormFile(f.name, f) if isinstance(f, Path) else f for f in files]
    problems = await asyncio.to_thread(_problems, parts)
    if problems:
        raise InvalidRequest(problems, operation="files.upload")
    return Form(tuple(parts))


def _problems(parts: Sequence[FormFile]) -> tuple[str, ...]:
    found: list[str] = []
    if not 1 <= len(parts) <= _MOST_FILES:
        found.append(f"{len(parts)} files given: one call takes 1 to {_MOST_FILES}")
    for part in parts:
        content = part.content
        if isinstance(content, Path) and not content.is_file():
            found.append(f"{content} is no file")
            continue
        size = content.stat().st_size if isinstance(content, Path) else 0
        size = len(content) if isinstance(content, bytes) else size
        if size > _LARGEST:
            found.append(f"{part.name} has {size} bytes: {_LARGEST} at most")
    return tuple(found)
