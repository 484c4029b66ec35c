"""zohocrm_async._shared: what one task learns, many are told."""

import asyncio
import traceback

import pytest

from zohocrm_async._shared import outcome_of, own
from zohocrm_async.exceptions import TokenThrottled


async def ended(result: int | BaseException) -> "asyncio.Task[int]":
    async def work() -> int:
        if isinstance(result, BaseException):
            raise result
        return result

    task = asyncio.create_task(work())
    await asyncio.wait((task,))
    return task


async def test_a_result_is_returned() -> None:
    assert outcome_of(await ended(3)) == 3


async def test_each_gets_an_error_of_its_own() -> None:
    """So that what one notes in it, such as the name of its call, is not told by all."""
    cause = OSError("why")
    failure = TokenThrottled("later", retry_after=7.0)
    failure.__cause__ = cause
    task = await ended(failure)
    caught: list[TokenThrottled] = []
    for name in ("records.get", "mail.send"):
        with pytest.raises(TokenThrottled) as raised:
            outcome_of(task)
        raised.value.operation = name
        caught.append(raised.value)
    assert [error.operation for error in caught] == ["records.get", "mail.send"]
    for error in caught:
        assert (str(error), error.retry_after, error.__cause__) == ("later", 7.0, cause)
        assert "in work" in "".join(traceback.format_exception(error))


async def test_notes_of_one_are_not_those_of_another() -> None:
    """What stood there before is told to all."""
    failure = TokenThrottled("later", retry_after=7.0)
    failure.add_note("at the start")
    one, other = own(failure), own(failure)
    one.add_note("organisation 'acme'")
    assert other.__notes__ == failure.__notes__ == ["at the start"]
    assert one.__notes__ == ["at the start", "organisation 'acme'"]


async def test_other_errors_are_raised_as_they_are() -> None:
    failure = KeyError("a bug")
    with pytest.raises(KeyError) as raised:
        outcome_of(await ended(failure))
    assert raised.value is failure


async def test_a_task_that_was_cancelled_has_no_outcome() -> None:
    with pytest.raises(asyncio.CancelledError):
        outcome_of(await ended(asyncio.CancelledError()))
