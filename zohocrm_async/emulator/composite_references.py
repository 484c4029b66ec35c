"""References of a composite request: ``@{1:$.data[0].details.id}``."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array, is_object

_REFERENCE = re.compile(r"@\{([^:{}]*):([^{}]*)\}")
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]|\['(?P<key>[^']+)'\]")
_MISSING = object()

Answers = Mapping[str, Any]
"""The bodies of the requests that went well so far, by their ids."""


def referred(value: Any) -> Iterator[str]:
    """Yield the ids of the requests that *value* refers to."""
    if isinstance(value, str):
        yield from (found[1] for found in _REFERENCE.finditer(value))
    elif is_object(value):
        for each in value.values():
            yield from referred(each)
    elif is_array(value):
        for each in value:
            yield from referred(each)


def filled(value: Any, answers: Answers) -> Any:
    """Return *value* with what its references stand for.

    Raises:
        Refusal: one of them stands for nothing.
    """
    if isinstance(value, str):
        return _filled_text(value, answers)
    if is_object(value):
        return {name: filled(each, answers) for name, each in value.items()}
    if is_array(value):
        return [filled(each, answers) for each in value]
    return value


def _filled_text(text: str, answers: Answers) -> Any:
    whole = _REFERENCE.fullmatch(text)
    if whole is not None:
        return _resolved(whole, answers)
    return _REFERENCE.sub(_as_text(answers), text)


def _as_text(answers: Answers) -> Callable[[re.Match[str]], str]:
    def text(found: re.Match[str]) -> str:
        value = _resolved(found, answers)
        if is_object(value) or is_array(value) or value is None:
            raise _invalid(found[0], "the reference has no proper value")
        return str(value)

    return text


def _resolved(found: re.Match[str], answers: Answers) -> Any:
    if found[1] not in answers:
        raise _invalid(found[0], "the reference is to a request that gave no answer")
    path = found[2]
    if not path.startswith("$"):
        raise _invalid(found[0], "the reference is improper")
    value, at = answers[found[1]], 1
    while at < len(path):
        step = _STEP.match(path, at)
        value = _MISSING if step is None else _taken(value, step)
        if step is None or value is _MISSING:
            raise _invalid(found[0], "the reference has no proper value")
        at = step.end()
    return value


def _taken(value: Any, step: re.Match[str]) -> Any:
    if step["index"] is not None:
        index = int(step["index"])
        return value[index] if is_array(value) and index < len(value) else _MISSING
    name = step["name"] or step["key"]
    return value.get(name, _MISSING) if is_object(value) else _MISSING


def _invalid(reference: str, why: str) -> Refusal:
    return Refusal("INVALID_REFERENCE", why, reference=reference)
