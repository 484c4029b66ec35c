"""What can be looked at: one client, or the organisations of a pool."""

from collections.abc import Mapping
from urllib.parse import urlencode

from attrs import frozen
from fastapi import HTTPException, Request

from zohocrm_async import ClientPool, ZohoCRM
from zohocrm_async._clock import Clock
from zohocrm_async.dashboard._account import Account, Summary, account_of, as_json, summary_of
from zohocrm_async.dashboard._html import Html
from zohocrm_async.dashboard._page import organisation_page, overview_page
from zohocrm_async.dashboard._parts import closed, overview, parts
from zohocrm_async.exceptions import ConfigurationError

_TITLE = "Zoho CRM"


@frozen
class OrganisationView:
    """The account of one organisation."""

    crm: ZohoCRM
    name: str | None
    pool: ClientPool | None
    interval: float = 1.0

    @property
    def clock(self) -> Clock:
        """The client's."""
        return self.crm.clock

    def parts(self) -> Mapping[str, Html]:
        """Return what is to be seen now, or that the pool has closed the client."""
        return closed() if self._is_gone() else parts(self._account())

    def page(self) -> str:
        """Return the page."""
        query = f"?{urlencode({'organisation': self.name})}" if self.name is not None else ""
        return organisation_page(
            self.name or _TITLE, self.clock.now(), self.parts(), query=query, back=bool(self.pool)
        )

    def json(self) -> bytes:
        """Return the account as JSON."""
        return as_json(self._account())

    def _account(self) -> Account:
        return account_of(self.crm, self.name)

    def _is_gone(self) -> bool:
        if self.pool is None or self.name is None:
            return False
        return self.pool.peek(self.name) is not self.crm


@frozen
class PoolView:
    """The organisations of a pool that have an open client."""

    pool: ClientPool
    interval: float = 5.0

    @property
    def clock(self) -> Clock:
        """The pool's."""
        return self.pool.clock

    def parts(self) -> Mapping[str, Html]:
        """Return the list of them."""
        return overview(
            [(one, f"./?{urlencode({'organisation': one.organisation})}") for one in self._all()]
        )

    def page(self) -> str:
        """Return the page."""
        return overview_page(self.clock.now(), self.parts())

    def json(self) -> bytes:
        """Return what each has left as JSON."""
        return as_json(tuple(self._all()))

    def _all(self) -> list[Summary]:
        clients = ((name, self.pool.peek(name)) for name in sorted(self.pool.open_organisations))
        return [summary_of(crm, name) for name, crm in clients if crm is not None]


def view_of(request: Request) -> OrganisationView | PoolView:
    """Return what *request* asks for, of the client or the pool of the application."""
    found = getattr(request.state, "zohocrm", None)
    name = request.query_params.get("organisation")
    if isinstance(found, ZohoCRM):
        if name is not None:
            raise HTTPException(404, "this application has one client; leave organisation out")
        return OrganisationView(found, None, None)
    if not isinstance(found, ClientPool):
        raise ConfigurationError(
            "the application has no client to look at: make it with "
            "FastAPI(lifespan=lifespan(...)), or yield {'zohocrm': ...} from a lifespan of your own"
        )
    if name is None:
        return PoolView(found)
    crm = found.peek(name)
    if crm is None:
        raise HTTPException(404, f"no client of organisation {name!r} is open")
    return OrganisationView(crm, name, found)
