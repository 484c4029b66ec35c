"""More rows than one call takes: cut into calls that run at once, and nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, TypeVar

from attrs import define, field

from zohocrm_async import exceptions as errors
from zohocrm_async.models.common import Outcome

if TYPE_CHECKING:
    from zohocrm_async._endpoint import Operation, Resource

T = TypeVar("T")
Send = Callable[[Sequence[T]], Awaitable[tuple[Outcome, ...]]]
Many = Callable[..., Awaitable[tuple[Outcome, ...]]]

# As many heavy calls as the service runs at once: more would only wait.
_AT_ONCE = 10
# What would meet the calls that follow, too: they are not sent.
_HOPELESS = (
    errors.SchedulerError,
    errors.CreditsExhausted,
    errors.LedgerError,
    errors.AuthenticationError,
    errors.AuthenticationFailure,
    errors.InvalidToken,
    errors.ScopeMismatch,
    errors.PermissionDenied,
    errors.InvalidModule,
    errors.InvalidURL,
    errors.InvalidMethod,
    errors.FeatureNotSupported,
)


def in_calls(method: Many, operation: "Operation", place: int) -> Many:
    """Return *method* such that it takes any number of rows, its argument at *place*.

    As many as one call takes are one call, whose errors are raised. Beyond that, a call that
    fails as a whole gives its rows outcomes with its error, and so it does the rows of calls
    that were not sent because they would have met the same. Where every call failed in the
    same way and none may have acted, the error is raised.

    Cancelled, it leaves no call running, and the ``CancelledError`` has a
    `WriteInterrupted` with the outcomes so far as its cause.
    """
    most = operation.counts[operation.cut][1]

    async def many(self: "Resource", *args: Any, **kwargs: Any) -> tuple[Outcome, ...]:
        rows: Any = args[place] if place < len(args) else kwargs.get(operation.cut)
        # None are no call, unless the records can be named in another way.
        fits = _is_list(rows) and len(rows) <= most and (len(rows) > 0 or operation.either)
        if not _is_list(rows) or fits:
            return await method(self, *args, **kwargs)

        async def send(part: Sequence[Any]) -> tuple[Outcome, ...]:
            if place < len(args):
                return await method(self, *args[:place], part, *args[place + 1 :], **kwargs)
            return await method(self, *args, **{**kwargs, operation.cut: part})

        name: str = many.operation.name  # type: ignore[attr-defined]  # set by its declaration
        return await in_batches(rows, send, most=most, operation=name)

    return many


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


async def in_batches(
    rows: Sequence[T], send: Send[T], *, most: int, operation: str
) -> tuple[Outcome, ...]:
    """Send *rows* in calls of *most* each; return one outcome for each row, in order."""
    batches = [rows[start : start + most] for start in range(0, len(rows), most)]
    write = _Write(batches, send, operation, iter(range(len(batches))))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(batches))):
                group.create_task(write.work())
    except asyncio.CancelledError as cancelled:
        raise cancelled from errors.WriteInterrupted(write.so_far(), operation=operation)
    return write.outcomes()


@define(eq=False)
class _Write(Generic[T]):
    """What is known of the calls, by their number."""

    batches: list[Sequence[T]]
    send: Send[T]
    operation: str
    numbers: Iterator[int]
    begun: set[int] = field(factory=set[int])
    answers: dict[int, tuple[Outcome, ...]] = field(factory=dict[int, tuple[Outcome, ...]])
    failures: dict[int, errors.ZohoCRMError] = field(factory=dict[int, errors.ZohoCRMError])
    hopeless: errors.ZohoCRMError | None = None

    async def work(self) -> None:
        """Send one batch after the other, as long as there is hope."""
        while self.hopeless is None and (number := next(self.numbers, None)) is not None:
            self.begun.add(number)
            batch = self.batches[number]
            try:
                self.answers[number] = self._one_each(await self.send(batch), batch)
            except errors.ZohoCRMError as error:
                self.failures[number] = error
                if isinstance(error, _HOPELESS):
                    self.hopeless = error

    def _one_each(self, answer: tuple[Outcome, ...], batch: Sequence[T]) -> tuple[Outcome, ...]:
        if len(answer) == len(batch):
            return answer
        raise errors.UnexpectedAnswer(
            f"{self.operation}: {len(batch)} rows were answered with {len(answer)} outcomes, "
            "which cannot be told apart: read the records before another try",
            operation=self.operation,
        )

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcomes of all rows, or raise what every call met."""
        failures = list(self.failures.values())
        if not self.answers and _same(failures):
            raise failures[0]
        found: list[Outcome] = []
        for number, batch in enumerate(self.batches):
            answer = self.answers.get(number)
            error = self.failures.get(number) or self.hopeless
            found += answer or ([_failed(error)] * len(batch) if error else ())
        return tuple(found)

    def so_far(self) -> tuple[Outcome | None, ...]:
        """Return the outcomes of a write that did not come to its end."""
        found: list[Outcome | None] = []
        for number, batch in enumerate(self.batches):
            error = self.failures.get(number)
            if number in self.answers:
                found += self.answers[number]
            elif error is not None or number in self.begun:
                found += [_failed(error or self._under_way())] * len(batch)
            else:
                found += [None] * len(batch)
        return tuple(found)

    def _under_way(self) -> errors.OutcomeUnknown:
        return errors.OutcomeUnknown(
            f"{self.operation} was cancelled while its answer was on the way.",
            look_at="Read the records before another try.",
            path="",
            operation=self.operation,
        )


def _same(failures: Sequence[errors.ZohoCRMError]) -> bool:
    """Whether all calls failed in one way, which leaves no doubt that none acted."""
    kinds = {(type(error), getattr(error, "code", "")) for error in failures}
    return len(kinds) == 1 and not isinstance(failures[0], errors.OutcomeUnknown)


def _failed(error: errors.ZohoCRMError) -> Outcome:
    details: Any = getattr(error, "details", {})
    code = getattr(error, "code", "")
    return Outcome(code, "error", str(error), details, error=error)
