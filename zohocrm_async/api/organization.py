"""The organisation that the token belongs to."""

from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._uploads import MEGABYTE, form_of
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download
from zohocrm_async.models.organization import Organization as Details

_LARGEST_PHOTO = MEGABYTE
_LOOK = "Ask for the organisation's photo (crm.organization.download_photo)."


class Organization(Resource, family="organization"):
    """The organisation. Every call takes 1 credit."""

    @endpoint("GET /org", key="org")
    async def get(self) -> Details:
        """Return the organisation with its edition and time zone.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html.

        Raises:
            ScopeMismatch: the token lacks ``ZohoCRM.org.READ``.
        """
        ...

    @endpoint("GET /org/photo")
    async def download_photo(self, *, to: Path | None = None) -> Download:
        """Download the logo to a path, or into memory.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-org-img.html.

        Raises:
            RecordNotFound: there is none.
            InvalidRequest: *to* cannot be written.
        """
        ...

    @endpoint("POST /org/photo", look_at=_LOOK)
    async def _upload_photo(self, body: Form) -> Outcome: ...

    async def upload_photo(self, file: Path | FormFile) -> Outcome:
        """Give the organisation a logo: an image of at most 1 MB and 10 megapixels.

        See https://www.zoho.com/crm/developer/docs/api/v7/upload-org-img.html.

        Raises:
            InvalidRequest: the file is missing, too large or no image.
            FileTooLarge: it has too many bytes or pixels.
            OutcomeUnknown: the answer was lost; the logo may be there.
        """
        form = await form_of(
            [file], operation="organization.upload_photo", largest=_LARGEST_PHOTO, images=True
        )
        return await self._upload_photo(form)

    @endpoint("DELETE /org/photo", look_at=_LOOK)
    async def delete_photo(self) -> Outcome:
        """Delete the logo.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-org-img.html.
        """
        ...
