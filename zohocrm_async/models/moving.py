"""Plans of exports and imports: by which route, for how many credits, in which time."""

from attrs import frozen

from zohocrm_async.models.common import Word


class ExportRoute(Word):
    """By which calls records are read."""

    PAGES = "pages"
    """Lists, 200 a call."""
    COQL = "coql"
    """Queries, 2,000 a call."""
    BULK_READ = "bulk_read"
    """Jobs of up to 200,000 records."""


class ImportRoute(Word):
    """By which calls records are written."""

    CALLS = "calls"
    """Creates, updates or upserts, 100 a call."""
    BULK_WRITE = "bulk_write"
    """Jobs of up to 25,000 records."""


@frozen(kw_only=True)
class RoutePlan:
    """What one route takes."""

    route: str
    possible: bool
    credits: int
    """Of the whole, looks at jobs and downloads included."""
    calls: int
    seconds: float | None
    """From now, waiting for credits included; None where there are never enough credits.

    The time that calls and jobs take is assumed: the service promises none.
    """
    why: str
    """What the figures come from, or why the route cannot be taken."""


@frozen(kw_only=True)
class ExportPlan:
    """The routes of an export, and the one that it takes."""

    module: str
    count: int
    """Records that there are, or that a search finds."""
    counted: str
    """How they were counted."""
    route: ExportRoute
    why: str
    """Why this route."""
    routes: tuple[RoutePlan, ...]

    @property
    def chosen(self) -> RoutePlan:
        """The plan of the route that is taken."""
        return next(plan for plan in self.routes if plan.route == self.route)

    @property
    def credits(self) -> int:
        """Credits of the route that is taken; counting and metadata are spent already."""
        return self.chosen.credits

    @property
    def seconds(self) -> float | None:
        """Seconds of the route that is taken."""
        return self.chosen.seconds


@frozen(kw_only=True)
class ImportPlan:
    """The routes of an import, and the one that it takes."""

    module: str
    count: int
    operation: str
    route: ImportRoute
    """That of the first 25,000 rows."""
    why: str
    """Why this route."""
    credits: int
    """With each 25,000 rows by the route that is cheapest for them."""
    routes: tuple[RoutePlan, ...]

    @property
    def chosen(self) -> RoutePlan:
        """The plan of the route that is taken, as if all rows took it."""
        return next(plan for plan in self.routes if plan.route == self.route)
