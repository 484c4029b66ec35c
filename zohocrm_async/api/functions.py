"""Functions of the organisation."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._wire import Form
from zohocrm_async.models.common import Outcome

_LOOK = "Look at what the function writes: it may have run."


class Functions(Resource, family="functions"):
    """Functions that may be called from outside. Every call takes 1 credit.

    Zoho's own library for Python knows these calls; no page of the API describes them.
    """

    @endpoint("GET /functions/{name}/actions/execute", repeatable=False, look_at=_LOOK)
    async def _run(self, name: str, *, auth_type: str, arguments: Mapping[str, Any]) -> Outcome: ...

    async def run(self, name: str, arguments: Mapping[str, Any] | None = None) -> Outcome:
        """Run a function; what it returns is in the ``details`` of the outcome."""
        return await self._run(name, auth_type="oauth", arguments=arguments or {})

    @endpoint("POST /functions/{name}/actions/execute", look_at=_LOOK)
    async def _run_with(
        self,
        name: str,
        body: Mapping[str, Any] | Form,
        *,
        auth_type: str,
        arguments: Mapping[str, Any],
    ) -> Outcome: ...

    async def run_with(
        self,
        name: str,
        body: Mapping[str, Any] | Form,
        arguments: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Run a function with a body: a JSON object, or a form whose file is ``inputFile``."""
        return await self._run_with(name, body, auth_type="oauth", arguments=arguments or {})
