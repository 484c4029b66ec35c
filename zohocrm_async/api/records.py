"""Records of any module."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zohocrm_async._endpoint import Resource
from zohocrm_async._into import R
from zohocrm_async.api.record_moves import RecordMoves
from zohocrm_async.api.record_reads import RecordReads
from zohocrm_async.api.record_writes import RecordWrites

if TYPE_CHECKING:
    from zohocrm_async._batching.loader import RecordLoader
    from zohocrm_async._batching.writer import RecordWriter


class Records(RecordReads, RecordWrites, RecordMoves, Resource, family="records"):
    """Records of any module.

    What is read comes as `Record`, or as objects of the attrs class that *into* names: its
    attributes have the names of fields, or name their field as
    ``field(metadata={"wire": "Last_Name"})``, and are what is asked for where no *fields*
    are named. What is written is a mapping of field names to values, or an object of such
    a class.

    *external* is ``Module.Field`` of an external field, such as ``Leads.Customer_No``: ids
    are then that field's values
    (https://www.zoho.com/crm/developer/docs/api/v7/get-records-ext.html).
    *trigger* names the automation that may run: ``workflow``, ``approval``, ``blueprint``,
    ``pathfinder``, ``orchestration``; all of it if not given, and none if empty.

    More than 100 rows to write are cut into calls that run at once; there is one outcome
    for each row, in order. A call that fails as a whole gives its rows outcomes with its
    error, and takes nothing from the others; where all calls fail alike, and none may
    have acted, that is raised.
    """

    def loader(
        self,
        module: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        seconds: float = 0.005,
    ) -> "RecordLoader[R]":
        """Return what loads records by id, up to 100 a call. 1 credit a call.

        Whoever awaits ``loader.load(id)`` within *seconds* of another shares the call; an
        id that several ask for is asked for once. Loads of converted leads succeed, too.
        See https://www.zoho.com/crm/developer/docs/api/v7/get-records.html.

        Raises:
            InvalidRequest: no fields, or too many.
        """
        from zohocrm_async._batching.loader import RecordLoader  # noqa: PLC0415  # loads on first use

        return RecordLoader(self, module, fields=fields, into=into, seconds=seconds)

    def writer(
        self,
        module: str,
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        trigger: Sequence[str] | None = None,
        seconds: float = 0.005,
    ) -> "RecordWriter":
        """Return what creates, updates and upserts records, up to 100 a call.

        1 credit for 10 rows: awaited alone, a row costs as much as 10 that are awaited
        together. Use it in an ``async with`` block, which ends when all rows are sent.
        See https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html.
        """
        from zohocrm_async._batching.writer import RecordWriter  # noqa: PLC0415  # loads on first use

        return RecordWriter(
            self,
            module,
            duplicate_check_fields=duplicate_check_fields,
            trigger=trigger,
            seconds=seconds,
        )
