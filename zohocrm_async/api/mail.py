"""Sending mails, and what a record's e-mails are."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async._converter import unstructure
from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.mail import Email, EmailType, FromAddress, Mail, SentMail

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
