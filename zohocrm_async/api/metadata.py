"""What the organisation says of its modules, asked once and kept."""

from collections.abc import Collection
from difflib import get_close_matches

from zohocrm_async._endpoint import Caller, Resource
from zohocrm_async._shared_answers import SharedAnswers
from zohocrm_async.api.fields import Fields
from zohocrm_async.api.layouts import Layouts
from zohocrm_async.api.modules import CustomViews, Modules, RelatedLists
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.fields import Field
from zohocrm_async.models.layouts import Layout
from zohocrm_async.models.modules import CustomView, Module, RelatedList

_MOST_ANSWERS = 1_000


class Metadata(Resource, family="metadata"):
    """Modules, fields, layouts, lists and views, each asked for once (1 credit) and kept.

    All who ask at the same time share one call, which is charged to no caller's budget.
    At most 1,000 answers are kept. The families `modules`, `fields`, `layouts`,
    `related_lists` and `custom_views` ask anew with each call.
    """

    def __init__(self, client: Caller) -> None:
        super().__init__(client)
        self.lifetime = 3600.0
        """Seconds that an answer is kept; it may be set at any time, for those to come."""
        self._answers = SharedAnswers(client.clock, name="metadata", most=_MOST_ANSWERS)

    async def modules(self) -> tuple[Module, ...]:
        """Return the modules.

        See https://www.zoho.com/crm/developer/docs/api/v7/modules-api.html.
        """
        return await self._answers.get(
            ("", "modules"), lambda: Modules(self.client).list(), lifetime=self.lifetime
        )

    async def module(self, name: str) -> Module:
        """Return one module of `modules` by its API name.

        Raises:
            InvalidRequest: the organisation has no such module.
        """
        known = {module.api_name: module for module in await self.modules()}
        if name not in known:
            raise _unknown("module", name, known, "")
        return known[name]

    async def fields(self, module: str) -> tuple[Field, ...]:
        """Return the fields of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html.

        Raises:
            InvalidModule: no such module.
        """
        return await self._answers.get(
            (module, "fields"), lambda: Fields(self.client).list(module), lifetime=self.lifetime
        )

    async def field(self, module: str, name: str) -> Field:
        """Return one field of `fields` by its API name.

        Raises:
            InvalidRequest: the module has no such field.
            InvalidModule: no such module.
        """
        known = {field.api_name: field for field in await self.fields(module)}
        if name not in known:
            raise _unknown("field", name, known, f" of {module}")
        return known[name]

    async def layouts(self, module: str) -> tuple[Layout, ...]:
        """Return the layouts of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/layouts-meta.html.

        Raises:
            InvalidModule: no such module.
        """
        return await self._answers.get(
            (module, "layouts"), lambda: Layouts(self.client).list(module), lifetime=self.lifetime
        )

    async def related_lists(self, module: str) -> tuple[RelatedList, ...]:
        """Return the related lists of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/related-list-meta.html.

        Raises:
            InvalidModule: no such module.
        """
        return await self._answers.get(
            (module, "related_lists"),
            lambda: RelatedLists(self.client).list(module),
            lifetime=self.lifetime,
        )

    async def custom_views(self, module: str) -> tuple[CustomView, ...]:
        """Return the custom views of a module, all pages of them.

        See https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html.

        Raises:
            InvalidModule: no such module.
        """

        async def views() -> tuple[CustomView, ...]:
            return tuple([view async for view in CustomViews(self.client).list(module)])

        return await self._answers.get((module, "custom_views"), views, lifetime=self.lifetime)

    def refresh(self, module: str | None = None) -> None:
        """Forget what is kept, all or that of a *module*: it is asked for anew."""
        self._answers.forget(lambda key: module is None or key[0] == module)


def _unknown(kind: str, name: str, known: Collection[str], where: str) -> InvalidRequest:
    close = get_close_matches(name, known, n=3)
    advice = f"did you mean {' or '.join(close)}?" if close else f"see crm.metadata.{kind}s"
    return InvalidRequest(
        f"the organisation has no {kind} {name!r}{where}: {advice}", operation=f"metadata.{kind}"
    )
