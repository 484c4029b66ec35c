"""Shapes of JSON values, in the words of type checkers."""

from typing import Any, TypeGuard


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether *value* is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether *value* is a JSON array."""
    return isinstance(value, list)


def is_array_of_objects(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Whether *value* is a JSON array that holds nothing but objects."""
    return is_array(value) and all(isinstance(item, dict) for item in value)
