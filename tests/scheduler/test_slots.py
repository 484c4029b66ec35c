"""Slots in flight against a limit that may change."""

from zohocrm_async.scheduler.slots import SlotPool


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
    pool = SlotPool(5)
    for _ in range(3):
        pool.acquire()
    pool.release()
    pool.release()
    pool.acquire()
    assert (pool.in_flight, pool.peak) == (2, 3)


def test_a_lowered_limit_takes_nothing_back() -> None:
    """Calls in flight keep their slots; there is room once enough have ended."""
    pool = SlotPool(3)
    for _ in range(3):
        pool.acquire()
    pool.limit = 1
    assert (pool.in_flight, pool.has_room) == (3, False)
    pool.release()
    pool.release()
    assert not pool.has_room
    pool.release()
    assert pool.has_room
