"""Arguments of another kind than declared are refused by their names, before anything is sent."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from zohocrm_async._arguments import place
from zohocrm_async._endpoint import Caller
from zohocrm_async.api import declarations
from zohocrm_async.api.conversion import InventoryConversions
from zohocrm_async.api.coql import Coql
from zohocrm_async.api.merge import Merges
from zohocrm_async.api.portals import Portals
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import ModuleReference

NOBODY = cast("Caller", None)  # it is not asked
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_a_merge_names_its_master() -> None:
    nothing: Any = None
    with pytest.raises(InvalidRequest, match=r"master_id is of type NoneType: give a str$"):
        await Merges(NOBODY).create("Leads", nothing, ["2"])
    with pytest.raises(InvalidRequest, match="module is of type NoneType"):
        await Merges(NOBODY).create(nothing, "1", ["2"])


def test_a_query_is_a_text() -> None:
    nothing: Any = None
    with pytest.raises(InvalidRequest, match="select_query is of type NoneType"):
        Coql(NOBODY).query(nothing)
    with pytest.raises(InvalidRequest, match="per_page is of type NoneType"):
        Coql(NOBODY).query("select id from Leads where id > 1", per_page=nothing)


@pytest.mark.parametrize("invites", [None, "77", [{"id": "77"}]])
async def test_invites_are_listed_and_of_their_class(invites: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"invites(\[0\])? is of type"):
        await Portals(NOBODY).invite_many("Leads", invites)


async def test_a_module_is_a_text() -> None:
    several: Any = ["Quotes"]
    with pytest.raises(InvalidRequest, match="module is"):
        await InventoryConversions(NOBODY).convert(several, "1", ModuleReference("Invoices"))


def test_an_id_is_not_none() -> None:
    """The address would say None, and the answer that there is no such record."""
    method: Any = declarations()["records.delete_one"]
    with pytest.raises(InvalidRequest, match="id is None: give an id"):
        place(method.operation, {"module": "Leads", "id": None}, "v7", None)


@pytest.mark.parametrize("to", [5, b"x", ["a"]])
def test_a_download_goes_to_a_path(to: object) -> None:
    method: Any = declarations()["files.download"]
    hints: Any = method.__wrapped__.__annotations__["return"]
    with pytest.raises(InvalidRequest, match=r"to is .*: give the path of a file"):
        place(method.operation, {"id": "1", "to": to}, "v7", hints)


@pytest.mark.parametrize("given", ["2026-01-01", "yesterday", 5, NOON.replace(tzinfo=None)])
def test_a_moment_is_an_aware_datetime(given: Any) -> None:
    """The service would take another for no moment at all, or for one of its own zone."""
    method: Any = declarations()["records.get"]
    with pytest.raises(InvalidRequest) as refused:
        place(method.operation, {"if_modified_since": given}, "v7", None)
    assert str(refused.value) == f"if_modified_since is {given!r}: give an aware datetime"


@pytest.mark.parametrize("given", [NOON, "2026-01-01T12:00:00+00:00"])
def test_a_moment_goes_out_with_its_offset(given: Any) -> None:
    method: Any = declarations()["records.get"]
    call = place(method.operation, {"if_modified_since": given}, "v7", None)
    assert call.headers == {"If-Modified-Since": "2026-01-01T12:00:00+00:00"}
