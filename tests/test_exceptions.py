"""The error tree is drawn as it is, and every error says what to do next."""

import inspect
import pickle
import re
from typing import Any

import pytest

from zohocrm_async import exceptions
from zohocrm_async.exceptions import APIError, InvalidRequest, OutcomeUnknown, ZohoCRMError


def drawn() -> dict[str, str]:
    """Return each drawn class with the class it hangs from."""
    parents: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in inspect.getdoc(exceptions).splitlines():  # type: ignore[union-attr]  # it has one
        found = re.match(r"^( *[│├└─ ]*)([A-Z]\w+)(?:\s{2,}|$)", line)
        if not found or not (line.startswith("    ")):
            continue
        depth = len(found[1])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if stack:
            parents[found[2]] = stack[-1][1]
        stack.append((depth, found[2]))
    return parents


def defined() -> dict[str, str]:
    return {
        name: kind.__bases__[0].__name__
        for name, kind in vars(exceptions).items()
        if inspect.isclass(kind) and issubclass(kind, ZohoCRMError) and kind is not ZohoCRMError
    }


def test_the_drawing_is_the_tree() -> None:
    """Every class hangs in the drawing where it hangs in the code."""
    assert drawn() == defined()


def test_every_class_says_what_it_means() -> None:
    """No class is left without a sentence of its own."""
    for name in defined():
        assert vars(exceptions)[name].__doc__


def test_an_api_error_tells_status_code_message_place_and_advice() -> None:
    """The text of an API error holds all that a person needs."""
    error = exceptions.RecordNotFound(
        "the id given is unknown",
        status=400,
        code="INVALID_DATA",
        details={"api_name": "id", "json_path": "$.data[0].id"},
        operation="mail.send",
    )
    assert repr(error) == f"RecordNotFound({str(error)!r})"
    assert str(error) == (
        "mail.send: INVALID_DATA (400): the id given is unknown "
        "[api_name=id, json_path=$.data[0].id]. Check the id and the module."
    )


@pytest.mark.parametrize(
    ("status", "code", "message", "text"),
    [
        (404, "", "", "records.get: Not Found (404)"),
        (499, "", "", "records.get: refused without a word (499)"),
        (0, "", "", "records.get: refused without a word"),
        (404, "", "no such path", "records.get: (404): no such path"),
        (0, "INVALID_DATA", "", "records.get: INVALID_DATA"),
    ],
)
def test_an_answer_that_says_nothing_is_called_as_http_calls_it(
    status: int, code: str, message: str, text: str
) -> None:
    """No text has a hole in it."""
    assert str(APIError(message, status=status, code=code, operation="records.get")) == text


def test_an_invalid_request_lists_every_problem() -> None:
    """All that is wrong is told at once."""
    error = InvalidRequest(("to is empty", "subject is too long"))
    assert error.problems == ("to is empty", "subject is too long")
    assert str(error) == "to is empty; subject is too long"


def test_an_unknown_outcome_says_where_to_look() -> None:
    """The caller learns what tells whether the service acted."""
    error = OutcomeUnknown("lost.", look_at="Read the e-mails.", path="/Leads/1", operation="x")
    assert "Read the e-mails." in str(error)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("CreditsExhausted", {"needed": 20, "remaining": 3, "resumes_at": None}),
        ("MergeFailed", {"module": "Leads", "master_id": "1", "job_id": "2", "state": "FAILURE"}),
        ("BudgetExceeded", {"budget": "news", "needed": 20, "remaining": 3}),
    ],
)
def test_errors_with_facts_carry_them_as_attributes(name: str, facts: dict[str, Any]) -> None:
    """What the message says can be read without parsing it."""
    error = vars(exceptions)[name](**facts)
    assert {key: getattr(error, key) for key in facts} == facts
    assert not isinstance(error, APIError)
    copied = pickle.loads(pickle.dumps(error))
    assert str(copied) == str(error)
    assert {key: getattr(copied, key) for key in facts} == facts
