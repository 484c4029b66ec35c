"""Requests of a composite one that the service refuses for want of credits or slots."""

from typing import Any

import pytest

from zohocrm_async import exceptions as errors
from zohocrm_async._batching.composite import _value
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.models.common import Outcome

COUNT = Call(Operation("GET", "/Leads/actions/count", name="records.count"), "/Leads/actions/count")


def refused(message: str) -> Outcome:
    body: dict[str, Any] = {"code": "TOO_MANY_REQUESTS", "message": message, "status": "error"}
    return Outcome("SUCCESS", details={"response": {"status_code": 429, "body": body}})


def test_spent_credits_are_an_error_that_callers_can_name() -> None:
    """Nobody waits for them on its behalf: the others of the composite request are done."""
    with pytest.raises(errors.CreditsRefused, match="Make the call by itself") as caught:
        _value(COUNT, refused("You have crossed the limit of credits in 24 hours"))
    assert (caught.value.status, caught.value.operation) == (429, "records.count")
    assert type(caught.value).__module__ == errors.__name__


def test_too_many_calls_in_flight_are_another() -> None:
    with pytest.raises(errors.ConcurrencyExceeded):
        _value(COUNT, refused("Maximum concurrency limit reached"))
