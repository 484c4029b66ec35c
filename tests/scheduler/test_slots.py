"""Slots in flight against a limit that may change, and what the service makes of it."""

from hypothesis import given, strategies as st

from zohocrm_async.scheduler.slots import SlotPool


def full(limit: int) -> SlotPool:
    """Return a pool with all slots taken."""
    pool = SlotPool(limit)
    for _ in range(limit):
        pool.acquire()
    return pool


def test_a_pool_has_room_up_to_its_limit() -> None:
    """Taken slots fill the pool, and a returned one makes room."""
    pool = SlotPool(2)
    pool.acquire()
    assert pool.has_room
    pool.acquire()
    assert not pool.has_room
    pool.release()
    assert (pool.has_room, pool.in_flight) == (True, 1)


def test_the_peak_is_remembered() -> None:
    """The peak is the most that were ever in flight at once."""
    pool = full(3)
    pool.release()
    pool.release()
    pool.acquire()
    assert (pool.in_flight, pool.peak) == (2, 3)


def test_a_lowered_limit_takes_nothing_back() -> None:
    """Calls in flight keep their slots; there is room once enough have ended."""
    pool = full(3)
    pool.configure(1)
    assert (pool.in_flight, pool.has_room) == (3, False)
    for _ in range(3):
        assert not pool.has_room
        pool.release()
    assert pool.has_room


def test_headroom_is_kept_but_for_one_slot() -> None:
    """The second cap is that of calls which must leave some free."""
    pool = SlotPool(5, headroom=2)
    assert pool.caps == (5, 3)
    pool.configure(2, 2)
    assert pool.caps == (2, 1)


def test_a_refusal_leaves_what_the_service_evidently_grants() -> None:
    """The calls that stay in flight; a second refusal at once lowers it by one more."""
    pool = full(10)
    for granted in (9, 8, 7):
        pool.refused(0.0)
        pool.release()
        assert pool.in_force == granted


def test_one_more_is_tried_after_a_second_and_never_beyond_the_limit() -> None:
    """While all are used; it grows step by step."""
    pool = full(3)
    pool.refused(0.0)
    pool.release()
    assert not pool.grow(0.99)
    assert pool.grow(1.0)
    assert pool.in_force == 3
    assert not pool.grow(99.0)


def test_refused_trials_come_further_and_further_apart() -> None:
    """1, 4, 8 seconds and no more."""
    pool, now, gaps = full(3), 0.0, []
    pool.refused(now)
    pool.release()
    for _ in range(6):
        before = now
        while not pool.grow(now):
            now += 0.25
        gaps.append(now - before)
        pool.acquire()
        pool.refused(now)
        pool.release()
    assert gaps == [1, 4, 8, 8, 8, 8]


def test_trials_that_hold_come_closer_together() -> None:
    """After refused ones at eight seconds, a second and then a quarter of one."""
    pool = full(9)
    for _ in range(8):
        pool.refused(0.0)
        pool.release()
    pool._interval = 8.0
    pool.probe_at = now = 8.0
    gaps = []
    for _ in range(5):
        before = now
        while not pool.grow(now):
            now += 0.25
        gaps.append(now - before)
    assert gaps == [0, 8, 1, 0.25, 0.25]


def test_a_lone_call_that_is_refused_holds_the_pool_longer_and_longer() -> None:
    """1, 2, 4, 8, 8 seconds, in which nobody goes; a call that is taken ends it."""
    pool = SlotPool(4)
    pool.acquire()
    pool.refused(0.0)
    pool.release()
    assert (pool.in_force, pool.is_held) == (1, False)
    now, holds = 0.0, []
    for _ in range(5):
        pool.acquire()
        pool.refused(now)
        pool.release()
        assert pool.caps == (0, 0)
        before = now
        while not pool.grow(now):
            now += 0.25
        holds.append(now - before)
        assert pool.caps == (1, 1)
    assert holds == [1, 2, 4, 8, 8]
    assert pool.refusing_for(now) == now
    assert pool.served()
    assert (pool.served(), pool.refusing_for(now)) == (False, 0.0)


def test_a_refusal_makes_no_hold_shorter() -> None:
    """The service asked for thirty seconds; a call that left before is refused in them."""
    pool = full(2)
    pool.hold(0.0, 30.0)
    pool.refused(1.0)
    assert not pool.grow(29.9)
    assert pool.grow(30.0)


def test_a_limit_raised_while_less_is_granted_waits_for_trials() -> None:
    """What the service refused is not tried at once because a setting changed."""
    pool = full(4)
    pool.refused(0.0)
    pool.configure(8)
    assert (pool.limit, pool.in_force) == (8, 3)
    fresh = SlotPool(4)
    fresh.configure(8)
    assert fresh.in_force == 8


@given(st.lists(st.tuples(st.sampled_from("agrs"), st.floats(0.1, 5)), max_size=60))
def test_the_limit_in_force_stays_between_one_and_the_configured(
    steps: list[tuple[str, float]],
) -> None:
    """Whatever happens; and from anywhere it comes back."""
    pool, now = SlotPool(5), 0.0
    for step, seconds in steps:
        now += seconds
        if step == "a" and pool.has_room:
            pool.acquire()
        elif step == "g" and not pool.has_room:
            pool.grow(now)
        elif step in "rs" and pool.in_flight:
            (pool.refused if step == "r" else lambda _: pool.served())(now)
            pool.release()
        assert 1 <= pool.in_force <= 5
        assert pool.in_flight <= 5
    for _ in range(9):
        now += 9
        pool.grow(now)
    assert pool.in_force == 5


def test_what_is_on_loan_bounds_what_goes() -> None:
    """Other processes have the other slots; INTERACTIVE calls may be lent more than others."""
    pool = SlotPool(10, headroom=2)
    pool.lend(4, 3)
    assert pool.caps == (4, 3)
    pool.hold(now=0.0, seconds=1.0)
    assert pool.caps == (0, 0)
    pool.grow(now=2.0)
    pool.lend(20, 20)
    assert pool.caps == (10, 10)


def test_a_call_of_several_slots_that_is_refused_alone_holds_nobody() -> None:
    """Calls of one may have room; for how long none was taken is counted all the same."""
    pool = SlotPool(5)
    for now in (0.0, 30.0, 70.0):
        pool.in_force, pool.in_flight = 5, 5
        pool.refused(now, 5)
        pool.in_flight = 0
        assert (pool.in_force, pool.is_held, pool.caps) == (1, False, (1, 1))
    assert pool.refusing_for(70.0) == 70.0
    assert pool.served()


def test_room_for_several_is_room_for_all_of_them() -> None:
    """Or for as many as there are; others than INTERACTIVE calls leave the headroom if they can."""
    pool = SlotPool(6, headroom=2)
    assert [pool.has_room_for(slots, lower=True) for slots in (4, 5, 9)] == [True, True, True]
    pool.acquire()
    assert [pool.has_room_for(slots, lower=True) for slots in (3, 4, 5)] == [True, False, False]
    assert [pool.could_hold(slots, lower=True) for slots in (4, 5, 9)] == [True, True, True]
    assert pool.has_room_for(5, lower=False)
    assert not pool.has_room_for(9, lower=False)
    pool.lend(4, 4)
    assert [pool.could_hold(slots, lower=False) for slots in (4, 5)] == [True, False]
    assert pool.part(9) == 6
