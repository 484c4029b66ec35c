"""Several requests in one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from zohocrm_async._batching.sub_requests import SLOTS, heavy_slots
from zohocrm_async._endpoint import Call, Resource, endpoint
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome

if TYPE_CHECKING:
    from zohocrm_async._batching.composite import Batch


def _price(call: Call) -> int:
    body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
    return 2 if body.get("rollback_on_fail") else 1


class Composite(Resource, family="composite"):
    """Up to five requests for the price of one."""

    def __call__(
        self, *, rollback_on_fail: bool = False, parallel_execution: bool | None = None
    ) -> "Batch":
        """Begin a batch of up to five calls, which go together when its block ends.

        They count as five calls in flight, however few they are, and as one heavy call more
        than there are heavy ones among them.

        ::

            async with crm.composite() as batch:
                lead = batch.add(batch.records.create("Leads", [{"Last_Name": "Marsh"}]))
                note = batch.add(batch.records.get("Leads", lead.reference()))
            print(lead.result, note.result)

        A batch has the families of the client. Each call has a result of its own, or raises
        its own error, when that is asked for; the block raises what kept the whole from
        being sent or answered. A block that fails sends nothing.

        1 credit, whatever the calls cost by themselves; 2 if *rollback_on_fail* and all
        go well. It is charged to the budget of the block that ends. Records are written
        one a call, and lists give 25 a page.

        Args:
            rollback_on_fail: whether a call that fails undoes the others.
            parallel_execution: whether calls that refer to no other run at once: not if
                False, nor where one undoes the others.

        Raises:
            InvalidRequest: both are asked for.
        """
        if rollback_on_fail and parallel_execution:
            raise InvalidRequest(
                "rollback_on_fail and parallel_execution exclude each other: ask for one",
                operation="composite.run",
            )
        # Its imports load on first use.
        from zohocrm_async._batching.composite import Batch  # noqa: PLC0415

        options = {"rollback_on_fail": rollback_on_fail}
        if parallel_execution is not None:
            options["parallel_execution"] = parallel_execution
        return Batch(self.client, self.operations["run"], options)

    @endpoint(
        "POST /__composite_requests",
        key="__composite_requests",
        beside=("rollback_on_fail", "parallel_execution"),
        price=_price,
        slots=SLOTS,
        heavy=heavy_slots,
        look_at="Look at what each of the requests would have changed.",
        since=3,
    )
    async def run(
        self,
        body: Sequence[Mapping[str, Any]],
        *,
        rollback_on_fail: bool | None = None,
        parallel_execution: bool | None = None,
    ) -> tuple[Outcome, ...]:
        """Send requests as they are given: ``method``, ``uri`` and what else they have.

        One outcome for each, with what was answered in ``details["response"]``. To make
        them of calls, `begin a batch <Composite.__call__>`. 1 credit, 2 with a rollback
        that was not needed; five slots, a heavy one, and one for each heavy request. See
        https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html.
        """
        ...
