"""The kinds of components, and how to walk through a tree of them.

Source: Discord's documentation, "Component Reference".
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from ._json import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from .forms import Form

MAX_CUSTOM_ID = 100


class ComponentType(IntEnum):
    """Component types (documentation: "Component Types")."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


AUTO_SELECTS = frozenset(
    {
        ComponentType.USER_SELECT,
        ComponentType.ROLE_SELECT,
        ComponentType.MENTIONABLE_SELECT,
        ComponentType.CHANNEL_SELECT,
    }
)
"""The menus that Discord fills itself."""
SELECTS = AUTO_SELECTS | {ComponentType.STRING_SELECT}
LISTED = frozenset({ComponentType.STRING_SELECT, ComponentType.RADIO_GROUP, ComponentType.CHECKBOX_GROUP})
"""What offers options of its own."""
SINGLE = frozenset({ComponentType.TEXT_INPUT, ComponentType.RADIO_GROUP, ComponentType.CHECKBOX})
"""What is filled in with one `value`; everything else that can be filled in has `values`."""


def walk(components: list[Json], path: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component with its path in the body, parents first."""
    for index, component in enumerate(components):
        yield from _walk_one(component, f"{path}.{index}")


def _walk_one(component: Json, path: str) -> Iterator[tuple[str, Json]]:
    yield path, component
    yield from walk(as_list(component.get("components")), f"{path}.components")
    for key in ("accessory", "component"):
        if component.get(key):
            yield from _walk_one(component[key], f"{path}.{key}")


def find(components: list[Json], custom_id: str) -> Json | None:
    """The component with this custom id, wherever it is nested."""
    return next((each for _, each in walk(components) if each.get("custom_id") == custom_id), None)


def check_custom_ids(components: list[Json], form: Form, path: str = "components") -> None:
    """Note custom ids that are too long or used twice."""
    seen: set[str] = set()
    for where, component in walk(components, path):
        custom_id = component.get("custom_id")
        if custom_id is None:
            continue
        form.length(f"{where}.custom_id", custom_id, MAX_CUSTOM_ID, 1)
        if custom_id in seen:
            form.add(
                f"{where}.custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        seen.add(custom_id)
