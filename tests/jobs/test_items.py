"""Items: what is kept and what is dropped as they go from state to state."""

from datetime import UTC, datetime

import attrs
import pytest

from zohocrm_async.jobs.items import BEFORE, DONE, FIRST_STATES, Item, ItemState

AT = datetime(2026, 3, 1, tzinfo=UTC)
ITEM = Item(
    key="k",
    position=7,
    record_id="1",
    state=ItemState.REFUSED,
    message_id="m",
    job_id="j",
    code="CODE",
    message="why",
    field="to",
    began_at=AT,
    updated_at=AT,
    step=2,
    trace="[]",
)


def test_what_was_said_of_an_item_is_not_said_of_its_next_state() -> None:
    """What tells it from others, its times, its steps and its trace stay."""
    sent = ITEM.became(ItemState.SENT, message_id="n", message="late")
    assert sent == attrs.evolve(
        ITEM,
        state=ItemState.SENT,
        message_id="n",
        message="late",
        job_id=None,
        code=None,
        field=None,
    )
    again = ITEM.became(ItemState.SENDING)
    assert (again.message_id, again.message) == (None, None)


@pytest.mark.parametrize("state", ItemState)
def test_every_state_can_be_reached_and_is_left_or_done(state: ItemState) -> None:
    """No item is lost in a state that nothing leads to or out of."""
    assert state in FIRST_STATES or BEFORE[state]
    assert state in DONE or any(state in before for before in BEFORE.values())
