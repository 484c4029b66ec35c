"""The window as a picture: when its credits were spent, and when they come back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from zohocrm_async.dashboard._account import Account
from zohocrm_async.dashboard._html import Html, join, tag

_QUARTER = timedelta(minutes=15)
_QUARTERS = 96
_STEP = 5
_NOW, _WIDTH, _HEIGHT = _QUARTERS * _STEP, 2 * _QUARTERS * _STEP, 200

_Steps = Sequence[tuple[int, int]]


def picture(account: Account) -> Html:
    """Return the picture, with its legend."""
    plot = _Plot(account)
    drawing = tag(
        "svg",
        tag("title", _told(account)),
        _hatch(),
        *plot.shapes(),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
    )
    hours = ("24 h ago", "12 h ago", "now", "in 12 h", "in 24 h")
    return tag(
        "figure",
        tag(
            "div",
            tag("div", tag("span", f"{plot.top:,}"), tag("span", "0"), class_="heights"),
            drawing,
            tag("div", *(tag("span", hour) for hour in hours), class_="hours"),
            class_="plot",
        ),
        tag("figcaption", *_legend(account)),
    )


class _Plot:
    """The window, measured in the units of the drawing."""

    def __init__(self, account: Account) -> None:
        self._report = report = account.credits
        self.top = max(report.allowance, report.used + report.reserved, 1)
        spent: Counter[int] = Counter()
        back: Counter[int] = Counter()
        for minute in account.history:
            began = (minute.began_at - account.at) // _QUARTER
            spent[min(max(began, -_QUARTERS), -1)] += minute.credits
            # At the end of its quarter: never drawn as free too early.
            back[-((account.at - minute.resumes_at) // _QUARTER)] += minute.credits
        self._past = list(_levels(spent, range(-_QUARTERS, 0), 0, 1))
        self._ahead = list(_levels(back, range(_QUARTERS), report.used, -1))

    def shapes(self) -> Iterator[Html]:
        """Yield the shapes, the lowest first."""
        report = self._report
        for part in (0.25, 0.5, 0.75):
            yield self._line(round(self.top * part), "grid")
        yield tag("path", class_="used", d=self._area(self._past, 0))
        if report.reserved:
            raised = [(x, level + report.reserved) for x, level in self._ahead]
            yield tag("path", class_="reserved", d=self._area(raised, _NOW))
            yield tag("path", class_="blank", d=self._area(self._ahead, _NOW))
        yield tag("path", class_="ahead", fill="url(#hatch)", d=self._area(self._ahead, _NOW))
        yield self._line(report.allowance, "allowance")
        if report.floor:
            yield self._line(report.allowance - report.floor, "floor")
        yield tag("line", class_="now", x1=_NOW, x2=_NOW, y1=0, y2=_HEIGHT)

    def _line(self, level: int, name: str) -> Html:
        y = self._y(level)
        return tag("line", class_=name, x1=0, x2=_WIDTH, y1=y, y2=y)

    def _area(self, steps: _Steps, begin: int) -> str:
        """Return the path around all below *steps*, from *begin* on."""
        end = begin + _NOW
        edges = "".join(f"H{x}V{self._y(level)}" for x, level in steps)
        return f"M{begin} {_HEIGHT}{edges}H{end}V{_HEIGHT}Z"

    def _y(self, level: int) -> str:
        return f"{_HEIGHT * (1 - level / self.top):g}"


def _levels(
    changes: Mapping[int, int], quarters: Iterable[int], level: int, sign: int
) -> Iterator[tuple[int, int]]:
    """Yield where the level changes and what it is from there on."""
    first = True
    for quarter in quarters:
        change = changes.get(quarter, 0)
        level += sign * change
        if change or first:
            yield _NOW + quarter * _STEP, level
        first = False


def _hatch() -> Html:
    line = tag("line", x1=0, x2=0, y1=0, y2=6)
    size = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return tag("defs", tag("pattern", line, id="hatch", patternTransform="rotate(45)", **size))


def _legend(account: Account) -> Iterator[Html]:
    yield _key("used", "Spent by then")
    yield _key("ahead", "Not back yet by then, if nothing more is spent")
    if account.credits.reserved:
        yield _key("reserved", "Held for calls in flight")
    yield _key("allowance", "Allowance")
    if account.credits.floor:
        yield _key("floor", "Above this line for interactive calls alone")


def _key(name: str, text: str) -> Html:
    inside = Html('<rect width="24" height="12" class="ground"/>')
    if name in {"allowance", "floor"}:
        shape = tag("line", class_=name, x1=0, x2=24, y1=6, y2=6)
    else:
        fill = "url(#hatch)" if name == "ahead" else None
        shape = tag("rect", class_=name, width=24, height=12, fill=fill)
    swatch = tag(
        "svg", join((inside, shape)), viewBox="0 0 24 12", class_="key", aria_hidden="true"
    )
    return tag("span", swatch, text)


def _told(account: Account) -> str:
    report = account.credits
    soon = back_by(account, account.at + timedelta(hours=1))
    return (
        f"{report.used:,} of {report.allowance:,} credits of the last 24 hours are used, "
        f"{report.reserved:,} held, {report.remaining:,} free. "
        f"{soon:,} come back within an hour, "
        f"{back_by(account, account.at + timedelta(hours=12)):,} within twelve."
    )


def back_by(account: Account, when: datetime) -> int:
    """Return how many credits have come back by *when*."""
    return sum(minute.credits for minute in account.history if minute.resumes_at <= when)
