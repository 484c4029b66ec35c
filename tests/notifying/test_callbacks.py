"""zohocrm_async._notifying.callbacks: callbacks are checked, then read."""

import contextlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from zohocrm_async.exceptions import InvalidNotification
from zohocrm_async.models import NotificationOperation
from zohocrm_async.notifications import new_token, parse

CHANNEL, TOKEN = "1000000068001", "a token of our own"
TOKENS = {CHANNEL: TOKEN}
BODY: dict[str, Any] = {
    "server_time": 1718115953625,
    "affected_values": [{"record_id": "57", "values": {"Mobile": "12345"}}],
    "query_params": {"from": "crm"},
    "module": "Leads",
    "resource_uri": "https://www.zohoapis.com/crm/v2/Leads",
    "ids": ["57", "58"],
    "affected_fields": [{"57": ["Mobile"]}, {"58": ["Phone", "Fax"]}],
    "operation": "update",
    "channel_id": CHANNEL,
    "token": TOKEN,
}


def body(**other: Any) -> bytes:
    """Return a callback that differs from the usual one."""
    return orjson.dumps({**BODY, **other})


class TestReading:
    """A genuine callback becomes a `Notification`."""

    @pytest.mark.parametrize("form", [body(), body().decode(), BODY], ids=["bytes", "text", "json"])
    def test_every_part_is_told(self, form: Any) -> None:
        told = parse(form, tokens=TOKENS)
        assert (told.channel_id, told.module, told.ids) == (CHANNEL, "Leads", ("57", "58"))
        assert told.operation is NotificationOperation.UPDATE
        assert told.affected_fields == {"57": ("Mobile",), "58": ("Phone", "Fax")}
        assert told.affected_values == {"57": {"Mobile": "12345"}}
        assert told.query_params == {"from": "crm"}
        assert told.resource_uri == "https://www.zohoapis.com/crm/v2/Leads"
        assert told.server_time == datetime(2024, 6, 11, 14, 25, 53, 625000, UTC)

    def test_what_is_not_told_is_empty(self) -> None:
        brief = {key: BODY[key] for key in ("module", "ids", "operation", "channel_id", "token")}
        told = parse(brief, tokens=TOKENS)
        assert (told.affected_fields, told.affected_values, told.query_params) == ({}, {}, {})
        assert (told.resource_uri, told.server_time) == (None, None)

    def test_numbers_serve_as_ids(self) -> None:
        told = parse(body(channel_id=int(CHANNEL), ids=[57]), tokens=TOKENS)
        assert (told.channel_id, told.ids) == (CHANNEL, ("57",))

    def test_names_of_fields_without_records_are_those_of_all(self) -> None:
        told = parse(body(affected_fields=["Mobile"]), tokens=TOKENS)
        assert told.affected_fields == {"57": ("Mobile",), "58": ("Mobile",)}

    def test_unknown_operations_pass(self) -> None:
        assert parse(body(operation="restore"), tokens=TOKENS).operation == "restore"

    def test_the_token_is_not_shown(self) -> None:
        assert TOKEN not in repr(parse(BODY, tokens=TOKENS))


class TestRefusing:
    """Nothing else is read."""

    @pytest.mark.parametrize(
        ("other", "tokens"),
        [
            ({"token": "another"}, TOKENS),
            ({"token": ""}, {CHANNEL: ""}),
            ({"token": None}, TOKENS),
            ({"token": [TOKEN]}, TOKENS),
            ({"channel_id": "1"}, TOKENS),
            ({"channel_id": None}, TOKENS),
            ({}, {}),
        ],
    )
    def test_another_token_or_channel(self, other: Any, tokens: dict[str, str]) -> None:
        with pytest.raises(InvalidNotification, match="no token of a channel of ours") as caught:
            parse(body(**other), tokens=tokens)
        assert TOKEN not in str(caught.value)

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", "hello"])
    def test_a_body_that_is_no_object(self, text: Any) -> None:
        with pytest.raises(InvalidNotification, match="no JSON object"):
            parse(text, tokens=TOKENS)

    @pytest.mark.parametrize(
        "other",
        [
            {"ids": "57"},
            {"affected_fields": {"57": ["Mobile"]}},
            {"affected_fields": [7]},
            {"affected_values": [{"values": {}}]},
            {"affected_values": [{"record_id": "57", "values": 7}]},
            {"query_params": []},
            {"query_params": [1]},
            {"server_time": "soon"},
            {"server_time": 10**18},
            {"server_time": 6.7768036191676799e19},
            {"operation": 7},
        ],
    )
    def test_a_genuine_one_of_another_shape_names_its_channel(self, other: Any) -> None:
        if other == {"query_params": []}:
            assert parse(body(**other), tokens=TOKENS).query_params == {}
            return
        with pytest.raises(InvalidNotification, match="another shape") as caught:
            parse(body(**other), tokens=TOKENS)
        assert caught.value.channel_id == CHANNEL

    @given(
        st.sampled_from(sorted(BODY.keys() - {"token", "channel_id"})),
        st.recursive(st.none() | st.integers(-5, 5) | st.text(max_size=3), st.lists),
    )
    def test_no_shape_leads_to_another_error(self, name: str, value: Any) -> None:
        with contextlib.suppress(InvalidNotification):
            parse({**BODY, name: value}, tokens=TOKENS)


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of unknown channels as well."""
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    parse(BODY, tokens=TOKENS)
    with pytest.raises(InvalidNotification):
        parse(body(channel_id="2"), tokens=TOKENS)
    given, expected = zip(*compared, strict=True)
    assert given == (TOKEN.encode(),) * 2
    assert expected[0] == TOKEN.encode()
    assert len(expected[1]) == len(new_token())


def test_new_tokens_fit_a_channel_and_differ() -> None:
    """50 characters are the most that a channel takes."""
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
