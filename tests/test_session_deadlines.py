"""One timer for all attempts in flight."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._clock import ManualClock, Timer
from zohocrm_async._deadlines import Attempt, Deadlines, HostSilent, PoolClosed
from zohocrm_async.options import Timeouts

READ, TOTAL = 60.0, 300.0


class CountingClock(ManualClock):
    """Counts the timers that were set."""

    timers = 0

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        self.timers += 1
        return super().call_later(seconds, callback)


class Call:
    """An attempt that waits for ever in a task of its own."""

    def __init__(self, deadlines: Deadlines, *, sent: bool = True) -> None:
        self.attempt = Attempt(deadlines, None)
        self.sent = sent
        self.cancelling_after = 0
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            with self.attempt:
                if self.sent:
                    self.attempt.mark_sent()
                await asyncio.get_running_loop().create_future()
        finally:
            self.cancelling_after = task.cancelling()


async def turn() -> None:
    """Let every task that can go on do so."""
    for _ in range(3):
        await asyncio.sleep(0)


async def begin(deadlines: Deadlines, *, sent: bool = True) -> Call:
    call = Call(deadlines, sent=sent)
    await turn()
    return call


async def pass_time(clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    await turn()


@pytest.fixture
def clock() -> CountingClock:
    return CountingClock()


@pytest.fixture
def deadlines(clock: CountingClock) -> Deadlines:
    return Deadlines(Timeouts(read=READ, total=TOTAL), clock)


async def outcome(call: Call) -> type[BaseException] | None:
    """Return how *call* ended, or None if it goes on."""
    if not call.task.done():
        return None
    [result] = await asyncio.gather(call.task, return_exceptions=True)
    assert result is not None
    return type(result)


async def test_silence_ends_an_attempt(deadlines: Deadlines, clock: ManualClock) -> None:
    """An attempt that was sent ends when nothing comes for as long as a read may take."""
    call = await begin(deadlines)
    await pass_time(clock, READ - 0.001)
    assert await outcome(call) is None
    await pass_time(clock, 0.001)
    assert await outcome(call) is HostSilent
    assert call.cancelling_after == 0


async def test_each_piece_puts_the_end_off(deadlines: Deadlines, clock: ManualClock) -> None:
    """What counts is the time since the last piece."""
    call = await begin(deadlines)
    await pass_time(clock, 40)
    call.attempt.hear()
    await pass_time(clock, READ - 0.001)
    assert await outcome(call) is None
    await pass_time(clock, 0.001)
    assert await outcome(call) is HostSilent


async def test_whole_attempt_has_an_end(deadlines: Deadlines, clock: ManualClock) -> None:
    """Pieces without end are cut off when the whole takes too long."""
    call = await begin(deadlines)
    for _ in range(10):
        await pass_time(clock, 29.9)
        call.attempt.hear()
    assert await outcome(call) is None
    await pass_time(clock, 1)
    assert await outcome(call) is TimeoutError


async def test_connecting_is_no_silence(deadlines: Deadlines, clock: ManualClock) -> None:
    """Before anything was sent nothing can be read: only the whole counts."""
    call = await begin(deadlines, sent=False)
    await pass_time(clock, TOTAL - 0.001)
    assert await outcome(call) is None
    await pass_time(clock, 0.001)
    assert await outcome(call) is TimeoutError


async def test_later_attempts_have_their_own_time(
    deadlines: Deadlines, clock: CountingClock
) -> None:
    """One that begins later ends later, and one that is over is left alone."""
    first = await begin(deadlines)
    await pass_time(clock, 20)
    second, over = await begin(deadlines), await begin(deadlines)
    over.task.cancel()
    await turn()
    assert clock.timers == 1
    await pass_time(clock, 40)
    assert (await outcome(first), await outcome(second)) == (HostSilent, None)
    await pass_time(clock, 20)
    assert await outcome(second) is HostSilent
    assert await outcome(over) is asyncio.CancelledError


async def test_one_timer_serves_all(deadlines: Deadlines, clock: CountingClock) -> None:
    """However many attempts come and go, one timer is set at a time."""
    for _ in range(50):
        call = await begin(deadlines)
        call.task.cancel()
        await turn()
    assert clock.timers == 1
    await pass_time(clock, READ)
    assert clock.next_timer() is None  # nothing in flight, nothing to wait for


async def test_cancellation_from_outside_wins(deadlines: Deadlines, clock: ManualClock) -> None:
    """A task that somebody cancels while it is late ends as cancelled."""
    call = await begin(deadlines)
    clock.advance(READ)
    call.task.cancel()
    await turn()
    assert await outcome(call) is asyncio.CancelledError
    assert call.cancelling_after == 1


async def test_other_errors_are_kept(deadlines: Deadlines, clock: ManualClock) -> None:
    """An attempt that fails while it is ended fails with its own error, uncancelled."""
    task = asyncio.current_task()
    assert task is not None

    async def fail_when_ended() -> None:
        with Attempt(deadlines, None) as attempt:
            attempt.mark_sent()
            clock.advance(READ)
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                raise RuntimeError from None

    with pytest.raises(RuntimeError):
        await fail_when_ended()
    assert task.cancelling() == 0


async def test_closed_deadlines_leave_no_timer(deadlines: Deadlines, clock: ManualClock) -> None:
    """Nothing fires after the end."""
    call = await begin(deadlines)
    deadlines.close()
    assert clock.next_timer() is None
    call.task.cancel()
    await turn()


async def test_closed_deadlines_end_who_is_in_flight(deadlines: Deadlines) -> None:
    """Those as well that no time runs out for."""
    calls = [await begin(deadlines), await begin(deadlines)]
    calls[1].attempt.timed = False
    deadlines.close()
    await turn()
    assert [await outcome(call) for call in calls] == [PoolClosed, PoolClosed]


def test_deadlines_may_be_closed_after_the_loop() -> None:
    """Whoever was left behind there goes nowhere any more."""
    loop, deadlines = asyncio.new_event_loop(), Deadlines(Timeouts(), ManualClock())

    async def wait() -> None:
        with Attempt(deadlines, None):
            await loop.create_future()

    left = loop.create_task(wait())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    deadlines.close()
    left._log_destroy_pending = False  # type: ignore[attr-defined]  # of asyncio's own


async def test_untimed_attempts_have_no_end(deadlines: Deadlines, clock: ManualClock) -> None:
    """A file takes as long as it is large."""
    call = await begin(deadlines)
    call.attempt.timed = False
    await pass_time(clock, 10 * TOTAL)
    assert await outcome(call) is None
    call.task.cancel()
    await turn()


class Noted(Attempt):
    """An attempt without a task that notes when it is ended."""

    def __init__(self, deadlines: Deadlines) -> None:
        super().__init__(deadlines, None)
        self.heard_at = [self.begun]
        self.ended: tuple[float, type[OSError]] | None = None

    def end(self, reason: type[OSError]) -> None:
        self.ended = (self._deadlines.clock.monotonic(), reason)


ACTIONS = st.sampled_from(["begin", "send", "hear", "remove"])


@given(
    read=st.integers(1, 30),
    total=st.integers(1, 30),
    steps=st.lists(st.tuples(st.integers(0, 9), ACTIONS, st.integers(0, 4)), max_size=60),
)
def test_everyone_ends_at_their_own_time(
    read: int, total: int, steps: list[tuple[int, str, int]]
) -> None:
    """No attempt ends early, late, or twice, in whatever order things happen."""
    clock = ManualClock()
    deadlines = Deadlines(Timeouts(read=read, total=total), clock)
    everyone: list[Noted] = []
    going: list[Noted] = []
    for seconds, action, which in [*steps, (100, "begin", 0)]:
        clock.advance(seconds)
        going = [attempt for attempt in going if attempt.ended is None]
        if action == "begin":
            going.append(Noted(deadlines))
            everyone.append(going[-1])
            deadlines.add(going[-1])
        elif which < len(going):
            attempt = going[which]
            if action == "remove":
                deadlines.remove(attempt)
                going.remove(attempt)
            elif action == "send":
                attempt.mark_sent()
            elif attempt.sent:
                attempt.hear()
                attempt.heard_at.append(attempt.heard)
    for attempt in everyone:
        if attempt.ended is not None:
            at, lateness = attempt.ended
            silent = attempt.sent and attempt.heard + read < attempt.begun + total
            assert at == (attempt.heard + read if silent else attempt.begun + total)
            assert lateness is (HostSilent if silent else TimeoutError)
        elif attempt in going:
            assert attempt.begun == clock.monotonic()
        assert all(0 <= later - earlier <= total for earlier, later in pairwise(attempt.heard_at))
