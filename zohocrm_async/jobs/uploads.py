"""Files of a job: uploaded by its first run, and known by their ids to all others."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import orjson

from zohocrm_async._client import ZohoCRM
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs.job import JobNotes

_NOTE = "uploads"


async def uploaded(crm: ZohoCRM, journal: JobNotes, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the ids of *files*, uploading them unless *journal* has them.

    Raises:
        InvalidRequest: a file cannot be read.
        JournalError: a file was changed since it was uploaded.
    """
    if not files:
        return ()
    digests = await in_thread(None, partial(_digests, files))
    noted = await journal.noted(_NOTE)
    if noted is not None:
        known, ids = orjson.loads(noted)
        changed = [str(file) for file, a, b in zip(files, known, digests, strict=True) if a != b]
        if changed:
            raise JournalError(
                f"{changed[0]} was changed since its job was begun: give it as it was, "
                "or begin another journal"
            )
        return tuple(ids)
    ids = [file.id for file in await crm.files.upload(files)]
    await journal.note(_NOTE, orjson.dumps([digests, ids]).decode())
    return tuple(ids)


async def uploads_of(journal: JobNotes) -> tuple[str, ...]:
    """Return the ids of the files that an earlier run has uploaded."""
    noted = await journal.noted(_NOTE)
    return () if noted is None else tuple(orjson.loads(noted)[1])


def _digests(files: Sequence[Path]) -> list[str]:
    found: list[str] = []
    for path in files:
        try:
            with path.open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise InvalidRequest(f"{path} cannot be read: {error.strerror}") from error
    return found
