"""Files of a job: uploaded by its first run, known by their ids to all others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import InvalidRequest, JournalError, OutcomeUnknown
from zohocrm_async.jobs import Journal
from zohocrm_async.jobs.uploads import uploaded


@pytest.fixture
async def org() -> AsyncIterator[Emulator]:
    async with Emulator() as org:
        yield org


@pytest.fixture
async def crm(org: Emulator) -> AsyncIterator[ZohoCRM]:
    async with org.client() as crm:
        yield crm


def journal(folder: Path) -> Journal:
    return Journal.create(folder / "journal", kind="mail", options={})


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_text(f"the {name}")
    return [folder / name for name in names]


def uploads(org: Emulator) -> int:
    return sum(call.operation == "files.upload" for call in org.calls)


async def test_no_files_are_no_call(org: Emulator, crm: ZohoCRM, tmp_path: Path) -> None:
    """And nothing is noted."""
    async with journal(tmp_path) as notes:
        assert await uploaded(crm, notes, []) == ()
        assert await notes.noted("uploads") is None
    assert uploads(org) == 0


async def test_ids_come_in_the_order_of_the_files(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """Now and from the journal, which spares every later call."""
    given = files(tmp_path, "offer.txt", "terms.txt")
    async with journal(tmp_path) as notes:
        ids = await uploaded(crm, notes, given)
        assert len(set(ids)) == 2
    async with Journal.open(tmp_path / "journal") as notes:
        assert await uploaded(crm, notes, given) == ids
    assert uploads(org) == 1


async def test_a_file_that_changed_is_refused_by_name(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """All mails of a job carry the same."""
    given = files(tmp_path, "offer.txt", "terms.txt")
    async with journal(tmp_path) as notes:
        await uploaded(crm, notes, given)
        given[1].write_text("other terms")
        with pytest.raises(JournalError, match=r"terms\.txt was changed .* another journal"):
            await uploaded(crm, notes, given)
    assert uploads(org) == 1


async def test_a_file_that_cannot_be_read_is_refused_before_any_call(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """Those beside it are not uploaded either."""
    given = [*files(tmp_path, "offer.txt"), tmp_path / "gone.txt"]
    async with journal(tmp_path) as notes:
        with pytest.raises(InvalidRequest, match=r"gone\.txt cannot be read: No such file"):
            await uploaded(crm, notes, given)
    assert uploads(org) == 0


async def test_an_upload_whose_answer_was_lost_is_made_again(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """By the next run: a file that nobody refers to harms nobody."""
    given = files(tmp_path, "offer.txt")
    org.fail_next(Fault.CUT_AFTER, path="/files")
    async with journal(tmp_path) as notes:
        with pytest.raises(OutcomeUnknown):
            await uploaded(crm, notes, given)
        assert await notes.noted("uploads") is None
        assert len(await uploaded(crm, notes, given)) == 1
    assert uploads(org) == 2
