"""Rows are cut into calls and put together again, whatever becomes of each call."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._batching.batches import in_batches
from zohocrm_async.exceptions import (
    ConnectionFailed,
    CreditsExhausted,
    InvalidData,
    OutcomeUnknown,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.models import Outcome

LOST = OutcomeUnknown("The answer was lost.", look_at="Look.", path="/x")
CUT = ConnectionFailed("the host hung up")
SPENT = CreditsExhausted(needed=10, remaining=0, resumes_at=None)


class Service:
    """Answers a row with its number, and fails calls by their number."""

    def __init__(self, failures: dict[int, ZohoCRMError], most: int) -> None:
        self.failures, self.most = failures, most
        self.sent: list[int] = []
        self.at_once = self.peak = 0

    async def __call__(self, rows: Sequence[int]) -> tuple[Outcome, ...]:
        self.at_once += 1
        self.peak = max(self.peak, self.at_once)
        number = rows[0] // self.most
        self.sent.append(number)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        self.at_once -= 1
        if number in self.failures:
            raise self.failures[number]
        return tuple(Outcome("SUCCESS", details={"id": str(row)}) for row in rows)


@given(
    count=st.integers(1, 400),
    most=st.integers(1, 30),
    failures=st.dictionaries(st.integers(0, 40), st.sampled_from([LOST, CUT]), max_size=10),
)
async def test_every_row_has_its_own_outcome(
    count: int, most: int, failures: dict[int, ZohoCRMError]
) -> None:
    """In order; rows of a failed call have its error, and no call is left out."""
    service = Service(failures, most)
    calls = -(-count // most)
    met = [failures.get(number) for number in range(calls)]
    if None not in met and set(map(type, met)) == {ConnectionFailed}:
        with pytest.raises(ConnectionFailed):
            await in_batches(range(count), service, most=most, operation="x")
        return
    outcomes = await in_batches(range(count), service, most=most, operation="x")
    assert len(outcomes) == count
    for row, outcome in enumerate(outcomes):
        assert outcome.error is met[row // most]
        assert outcome.id == (None if met[row // most] else str(row))
    assert sorted(service.sent) == [*range(calls)]
    assert service.peak <= 10


async def test_nothing_is_sent_once_there_is_no_hope() -> None:
    """Rows that were not sent have the error that their call would have met."""
    service = Service({3: SPENT}, 1)
    outcomes = await in_batches(range(100), service, most=1, operation="x")
    assert (len(service.sent) < 30, len(outcomes)) == (True, 100)
    written = [row for row, outcome in enumerate(outcomes) if outcome.ok]
    assert set(written) == {*service.sent} - {3}
    assert {type(outcome.error) for outcome in outcomes if not outcome.ok} == {CreditsExhausted}


async def test_what_all_meet_is_raised_but_for_what_may_have_acted() -> None:
    refused = {number: InvalidData("no", code="INVALID_DATA") for number in range(3)}
    with pytest.raises(InvalidData):
        await in_batches(range(3), Service({**refused}, 1), most=1, operation="x")
    other: dict[int, ZohoCRMError] = {**refused, 1: InvalidData("no", code="OTHER")}
    outcomes = await in_batches(range(3), Service(other, 1), most=1, operation="x")
    assert [outcome.code for outcome in outcomes] == ["INVALID_DATA", "OTHER", "INVALID_DATA"]
    outcomes = await in_batches(range(2), Service({0: LOST, 1: LOST}, 1), most=1, operation="x")
    assert [outcome.error for outcome in outcomes] == [LOST, LOST]


async def test_an_answer_with_another_number_of_rows_is_not_guessed_at() -> None:
    async def send(rows: Sequence[int]) -> tuple[Outcome, ...]:
        return (Outcome("SUCCESS"),) * (len(rows) - (rows[0] == 0))

    outcomes = await in_batches(range(4), send, most=2, operation="x")
    assert [outcome.ok for outcome in outcomes] == [False, False, True, True]
    assert isinstance(outcomes[0].error, UnexpectedAnswer)
    assert "told apart" in outcomes[0].message
