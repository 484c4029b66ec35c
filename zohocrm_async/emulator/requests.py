"""One call as the handlers see it."""

from collections.abc import Mapping
from typing import Any

import attrs
import orjson
from aiohttp import BodyPartReader, web
from attrs import define, frozen

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array_of_objects, is_object

_LARGEST_JSON = 20 * 1024 * 1024


@frozen
class UploadedPart:
    """One part of a multipart body."""

    field: str
    name: str | None
    content: bytes = attrs.field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@define(eq=False)
class Incoming:
    """A call with its places and arguments told apart."""

    call: Call
    params: Mapping[str, str]
    """What stands in the places of the path."""
    version: int
    held: frozenset[str] | None = None
    """The scopes of the token; None: all."""

    @property
    def operation(self) -> Operation:
        """What is called."""
        return self.call.operation

    @property
    def query(self) -> Mapping[str, str]:
        """The arguments of the query."""
        return self.call.query

    @property
    def key(self) -> str:
        """Where the items stand."""
        return self.call.operation.key or "data"

    @property
    def module(self) -> str:
        """The module in the path, or ""."""
        return self.params.get("module", "")

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.params["id"]

    def items(self, most: int) -> list[dict[str, Any]]:
        """Return the objects of the body's list.

        Raises:
            Refusal: the body has none, too many, or other things than objects.
        """
        body: Any = self.call.body
        key = self.key
        if not is_object(body):
            raise Refusal(
                "INVALID_DATA", "the body is no JSON object", expected_data_type="jsonobject"
            )
        if key not in body:
            raise Refusal(
                "MANDATORY_NOT_FOUND",
                "a required key is missing",
                api_name=key,
                json_path=f"$.{key}",
            )
        items = body[key]
        if not is_array_of_objects(items):
            raise Refusal(
                "INVALID_DATA",
                "the value is no list of objects",
                api_name=key,
                json_path=f"$.{key}",
                expected_data_type="jsonarray",
            )
        if not 1 <= len(items) <= most:
            raise Refusal(
                "LIMIT_EXCEEDED" if len(items) > most > 1 else "INVALID_DATA",
                "the list has reached its limit" if items else "the list is empty",
                api_name=key,
                json_path=f"$.{key}",
                minimum_length=1,
                maximum_length=most,
            )
        return items

    def only_keys(self, *names: str) -> None:
        """Refuse keys beside the list that nothing documents.

        Raises:
            Refusal: there is one.
        """
        for name in self.call.body:
            if name != self.key and name not in names:
                raise Refusal(
                    "INVALID_DATA", "the key is unknown", api_name=name, json_path=f"$.{name}"
                )


async def read_body(request: web.BaseRequest) -> Any:
    """Return the decoded body: a JSON value, parts of a form, or None.

    A body that cannot be read is returned as its `Refusal`: such a call is charged
    before it is refused, like any other.
    """
    if not request.body_exists:
        return None
    try:
        if request.content_type.startswith("multipart/"):
            return await _read_parts(request)
        return await _read_json(request)
    except Refusal as refusal:
        return refusal


async def _read_json(request: web.BaseRequest) -> Any:
    if (request.content_length or 0) > _LARGEST_JSON:
        raise Refusal("INVALID_DATA", "the body is too large", status=413)
    raw = await request.content.read()
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refusal("INVALID_DATA", "the body is not JSON") from None


async def _read_parts(request: web.BaseRequest) -> list[UploadedPart]:
    parts: list[UploadedPart] = []
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise Refusal("INVALID_DATA", "a part holds parts of its own")
            parts.append(await _read_part(part))
    except ValueError:
        raise Refusal("INVALID_DATA", "the form cannot be read") from None
    return parts


async def _read_part(part: BodyPartReader) -> UploadedPart:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
    return UploadedPart(part.name or "", part.filename, bytes(content))
