"""What the organisation says when it says no."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

JSON = Mapping[str, Any]


class Refusal(Exception):
    """An error answer of the service.

    A *wrapped* one stands as the only item of the operation's list, as the
    errors of an item do; the others are the whole answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        wrapped: bool = False,
        **details: Any,
    ) -> None:
        self.code = code
        self.status = status
        self.wrapped = wrapped
        self.item = error_item(code, message, details)
        super().__init__(f"{code}: {message}")


@frozen
class SentFile:
    """A file as an answer."""

    content: bytes = field(repr=False)
    name: str
    content_type: str = "application/octet-stream"


@frozen
class Reply:
    """A good answer, or one whose items tell what became of each."""

    body: JSON | None
    status: int = 200
    code: str = ""
    """The word of the first item, for the books."""
    file: SentFile | None = None
    """What is sent in place of the body."""


def error_item(code: str, message: str, details: JSON) -> JSON:
    """Return the four keys that every error has."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def success_item(message: str, *, code: str = "SUCCESS", **details: Any) -> dict[str, Any]:
    """Return the four keys that every item of a good write has."""
    return {"code": code, "details": details, "message": message, "status": "success"}


def outcome(key: str, item: JSON, *, status: int = 200) -> Reply:
    """Return the answer of a write of one item."""
    return Reply({key: [item]}, status, str(item["code"]))


def outcomes(key: str, items: list[JSON], *, status: int = 200) -> Reply:
    """Return the answer of a write of many items: all good, mixed, or all bad."""
    failed = [item["code"] for item in items if item["status"] == "error"]
    if failed:
        status = 400 if len(failed) == len(items) else 207
    return Reply({key: items}, status, str(failed[0] if failed else items[0]["code"]))


def refused(key: str | None, refusal: Refusal) -> Reply:
    """Return the answer of a call that was refused, whose items would stand at *key*."""
    body = {key: [refusal.item]} if refusal.wrapped and key else refusal.item
    return Reply(body, refusal.status, refusal.code)


def unknown_path() -> Refusal:
    """Return the error of a path that this version does not know."""
    return Refusal("INVALID_URL_PATTERN", "this version knows no such URL", status=404)


def unknown_method() -> Refusal:
    """Return the error of a known path with another method."""
    return Refusal("INVALID_REQUEST_METHOD", "the URL does not take this http method")


def unknown_module() -> Refusal:
    """Return the error of a module that is not there or does not know the operation."""
    return Refusal(
        "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0
    )


def credits_spent() -> Refusal:
    """Return the error of a call that the last 24 hours left no credits for."""
    return Refusal("TOO_MANY_REQUESTS", "the credits of the past 24 hours are used up", status=429)


def slots_taken() -> Refusal:
    """Return the error of a call beyond the calls that may run at once."""
    return Refusal(
        "TOO_MANY_REQUESTS", "the concurrency limit of the organisation is reached", status=429
    )


def heavy_slots_taken() -> Refusal:
    """Return the error of a heavy call beyond those that may run at once."""
    return Refusal(
        "TOO_MANY_REQUESTS", "the sub-concurrency limit of complex calls is reached", status=429
    )


def invalid_token() -> Refusal:
    """Return the error of an access token that is not valid, or not any more."""
    return Refusal("INVALID_TOKEN", "invalid oauth token", status=401)
