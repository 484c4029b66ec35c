"""The rules of the wire: what goes out, and what an answer means."""

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from zohocrm_async import exceptions as errors
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._pages import Page
from zohocrm_async._wire import (
    Answer,
    Request,
    build,
    encode_body,
    judge,
    spent,
    token_refused,
)
from zohocrm_async.models import Download, Outcome, Record
from zohocrm_async.options import DataCenter

SEND = Operation("POST", "/{module}/{id}/actions/send_mail", key="data", name="mail.send")
WRITE = Operation("POST", "/{module}", key="data", name="records.create")
READ = Operation("GET", "/org", key="org", name="organization.get")
ONE = Call(SEND, "/Leads/1/actions/send_mail", returns=Outcome)
MANY = Call(WRITE, "/Leads", returns=tuple[Outcome, ...])


def answer(status: int, body: Any, **headers: str) -> Answer:
    return Answer(status, headers, body if isinstance(body, bytes) else orjson.dumps(body))


def item(code: str = "SUCCESS", status: str = "success", **more: Any) -> dict[str, Any]:
    return {"code": code, "status": status, "details": {}, "message": "m", **more}


def built(call: Call, *, token: str = "t") -> Request:
    return build(
        call,
        encode_body(call),
        api="https://h",
        data_center=DataCenter.EU,
        version="v7",
        access_token=token,
    )


class TestBuild:
    """A call becomes a request."""

    @pytest.mark.parametrize(
        ("path", "host", "url"),
        [
            ("/Leads", "api", "https://h/crm/v7/Leads"),
            ("/crm/bulk/v7/read", "api", "https://h/crm/bulk/v7/read"),
            ("/upload", "content", "https://content.zohoapis.eu/crm/v7/upload"),
            ("/crm/bulk/v7/write/1", "link", "https://h/crm/bulk/v7/write/1"),
            ("https://download.zoho.eu/a?b=1", "link", "https://download.zoho.eu/a?b=1"),
        ],
    )
    def test_where_a_call_goes(self, path: str, host: str, url: str) -> None:
        """Below the version, elsewhere on the host, to another host, or where a link leads."""
        assert built(Call(Operation("GET", path, host=host), path)).url == url

    @pytest.mark.parametrize(
        "link",
        [
            "https://download.zoho.com/a",
            "https://zoho.eu.example/a",
            "http://download.zoho.eu/a",
            "https://x@download.zoho.eu/a",
            "https://download.zoho.eu:8443/a",
            "//example.com/a",
            "https://[",
            "a",
        ],
    )
    def test_a_link_to_a_strange_host_gets_no_token(self, link: str) -> None:
        call = Call(Operation("GET", "/{download_url}", host="link", name="backup.download"), link)
        with pytest.raises(errors.InvalidRequest, match="no host of the data centre 'eu'"):
            built(call)

    def test_the_token_goes_into_the_header_and_nowhere_else(self) -> None:
        call = Call(READ, "/org", query={"a": "b c"}, headers={"X-EXTERNAL": "y"})
        request = built(call, token="secret")
        assert request.headers == {
            "Authorization": "Zoho-oauthtoken secret",
            "X-EXTERNAL": "y",
        }
        assert request.url == "https://h/crm/v7/org?a=b+c"
        assert "secret" not in repr(request)

    def test_a_body_is_json(self) -> None:
        call = Call(SEND, "/Leads/1/actions/send_mail", body={"data": [{"subject": "ü"}]})
        request = built(call)
        assert request.body == '{"data":[{"subject":"ü"}]}'.encode()
        assert request.headers["Content-Type"] == "application/json"

    def test_a_body_that_json_cannot_carry_is_refused(self) -> None:
        with pytest.raises(errors.InvalidRequest, match=r"cannot be sent as JSON"):
            encode_body(Call(SEND, "/", body={"data": [object()]}))


class TestJudge:
    """2xx is not success until every item says so."""

    def test_a_good_answer_gives_its_body(self) -> None:
        body = {"data": [item()]}
        assert judge(ONE, answer(200, body)) == body

    @pytest.mark.parametrize("status", [204, 304])
    def test_an_empty_answer_gives_none(self, status: int) -> None:
        assert judge(ONE, answer(status, b"")) is None
        assert judge(Call(READ, "/org", returns=Page[Record]), answer(status, b"")) is None
        assert judge(Call(READ, "/org", returns=tuple[Record, ...]), answer(status, b"")) is None
        assert judge(Call(READ, "/org"), answer(status, b"")) is None

    def test_nothing_where_one_is_read_means_that_it_is_not_there(self) -> None:
        with pytest.raises(errors.RecordNotFound):
            judge(Call(READ, "/Leads/1", returns=Record), answer(204, b""))

    def test_what_has_not_changed_is_there(self) -> None:
        with pytest.raises(errors.NotModified) as caught:
            judge(Call(READ, "/users/1", returns=Record), answer(304, b""))
        assert caught.value.status == 304

    @pytest.mark.parametrize("status", [200, 202, 207, 400])
    def test_the_only_item_that_failed_raises_whatever_the_status(self, status: int) -> None:
        failed = item("INVALID_DATA", "error", details={"api_name": "from"})
        with pytest.raises(errors.InvalidData) as caught:
            judge(ONE, answer(status, {"data": [failed]}))
        assert caught.value.status == status
        assert caught.value.details == {"api_name": "from"}
        assert caught.value.operation == "mail.send"

    def test_a_flat_error_raises(self) -> None:
        with pytest.raises(errors.InvalidModule):
            judge(MANY, answer(400, item("INVALID_MODULE", "error")))

    @pytest.mark.parametrize("status", [200, 201, 207, 400])
    def test_of_many_items_each_keeps_its_own_outcome(self, status: int) -> None:
        failed = item("DUPLICATE_DATA", "error", details={"api_name": "Email"})
        body = judge(MANY, answer(status, {"data": [item(), failed]}))
        assert "error" not in body["data"][0]
        assert isinstance(body["data"][1]["error"], errors.DuplicateData)

    def test_a_raw_answer_stays_json(self) -> None:
        sent = {"data": [item(), item("DUPLICATE_DATA", "error")]}
        assert judge(Call(WRITE, "/Leads"), answer(207, sent)) == sent

    def test_many_items_do_not_hide_that_the_whole_call_failed(self) -> None:
        with pytest.raises(errors.ServerError):
            judge(MANY, answer(500, {"data": [item("INTERNAL_ERROR", "error")]}))

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, b"<html>"),
            (502, b"<html>bad gateway</html>"),
            (200, b'{"data":[{"code"'),
            (200, b""),
            (400, b"  "),
            (200, b"[1]"),
            (200, b'"text"'),
        ],
    )
    def test_what_is_no_json_object_is_a_transport_error(self, status: int, body: bytes) -> None:
        with pytest.raises(errors.UnexpectedAnswer) as caught:
            judge(ONE, answer(status, body))
        assert isinstance(caught.value, errors.TransportError)
        assert caught.value.status == status

    @given(st.sampled_from([200, 201, 400, 401, 403, 404, 429, 500]), st.binary(max_size=60))
    def test_no_bytes_raise_anything_but_our_errors(self, status: int, body: bytes) -> None:
        with contextlib.suppress(errors.ZohoCRMError):
            judge(ONE, answer(status, body))

    json = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "code", "status", "details", "message", "error"]), inner
            )
        ),
        max_leaves=12,
    )

    @given(st.sampled_from([200, 207, 400, 401, 429, 500]), json, st.sampled_from([ONE, MANY]))
    def test_no_json_raises_anything_but_our_errors(
        self, status: int, body: Any, call: Call
    ) -> None:
        with contextlib.suppress(errors.ZohoCRMError):
            judge(call, answer(status, body))


class TestTooManyRequests:
    """A 429 says as little of itself as it pleases."""

    def test_the_wait_that_the_service_asks_for_is_kept(self) -> None:
        with pytest.raises(errors.ConcurrencyExceeded) as caught:
            judge(ONE, answer(429, {"code": "TOO_MANY_REQUESTS"}, **{"Retry-After": "3"}))
        assert caught.value.retry_after == 3.0

    def test_html_is_judged_by_its_status(self) -> None:
        with pytest.raises(errors.ConcurrencyExceeded):
            judge(ONE, answer(429, b"<html>Too Many Requests</html>"))


def test_a_page_may_say_how_long_to_wait() -> None:
    """Gateways answer in HTML, and mean what they say in the headers."""
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        judge(ONE, answer(503, b"<html>", **{"Retry-After": "7"}))
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize(
    ("status", "credits"), [(200, 10), (207, 10), (400, 1), (403, 1), (401, 0), (429, 0), (500, 10)]
)
def test_what_an_answer_costs(status: int, credits: int) -> None:
    """Refusals before any work are free, others cost the least, failures the most."""
    assert spent(status, minimum=1, maximum=10) == credits


def test_the_header_of_what_is_left_is_read() -> None:
    """Absent or unreadable, it says nothing."""
    assert answer(200, {}, **{"X-API-CREDITS-REMAINING": "42"}).credits_remaining == 42
    for odd in ("many", "-1", "4.2", "\N{SUPERSCRIPT TWO}", "9" * 5000):
        assert answer(200, {}, **{"X-API-CREDITS-REMAINING": odd}).credits_remaining is None
        assert answer(200, {}, **{"Retry-After": odd}).retry_after is None
    assert answer(200, {}).credits_remaining is None


def test_no_wait_is_longer_than_a_day() -> None:
    """No limit of the service lasts longer."""
    assert answer(429, {}, **{"Retry-After": "9" * 12}).retry_after == 86_400.0


def test_a_redirect_says_where_it_leads() -> None:
    """It is not followed, and what it brings along is not shown."""
    with pytest.raises(errors.UnexpectedAnswer, match=r"redirect to 'https://x/login'") as caught:
        judge(ONE, answer(302, b"", Location="https://x/login?ticket=private"))
    assert "private" not in str(caught.value)


def test_an_answer_in_place_of_a_file_is_no_file() -> None:
    call = Call(READ, "/files", returns=Download)
    with pytest.raises(errors.UnexpectedAnswer, match="status 202 came with no file"):
        judge(call, answer(202, {"status": "in progress"}))


def test_a_refused_token_is_told_from_a_missing_scope() -> None:
    """Only a dead token is worth a refresh."""
    assert token_refused(answer(401, {"code": "INVALID_TOKEN"}))
    assert token_refused(answer(401, {"code": "INVALID_OAUTHTOKEN"}))
    assert not token_refused(answer(401, {"code": "OAUTH_SCOPE_MISMATCH"}))


class TestMissingScope:
    """Who lacks a scope learns which, wherever the path tells it."""

    REFUSAL = answer(401, {"code": "OAUTH_SCOPE_MISMATCH", "status": "error"})

    def refused(self, call: Call) -> errors.ScopeMismatch:
        with pytest.raises(errors.ScopeMismatch) as caught:
            judge(call, self.REFUSAL)
        return caught.value

    def test_the_advice_names_them(self) -> None:
        error = self.refused(ONE)
        assert error.scopes
        assert (
            error.advice
            == f"Make a new token that has {' and '.join(error.scopes)}, or wider ones."
        )

    @pytest.mark.parametrize(
        "operation",
        [Operation("GET", "", name="GET /x"), Operation("GET", "/{download_url}", host="link")],
        ids=["raw", "link"],
    )
    def test_a_path_that_nobody_declared_leads_to_the_page(self, operation: Operation) -> None:
        error = self.refused(Call(operation, "/x"))
        assert error.scopes == ()
        assert error.advice == errors.ScopeMismatch.advice
