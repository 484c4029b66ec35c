"""What makes another attempt, seen by what goes over the wire."""

from typing import Any

import pytest

from zohocrm_async import AccessToken, Limits, Retry, ZohoCRM, exceptions as errors

URL = "https://www.zohoapis.com/crm/v7/things"


def client() -> ZohoCRM:
    crm = ZohoCRM(AccessToken(token="t"), limits=Limits(), retry=Retry(base=0))
    crm._facts._stale_at = float("inf")  # nothing else is asked for
    return crm


def sent(responses: Any) -> int:
    return sum(len(calls) for calls in responses.requests.values())


@pytest.mark.parametrize("word", ["INVALID_TOKEN", "INVALID_OAUTHTOKEN"])
async def test_a_word_of_tokens_is_about_ours_where_the_status_says_so(
    responses: Any, word: str
) -> None:
    """A 400 is about what was sent: to send that again would help nobody."""
    body = {"code": word, "message": "m", "status": "error"}
    responses.post(URL, status=400, payload=body, repeat=True)
    async with client() as crm:
        with pytest.raises(errors.InvalidToken):
            await crm.request("POST", "/things", body={})
    assert sent(responses) == 1


async def test_a_service_that_asks_for_patience_is_left_alone(responses: Any) -> None:
    """For longer than a call pauses at most: the error says for how long."""
    headers = {"Retry-After": "3600"}
    responses.get(URL, status=503, payload={"message": "m"}, headers=headers, repeat=True)
    async with client() as crm:
        with pytest.raises(errors.ServerError) as caught:
            await crm.request("GET", "/things")
    assert caught.value.retry_after == 3600.0
    assert sent(responses) == 1
