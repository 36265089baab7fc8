"""The one name this floor uses for a decoded JSON object, and the two ways to take an optional one apart."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


def as_object(value: Any) -> Json:  # noqa: ANN401 - decoded JSON is anything
    """A JSON object that may be missing or null; then it is empty."""
    return value or {}


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - decoded JSON is anything
    """A JSON array that may be missing or null; then it is empty."""
    return value or []
