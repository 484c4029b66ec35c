"""The command zohocrm models against an emulator: what it writes reads and writes records."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from shell import Shell

from zohocrm_async.emulator import Emulator


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with Emulator() as org:
        yield Shell(org, tmp_path)


def loaded(text: str) -> Any:
    """Return *text* as a module."""
    module = ModuleType("generated_models")
    sys.modules[module.__name__] = module  # where attrs looks annotations up
    exec(compile(text, "models.py", "exec"), module.__dict__)
    return module


async def test_records_are_read_into_its_classes(shell: Shell) -> None:
    """Choices, lookups, times and numbers, of the organisation's own fields."""
    org = shell.org
    org.add_setting(
        "/settings/fields",
        {"api_name": "Shoe_Size", "data_type": "integer", "json_type": "integer"},
        scope="Leads",
    )
    org.add_records(
        "Leads",
        [{"Last_Name": "Stone", "Lead_Source": "Partner", "Shoe_Size": 44, "Rating": "Odd"}],
    )
    ran = await shell.run("models", "Leads", "Quotes", "-o", "models.py")
    assert ran.code == 0, ran.err
    assert ran.out == ""
    assert "models.py: 10 classes of Leads, Quotes." in ran.err
    models = loaded((shell.folder / "models.py").read_text())
    async with org.client() as crm:
        [lead] = [lead async for lead in crm.records.list("Leads", into=models.Lead)]
        assert (lead.last_name, lead.shoe_size) == ("Stone", 44)
        assert lead.lead_source is models.LeadSource.PARTNER
        assert lead.rating == "Odd"
        assert lead.owner.name == "Ines Marlow"
        assert lead.created_time.tzinfo is not None
        new = models.NewLead(last_name="Reed", lead_source=models.LeadSource.COLD_CALL)
        [made] = await crm.records.create("Leads", [new])
        read = await crm.records.get("Leads", str(made.id), into=models.Lead)
        assert (read.id, read.lead_source) == (made.id, "Cold Call")


async def test_lines_of_subforms_are_read_too(shell: Shell) -> None:
    """And written: what is new has no id."""
    ran = await shell.run("models", "Quotes")
    models = loaded(ran.out)
    async with shell.org.client() as crm:
        line = models.NewQuotedItem(quantity=2, list_price=7.5)
        [made] = await crm.records.create(
            "Quotes", [models.NewQuote(subject="Sails", quoted_items=(line,))]
        )
        assert made.ok, made
        quote = await crm.records.get("Quotes", str(made.id), into=models.Quote)
        assert [(item.quantity, item.list_price) for item in quote.quoted_items] == [(2, 7.5)]


async def test_only_its_own_file_is_written_over(shell: Shell) -> None:
    """Any other is somebody's work."""
    for _ in range(2):
        assert (await shell.run("models", "Leads", "-o", "models.py")).code == 0
    shell.write("mine.py", "x = 1")
    ran = await shell.run("models", "Leads", "-o", "mine.py")
    assert (ran.code, (shell.folder / "mine.py").read_text()) == (2, "x = 1\n")
    assert "mine.py" in ran.err
    ran = await shell.run("models", "Leads", "-o", "nowhere/models.py")
    assert (ran.code, "cannot be written" in ran.err) == (2, True)


async def test_unknown_modules_are_named(shell: Shell) -> None:
    """With those that are near."""
    ran = await shell.run("models", "Lead")
    assert (ran.code, ran.out) == (2, "")
    assert "no module 'Lead': did you mean Leads" in ran.err


async def test_its_price(shell: Shell) -> None:
    """A credit for the modules, and one for each module and subform."""
    before = shell.org.credits_used
    await shell.run("models", "Leads", "Quotes", "Leads")
    settings = [call.path for call in shell.org.calls if call.path.startswith("/settings")]
    assert settings == ["/settings/modules", *["/settings/fields"] * 3]
    assert shell.org.credits_used - before <= 5
