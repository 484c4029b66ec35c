"""What a method is given in place of the object that it takes: refused by name, never a crash."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from zohocrm_async.api import families
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import InvalidRequest, ZohoCRMError
from zohocrm_async.models import NewEmailDraft

WRONG: tuple[Any, ...] = ({"x": 1}, [{"x": 1}], 5, [None])
MODELS = "zohocrm_async.models"


def places() -> Iterator[tuple[str, str, str]]:
    """Yield each argument of a hand-written method that is declared with a class of models."""
    for family, kind in families().items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if name.startswith("_") or hasattr(method, "operation"):
                continue
            for argument in inspect.signature(method).parameters.values():
                if MODELS in str(argument.annotation):
                    yield family, name, argument.name


def arguments(method: Any, wrong: Any, place: str) -> dict[str, Any]:
    """Return what *method* needs, with *wrong* in one place."""
    needed = [p.name for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    given = dict.fromkeys(needed, "554023000000000001")
    return {**given, **({"module": "Leads"} if "module" in needed else {}), place: wrong}


async def call(method: Any, given: dict[str, Any]) -> None:
    made = method(**given)
    if inspect.isawaitable(made):
        await made
    elif hasattr(made, "__aiter__"):
        async for _ in made:
            break


@pytest.mark.parametrize(("family", "name", "place"), list(places()))
async def test_no_foreign_error_comes_of_it(family: str, name: str, place: str) -> None:
    async with Emulator() as org, org.client() as crm:
        method = getattr(getattr(crm, family), name)
        for wrong in WRONG:
            try:
                await call(method, arguments(method, wrong, place))
            except ZohoCRMError:
                continue


async def test_the_error_says_which_class_to_give() -> None:
    """And where it is: it is an easy mistake to give the JSON of the request."""
    wrong: Any = {"subject": "x"}
    draft = NewEmailDraft(from_="crm@example.com", rich_text=False)
    async with Emulator() as org, org.client() as crm:
        with pytest.raises(InvalidRequest, match=r"mail is of type dict: give a Mail \(zohocrm_as"):
            await crm.mail.send("Leads", "1", wrong)
        with pytest.raises(InvalidRequest, match=r"drafts\[1\] is of type dict: give a NewEmailD"):
            await crm.email_drafts.create("Leads", "1", [draft, wrong])
        with pytest.raises(InvalidRequest, match="channels is of type dict: give a list"):
            await crm.notifications.create(wrong)
        with pytest.raises(InvalidRequest, match=r"children\[0\] is of type int: give a M"):
            await crm.merge.create("Leads", "1", [5])  # type: ignore[list-item]
        assert not org.mails
