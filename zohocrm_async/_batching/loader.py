"""Records by id, a hundred a call."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, cast

from zohocrm_async._batching.gathering import Gathering
from zohocrm_async._converter import structure
from zohocrm_async._into import R, asked_fields, class_of
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest, RecordNotFound, SchedulerClosed, ZohoCRMError
from zohocrm_async.models.records import Record

if TYPE_CHECKING:
    from zohocrm_async.api.records import Records

_MOST = 100
_NAME = "records.loader"


class RecordLoader(Generic[R]):
    """Loads records of a module by id; an async context manager.

    What is asked for within a few milliseconds goes into one call. The calls are charged
    to the budget of the block in which the loader was made, and queue with its priority.
    """

    def __init__(
        self,
        records: "Records",
        module: str,
        *,
        fields: Sequence[str] | None,
        into: type[R] | None,
        seconds: float,
    ) -> None:
        self._records = records
        self._module = module
        self._fields = fields
        self._into = into
        self._kind = class_of(into, _NAME)
        self._page(["1"])  # makes no call, and refuses what none may hold
        self._gathering: Gathering[str, R] = Gathering(
            self._together,
            clock=records.client.clock,
            seconds=seconds,
            most=_MOST,
            name=f"loader of {module}",
            cut_off=self._cut_off,
        )

    async def load(self, id: str) -> R:  # noqa: A002  # the service's word
        """Return one record, asked for with others.

        Raises:
            RecordNotFound: no such record; the others are there all the same.
            InvalidRequest: *id* is none.
            ZohoCRMError: what the call met; all whose records were in it get it.
        """
        # One bad id would have the service refuse the whole call.
        if not _is_id(id):
            raise InvalidRequest(f"id is {id!r}: give the digits of a record's id", operation=_NAME)
        return await self._gathering.ask(id, id, shared=True)

    async def load_many(self, ids: Iterable[str]) -> Mapping[str, R]:
        """Return records by their ids, in the order asked for; those not found are left out.

        Raises:
            InvalidRequest: one of *ids* is none.
            ZohoCRMError: what one of the calls met.
        """
        wanted = list(dict.fromkeys(ids))
        found = await asyncio.gather(*map(self._found, wanted), return_exceptions=True)
        loaded: dict[str, R] = {}
        for id_, record in zip(wanted, found, strict=True):
            if isinstance(record, BaseException):
                raise record
            if record is not None:
                loaded[id_] = record
        return loaded

    async def close(self) -> None:
        """Refuse what comes, and return when all that was asked for is answered."""
        await self._gathering.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _found(self, id_: str) -> R | None:
        try:
            return await self.load(id_)
        except RecordNotFound:
            return None

    def _cut_off(self) -> ZohoCRMError:
        return SchedulerClosed(f"the loader of {self._module} was closed before the answer came")

    def _page(self, ids: Sequence[str]) -> Pager[Record]:
        # Leads that were converted are hidden unless asked for, though `get` gives them.
        converted = "both" if self._module == "Leads" else None
        fields = self._fields
        if fields is None and self._into is not None:
            fields = asked_fields(self._kind)
        return self._records.list(self._module, fields=fields, ids=ids, converted=converted)

    async def _together(self, ids: Sequence[str]) -> Sequence[R | ZohoCRMError]:
        found = {record.id: record for record in await self._page(ids)}
        return [self._shaped(id_, found.get(id_)) for id_ in ids]

    def _shaped(self, id_: str, record: Record | None) -> R | ZohoCRMError:
        if record is None:
            return RecordNotFound(
                f"{self._module} has no record {id_}, or none that may be seen",
                status=204,
                code="NO_CONTENT",
                details={"id": id_},
                operation=_NAME,
            )
        if self._kind is Record:
            return cast("R", record)
        try:
            return cast("R", structure({"data": dict(record)}, self._kind, "data", _NAME))
        except ZohoCRMError as error:
            return error


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()
