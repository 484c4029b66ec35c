"""What nothing documents is refused by every operation, with its name."""

import inspect
from collections.abc import AsyncIterator
from typing import Any, get_args, get_type_hints

import pytest
import pytest_asyncio
from samples import arguments_of
from test_every_operation import prepare
from world import World

from zohocrm_async import ZohoCRM
from zohocrm_async._endpoint import Call
from zohocrm_async._wire import Form
from zohocrm_async.api import declarations
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import APIError, InvalidData
from zohocrm_async.models import Outcome


def _with_body() -> list[str]:
    """Return the operations that have a JSON object as body, and not only may have one."""
    found: list[str] = []
    methods: dict[str, Any] = {**declarations()}
    for name, method in methods.items():
        hints = get_type_hints(inspect.unwrap(method))
        form = Form in get_args(hints.get("body")) or hints.get("body") is Form
        body = inspect.signature(method).parameters.get("body")
        needed = body.default is body.empty if body else bool(method.operation.beside)
        if needed and not form:
            found.append(name)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, ZohoCRM]]:
    """Give one organisation for all operations."""
    async with Emulator(users=200) as org, org.client() as crm:
        yield org, crm


class Meddler:
    """A client whose calls of one operation say more than they should."""

    def __init__(self, crm: ZohoCRM, name: str, *, key: bool) -> None:
        self._crm = crm
        self._name = name
        self._key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def call(self, call: Call) -> Any:
        """Carry a call through, with a parameter or a key that nothing documents."""
        if call.operation.name == self._name and self._key:
            call.body = {**(call.body or {}), "nonsense": 1}
        elif call.operation.name == self._name:
            call.query = {**call.query, "nonsense": "1"}
        return await self._crm.call(call)


async def meddled(name: str, org: Emulator, crm: ZohoCRM, *, key: bool) -> Any:
    """Return what comes of the operation *name* with something beside its sample arguments."""
    world = World(org)
    await prepare(name, world, crm)
    family, _, called = name.partition(".")
    own: Any = getattr(crm, family)
    method = getattr(type(own)(Meddler(crm, name, key=key)), called)
    return await method(**arguments_of(name, method, world))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", declarations())
async def test_no_unknown_parameter_is_taken(name: str, shared: tuple[Emulator, ZohoCRM]) -> None:
    """In the query of any operation."""
    with pytest.raises(APIError) as caught:
        await meddled(name, *shared, key=False)
    assert caught.value.details["param_name"] == "nonsense"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", _with_body())
async def test_no_unknown_key_is_taken(name: str, shared: tuple[Emulator, ZohoCRM]) -> None:
    """Beside the items of the body."""
    try:
        result = await meddled(name, *shared, key=True)
    except InvalidData as refused:
        error: Any = refused
    else:
        [outcome] = result if isinstance(result, tuple) else [result]
        assert isinstance(outcome, Outcome)
        error = outcome.error
    assert error.details["api_name"] == "nonsense"
