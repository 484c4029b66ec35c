"""Mails as tests send them: one lead, one letter."""

from typing import Any

from zohocrm_async import (
    ZohoCRM,
)
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import Address, Mail

MAIL = "/actions/send_mail"


def lead(org: Emulator, email: str = "jason@example.com") -> str:
    return org.add_records("Leads", [{"Last_Name": "Smith", "Email": email}])[0]


async def mail(org: Emulator, crm: ZohoCRM, to: str = "jason@example.com", **keys: Any) -> Mail:
    sender = (await crm.mail.from_addresses())[0].email
    given = {"subject": "Hello", "content": "<p>Hello</p>", **keys}
    return Mail(from_=Address(sender), to=[Address(to)], **given)


def sends(org: Emulator) -> int:
    return sum(1 for call in org.calls if call.path.endswith(MAIL))
