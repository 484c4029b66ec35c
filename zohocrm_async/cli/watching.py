"""What a human sees of a running job: a bar in a terminal, plain lines elsewhere."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from zohocrm_async import ZohoCRM
from zohocrm_async.cli.output import aside, note, watched
from zohocrm_async.jobs import Item, ItemState
from zohocrm_async.jobs.items import DONE
from zohocrm_async.jobs.job import Terms
from zohocrm_async.jobs.progress import Begun, Event, ItemEnded, Resumed, Waiting

_EVERY_BAR, _EVERY_LINE = 0.25, 10.0
_ENDED = DONE | {ItemState.REFUSED}


class _Bars(Progress):
    """Bars, and below them what is told of each, which may be longer than a line."""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        for task in self.tasks:
            if task.fields["states"]:
                named = f"{task.description}: " if len(self.tasks) > 1 else ""
                yield Text(f"{named}{task.fields['states']}")


@contextlib.contextmanager
def bars() -> Generator[Progress]:
    """Draw progress bars on stderr, if a human looks."""
    with _Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        console=aside(),
        disable=not watched(),
    ) as progress:
        yield progress


class Watch:
    """Counts a job's items by state, and moves its bar."""

    def __init__(self, progress: Progress, name: str, total: int | None) -> None:
        self.states: Counter[ItemState] = Counter()
        self.total = total
        self.waiting: Waiting | None = None
        self.before = 0
        """Items that earlier runs have done."""
        self._open: dict[str, ItemState] = {}
        self._told = ""
        self._progress = progress
        self._bar = progress.add_task(name, total=total, states="")

    def __call__(self, item: Item) -> None:
        """Count *item*, which the job has done with; again, if it was left open before."""
        before = self._open.pop(item.key, None)
        if before is not None:
            self.states[before] -= 1
        self.states[item.state] += 1
        if item.state not in _ENDED:
            self._open[item.key] = item.state
        if not self._progress.disable:
            self._draw(self._told or str(self))

    def event(self, event: Event) -> None:
        """Take in what happens."""
        if isinstance(event, Begun):
            self.states.update({s: n for s, n in event.counts.items() if s in _ENDED})
            self.before = self.states.total()
        elif isinstance(event, ItemEnded):
            self(event.item)
        elif isinstance(event, Waiting):
            self.waiting = event
        elif isinstance(event, Resumed):
            self.waiting = None

    def draw(self, text: str) -> None:
        """Set the bar to the items so far, with *text* below it from now on."""
        self._told = text
        self._draw(text)

    def _draw(self, text: str) -> None:
        done = self.states.total()
        self._progress.update(self._bar, completed=done, total=self.total, states=text)

    def left(self, seconds: float) -> str:
        """Say how long the rest takes, if it goes on as in the last so many seconds."""
        done = self.states.total()
        made = done - self.before
        if self.total is None or made <= 0 or done >= self.total:
            return ""
        return f"about {timedelta(seconds=round(seconds / made * (self.total - done)))} left"

    def __str__(self) -> str:
        counts = sorted((state, count) for state, count in self.states.items() if count)
        return ", ".join(f"{count:,} {state}" for state, count in counts)


class Account:
    """Says in one line how a job stands: items, credits, calls, time left, waits."""

    def __init__(self, crm: ZohoCRM, terms: Terms, watch: Watch) -> None:
        self._crm = crm
        self._budget = f"{terms.kind} job {terms.journal.name}"
        self._watch = watch
        self._began = crm.clock.monotonic()

    def line(self) -> str:
        """Return the line."""
        report = self._crm.credits()
        budget = report.by_budget.get(self._budget)
        spent = 0 if budget is None else budget.spent
        parts = [
            str(self._watch) or "nothing done yet",
            f"{spent:,} credits",
            f"{report.slots.in_flight} in flight",
            self._left(spent, max(report.remaining - report.floor, 0)),
        ]
        waiting = self._watch.waiting
        if waiting is not None:
            parts.append(waits(waiting.until, waiting.why))
        return "; ".join(part for part in parts if part)

    def _left(self, spent: int, free: int) -> str:
        watch = self._watch
        if watch.waiting is not None:
            return ""
        left = watch.left(self._crm.clock.monotonic() - self._began)
        if left and spent:
            done = watch.states.total()
            paid = free * (done - watch.before) // spent
            if paid < (watch.total or 0) - done:
                return f"credits for about {paid:,} more"
        return left


def waits(until: datetime, why: str) -> str:
    """Say until when nothing is sent, and why."""
    return f"waiting until {until.astimezone():%Y-%m-%d %H:%M:%S}: {why}"


@contextlib.asynccontextmanager
async def told(
    crm: ZohoCRM, terms: Terms, name: str, count: Callable[[], int] | None
) -> AsyncGenerator[tuple[Watch, Progress], None]:
    """Show a job's progress while the block runs; *count* tells how many items there are."""
    with bars() as progress:
        watch = Watch(progress, name, None)
        account = Account(crm, terms, watch)
        showing = asyncio.create_task(_show(crm, watch, account, count))
        try:
            yield watch, progress
        finally:
            showing.cancel()
            await asyncio.wait([showing])
            watch.draw(account.line())


async def _show(
    crm: ZohoCRM, watch: Watch, account: Account, count: Callable[[], int] | None
) -> None:
    """Draw the bar a few times a second, or print a line now and then."""
    human, said = watched(), ""
    if count is not None:
        watch.total = await asyncio.to_thread(count)
    while True:
        await crm.clock.sleep(_EVERY_BAR if human else _EVERY_LINE)
        line = account.line()
        if human:
            watch.draw(line)
        elif line != said:
            of = "" if watch.total is None else f" of {watch.total:,}"
            note(f"{_time(crm.clock.now())} {watch.states.total():,}{of}: {line}")
        said = line


def _time(now: datetime) -> str:
    return f"{now.astimezone():%H:%M:%S}"
