"""Files and links that are attached to records, and the files in their fields."""

from collections.abc import Sequence
from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async._uploads import form_of
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.attachments import RecordAttachment
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download

_LOOK = "List the record's attachments (crm.attachments.list)."


class Attachments(Resource, family="attachments"):
    """Attachments of records. Every call takes 1 credit."""

    @endpoint("GET /{module}/{id}/Attachments", key="data")
    def list(
        self,
        module: str,
        id: str,
        *,
        fields: Sequence[str],
        ids: Sequence[str] | None = None,
        page: int = 1,
        page_token: str | None = None,
        per_page: int = 200,
    ) -> Pager[RecordAttachment]:
        """List the attachments of a record, with the *fields* named, such as ``File_Name``.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-attachments.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint("POST /{module}/{id}/Attachments", key="data", look_at=_LOOK)
    async def _upload(
        self, module: str, id: str, body: Form, *, title: str | None = None
    ) -> Outcome: ...

    async def upload(self, module: str, id: str, file: Path | FormFile) -> Outcome:
        """Attach a file, streamed from disk; the outcome has the attachment's id.

        See https://www.zoho.com/crm/developer/docs/api/v7/upload-attachment.html.

        Raises:
            InvalidRequest: the file is missing.
            RecordNotFound: no such record.
            FileTooLarge: the service found it too large.
            OutcomeUnknown: the answer was lost; the file may be attached.
        """
        return await self._upload(module, id, await form_of([file], operation="attachments.upload"))

    async def link(self, module: str, id: str, url: str, *, title: str | None = None) -> Outcome:
        """Attach a link; without a *title* it has that of the page that it leads to.

        See https://www.zoho.com/crm/developer/docs/api/v7/upload-attachment.html.

        Raises:
            InvalidRequest: *url* is no address of a page.
            RecordNotFound: no such record.
            InvalidData: the record has the link already.
            OutcomeUnknown: the answer was lost; the link may be attached.
        """
        if not url.lower().startswith(("http://", "https://")):
            raise InvalidRequest(
                f"url is {url!r}: give one that begins with https:// or http://",
                operation="attachments.link",
            )
        return await self._upload(module, id, Form((), {"attachmentUrl": url}), title=title)

    @endpoint("GET /{module}/{id}/Attachments/{attachment_id}")
    async def download(
        self, module: str, id: str, attachment_id: str, *, to: Path | None = None
    ) -> Download:
        """Download an attached file to a path, or into memory.

        See https://www.zoho.com/crm/developer/docs/api/v7/download-attachments.html.

        Raises:
            RecordNotFound: no such record or attachment.
            NotAllowed: it is a link.
            InvalidRequest: *to* cannot be written.
        """
        ...

    @endpoint("DELETE /{module}/{id}/Attachments/{attachment_id}", key="data", look_at=_LOOK)
    async def delete(self, module: str, id: str, attachment_id: str) -> Outcome:
        """Take an attachment from a record.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-attachments.html.

        Raises:
            RecordNotFound: no such record or attachment.
        """
        ...

    @endpoint(
        "DELETE /{module}/{id}/Attachments",
        key="data",
        counts={"ids": (1, 100)},
        look_at=_LOOK,
    )
    async def delete_many(self, module: str, id: str, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Take up to 100 attachments from a record; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-attachments.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint("GET /{module}/{id}/actions/download_fields_attachment")
    async def download_from_field(
        self, module: str, id: str, fields_attachment_id: str, *, to: Path | None = None
    ) -> Download:
        """Download a file of a file or image field to a path, or into memory.

        The id of the file stands in the field's value.
        See https://www.zoho.com/crm/developer/docs/api/v7/download_field_attachments.html.

        Raises:
            RecordNotFound: no such record or file.
            InvalidRequest: *to* cannot be written.
        """
        ...
