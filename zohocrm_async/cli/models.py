"""``zohocrm models``: attrs classes of the organisation's records, as a module of Python."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from zohocrm_async import ZohoCRM
from zohocrm_async._generation.classes import MARK, ModuleFields, source
from zohocrm_async.cli.clients import client_for_one_call
from zohocrm_async.cli.output import note
from zohocrm_async.cli.running import run
from zohocrm_async.exceptions import InvalidModule, InvalidRequest
from zohocrm_async.models.fields import Field

ModuleNames = Annotated[
    list[str], typer.Argument(metavar="MODULE...", help="API names, such as Leads Contacts.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write here and not to stdout."),
]


def models(modules: ModuleNames, *, output: Output = None) -> None:
    """Write attrs classes for the records of modules, from the organisation's own fields.

    For each module one for records as they are read, to be named as into=..., and one for
    new records: with the required fields, and without those that the service sets itself.
    Costs 1 credit, and 1 for each module and subform.
    """
    if output is not None:
        _check(output)
    run(_write(list(dict.fromkeys(modules)), output))


def _check(output: Path) -> None:
    """Refuse a file that this command has not written."""
    try:
        ours = not output.exists() or MARK in output.read_text(encoding="utf-8")[:200]
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise typer.BadParameter(
            f"{output} is there, and zohocrm models has not made it: name another file"
        )


async def _write(names: list[str], output: Path | None) -> bool:
    async with client_for_one_call() as crm:
        modules = [
            ModuleFields(await crm.metadata.module(name), await crm.metadata.fields(name))
            for name in names
        ]
        subforms = await _subforms(crm, (field for each in modules for field in each.fields))
    text = source(modules, subforms, f"zohocrm models {' '.join(names)}")
    if output is None:
        sys.stdout.write(text)
        return True
    try:
        await asyncio.to_thread(output.write_text, text, encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror}") from error
    classes = sum(line.startswith("class ") for line in text.splitlines())
    note(f"{output}: {classes} classes of {', '.join(names)}.")
    return True


async def _subforms(crm: ZohoCRM, fields: Iterable[Field]) -> dict[str, tuple[Field, ...]]:
    """Return the fields of the subforms among *fields*, by the subforms' modules."""
    found: dict[str, tuple[Field, ...]] = {}
    for field in fields:
        module = field.subform.module if field.subform is not None else None
        if module and module not in found:
            try:
                found[module] = await crm.metadata.fields(module)
            except InvalidModule:
                found[module] = ()  # its lines are mappings then
    return found
