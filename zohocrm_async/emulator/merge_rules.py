"""What a body of merge must look like.

See https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array_of_objects

# Modules' own names for such fields are free; these beginnings tell them.
_FILE_FIELDS = {"File_Upload": 5, "Image_Upload": 10}
_AT = "$.merge[0]"


@frozen
class Claim:
    """A field whose value comes from one of the records."""

    api_name: str
    source: str
    """The record's id."""
    files: tuple[str, ...] | None
    """Of a file field: the ids to keep; None for any other field."""


def refused(code: str, message: str, **details: Any) -> Refusal:
    """Return the error of the only merge."""
    return Refusal(code, message, wrapped=True, **details)


def file_limit(name: str) -> int | None:
    """Return how many files a field holds; None if it is none for files."""
    return next((most for start, most in _FILE_FIELDS.items() if name.startswith(start)), None)


def check_merge(merge: Mapping[str, Any], master_id: str) -> tuple[list[str], list[Claim]]:
    """Return the children's ids and the claimed fields.

    Raises:
        Refusal: the documentation rules the merge out.
    """
    _known_keys(merge, {"data", "master_record_fields"}, _AT)
    children = _children(merge)
    ids = [master_id]
    claims = _claims(
        merge.get("master_record_fields", []), master_id, f"{_AT}.master_record_fields"
    )
    for index, child in enumerate(children):
        path = f"{_AT}.data[{index}]"
        child_id = _child_id(child, path)
        if child_id in ids:
            raise refused(
                "DUPLICATE_DATA", "the same id is given twice",
                api_name="id", json_path=f"{path}.id",
            )  # fmt: skip
        ids.append(child_id)
        if "_fields" not in child:
            raise refused(
                "MANDATORY_NOT_FOUND", "the child's fields are missing",
                api_name="_fields", json_path=f"{path}._fields",
            )  # fmt: skip
        claims += _claims(child["_fields"], child_id, f"{path}._fields")
    _check_claims(claims, master_id)
    return ids[1:], claims


def _known_keys(value: Mapping[str, Any], known: set[str], path: str) -> None:
    for key in value:
        if key not in known:
            raise refused(
                "INVALID_DATA", "the key is unknown", api_name=key, json_path=f"{path}.{key}"
            )


def _children(merge: Mapping[str, Any]) -> list[dict[str, Any]]:
    path = f"{_AT}.data"
    if "data" not in merge:
        raise refused("MANDATORY_NOT_FOUND", "no child is given", api_name="data", json_path=path)
    children = merge["data"]
    if not is_array_of_objects(children):
        raise refused(
            "INVALID_DATA", "the children are no list of objects",
            api_name="data", json_path=path, expected_data_type="jsonarray",
        )  # fmt: skip
    if not children:
        raise refused(
            "INVALID_DATA", "at least one child record has to be merged",
            api_name="data", json_path=path, minimum_length=1,
        )  # fmt: skip
    if len(children) > 2:  # noqa: PLR2004  # master and two children: three records
        raise refused(
            "INVALID_DATA", "the list of children has reached its limit",
            api_name="data", json_path=path, maximum_length=2,
        )  # fmt: skip
    return children


def _child_id(child: Mapping[str, Any], path: str) -> str:
    _known_keys(child, {"id", "_fields"}, path)
    child_id = child.get("id")
    if child_id in (None, ""):
        raise refused(
            "MANDATORY_NOT_FOUND",
            "the child's own id is empty",
            api_name="id",
            json_path=f"{path}.id",
        )
    if not isinstance(child_id, str):
        raise refused("INVALID_DATA", "the child's id has another type", json_path=f"{path}.id")
    return child_id


def _claims(fields: Any, source: str, path: str) -> list[Claim]:
    if not is_array_of_objects(fields):
        raise refused(
            "INVALID_DATA", "the fields are no list of objects",
            json_path=path, expected_data_type="jsonarray",
        )  # fmt: skip
    return [_claim(item, source, f"{path}[{index}]") for index, item in enumerate(fields)]


def _claim(item: Mapping[str, Any], source: str, path: str) -> Claim:
    _known_keys(item, {"api_name", "_data"}, path)
    name = item.get("api_name")
    if not isinstance(name, str) or not name.strip():
        raise refused(
            "MANDATORY_NOT_FOUND", "the field's API name is empty",
            api_name="api_name", json_path=f"{path}.api_name",
        )  # fmt: skip
    limit = file_limit(name)
    if limit is None:
        if "_data" in item:
            raise refused("INVALID_DATA", "the field takes no files", json_path=f"{path}._data")
        return Claim(name, source, None)
    if "_data" not in item:
        raise refused(
            "DEPENDENT_FIELD_MISSING", "a field of files asks for _data",
            api_name="id", json_path=f"{path}._data",
            dependee={"api_name": "api_name", "json_path": f"{path}.api_name"},
        )  # fmt: skip
    return Claim(name, source, _files(item["_data"], limit, f"{path}._data"))


def _files(data: Any, limit: int, path: str) -> tuple[str, ...]:
    if data is None:
        return ()
    if not is_array_of_objects(data):
        raise refused(
            "INVALID_DATA", "the files are no list of objects",
            json_path=path, expected_data_type="jsonarray",
        )  # fmt: skip
    for index, file in enumerate(data):
        _known_keys(file, {"id"}, f"{path}[{index}]")
        if file.get("id") in (None, ""):
            raise refused(
                "DEPENDENT_FIELD_MISSING", "a file asks for its own id",
                api_name="id", json_path=f"{path}[{index}].id",
            )  # fmt: skip
    if len(data) > limit:
        raise refused("LIMIT_EXCEEDED", "too many files are given", maximum_length=limit)
    return tuple(str(file["id"]) for file in data)


def _check_claims(claims: Iterable[Claim], master_id: str) -> None:
    sources: dict[str, str] = {}
    for claim in claims:
        if claim.api_name in sources:
            raise refused(
                "DUPLICATE_DATA", "the field was claimed for another record",
                api_name=claim.api_name,
            )  # fmt: skip
        sources[claim.api_name] = claim.source
    account, superior = sources.get("Account_Name"), sources.get("Reporting_To")
    if superior is not None and superior != (account or master_id):
        raise refused(
            "INVALID_DATA", "Reporting_To and Account_Name belong to one record",
            api_name="Reporting_To",
        )  # fmt: skip
