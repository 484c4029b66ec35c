"""Sample arguments for the operations on records."""

from collections.abc import Callable, Mapping
from typing import Any

from world import World

RECORD = {"Last_Name": "Marsh", "Email": "marsh@example.com"}

ARGUMENTS: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "records.list": lambda _: {"fields": ["Last_Name"]},
    "records.create": lambda _: {"body": [RECORD]},
    "records.update": lambda w: {"body": [{"id": w.lead, "Last_Name": "Marsh"}]},
    "records.update_one": lambda _: {"body": {"Last_Name": "Marsh"}},
    "records.upsert": lambda _: {"body": [RECORD]},
    "records.search": lambda _: {"word": "Stone"},
}
