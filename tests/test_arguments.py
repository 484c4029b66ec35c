"""Arguments become a call whose path names nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from zohocrm_async import exceptions as errors
from zohocrm_async._arguments import raw_call, segment
from zohocrm_async._endpoint import Call


class TestSegment:
    """An id or an API name stays one segment of the path."""

    @pytest.mark.parametrize("bad", ["", " ", ".", "..", "1/2", "1\\2", "1?x", "1#", "%2e", "a\nb"])
    def test_a_segment_that_would_name_another_path_is_refused(self, bad: str) -> None:
        with pytest.raises(errors.InvalidRequest, match=r"record_id is .* without"):
            segment("record_id", bad)

    @given(st.text(min_size=1))
    def test_what_is_left_of_any_segment_stays_one_segment(self, text: str) -> None:
        try:
            made = segment("id", text)
        except errors.InvalidRequest:
            return
        assert made
        assert not set(made) & set("/?# \\")
        assert made not in {".", ".."}


class TestRawCall:
    """Any path is called with what the declarations know of it."""

    def call(self, method: str, path: str, **more: Any) -> Call:
        given = {"query": None, "body": None, "headers": None, "heavy": None, "repeatable": None}
        return raw_call(method, path, **{**given, **more})

    def test_a_declared_path_keeps_its_facts(self) -> None:
        call = self.call("post", "/Leads/1/actions/send_mail")
        assert (call.operation.name, call.heavy, call.operation.repeatable) == (
            "mail.send",
            True,
            False,
        )

    def test_an_undeclared_get_is_light_and_repeatable(self) -> None:
        call = self.call("GET", "/settings/modules", query={"a": True, "b": None})
        assert (call.heavy, call.operation.repeatable) == (False, True)
        assert call.query == {"a": "true"}

    def test_an_undeclared_write_is_not_repeatable(self) -> None:
        assert not self.call("PUT", "/settings/anything").operation.repeatable

    def test_coql_is_heavy(self) -> None:
        assert self.call("POST", "/coql", body={"select_query": "..."}).heavy

    def test_what_the_caller_says_wins(self) -> None:
        assert self.call("POST", "/x", heavy=True, repeatable=True).operation.repeatable

    @pytest.mark.parametrize(
        "path", ["", "/", "Leads", "/Leads?x=1", "/../org", "//host/x", "/a//b"]
    )
    def test_a_path_that_is_none_is_refused(self, path: str) -> None:
        with pytest.raises(errors.InvalidRequest):
            self.call("GET", path)

    def test_a_query_in_the_path_is_told_where_it_belongs(self) -> None:
        with pytest.raises(errors.InvalidRequest) as refused:
            self.call("GET", "/Leads?fields=City")
        assert str(refused.value) == (
            "path holds the query 'fields=City': give '/Leads', and a mapping as query"
        )

    def test_a_method_that_is_none_is_refused(self) -> None:
        with pytest.raises(errors.InvalidRequest, match="'FETCH' is no method"):
            self.call("FETCH", "/Leads")

    @pytest.mark.parametrize(
        "name", ["", "a b", "a:b", "a\n", "\N{LATIN SMALL LETTER E WITH ACUTE}", "AUTHORIZATION"]
    )
    def test_a_header_that_is_none_or_the_clients_is_refused(self, name: str) -> None:
        """Another Authorization would send a token that the client knows nothing of."""
        with pytest.raises(errors.InvalidRequest, match="is no header that a call may bring"):
            self.call("GET", "/x", headers={name: "a"})

    @pytest.mark.parametrize("value", ["a\r\nb: c", "\N{EURO SIGN}", "\ud800"])
    def test_a_header_that_cannot_be_written_is_refused(self, value: str) -> None:
        with pytest.raises(errors.InvalidRequest, match=r"the header X-A is .* printable ASCII"):
            self.call("GET", "/x", headers={"X-A": value})

    def test_headers_are_written_as_arguments_are(self) -> None:
        since = datetime(2026, 1, 31, 9, tzinfo=UTC)
        call = self.call("GET", "/x", headers={"If-Modified-Since": since, "X-A": 1})
        assert call.headers == {"If-Modified-Since": "2026-01-31T09:00:00+00:00", "X-A": "1"}

    @pytest.mark.parametrize("given", [{"path": "/x/\ud800"}, {"query": {"a": ["b", "\ud800"]}}])
    def test_half_a_character_is_refused(self, given: dict[str, Any]) -> None:
        with pytest.raises(errors.InvalidRequest, match="half of a character"):
            self.call("GET", **{"path": "/x", **given})

    def test_calls_of_many_records_have_one_name(self) -> None:
        """Or the report of what was spent on what would grow with the records."""
        names = {self.call("GET", f"/things/{n}/parts/{n}9").operation.name for n in range(9)}
        assert names == {"GET /things/{id}/parts/{id}"}
        assert self.call("GET", "/v2things/x9").operation.name == "GET /v2things/x9"
