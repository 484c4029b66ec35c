"""Calls that go together: collected in a block, sent as one composite request."""

import asyncio
import inspect
import re
from collections.abc import Awaitable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast
from urllib.parse import unquote

from attrs import evolve

from zohocrm_async import _retry
from zohocrm_async._arguments import place
from zohocrm_async._batching.sub_requests import MOST, check
from zohocrm_async._clock import Clock
from zohocrm_async._converter import structure
from zohocrm_async._endpoint import Call, Caller, Operation
from zohocrm_async._shared import own
from zohocrm_async._wire import Answer, as_object, dumps, judge
from zohocrm_async.api import Families
from zohocrm_async.exceptions import InvalidRequest, OutcomeUnknown, UnexpectedAnswer, ZohoCRMError
from zohocrm_async.models.common import Outcome

T = TypeVar("T")

_NAME = "composite.run"
_CREATED = "$.data[0].details.id"
# A reference as it stands in a path: encoded, like all that is not plain there.
_REFERENCE = re.compile(r"%40%7B\w+%3A.*?%7D")
_adding: ContextVar["SubRequest[Any] | None"] = ContextVar("_adding", default=None)


class SubRequest(Generic[T]):
    """One request of a composite request.

    Attributes:
        id: by which the others refer to it.
        call: what it sends; None until that is known.
    """

    def __init__(self, batch: "Batch", id: str, request: Awaitable[T]) -> None:  # noqa: A002  # the service's word
        self.id = id
        self.call: Call | None = None
        self.batch = batch
        self._request = request
        loop = asyncio.get_running_loop()
        self.known: asyncio.Future[None] = loop.create_future()
        """Done once `call` is known, or never will be."""
        self.answer: asyncio.Future[Any] = loop.create_future()
        self.task = asyncio.create_task(self._run())

    @property
    def result(self) -> T:
        """What the call returns by itself, once the block has ended.

        Raises:
            ZohoCRMError: what the call raises by itself, or what kept the composite
                request from being sent.
        """
        if not self.task.done():
            raise _refused("results are there once the block of the batch has ended")
        if self.task.cancelled():
            raise self.batch.cut_off()
        return self.task.result()

    def reference(self, path: str = _CREATED) -> str:
        """Return what stands for a value of this request's answer in requests after it.

        *path* is a JSONPath; the id of the one created record if not given.
        """
        return f"@{{{self.id}:{path}}}"

    def error(self) -> BaseException | None:
        """Return why it failed, if it did before it was sent."""
        done = self.task.done() and not self.task.cancelled()
        return self.task.exception() if done else None

    def end(self) -> None:
        """Leave nothing behind, now that the task is done: no warning tells of it later."""
        self.error()
        _drop(self._request)

    async def _run(self) -> T:
        _adding.set(self)
        try:
            return await self._request
        finally:
            if not self.known.done():
                self.known.set_result(None)


class Batch(Families):
    """Up to five calls that go together; an async context manager.

    It has the families of the client. What their methods return is handed to `add`, not
    awaited.
    """

    def __init__(self, client: Caller, operation: Operation, options: dict[str, bool]) -> None:
        self.version = client.version
        self.clock: Clock = client.clock
        self._client = client
        self._operation = operation
        self._options = options
        self._added: list[SubRequest[Any]] = []
        self._ended = False
        self._together: Call | None = None

    @property
    def api_url(self) -> str:
        """The host that calls go to."""
        return self._client.api_url

    def add(self, request: Awaitable[T]) -> SubRequest[T]:
        """Take *request* in, such as ``batch.records.get("Leads", id)``.

        Raises:
            InvalidRequest: the batch is full, or has been sent.
        """
        problem = (
            "the block of the batch has ended: begin another"
            if self._ended
            else f"a composite request takes {MOST} requests: begin another for more"
            if len(self._added) == MOST
            else None
        )
        if problem is not None:
            _drop(request)
            raise _refused(problem)
        added = SubRequest(self, str(len(self._added) + 1), request)
        self._added.append(added)
        return added

    async def call(self, call: Call) -> Any:
        """Collect a call; return its result once the composite request is answered."""
        added = _adding.get()
        if added is None or added.batch is not self:
            raise _refused(
                f"{call.operation.name} was awaited: hand it to the batch, as "
                "batch.add(batch.records.get(...)), and look at its result after the block"
            )
        if added.call is not None:
            raise _refused(
                f"{call.operation.name} makes several calls: it cannot be part of a batch"
            )
        check(call)
        added.call = call
        added.known.set_result(None)
        return await added.answer

    def cut_off(self) -> ZohoCRMError:
        """Return the error of a call whose answer nobody waited for."""
        together = self._together
        if together is None:
            return _refused("nothing was sent, as the block of the batch failed")
        return OutcomeUnknown(
            "The block of the batch was cancelled while the answer was on its way.",
            look_at=together.operation.look_at,
            path=together.path,
            operation=_NAME,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended = True
        try:
            if error is None:
                await self._send()
        finally:
            tasks = [added.task for added in self._added]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            for added in self._added:
                added.end()

    async def _send(self) -> None:
        for added in self._added:
            await added.known
        for added in self._added:
            failed = added.error()
            if failed is not None:
                raise failed
        waiting = [added for added in self._added if added.call is not None]
        if not waiting:
            return
        try:
            await self._carry(waiting)
        except ZohoCRMError as error:
            for added in waiting:
                _fail(added, error)
            raise
        finally:
            if all(added.answer.done() for added in waiting):
                await asyncio.wait([added.task for added in waiting])

    async def _carry(self, waiting: list[SubRequest[Any]]) -> None:
        calls = [cast("Call", added.call) for added in waiting]
        together = self._together = self._of(waiting, calls)
        outcomes = await self._client.call(together)
        if len(outcomes) != len(waiting):
            lost = UnexpectedAnswer(
                f"{_NAME}: {len(waiting)} requests were answered by {len(outcomes)} answers",
                operation=_NAME,
            )
            raise _final(together, lost)
        for added, call, outcome in zip(waiting, calls, outcomes, strict=True):
            try:
                added.answer.set_result(_value(call, outcome))
            except ZohoCRMError as error:
                _fail(added, _final(call, error))

    def _of(self, waiting: list[SubRequest[Any]], calls: list[Call]) -> Call:
        """Return the composite call; it may be repeated if all of *calls* may."""
        looks = dict.fromkeys(call.operation.look_at for call in calls if call.operation.look_at)
        operation = evolve(
            self._operation,
            repeatable=all(call.operation.repeatable for call in calls),
            look_at=" ".join(looks) or self._operation.look_at,
        )
        items = [
            _item(added.id, call, self.version) for added, call in zip(waiting, calls, strict=True)
        ]
        given = {"body": items, **self._options}
        return place(operation, given, self.version, tuple[Outcome, ...])


def _item(id_: str, call: Call, version: str) -> dict[str, Any]:
    path = _REFERENCE.sub(lambda found: unquote(found[0]), call.path)
    item: dict[str, Any] = {
        "sub_request_id": id_,
        "method": call.operation.method,
        "uri": f"/crm/{version}{path}",
    }
    more = (("params", dict(call.query)), ("headers", dict(call.headers)), ("body", call.body))
    return {**item, **{name: value for name, value in more if value}}


def _value(call: Call, outcome: Outcome) -> Any:
    """Return the result of a request, as `ZohoCRM.call` would."""
    name = call.operation.name
    if outcome.error is not None:
        outcome.error.operation = name
        raise outcome.error
    response = as_object(outcome.details.get("response"))
    status = (response or {}).get("status_code")
    if response is None or not isinstance(status, int):
        raise UnexpectedAnswer(f"{name}: the answer has no response", operation=name)
    body = response.get("body")
    answer = Answer(status, {}, dumps(body) if body else b"")
    return structure(judge(call, answer), call.returns, call.operation.key, name)


def _final(call: Call, error: ZohoCRMError) -> ZohoCRMError:
    """Return *error* as its caller shall see it: of a lost answer, that nothing is known."""
    shown = _retry.final(call, error)
    if shown is not error:
        shown.__cause__ = error
    return shown


def _fail(added: SubRequest[Any], error: ZohoCRMError) -> None:
    """Let a request fail with an error of its own."""
    added.answer.set_exception(own(error))


def _drop(request: Awaitable[Any]) -> None:
    if inspect.iscoroutine(request):
        request.close()


def _refused(problem: str) -> InvalidRequest:
    return InvalidRequest(problem, operation=_NAME)
