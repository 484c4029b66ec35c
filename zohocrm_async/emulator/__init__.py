"""An organisation of Zoho CRM that lives in a process: for tests, demos and benchmarks.

::

    async with Emulator(credits=1_000) as org:
        [lead] = org.add_records("Leads", [{"Last_Name": "Stone", "Email": "s@example.com"}])
        async with org.client() as crm:
            await crm.mail.send("Leads", lead, mail)
        assert len(org.mails) == 1
"""

from zohocrm_async.emulator.books import (
    RecordedCall,
    RecordedCallback,
    RecordedMail,
    RecordedMerge,
    RecordedNotification,
)
from zohocrm_async.emulator.faults import Fault
from zohocrm_async.emulator.loading import demo_leads
from zohocrm_async.emulator.process import serve
from zohocrm_async.emulator.server import Emulator

__all__ = [
    "Emulator",
    "Fault",
    "RecordedCall",
    "RecordedCallback",
    "RecordedMail",
    "RecordedMerge",
    "RecordedNotification",
    "demo_leads",
    "serve",
]
