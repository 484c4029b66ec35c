"""Deals of all sorts, and their export."""

from datetime import date
from typing import Any

from attrs import field, frozen
from moving import listed, soon

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import ExportRoute, Reference

ROUTES = tuple(ExportRoute)
FIELDS = (
    "Deal_Name",
    "Account_Name",
    "Amount",
    "Closing_Date",
    "Probability",
    "Stage",
    "Owner",
    "Created_Time",
    "Description",
)


@frozen
class Deal:
    """A deal, as a caller wants it."""

    id: str
    name: str = field(metadata={"wire": "Deal_Name"})
    account: Reference | None = field(default=None, metadata={"wire": "Account_Name"})
    amount: float | None = field(default=None, metadata={"wire": "Amount"})
    closes: date | None = field(default=None, metadata={"wire": "Closing_Date"})


def add_deals(org: Emulator, number: int = 7) -> list[dict[str, Any]]:
    """Add deals of all sorts, with what a careless file would spoil."""
    [account] = org.add_records("Accounts", [{"Account_Name": "Acme"}])
    rows: list[dict[str, Any]] = [
        {
            "Deal_Name": f'Deal "{n}", the {n}th\nof many; ümlaut',
            "Account_Name": {"id": account, "name": "Acme"} if n % 2 else None,
            "Amount": n * 1000.5 if n % 3 else None,
            "Closing_Date": f"2026-03-{n % 28 + 1:02d}",
            "Probability": n * 10,
            "Stage": "Qualification" if n % 2 else "Closed Won",
            "Description": "" if n % 2 else "007",
        }
        for n in range(number)
    ]
    org.add_records("Deals", rows)
    return rows


async def exported(org: Emulator, crm: ZohoCRM, module: str = "Deals", **asked: Any) -> list[Any]:
    """Return what an export gives, with the clock running ahead."""
    step = asked.pop("step", 2.0)
    return await soon(org, listed(crm.records.export(module, **asked)), step=step)


def counting(count: int) -> Any:
    async def counted(self: object, module: str, **_: Any) -> int:
        return count

    return counted
