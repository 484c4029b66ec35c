"""Tells the addresses that jobs name when they have ended.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html and
https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from zohocrm_async.emulator.books import RecordedCallback
from zohocrm_async.emulator.bulk_jobs import BulkJob
from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.poster import MOST_WAITING, Poster
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import State


def callback_url(callback: Any) -> str | None:
    """Return where a job that ends is told, if anywhere.

    Raises:
        Refusal: the address or the method is none.
    """
    if callback is None:
        return None
    url = callback.get("url") if is_object(callback) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refusal("INVALID_CALLBACK_URL", "the address is none", api_name="url")
    if callback.get("method") != "post":
        raise Refusal(
            "INVALID_CALLBACK_METHOD", "only post is supported", supported_callback_methods=["post"]
        )
    return url


@frozen(eq=False)
class _Callback:
    """What is told of one job."""

    callbacks: "Callbacks"
    job: BulkJob
    url: str

    def body(self) -> Mapping[str, Any]:
        return self.callbacks.body(self.job)

    def posted(self, status: int | None, problem: str) -> None:
        self.callbacks.record(self.job, self.url, status, problem)


class Callbacks:
    """Watches the bulk jobs of an organisation, and posts the details of those that end."""

    def __init__(self, state: State, poster: Poster, settle: Callable[[], None]) -> None:
        self.sent: deque[RecordedCallback] = deque(maxlen=MOST_WAITING)
        """The latest callbacks, and what became of each."""
        self._state = state
        self._poster = poster
        self._settle = settle
        self._timers: dict[str, asyncio.TimerHandle] = {}
        state.bulk.observers.append(self.note)

    def note(self, job: BulkJob) -> None:
        """Take note of a job that begins or has ended."""
        if job.callback is None:
            return
        if job.end is None:
            # Nobody may ask for anything until then.
            left = max(0.0, job.ends - self._state.clock.monotonic())
            self._timers[job.id] = asyncio.get_running_loop().call_later(left, self._settle)
            return
        timer = self._timers.pop(job.id, None)
        if timer is not None:
            timer.cancel()
        self._poster.add(_Callback(self, job, job.callback))

    def close(self) -> None:
        """Wait for no job any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def body(self, job: BulkJob) -> Mapping[str, Any]:
        """Return the details of a job, whose id has another name here than in answers."""
        told = job.told(self._state.clock.monotonic())
        return {"job_id": told["id"], **{k: v for k, v in told.items() if k != "id"}}

    def record(self, job: BulkJob, url: str, status: int | None, problem: str) -> None:
        """Write down what was told of a job."""
        self.sent.append(
            RecordedCallback(
                at=self._state.clock.now(),
                job_id=job.id,
                url=url,
                body=self.body(job),
                status=status,
                problem=problem,
            )
        )
