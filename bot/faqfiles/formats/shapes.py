"""What JSON files of other programs hold, taken for what it should be: anything else counts as nothing there."""

from __future__ import annotations

from typing import cast


def as_mapping(value: object) -> dict[str, object]:
    """Return a mapping, an empty one for anything else."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return a list, an empty one for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def is_list(value: object) -> bool:
    """Return whether a value is a list."""
    return isinstance(value, list)
