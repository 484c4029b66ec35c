"""OpenTelemetry: a span for each call, and metrics of credits, slots, queue and waits.

Needs the extra ``opentelemetry``. The guide docs/observability.md lists what is recorded.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextvars import Token
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from attrs import field, frozen

try:
    import opentelemetry.trace as _library
except ModuleNotFoundError as _missing:
    raise ImportError(
        "zohocrm_async.opentelemetry needs its API: pip install 'zohocrm-async[opentelemetry]'"
    ) from _missing

from opentelemetry import context, metrics, trace
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from zohocrm_async import (
    AttemptFinished,
    CallFinished,
    CallStarted,
    ClientClosed,
    ClientOpened,
    Event,
    RetryPlanned,
    RetryRefused,
    ZohoCRM,
    __version__,
)
from zohocrm_async.exceptions import ConcurrencyExceeded
from zohocrm_async.models.credits import CreditReport

del _library

T = TypeVar("T")
_Attributes = Mapping[str, Any]
_Read = Callable[[CreditReport], Iterator[tuple[str, int]]]

_TOO_MANY, _REFUSED = 429, 400
# An exporter's thread does not wait longer for a loop that is busy or about to end.
_PATIENCE = 0.5
# Those of the conventions for the duration of HTTP requests.
_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
# A call may wait for a slot for a moment, and for credits for a day.
_WAITS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400)


class OpenTelemetry:
    """Spans and metrics of any number of clients; one of it serves an application.

    ``ZohoCRM(..., hooks=[telemetry.organisation("acme")])``. The account (credits, slots,
    queue) is observed from ``async with`` to the end of its block.

    Args:
        tracer_provider: who makes spans; None takes the global one.
        meter_provider: who makes metrics; None takes the global one.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer("zohocrm_async", __version__, tracer_provider)
        self._accounts = _Accounts()
        meter = metrics.get_meter("zohocrm_async", __version__, meter_provider)
        self._instruments = _instruments(meter)
        self._accounts.observe(meter)

    def organisation(self, name: str | None = None) -> Callable[[Event], None]:
        """Return the hook for one client; spans and metrics bear *name*, if one is given."""
        own = {} if name is None else {"zohocrm.organisation": name}
        return _Hook(self._tracer, self._instruments, self._accounts, own)


@frozen
class _Instruments:
    """What is counted as it happens."""

    duration: metrics.Histogram
    wait: metrics.Histogram
    credits: metrics.Counter
    retries: metrics.Counter
    throttled: metrics.Counter


def _instruments(meter: metrics.Meter) -> _Instruments:
    return _Instruments(
        meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_DURATIONS,
        ),
        meter.create_histogram(
            "zohocrm.call.wait",
            "s",
            "What calls waited for before and between their attempts, by reason.",
            explicit_bucket_boundaries_advisory=_WAITS,
        ),
        meter.create_counter("zohocrm.credits.spent", "{credit}", "Credits booked for calls."),
        meter.create_counter("zohocrm.retries", "{retry}", "Attempts after one that failed."),
        meter.create_counter("zohocrm.throttled", "{answer}", "Answers with status 429."),
    )


@frozen
class _Running:
    """A call that has begun."""

    span: Span
    token: Token[context.Context]
    named: _Attributes
    target: _Attributes


@frozen(eq=False)
class _Hook:
    """Turns the events of one client into spans and metrics."""

    _tracer: trace.Tracer
    _instruments: _Instruments
    _accounts: "_Accounts"
    _own: _Attributes
    _running: dict[int, _Running] = field(init=False, factory=dict)

    def __call__(self, event: Event) -> None:
        match event:
            case CallStarted():
                self._running[event.call] = self._start(event)
            case AttemptFinished() if running := self._running.get(event.call):
                self._note_attempt(event, running)
            case RetryPlanned() | RetryRefused() if running := self._running.get(event.call):
                self._note_retry(event, running)
            case CallFinished() if running := self._running.pop(event.call, None):
                self._finish(event, running)
            case ClientOpened():
                self._accounts.add(event.client, self._own)
            case ClientClosed():
                self._accounts.remove(event.client)
            case _:
                return

    def _start(self, event: CallStarted) -> _Running:
        # A path that nobody declared may hold anything; so may the name made of it.
        known = event.template is not None or " " not in event.operation
        named = {**self._own, "zohocrm.operation": event.operation if known else "request"}
        target = {"http.request.method": event.method, **_server(event.server)}
        name = event.method
        if event.template is not None:
            target["url.template"] = event.template
            name = f"{event.method} {event.template}"
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes={**named, **target})
        token = context.attach(trace.set_span_in_context(span))
        return _Running(span, token, named, target)

    def _note_attempt(self, event: AttemptFinished, running: _Running) -> None:
        instruments, result = self._instruments, _result(event.status, event.error)
        facts = {"zohocrm.attempt.duration": event.seconds, "zohocrm.credits": event.credits}
        running.span.add_event("zohocrm.attempt", {**result, **facts, **_waited(event.waits)})
        if event.status is not None or event.seconds:
            labels = {**self._own, **running.target, **result}
            instruments.duration.record(event.seconds, labels)
        if event.credits:
            instruments.credits.add(event.credits, running.named)
        if event.status == _TOO_MANY:
            kind = "slots" if isinstance(event.error, ConcurrencyExceeded) else "credits"
            instruments.throttled.add(1, {**running.named, "zohocrm.throttled.by": kind})

    def _note_retry(self, event: RetryPlanned | RetryRefused, running: _Running) -> None:
        cause = _result(None, event.error)
        if isinstance(event, RetryRefused):
            running.span.add_event("zohocrm.retry_refused", cause)
            return
        running.span.add_event("zohocrm.retry", {**cause, "zohocrm.pause": event.pause})
        self._instruments.retries.add(1, {**running.named, **cause})

    def _finish(self, event: CallFinished, running: _Running) -> None:
        for reason, seconds in event.waits.items():
            labels = {**running.named, "zohocrm.wait.reason": reason}
            self._instruments.wait.record(seconds, labels)
        span, resends = running.span, event.attempts - 1
        # Elsewhere where a call that was left alone is closed: the context is not its own.
        if trace.get_current_span() is span:
            context.detach(running.token)
        span.set_attributes(
            {
                **_result(event.status, event.error),
                **({"http.request.resend_count": resends} if resends > 0 else {}),
                "zohocrm.attempts": event.attempts,
                "zohocrm.credits": event.credits,
                "zohocrm.waited.total": sum(event.waits.values()),
                **_waited(event.waits),
            }
        )
        if event.error is not None:
            # Without its message, which may name people.
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    ports = {"http": 80, "https": 443}
    return {
        "url.scheme": parts.scheme,
        "server.address": parts.hostname or "",
        "server.port": parts.port or ports.get(parts.scheme, 0),
    }


def _result(status: int | None, error: BaseException | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if status is None else {"http.response.status_code": status}
    if error is not None:
        found["error.type"] = type(error).__qualname__
    elif status is not None and status >= _REFUSED:
        found["error.type"] = str(status)
    return found


def _waited(waits: Mapping[str, float]) -> dict[str, float]:
    return {f"zohocrm.waited.{reason}": seconds for reason, seconds in waits.items()}


class _Accounts:
    """The accounts of open clients, for whoever collects metrics, on whatever thread."""

    def __init__(self) -> None:
        self._open: dict[ZohoCRM, tuple[asyncio.AbstractEventLoop, _Attributes]] = {}

    def add(self, client: ZohoCRM, own: _Attributes) -> None:
        """Observe *client*, which belongs to the loop that runs."""
        self._open[client] = asyncio.get_running_loop(), own

    def remove(self, client: ZohoCRM) -> None:
        """Observe *client* no more."""
        self._open.pop(client, None)

    def observe(self, meter: metrics.Meter) -> None:
        """Have the accounts asked for whenever metrics are collected."""
        meter.create_observable_gauge(
            "zohocrm.credits.usage",
            [self._observer("zohocrm.credits.state", _credits)],
            "{credit}",
            "Credits of the 24-hour window: used, reserved and free.",
        )
        meter.create_observable_gauge(
            "zohocrm.slots.limit",
            [self._observer("zohocrm.slots.pool", _in_force)],
            "{slot}",
            "Calls that may be in flight at once now.",
        )
        meter.create_observable_up_down_counter(
            "zohocrm.slots.usage",
            [self._observer("zohocrm.slots.pool", _in_flight)],
            "{slot}",
            "Calls in flight.",
        )
        meter.create_observable_up_down_counter(
            "zohocrm.queue.waiting",
            [self._observer("zohocrm.priority", _waiting)],
            "{call}",
            "Calls that wait for a slot or for credits.",
        )

    def _observer(
        self, label: str, read: _Read
    ) -> Callable[[CallbackOptions], Iterator[Observation]]:
        def observe(_: CallbackOptions) -> Iterator[Observation]:
            for own, report in self._reports():
                for word, number in read(report):
                    yield Observation(number, {**own, label: word})

        return observe

    def _reports(self) -> list[tuple[_Attributes, CreditReport]]:
        found: list[tuple[_Attributes, CreditReport]] = []
        for loop in {loop for loop, _ in tuple(self._open.values())}:
            found += _on(loop, partial(self._reports_of, loop)) or []
        return found

    def _reports_of(
        self, loop: asyncio.AbstractEventLoop
    ) -> list[tuple[_Attributes, CreditReport]]:
        open_ = tuple(self._open.items())
        return [(own, client.credits()) for client, (its, own) in open_ if its is loop]


def _on(loop: asyncio.AbstractEventLoop, ask: Callable[[], T]) -> T | None:
    """Return what *ask* returns in *loop*, to which its answer belongs; None: it is busy."""
    if _running_loop() is loop:
        return ask()
    answer: Future[T] = Future()

    def give() -> None:
        if answer.set_running_or_notify_cancel():
            try:
                answer.set_result(ask())
            except Exception as error:  # noqa: BLE001  # whoever asks gets it
                answer.set_exception(error)

    try:
        loop.call_soon_threadsafe(give)
    except RuntimeError:
        return None  # it has ended
    try:
        return answer.result(_PATIENCE)
    except TimeoutError:
        answer.cancel()
        return None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _credits(report: CreditReport) -> Iterator[tuple[str, int]]:
    yield "used", report.used
    yield "reserved", report.reserved
    yield "free", report.remaining


def _in_force(report: CreditReport) -> Iterator[tuple[str, int]]:
    yield "all", report.slots.in_force
    yield "heavy", report.heavy_slots.in_force


def _in_flight(report: CreditReport) -> Iterator[tuple[str, int]]:
    yield "all", report.slots.in_flight
    yield "heavy", report.heavy_slots.in_flight


def _waiting(report: CreditReport) -> Iterator[tuple[str, int]]:
    for priority, queue in report.by_priority.items():
        yield priority, queue.waiting
