"""Sample arguments of what asks for much in one call."""

from collections.abc import Callable, Mapping
from typing import Any

from world import World

ARGUMENTS: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "coql.query": lambda _: {"select_query": "select Last_Name from Leads where id is not null"},
    "composite.run": lambda w: {
        "body": [
            {"sub_request_id": "1", "method": "GET", "uri": "/crm/v7/org"},
            {"sub_request_id": "2", "method": "GET", "uri": f"/crm/v7/Leads/{w.lead}"},
        ]
    },
}
