"""Drafts of e-mails, kept with a record."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import all_given, given
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.email_drafts import EmailDraft, NewEmailDraft

_LOOK = "List the record's drafts (crm.email_drafts.list)."
_MOST = 100


class EmailDrafts(Resource, family="email_drafts"):
    """Drafts of e-mails. Every call takes 1 credit."""

    @endpoint("GET /{module}/{id}/__email_drafts", key="__email_drafts")
    def list(
        self, module: str, id: str, *, page: int = 1, per_page: int = 200
    ) -> Pager[EmailDraft]:
        """List the drafts of a record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-drafts.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint("GET /{module}/{id}/__email_drafts/{draft_id}", key="__email_drafts")
    async def get(self, module: str, id: str, draft_id: str) -> EmailDraft:
        """Return one draft.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-drafts.html.

        Raises:
            RecordNotFound: no such record or draft.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/__email_drafts",
        key="__email_drafts",
        counts={"body": (1, 100)},
        look_at=_LOOK,
    )
    async def _create(
        self, module: str, id: str, body: Sequence[NewEmailDraft]
    ) -> tuple[Outcome, ...]: ...

    async def create(
        self, module: str, id: str, drafts: Sequence[NewEmailDraft]
    ) -> tuple[Outcome, ...]:
        """Keep up to 100 drafts; one outcome for each, with its id.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-drafts.html.

        Raises:
            InvalidRequest: the documentation rules a draft out; lists every reason.
            RecordNotFound: no such record.
            OutcomeUnknown: the answer was lost; the drafts may be there.
        """
        drafts = all_given(NewEmailDraft, drafts, "drafts", "email_drafts.create")
        _check(drafts, "email_drafts.create")
        return await self._create(module, id, drafts)

    @endpoint("PUT /{module}/{id}/__email_drafts/{draft_id}", key="__email_drafts", repeatable=True)
    async def _update(
        self, module: str, id: str, draft_id: str, body: NewEmailDraft
    ) -> Outcome: ...

    async def update(self, module: str, id: str, draft_id: str, draft: NewEmailDraft) -> Outcome:
        """Change a draft; what is not given stays.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-draft.html.

        Raises:
            InvalidRequest: the documentation rules the draft out; lists every reason.
            RecordNotFound: no such record or draft.
        """
        draft = given(NewEmailDraft, draft, "draft", "email_drafts.update")
        _check([draft], "email_drafts.update")
        return await self._update(module, id, draft_id, draft)

    @endpoint(
        "DELETE /{module}/{id}/__email_drafts/{draft_id}", key="__email_drafts", look_at=_LOOK
    )
    async def delete(self, module: str, id: str, draft_id: str) -> Outcome:
        """Delete a draft.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-draft.html.

        Raises:
            RecordNotFound: no such record or draft.
        """
        ...


def _check(drafts: Sequence[NewEmailDraft], operation: str) -> None:
    problems = [problem for draft in drafts for problem in draft.problems()]
    if not 1 <= len(drafts) <= _MOST:
        problems.insert(0, f"{len(drafts)} drafts given: one call takes 1 to {_MOST}")
    if problems:
        raise InvalidRequest(tuple(problems), operation=operation)
