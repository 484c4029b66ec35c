"""More than a call takes is refused before it is sent, by its argument."""

from typing import Any, cast

import pytest

from zohocrm_async._arguments import place
from zohocrm_async._endpoint import Caller
from zohocrm_async.api import declarations
from zohocrm_async.api.portals import Portals
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import PortalInvite


@pytest.mark.parametrize(
    ("name", "argument", "most"),
    [
        ("email_drafts.create", "body", 100),
        ("fields.create", "body", 5),
        ("fields.update_many", "body", 5),
        ("notifications.create", "body", 50),
        ("notifications.replace", "body", 50),
        ("scoring_rules.create", "body", 20),
        ("scoring_rules.update_many", "body", 10),
        ("scoring_rules.run", "scoring_rules", 5),
        ("shift_hours.create", "body", 50),
        ("shift_hours.update_many", "body", 50),
        ("tags.add", "ids", 500),
        ("tags.remove", "ids", 500),
        ("territories.assign", "body", 100),
        ("territories.remove", "body", 100),
        ("users.update_many", "body", 10),
    ],
)
def test_a_list_has_an_end(name: str, argument: str, most: int) -> None:
    """The message says how many may be listed."""
    method: Any = declarations()[name]
    with pytest.raises(InvalidRequest, match=f"{argument} lists {most + 1} and may list {most}:"):
        place(method.operation, {argument: range(most + 1)}, "v7", None)


@pytest.mark.parametrize("count", [0, 101])
async def test_a_job_invites_up_to_a_hundred(count: int) -> None:
    """And somebody."""
    nobody = cast("Caller", None)  # it is not asked
    invites = [PortalInvite(id="1", user_type_id="2", type="invite")] * count
    with pytest.raises(InvalidRequest, match=f"{count} invites: a job takes 1 to 100"):
        await Portals(nobody).invite_many("Leads", invites)
