"""Rows written one by one, sent a hundred a call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import orjson

from zohocrm_async._batching.gathering import Gathering
from zohocrm_async._converter import row_problem, unstructure
from zohocrm_async._wire import dumps
from zohocrm_async.exceptions import InvalidRequest, OutcomeUnknown, ZohoCRMError
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.records import Row

if TYPE_CHECKING:
    from zohocrm_async.api.records import Records

_MOST = 100
_NAME = "records.writer"
Send = Callable[[Sequence[Any]], Awaitable[tuple[Outcome, ...]]]


class RecordWriter:
    """Writes rows of a module; an async context manager, which sends all before it ends.

    Rows that come within a few milliseconds go into one call, those to create, to update
    and to upsert apart. None is sent twice. The calls are charged to the budget of the
    block in which the writer was made, and queue with its priority.

    A caller who is cancelled takes its row back if the row is not yet on its way. Calls
    run at once: to write one record twice, await the first before the second.
    """

    def __init__(
        self,
        records: "Records",
        module: str,
        *,
        duplicate_check_fields: Sequence[str] | None,
        trigger: Sequence[str] | None,
        seconds: float,
    ) -> None:
        self._module = module

        async def create(rows: Sequence[Any]) -> tuple[Outcome, ...]:
            return await records.create(module, rows, trigger=trigger)

        async def update(rows: Sequence[Any]) -> tuple[Outcome, ...]:
            return await records.update(module, rows, trigger=trigger)

        async def upsert(rows: Sequence[Any]) -> tuple[Outcome, ...]:
            return await records.upsert(
                module, rows, trigger=trigger, duplicate_check_fields=duplicate_check_fields
            )

        self._gatherings: Mapping[str, Gathering[Any, Outcome]] = {
            name: Gathering(
                _each(send, module),
                clock=records.client.clock,
                seconds=seconds,
                most=_MOST,
                name=f"writer of {module}",
                cut_off=self._cut_off,
            )
            for name, send in (("create", create), ("update", update), ("upsert", upsert))
        }

    async def create(self, row: Row) -> Outcome:
        """Create one record, with others.

        Raises:
            APIError: the service refused the row, or all that went with it.
            OutcomeUnknown: the answer was lost; the record may be there.
            InvalidRequest: the row cannot be sent.
        """
        return await self._write("create", _plain(row), object())

    async def update(self, row: Row) -> Outcome:
        """Update one record by its ``id``, with others.

        Raises:
            APIError: the service refused the row, or all that went with it.
            InvalidRequest: the row has no id, or cannot be sent.
        """
        plain = _plain(row)
        id_ = str(plain.get("id") or "")
        if not id_:
            raise InvalidRequest(
                "the row to update has no id: give it one, or upsert it", operation=_NAME
            )
        return await self._write("update", plain, id_)

    async def upsert(self, row: Row) -> Outcome:
        """Create one record or update the one that is there, with others.

        Raises:
            APIError: the service refused the row, or all that went with it.
            OutcomeUnknown: the answer was lost; the record may be there.
            InvalidRequest: the row cannot be sent.
        """
        return await self._write("upsert", _plain(row), object())

    async def close(self) -> None:
        """Send what is gathered, refuse what comes, and return when all is answered."""
        await asyncio.gather(*(gathering.close() for gathering in self._gatherings.values()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _cut_off(self) -> ZohoCRMError:
        return _unknown("The writer was closed before the answer came.", self._module)

    async def _write(self, name: str, row: Mapping[str, Any], key: Hashable) -> Outcome:
        # As bytes, a row that JSON cannot carry fails here, and not with all others.
        sent = orjson.Fragment(dumps(row))
        return await self._gatherings[name].ask(sent, key, shared=False)


def _plain(row: Row) -> Mapping[str, Any]:
    """Return a row as a mapping.

    Raises:
        InvalidRequest: it is none, or holds what cannot be sent.
    """
    plain: Any = unstructure(row)
    problem = row_problem(plain)
    if problem is not None:
        raise InvalidRequest(f"the row {problem}", operation=_NAME)
    return cast("Mapping[str, Any]", plain)


def _each(
    send: Send, module: str
) -> Callable[[Sequence[Any]], Awaitable[Sequence[Outcome | ZohoCRMError]]]:
    async def together(rows: Sequence[Any]) -> Sequence[Outcome | ZohoCRMError]:
        outcomes = await send(rows)
        if len(outcomes) != len(rows):
            raise _unknown(
                f"{len(rows)} rows were answered with {len(outcomes)} outcomes, which cannot be "
                "told apart.",
                module,
            )
        return [outcome.error or outcome for outcome in outcomes]

    return together


def _unknown(problem: str, module: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        problem,
        look_at="Read the records before another try.",
        path=f"/{module}",
        operation=_NAME,
    )
