"""Forms on web sites that make records."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.web_forms import NewWebForm, WebForm


class WebForms(Resource, family="web_forms"):
    """Forms on web sites that make records. Every call takes 1 credit."""

    @endpoint("GET /settings/webforms", key="webforms")
    async def list(self, module: str) -> tuple[WebForm, ...]:
        """List the web forms of a module."""
        ...

    @endpoint("GET /settings/webforms/{form_id}", key="webforms")
    async def get(self, module: str, form_id: str) -> WebForm:
        """Return one web form.

        Raises:
            RecordNotFound: no such form.
        """
        ...

    @endpoint("GET /settings/webforms/{form_id}/actions/preview", key="webforms")
    async def preview(self, module: str, form_id: str) -> WebForm:
        """Return a web form as visitors see it."""
        ...

    @endpoint(
        "POST /settings/webforms", key="webforms", look_at="List the forms (crm.web_forms.list)."
    )
    async def create(self, module: str, body: NewWebForm) -> Outcome:
        """Create a web form."""
        ...

    @endpoint("PUT /settings/webforms/{form_id}", key="webforms", repeatable=True)
    async def update(self, module: str, form_id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one web form.

        Raises:
            RecordNotFound: no such form.
        """
        ...

    @endpoint("PUT /settings/webforms", key="webforms", repeatable=True)
    async def update_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change several web forms by their ``id``."""
        ...

    @endpoint(
        "DELETE /settings/webforms/{form_id}",
        key="webforms",
        look_at="Ask for the form (crm.web_forms.get).",
    )
    async def delete(self, module: str, form_id: str) -> Outcome:
        """Delete one web form.

        Raises:
            RecordNotFound: no such form.
        """
        ...
