"""Documents made of a mail merge template and a record."""

from pathlib import Path

from zohocrm_async._endpoint import Call, Resource, endpoint
from zohocrm_async._given import given
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download
from zohocrm_async.models.mail_merge import DownloadMailMerge, MailMerge, SignMailMerge


def _merged(_: Call) -> int:
    """Price a document that was made; a refusal costs less."""
    return 5


class MailMerges(Resource, family="mail_merge"):
    """Documents made of a template and a record.

    The token needs scopes of Zoho Writer, and of Zoho Sign to sign.
    """

    @endpoint(
        "POST /{module}/{id}/actions/send_mail_merge",
        key="send_mail_merge",
        look_at="Read the record's e-mails (crm.mail.list) for its subject and time.",
    )
    async def _send(self, module: str, id: str, body: MailMerge) -> Outcome: ...

    async def send(self, module: str, id: str, merge: MailMerge) -> Outcome:
        """Send the document of a record, in a mail or attached to one. 1 credit.

        The outcome's ``details`` hold the ``report_link`` that tells what became of it.
        See https://www.zoho.com/crm/developer/docs/api/v7/send-mail-merge.html.

        Raises:
            InvalidRequest: the documentation rules the merge out; lists every reason.
            InvalidData: no such template, or an address is none.
            RecordNotFound: no such record.
            OutcomeUnknown: the answer was lost; the mail may have gone out.
        """
        merge = given(MailMerge, merge, "merge", "mail_merge.send")
        _check(merge.problems(), "mail_merge.send")
        return await self._send(module, id, merge)

    @endpoint(
        "POST /{module}/{id}/actions/sign_mail_merge",
        key="sign_mail_merge",
        look_at="Look for the document in Zoho Sign by its file name.",
    )
    async def _sign(self, module: str, id: str, body: SignMailMerge) -> Outcome: ...

    async def sign(self, module: str, id: str, merge: SignMailMerge) -> Outcome:
        """Send the document of a record to be signed or approved. 1 credit.

        The outcome's ``details`` hold its ``sign_resource_id`` and a ``report_link``.
        See https://www.zoho.com/crm/developer/docs/api/v7/sign-mail-merge.html.

        Raises:
            InvalidRequest: the documentation rules the merge out; lists every reason.
            InvalidData: no such template, or an address is none.
            RecordNotFound: no such record.
            OutcomeUnknown: the answer was lost; the document may have gone out.
        """
        merge = given(SignMailMerge, merge, "merge", "mail_merge.sign")
        _check(merge.problems(), "mail_merge.sign")
        return await self._sign(module, id, merge)

    @endpoint(
        "POST /{module}/{id}/actions/download_mail_merge",
        key="download_mail_merge",
        price=_merged,
        repeatable=True,
    )
    async def _download(
        self, module: str, id: str, body: DownloadMailMerge, *, to: Path | None = None
    ) -> Download: ...

    async def download(
        self, module: str, id: str, merge: DownloadMailMerge, *, to: Path | None = None
    ) -> Download:
        """Download the document of a record. 5 credits; 1 if it is refused.

        To make it may take the service a minute, which is all that `Timeouts.read` allows
        unless told otherwise.
        See https://www.zoho.com/crm/developer/docs/api/v7/download-mail-merge.html.

        Raises:
            InvalidRequest: the documentation rules the merge out, or *to* cannot be written.
            InvalidData: no such template.
            RecordNotFound: no such record.
        """
        merge = given(DownloadMailMerge, merge, "merge", "mail_merge.download")
        _check(merge.problems(), "mail_merge.download")
        return await self._download(module, id, merge, to=to)


def _check(problems: tuple[str, ...], operation: str) -> None:
    if problems:
        raise InvalidRequest(problems, operation=operation)
