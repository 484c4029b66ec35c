"""Sending mails, and what a record's e-mails are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zohocrm_async._converter import unstructure
from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import given
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download
from zohocrm_async.models.mail import Email, EmailType, FromAddress, Mail, SentMail
from zohocrm_async.models.record_emails import EmailAssociation, EmailSharing

# v2.1 to v5 document in_reply_to as a message id, v7 and v8 as an object.
_OBJECT_REPLIES_SINCE = 7


class Mails(Resource, family="mail"):
    """Mails sent from records, and the e-mails that records hold."""

    @endpoint(
        "POST /{module}/{id}/actions/send_mail",
        key="data",
        price=20,
        heavy=True,
        windows=("mails",),
        look_at="Read the record's e-mails (crm.mail.list) for its subject and time.",
    )
    async def _send(self, module: str, id: str, body: Mapping[str, Any]) -> SentMail: ...

    async def send(self, module: str, record_id: str, mail: Mail) -> SentMail:
        """Send one mail from a record, or schedule it. 20 credits, a heavy call.

        The mail is attached to the record, whatever its addresses are. It is never
        sent twice: when the answer is lost, `OutcomeUnknown` is raised instead.
        See https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html.

        Raises:
            InvalidRequest: the documentation rules the mail out; lists every reason.
            RecordNotFound: no such record.
            SenderNotAllowed: not one of `from_addresses`.
            RecipientOptedOut: the recipient or record has opted out.
            RecipientBounced: earlier mails bounced.
            RecipientMissing: the record has no address.
            ConsentMissing: the recipient has not consented.
            MailLimitExceeded: the mails of the organisation's day are spent.
            FileTooLarge: the attachments are over 10 MB.
            FeatureNotSupported: the edition does not schedule mails.
            MailServerError: the configured SMTP server did not take it.
            OutcomeUnknown: the answer was lost; the mail may have gone out.
        """
        mail = given(Mail, mail, "mail", "mail.send")
        version = int(self.client.version[1:])
        problems = mail.problems(module, version)
        if problems:
            raise InvalidRequest(problems, operation="mail.send")
        return await self._send(module, record_id, mail_body(mail, version))

    @endpoint("GET /settings/emails/actions/from_addresses", key="from_addresses")
    async def from_addresses(self, *, user_id: str | None = None) -> tuple[FromAddress, ...]:
        """List the addresses that mails may be sent from. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-from-addresses-list.html.
        """
        ...

    @endpoint("GET /{module}/{id}/Emails", key="Emails", page="index")
    def list(
        self,
        module: str,
        id: str,
        *,
        type: EmailType | None = None,
        owner_id: str | None = None,
        index: str | None = None,
    ) -> Pager[Email]:
        """List the e-mails of a record, ten a page. 1 credit a page.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-email-rel-list.html.
        """
        ...

    @endpoint("GET /{module}/{id}/Emails/{message_id}", key="Emails")
    async def get(
        self,
        module: str,
        id: str,
        message_id: str,
        *,
        type: EmailType | None = None,
        owner_id: str | None = None,
    ) -> Email:
        """Return one e-mail of a record, with its content. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-email-rel-list.html.
        """
        ...

    @endpoint(
        "GET /{module}/{id}/Emails/actions/download_attachments",
        renamed={"attachment_id": "id"},
    )
    async def _download_attachments(
        self,
        module: str,
        id: str,
        *,
        message_id: str,
        user_id: str,
        attachment_id: str | None = None,
        name: str | None = None,
        to: Path | None = None,
    ) -> Download: ...

    async def download_attachment(
        self,
        module: str,
        id: str,
        message_id: str,
        attachment_id: str,
        *,
        name: str,
        user_id: str,
        to: Path | None = None,
    ) -> Download:
        """Download a file of an e-mail to a path, or into memory. 1 credit.

        Its id and *name* are those that `get` lists, *user_id* is the e-mail's owner.
        See https://www.zoho.com/crm/developer/docs/api/v7/download-email-attachments.html.

        Raises:
            RecordNotFound: no such record.
            InvalidData: no such e-mail, file or owner.
            InvalidRequest: *to* cannot be written.
        """
        return await self._download_attachments(
            module,
            id,
            message_id=message_id,
            user_id=user_id,
            attachment_id=attachment_id,
            name=name,
            to=to,
        )

    async def download_attachments(
        self, module: str, id: str, message_id: str, *, user_id: str, to: Path | None = None
    ) -> Download:
        """Download all files of an e-mail as a ZIP archive. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/download-email-attachments.html.

        Raises:
            RecordNotFound, InvalidData, InvalidRequest: as `download_attachment` does.
        """
        return await self._download_attachments(
            module, id, message_id=message_id, user_id=user_id, to=to
        )

    @endpoint(
        "GET /{module}/{id}/Emails/actions/download_inline_images", renamed={"image_id": "id"}
    )
    async def download_inline_image(
        self,
        module: str,
        id: str,
        message_id: str,
        image_id: str,
        *,
        user_id: str,
        to: Path | None = None,
    ) -> Download:
        """Download an image that an e-mail's content shows. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/download-inline-images.html.

        Raises:
            RecordNotFound: no such record.
            InvalidData: no such e-mail, image or owner.
            InvalidRequest: *to* cannot be written.
        """
        ...

    @endpoint("GET /{module}/{id}/__emails_sharing_details", key="__emails_sharing_details")
    async def sharing(self, module: str, id: str) -> EmailSharing:
        """Return whose e-mails a record shows, and which kinds of them. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-email-shared-details.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/associate_email",
        key="Emails",
        look_at="Read the record's e-mails (crm.mail.list) for its subject and time.",
    )
    async def _associate(self, module: str, id: str, body: EmailAssociation) -> Outcome: ...

    async def associate(self, module: str, id: str, email: EmailAssociation) -> Outcome:
        """Keep an e-mail with a record that went by another way. 1 credit.

        The outcome's ``details`` hold its ``message_id``.
        See https://www.zoho.com/crm/developer/docs/api/v7/associate-email.html.

        Raises:
            InvalidRequest: the documentation rules the e-mail out; lists every reason.
            RecordNotFound: no such record.
            OutcomeUnknown: the answer was lost; the e-mail may be there.
        """
        email = given(EmailAssociation, email, "email", "mail.associate")
        problems = email.problems()
        if problems:
            raise InvalidRequest(problems, operation="mail.associate")
        return await self._associate(module, id, email)

    @endpoint(
        "POST /{module}/actions/unblock_email",
        key="data",
        beside=("ids", "unblock_fields"),
        counts={"ids": (1, 500), "unblock_fields": (1, 2)},
        look_at="Send a mail to the record, or unblock it again: that is allowed five times.",
    )
    async def unblock_many(
        self, module: str, ids: Sequence[str], unblock_fields: Sequence[str]
    ) -> tuple[Outcome, ...]:
        """Let mails go again to addresses of up to 500 records whose mails bounced. 1 credit.

        The fields are ``Email``, ``Secondary_Email`` or both. One outcome for each record.
        See https://www.zoho.com/crm/developer/docs/api/v7/unblock-emails.html.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/unblock_email",
        key="data",
        beside=("unblock_fields",),
        counts={"unblock_fields": (1, 2)},
        look_at="Send a mail to the record, or unblock it again: that is allowed five times.",
    )
    async def unblock(self, module: str, id: str, unblock_fields: Sequence[str]) -> Outcome:
        """Let mails go again to addresses of a record whose mails bounced. 1 credit.

        The fields are ``Email``, ``Secondary_Email`` or both. An address can be unblocked
        five times.
        See https://www.zoho.com/crm/developer/docs/api/v7/unblock-emails.html.

        Raises:
            RecordNotFound: no such record.
            RecipientBounced: the address is blocked for good.
        """
        ...

    def inline_image_url(self, file_id: str) -> str:
        """Return the address by which ``content`` shows an image of `files.upload_inline`."""
        return f"{self.client.api_url}/crm/viewInLineImage?fileContent={file_id}"


def mail_body(mail: Mail, version: int) -> Mapping[str, Any]:
    """Return *mail* as JSON values in the form that *version* takes."""
    body: dict[str, Any] = unstructure(mail)
    reply = mail.in_reply_to
    if reply is not None and version < _OBJECT_REPLIES_SINCE:
        body["in_reply_to"] = reply.message_id
    elif reply is not None:
        owner = {"owner": {"id": reply.owner_id}} if reply.owner_id else {}
        body["in_reply_to"] = {"message_id": reply.message_id, **owner}
    return body
