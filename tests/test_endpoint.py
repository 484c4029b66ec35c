"""A declared signature becomes a call."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call, Operation, Resource, endpoint
from zohocrm_async._pages import Page, Pager
from zohocrm_async.api import find_operation, operations
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import Outcome, Record


class Things(Resource, family="things"):
    """A family that has every kind of endpoint."""

    @endpoint("GET /{module}/{id}/things", key="things")
    def list(self, module: str, id: str, *, sort_by: str | None = None) -> Pager[Record]:
        """List things."""
        ...

    @endpoint(
        "POST /{module}/things",
        key="things",
        beside=("trigger",),
        headers={"since": "If-Modified-Since"},
        renamed={"owner_id": "id"},
        price=7,
        heavy=lambda call: call.rows > 1,
        since=5,
    )
    async def create(
        self,
        module: str,
        body: Sequence[Mapping[str, Any]],
        *,
        trigger: Sequence[str] | None = None,
        since: datetime | None = None,
        owner_id: str | None = None,
        per_page: int = 200,
    ) -> tuple[Outcome, ...]:
        """Create things."""
        ...

    @endpoint("PUT /things/{id}", key="things", repeatable=True)
    async def _change(self, id: str, body: Mapping[str, Any]) -> Outcome: ...


class Recorder:
    """A client that keeps the calls it is given."""

    version = "v7"
    api_url = "https://api"
    clock = Clock()

    def __init__(self, result: Any = None) -> None:
        self.calls: list[Call] = []
        self.result = result

    async def call(self, call: Call) -> Any:
        self.calls.append(call)
        return self.result


async def created(**arguments: Any) -> Call:
    recorder = Recorder()
    await Things(recorder).create("Leads", [{"a": 1}, {"b": None}], **arguments)
    return recorder.calls[0]


async def test_arguments_go_where_the_declaration_says() -> None:
    """Path, body, keys beside the items, headers, query."""
    call = await created(trigger=["workflow"], since=datetime(2026, 1, 1, tzinfo=UTC), per_page=100)
    assert call.path == "/Leads/things"
    assert call.body == {"things": [{"a": 1}, {"b": None}], "trigger": ["workflow"]}
    assert call.headers == {"If-Modified-Since": "2026-01-01T00:00:00+00:00"}
    assert call.query == {"per_page": "100"}
    assert call.returns == tuple[Outcome, ...]


async def test_an_argument_may_have_another_name_in_the_query() -> None:
    """Where the service gives two things one name."""
    assert (await created(owner_id="7")).query == {"id": "7"}


async def test_what_is_not_given_is_not_sent() -> None:
    """Defaults document the server's own."""
    call = await created()
    assert (call.query, call.headers) == ({}, {})
    assert call.body == {"things": [{"a": 1}, {"b": None}]}


async def test_a_call_knows_its_rows_and_heaviness() -> None:
    """Prices and slots depend on them."""
    call = await created()
    assert (call.rows, call.heavy) == (2, True)
    assert Call(Operation("GET", "/x"), "/x").rows == 1


async def test_names_come_from_family_and_method() -> None:
    """A leading underscore is the project's own."""
    assert Things.operations["create"].name == "things.create"
    assert Things.operations["_change"].name == "things.change"


async def test_only_get_is_repeatable_unless_said() -> None:
    """What is not said to be safe is not."""
    assert Things.operations["list"].repeatable
    assert not Things.operations["create"].repeatable
    assert Things.operations["_change"].repeatable


async def test_a_list_is_awaited_or_iterated() -> None:
    """Its item type is that of the declared pager."""
    recorder = Recorder(Page((Record({"id": "1"}),)))
    pager = Things(recorder).list("Leads", "5", sort_by="id")
    assert not recorder.calls, "nothing is sent before it is asked for"
    assert [record.id async for record in pager] == ["1"]
    call = recorder.calls[0]
    assert (call.path, call.query) == ("/Leads/5/things", {"sort_by": "id"})
    assert call.returns == Page[Record]


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        (("Leads",), {}),
        (("Leads", [], 1), {}),
        (("Leads", []), {"module": "Leads"}),
        (("Leads", []), {"unknown": 1}),
    ],
)
async def test_wrong_arguments_fail_as_with_any_function(
    args: tuple[Any, ...], kwargs: Any
) -> None:
    """A typing mistake is a TypeError that names the method."""
    with pytest.raises(TypeError, match=r"^things\.create\(\) "):
        await Things(Recorder()).create(*args, **kwargs)


async def test_a_version_that_lacks_the_operation_is_refused() -> None:
    """The error names both versions."""
    recorder = Recorder()
    recorder.version = "v4"
    with pytest.raises(InvalidRequest, match=r"from API version v5 on .* v4"):
        await Things(recorder).create("Leads", [])
    assert not recorder.calls


async def test_an_id_with_a_slash_is_refused() -> None:
    """Nothing is sent."""
    recorder = Recorder()
    with pytest.raises(InvalidRequest, match="id is '1/2'"):
        await Things(recorder)._change("1/2", {})
    assert not recorder.calls


def test_checkers_and_tools_see_the_stub() -> None:
    """The method keeps its name, docstring and kind."""
    assert Things.create.__doc__ == "Create things."
    assert inspect.iscoroutinefunction(Things.create)


def test_the_table_names_each_operation_once() -> None:
    """Everything else is built from it."""
    found = operations()
    assert len({operation.name for operation in found}) == len(found)
    routes = [(known.method, known.path) for known in found if known.host != "link"]
    assert len({*routes}) == len(routes)


def test_what_must_not_be_repeated_says_where_to_look() -> None:
    """An unknown outcome is of use only with that."""
    assert not [op.name for op in operations() if not op.repeatable and not op.look_at]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/Leads/1/actions/send_mail", "mail.send"),
        ("GET", "/Leads/search", "records.search"),
        ("GET", "/Leads/1", "records.get"),
        ("GET", "/settings/unsubscribe_links", "unsubscribe_links.list"),
        ("GET", "/org", "organization.get"),
        ("GET", "/settings/modules", "modules.list"),
        ("GET", "/settings/nothing", None),
        ("PATCH", "/Leads/1", None),
    ],
)
def test_a_path_finds_its_operation(method: str, path: str, name: str | None) -> None:
    """Literal segments win, and only what can be a module is one."""
    found = find_operation(method, path)
    assert (found.name if found else None) == name
