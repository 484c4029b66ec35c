"""The scheduler as its callers see it, under arbitrary histories."""

from hypothesis import Phase, given, settings, strategies as st
from outside import OutsideMachine
from shares import keep_slots, recover, share_credits, share_turns
from soaking import examples

WEIGHTS = st.sampled_from([0.5, 1.0, 2.0, 4.0])
FLOWS = st.lists(st.tuples(WEIGHTS, st.integers(1, 20)), min_size=2, max_size=4)

OutsideMachine.TestCase.settings = settings(
    max_examples=examples(80), stateful_step_count=40, deadline=None, phases=[Phase.generate]
)
TestSchedulerFromOutside = OutsideMachine.TestCase


@settings(max_examples=20, deadline=None)
@given(flows=FLOWS, steps=st.integers(5, 40))
def test_turns_are_shared_by_weight(flows: list[tuple[float, int]], steps: int) -> None:
    """Backlogged budgets of a class get turns by their weights, to within one of each."""
    share_turns(flows, steps)


@settings(max_examples=20, deadline=None)
@given(flows=FLOWS, steps=st.integers(5, 40), data=st.data())
def test_calls_of_several_slots_are_charged_for_each(
    flows: list[tuple[float, int]], steps: int, data: st.DataObject
) -> None:
    """Slots are what is shared by weight, whatever number of them a call takes."""
    size = len(flows)
    slots = data.draw(st.lists(st.integers(1, 5), min_size=size, max_size=size))
    share_turns(flows, steps, slots)


@settings(max_examples=20, deadline=None)
@given(limit=st.integers(1, 8), slots=st.integers(2, 9), heavy=st.booleans(), lower=st.booleans())
def test_a_call_of_several_slots_goes_in_its_turn(
    limit: int, slots: int, *, heavy: bool, lower: bool
) -> None:
    """Slots that fall free are kept for it, whoever wants one."""
    keep_slots(limit, slots, heavy=heavy, lower=lower)


@settings(max_examples=20, deadline=None)
@given(flows=FLOWS, days=st.integers(1, 4))
def test_credits_are_shared_by_weight(flows: list[tuple[float, int]], days: int) -> None:
    """Where credits bind, budgets get credits by their weights, to within a call of each."""
    share_credits(flows, days)


def test_limit_in_force_comes_back() -> None:
    """However far it fell, a limit that is used finds its way back."""
    recover()
