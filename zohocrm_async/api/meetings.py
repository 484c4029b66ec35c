"""Meetings: records of the module Events that have guests."""

from collections.abc import Mapping

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome


class Meetings(Resource, family="meetings"):
    """What meetings can do beyond other records; their module is ``Events``."""

    @endpoint(
        "POST /Events/{id}/actions/cancel",
        key="data",
        look_at='Ask for the meeting (crm.records.get): its field "$event_cancelled" tells.',
    )
    async def _cancel(self, id: str, body: Mapping[str, bool]) -> Outcome: ...

    async def cancel(self, id: str, *, send_cancelling_mail: bool) -> Outcome:
        """Cancel a meeting to which guests are invited, before its end. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/meeting-cancel.html.

        Raises:
            RecordNotFound: no such meeting.
            NotAllowed: it has no guests, is over, or is cancelled already.
        """
        return await self._cancel(id, {"send_cancelling_mail": send_cancelling_mail})
