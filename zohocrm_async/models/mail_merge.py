"""Documents that are made of a template and a record: sent, signed or downloaded.

See https://www.zoho.com/crm/developer/docs/api/v7/send-mail-merge.html.
"""

from collections.abc import Iterable

from attrs import field, frozen
from attrs.converters import optional

from zohocrm_async.models.common import Word

_LONGEST = 255
_LONGEST_MESSAGE = 100_000


@frozen
class MailMergeTemplate:
    """A mail merge template by its name."""

    name: str
    id: str | None = None


def _template(value: "MailMergeTemplate | str") -> MailMergeTemplate:
    return MailMergeTemplate(value) if isinstance(value, str) else value


class MergeAddressType(Word):
    """What the value of an address is."""

    EMAIL = "email"
    MERGE_FIELD = "merge_field"


@frozen
class MergeAddress:
    """An address: an e-mail address, or a merge field such as ``${!Leads.Email}``."""

    value: str
    type: MergeAddressType = field(default=MergeAddressType.EMAIL, converter=MergeAddressType)


def _address(value: MergeAddress | str) -> MergeAddress:
    return MergeAddress(value) if isinstance(value, str) else value


def _addresses(values: "Iterable[MergeAddress | str]") -> tuple[MergeAddress, ...]:
    return tuple(_address(value) for value in values)


class MailMergeType(Word):
    """How the document goes out."""

    INLINE = "inline"
    ATTACHMENT = "attachment"


class OutputFormat(Word):
    """The format of a downloaded document."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"


class SignerAction(Word):
    """What a signer shall do."""

    SIGN = "sign"
    APPROVE = "approve"


@frozen(kw_only=True)
class MailMerge:
    """A document to send; what is not given comes from the template."""

    mail_merge_template: MailMergeTemplate = field(converter=_template)
    """The template, or just its name."""
    from_address: MergeAddress | None = field(default=None, converter=optional(_address))
    """One of the allowed from addresses."""
    to_address: tuple[MergeAddress, ...] = field(default=(), converter=_addresses)
    """Addresses, or just their texts."""
    cc_email: tuple[MergeAddress, ...] = field(default=(), converter=_addresses)
    bcc_email: tuple[MergeAddress, ...] = field(default=(), converter=_addresses)
    subject: str | None = None
    message: str | None = None
    type: MailMergeType | None = field(default=None, converter=optional(MailMergeType))
    attachment_name: str | None = None

    def problems(self) -> tuple[str, ...]:
        """Say what the documentation rules out, a sentence each."""
        texts = (("subject", self.subject), ("attachment_name", self.attachment_name))
        return (
            *_template_problems(self.mail_merge_template),
            *_too_long(*texts),
            *_too_long(("message", self.message), most=_LONGEST_MESSAGE),
        )


@frozen(kw_only=True)
class Signer:
    """Who shall sign or approve a document."""

    recipient: MergeAddress = field(converter=_address)
    recipient_name: str
    action_type: SignerAction = field(converter=SignerAction)


@frozen(kw_only=True)
class SignMailMerge:
    """A document to be signed; signers that are not given come from the template."""

    mail_merge_template: MailMergeTemplate = field(converter=_template)
    file_name: str
    sign_in_order: bool | None = None
    signers: tuple[Signer, ...] = ()

    def problems(self) -> tuple[str, ...]:
        """Say what the documentation rules out, a sentence each."""
        empty = () if self.file_name else ("file_name is empty",)
        template = _template_problems(self.mail_merge_template)
        return (*template, *empty, *_too_long(("file_name", self.file_name)))


@frozen(kw_only=True)
class DownloadMailMerge:
    """A document to download."""

    mail_merge_template: MailMergeTemplate = field(converter=_template)
    output_format: OutputFormat | None = field(default=None, converter=optional(OutputFormat))
    """None for PDF."""
    file_name: str | None = None
    """Without an ending; None for ``download``."""
    password: str | None = field(default=None, repr=False)
    """What opens the document; of a PDF only."""

    def problems(self) -> tuple[str, ...]:
        """Say what the documentation rules out, a sentence each."""
        found = [*_template_problems(self.mail_merge_template)]
        found += _too_long(("file_name", self.file_name))
        if self.password is not None and self.output_format not in {None, OutputFormat.PDF}:
            found.append(f"password goes with a PDF, not with {self.output_format}")
        return tuple(found)


def _template_problems(template: MailMergeTemplate) -> Iterable[str]:
    if not template.name:
        yield "mail_merge_template has no name"
    yield from _too_long(("mail_merge_template.name", template.name))


def _too_long(*texts: tuple[str, str | None], most: int = _LONGEST) -> Iterable[str]:
    for name, text in texts:
        if len(text or "") > most:
            yield f"{name} is longer than {most} characters"
