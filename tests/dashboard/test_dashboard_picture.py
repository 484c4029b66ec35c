"""zohocrm_async.dashboard._picture: the window as a picture."""

import re
from datetime import timedelta

from dashboards import NOON, account, spent

from zohocrm_async.dashboard._account import Account
from zohocrm_async.dashboard._picture import back_by, picture


def paths(of: Account, name: str) -> list[str]:
    return re.findall(rf'<path class="{name}"[^>]* d="([^"]+)"', picture(of))


def test_what_was_spent_rises_and_falls_a_day_later() -> None:
    """An hour is 20 wide, the allowance 200 high; now is at 480."""
    of = account(spent(500, hours=18), spent(250, hours=6))
    assert paths(of, "used") == ["M0 200H0V200H120V100H360V50H480V200Z"]
    assert paths(of, "ahead") == ["M480 200H480V50H600V150H840V200H960V200Z"]


def test_an_untouched_window_is_flat() -> None:
    assert paths(account(), "used") == ["M0 200H0V200H480V200Z"]


def test_what_was_spent_just_now_is_in_it() -> None:
    """And so is what is about to come back, until it does: never drawn as free too early."""
    of = account(spent(100, hours=24.01), spent(100, hours=0))
    [used], [ahead] = paths(of, "used"), paths(of, "ahead")
    assert used.startswith("M0 200H0V180")
    assert used.endswith("H475V160H480V200Z")
    assert ahead.startswith("M480 200H480V180")
    of = account(spent(100, hours=23.99))
    assert paths(of, "ahead") == ["M480 200H480V180H485V200H960V200Z"]


def test_what_is_held_lies_on_top() -> None:
    of = account(spent(500, hours=12), reserved=100)
    assert paths(of, "reserved") == ["M480 200H480V80H720V180H960V200Z"]
    assert "Held for calls in flight" in picture(of)
    assert paths(account(), "reserved") == []


def test_more_than_the_allowance_still_fits() -> None:
    """Where the allowance was lowered, or others overdrew it."""
    of = account(spent(2_000, hours=12), remaining=0)
    assert paths(of, "used") == ["M0 200H0V200H240V0H480V200Z"]
    assert 'class="allowance" x1="0" x2="960" y1="100"' in picture(of)


def test_the_floor_is_a_line_of_its_own() -> None:
    assert 'class="floor" x1="0" x2="960" y1="50" y2="50"' in picture(account(floor=250))
    assert 'class="floor"' not in picture(account())


def test_it_is_told_in_words() -> None:
    """For those who cannot see it."""
    of = account(spent(500, hours=23.5), spent(250, hours=13), reserved=7)
    assert (
        "<title>750 of 1,000 credits of the last 24 hours are used, 7 held, 250 free. "
        "500 come back within an hour, 750 within twelve.</title>"
    ) in picture(of)


def test_how_many_come_back_by_a_time() -> None:
    of = account(spent(500, hours=18), spent(250, hours=6))
    hours = (0, 5, 6, 18, 24)
    back = [back_by(of, NOON + timedelta(hours=hour)) for hour in hours]
    assert back == [0, 0, 500, 750, 750]
