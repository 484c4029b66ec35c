"""Photos of records."""

from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._uploads import MEGABYTE, form_of
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download

_LARGEST = 10 * MEGABYTE


class Photos(Resource, family="photos"):
    """Photos of leads, contacts, accounts, products, deals, vendors and custom records.

    Every call takes 1 credit.
    """

    @endpoint("GET /{module}/{id}/photo")
    async def download(self, module: str, id: str, *, to: Path | None = None) -> Download:
        """Download the photo of a record to a path, or into memory.

        See https://www.zoho.com/crm/developer/docs/api/v7/download-image.html.

        Raises:
            RecordNotFound: no such record, or it has no photo.
            InvalidRequest: *to* cannot be written.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/photo",
        look_at="Upload the photo again: it takes the place of the one that the record has.",
    )
    async def _upload(
        self, module: str, id: str, body: Form, *, restrict_triggers: str | None = None
    ) -> Outcome: ...

    async def upload(
        self,
        module: str,
        id: str,
        file: Path | FormFile,
        *,
        restrict_triggers: str | None = None,
    ) -> Outcome:
        """Give a record a photo in place of the one that it has: PNG, JPEG, GIF or BMP.

        It may have 10 MB and 10 megapixels. ``workflow`` as *restrict_triggers* sets no
        workflow off.
        See https://www.zoho.com/crm/developer/docs/api/v7/upload-image.html.

        Raises:
            InvalidRequest: the file is missing, too large or no image.
            RecordNotFound: no such record.
            RecordLocked: the record is locked.
            FileTooLarge: it has too many bytes or pixels.
            OutcomeUnknown: the answer was lost; the record may have the photo.
        """
        form = await form_of([file], operation="photos.upload", largest=_LARGEST, images=True)
        return await self._upload(module, id, form, restrict_triggers=restrict_triggers)

    @endpoint(
        "DELETE /{module}/{id}/photo", look_at="Ask for the record's photo (crm.photos.download)."
    )
    async def delete(self, module: str, id: str) -> Outcome:
        """Take the photo from a record.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-image.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
