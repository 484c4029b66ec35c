"""Sample arguments for what hangs on records: files, photos, e-mails, drafts, documents."""

import datetime as dt
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from world import World

from zohocrm_async import ZohoCRM
from zohocrm_async._wire import FormFile
from zohocrm_async.models import (
    Address,
    DownloadMailMerge,
    EmailAssociation,
    Mail,
    MailMerge,
    NewEmailDraft,
    Signer,
    SignMailMerge,
)

SENDER = "crm@example.com"
TEMPLATE = "Welcome letter"


def png(width: int = 1, height: int = 1) -> bytes:
    """Return a white image."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\xff" * width) * height)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


PHOTO = FormFile("photo.png", png(), "image/png")
NOTES = FormFile("notes.txt", b"Call at noon.", "text/plain")


def draft(**keys: Any) -> NewEmailDraft:
    """Return a draft that may be kept."""
    given: Mapping[str, Any] = {
        "to": [Address("stone@example.com")],
        "subject": "Soon",
        "content": "<p>Soon</p>",
    }
    return NewEmailDraft(from_=SENDER, rich_text=True, **{**given, **keys})


def association(**keys: Any) -> EmailAssociation:
    """Return an e-mail that came from elsewhere."""
    given: Mapping[str, Any] = {
        "to": [Address(SENDER)],
        "subject": "An order",
        "content": "<p>Ten, please</p>",
        "date_time": dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
        "sent": False,
        "original_message_id": "<1@example.com>",
    }
    return EmailAssociation(from_=Address("stone@example.com"), **{**given, **keys})


Arguments = Callable[[World], Mapping[str, Any]]


def _of_mail(world: World) -> Mapping[str, Any]:
    return {"message_id": world.org.mails[-1].message_id, "user_id": world.org.state.owner["id"]}


ARGUMENTS: Mapping[str, Arguments] = {
    "attachments.list": lambda _: {"fields": ["File_Name", "Size"]},
    "attachments.upload": lambda _: {"file": NOTES},
    "attachments.download": lambda w: {"attachment_id": w.found},
    "attachments.delete": lambda w: {"attachment_id": w.found},
    "attachments.delete_many": lambda w: {"ids": [w.found]},
    "attachments.download_from_field": lambda w: {"fields_attachment_id": w.found},
    "files.download": lambda w: {"id": w.found},
    "photos.upload": lambda _: {"file": PHOTO},
    "organization.upload_photo": lambda _: {"file": PHOTO},
    "mail.download_attachments": _of_mail,
    "mail.download_inline_image": lambda w: {**_of_mail(w), "image_id": w.found},
    "mail.associate": lambda _: {"email": association()},
    "mail.unblock": lambda _: {"unblock_fields": ["Email"]},
    "mail.unblock_many": lambda w: {"ids": [w.lead], "unblock_fields": ["Email"]},
    "email_drafts.get": lambda w: {"draft_id": w.found},
    "email_drafts.create": lambda _: {"drafts": [draft()]},
    "email_drafts.update": lambda w: {"draft_id": w.found, "draft": draft(subject="Later")},
    "email_drafts.delete": lambda w: {"draft_id": w.found},
    "mail_merge.send": lambda _: {"merge": MailMerge(mail_merge_template=TEMPLATE)},
    "mail_merge.sign": lambda _: {
        "merge": SignMailMerge(
            mail_merge_template=TEMPLATE,
            file_name="letter",
            signers=(Signer(recipient="jo@example.com", recipient_name="Jo", action_type="sign"),),
        )
    },
    "mail_merge.download": lambda _: {"merge": DownloadMailMerge(mail_merge_template=TEMPLATE)},
}


async def prepare(name: str, world: World, crm: ZohoCRM) -> None:
    """Make what an operation asks for; its id is what the world found."""
    family, _, called = name.partition(".")
    if family == "attachments" and called not in {"upload", "download_from_field"}:
        made = await crm.attachments.upload("Leads", world.lead, NOTES)
        world.found = made.id or ""
    elif name in {"files.download", "attachments.download_from_field"}:
        await _upload(name, world, crm)
    elif name in {"photos.download", "photos.delete"}:
        await crm.photos.upload("Leads", world.lead, PHOTO)
    elif name in {"organization.download_photo", "organization.delete_photo"}:
        await crm.organization.upload_photo(PHOTO)
    elif family == "email_drafts" and called != "create":
        [made] = await crm.email_drafts.create("Leads", world.lead, [draft()])
        world.found = made.id or ""
    elif family == "mail_merge":
        world.org.add_mail_merge_template(TEMPLATE, content="<p>Dear ${!Leads.Last_Name}</p>")
    elif name in {"mail.download_attachments", "mail.download_inline_image"}:
        await _mail_with_files(world, crm)


async def _upload(name: str, world: World, crm: ZohoCRM) -> None:
    [file] = await crm.files.upload([NOTES])
    world.found = file.id
    if name.startswith("attachments."):
        await crm.records.update("Leads", [{"id": world.lead, "File": [{"File_Id__s": file.id}]}])
        found = world.org.record("Leads", world.lead) or {}
        world.found = found["File"][0]["id"]


async def _mail_with_files(world: World, crm: ZohoCRM) -> None:
    [file] = await crm.files.upload([NOTES])
    [image] = await crm.files.upload_inline([PHOTO])
    mail = Mail(
        from_=Address(SENDER),
        to=[Address("stone@example.com")],
        content=f'<img src="{crm.mail.inline_image_url(image.id)}">',
        attachments=[file.id],
    )
    await crm.mail.send("Leads", world.lead, mail)
    world.found = image.id
