"""Which calls are not worth waiting with, and what they are told."""

from datetime import timedelta

from zohocrm_async.exceptions import (
    CreditsExhausted,
    DeadlineExceeded,
    WindowExhausted,
    ZohoCRMError,
)
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.permit import Permit


class Judge:
    """Says of a call that waits whether it shall wait on."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.max_wait: float | None = None
        """The patience of calls whose budgets say nothing."""

    def refusal(self, call: Permit, *, ahead: int = 0) -> ZohoCRMError | None:
        """Return why *call* will not wait for what it lacks, or None if it will.

        *ahead* is what others spend before it.
        """
        start = 0.0
        if call.reserve:
            ledger, floor = self._means.ledger, self._means.floors[call.priority]
            if (failure := ledger.failure) is not None and ledger.free(floor) < call.reserve:
                return failure
            wait = self._means.credit_wait(call, ahead)
            if wait is None or self._is_too_long(call, wait):
                return self._exhausted(call, wait)
            start = wait
        if call.windows and (spent := self._means.spent(call.windows)) is not None:
            name, window = spent
            shut = window.wait()
            if self._is_too_long(call, shut):
                moment = window.resumes_at()
                return WindowExhausted(window=name, limit=window.limit, resumes_at=moment)
            start = max(start, shut)
        return None if call.deadline is None else self._lateness(call, call.deadline, start)

    def late(self, call: Permit) -> DeadlineExceeded:
        """Return what *call* is told whose deadline has passed."""
        left = (call.deadline or 0.0) - self._means.clock.monotonic()
        deadline = self._means.clock.now() + timedelta(seconds=left)
        return DeadlineExceeded(deadline=deadline, resumes_at=None)

    def _lateness(self, call: Permit, deadline: float, wait: float) -> DeadlineExceeded | None:
        clock = self._means.clock
        now = clock.monotonic()
        slots = self._means.slots
        held = slots.probe_at if slots.is_held else now
        start = max(now + wait, held, self._pace(call, now))
        if start <= deadline:
            return None
        moment = clock.now()
        return DeadlineExceeded(
            deadline=moment + timedelta(seconds=deadline - now),
            resumes_at=moment + timedelta(seconds=start - now),
        )

    def _pace(self, call: Permit, now: float) -> float:
        """Return when the paces of its budgets let *call* go, if it is the next of its lane."""
        line = () if call.budget is None else call.budget.line
        lane = call.lane
        before = 0 if lane is None or lane.head() is call else lane.living - 1
        pauses = (budget.pause_left(before * call.reserve) for budget in line)
        return now + max((pause for pause in pauses if pause is not None), default=0.0)

    def _is_too_long(self, call: Permit, wait: float) -> bool:
        if not wait and call.lacking_since is None:
            return False
        now = self._means.clock.monotonic()
        if call.lacking_since is None:
            call.lacking_since = now
        patience = self.max_wait if call.budget is None else call.budget.patience(self.max_wait)
        return patience is not None and now + wait > call.lacking_since + patience

    def _exhausted(self, call: Permit, wait: float | None) -> CreditsExhausted:
        means = self._means
        moment = None if wait is None else means.clock.now() + timedelta(seconds=wait)
        free = means.ledger.remaining - means.floors[call.priority]
        return CreditsExhausted(
            needed=call.reserve,
            remaining=max(0, free),
            resumes_at=moment,
            refused=free >= call.reserve and means.parking.remaining > 0,
        )
