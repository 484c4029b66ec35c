"""The property tests notice what they are there to notice: each seeded fault fails them."""

import pytest
from booking import tell_all
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from mutations import FAULTS, Fault
from outside import OutsideMachine
from shares import keep_slots, keep_the_line, recover, share_credits, share_turns

QUICK = settings(
    max_examples=2_000,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def prove() -> None:
    """Run the properties, the quick ones first; raise what the first that fails raises."""
    flows = [(1.0, 3), (4.0, 7), (2.0, 1)]
    share_turns(flows, 40)
    share_turns(flows, 60, slots=[1, 3, 1])
    share_credits(flows, 3)
    for heavy in (False, True):
        for lower in (False, True):
            keep_slots(5, 3, heavy=heavy, lower=lower)
    recover()
    keep_the_line()
    tell_all()
    run_state_machine_as_test(OutsideMachine, settings=QUICK)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught(fault: Fault) -> None:
    """Some property fails where the scheduler has the fault."""
    # Whatever the fault brings about: a property that fails, or an error on the way there.
    with fault.seeded(), pytest.raises(Exception):  # noqa: B017, PT011
        prove()


def test_a_fault_out_of_date_says_so() -> None:
    """A fault whose text is not there any more is no fault, and is told."""
    fault = Fault("gone", Fault, "seeded", "no such text", "")
    with pytest.raises(LookupError, match="write the fault anew"), fault.seeded():
        pass


def test_the_sound_scheduler_is_back() -> None:
    """A fault leaves with its block."""
    fault = FAULTS[0]
    sound = vars(fault.owner)[fault.method]
    with fault.seeded():
        assert vars(fault.owner)[fault.method] is not sound
    assert vars(fault.owner)[fault.method] is sound


def test_the_stories_are_true_of_it() -> None:
    """Of the sound scheduler, that is; its other properties have modules of their own."""
    tell_all()
