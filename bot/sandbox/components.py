"""Checks message and modal components against Discord's limits, completes them, and finds one again when it is used.

Source of the limits: Discord's documentation, "Component Reference".
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from ._json import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from .forms import Form

MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_COMPONENTS_V2 = 40
MAX_CUSTOM_ID = 100
MAX_BUTTON_LABEL = 80
MAX_OPTIONS = 25
MAX_OPTION_TEXT = 100
MAX_PLACEHOLDER = 150
MAX_URL = 512
MAX_MODAL_COMPONENTS = 5
MAX_MODAL_TITLE = 45
MAX_INPUT_LABEL = 45
MAX_INPUT = 4000
MAX_TEXT_DISPLAY = 4000


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


SELECTS = frozenset({3, 5, 6, 7, 8})
_CLASSIC = frozenset({ComponentType.ROW})
_V2 = frozenset({1, 9, 10, 14, 17})
_STYLE_LINK = 5
_STYLES = range(1, 6)


def walk(components: list[Json], path: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component with its path in the body, parents first."""
    for index, component in enumerate(components):
        yield from _walk_one(component, f"{path}.{index}")


def _walk_one(component: Json, path: str) -> Iterator[tuple[str, Json]]:
    yield path, component
    yield from walk(as_list(component.get("components")), f"{path}.components")
    for key in ("accessory", "component"):
        if key in component:
            yield from _walk_one(component[key], f"{path}.{key}")


def check(components: list[Json], form: Form, *, v2: bool) -> None:
    """Note in the form whatever Discord would refuse in a message. `v2`: the message carries IS_COMPONENTS_V2."""
    if v2 and len(list(walk(components))) > MAX_COMPONENTS_V2:
        form.count("components", list(walk(components)), MAX_COMPONENTS_V2)
    elif not v2:
        form.count("components", components, MAX_ROWS)
    for index, component in enumerate(components):
        form.choice(f"components.{index}.type", component.get("type"), _V2 if v2 else _CLASSIC)
    _check_all(components, form)


def check_modal(data: Json, form: Form) -> None:
    """Note in the form whatever Discord would refuse in a modal."""
    form.length("data.title", data.get("title"), MAX_MODAL_TITLE, 1)
    form.length("data.custom_id", data.get("custom_id"), MAX_CUSTOM_ID, 1)
    components: list[Json] = as_list(data.get("components"))
    form.count("data.components", components, MAX_MODAL_COMPONENTS, 1)
    _check_all(components, form, "data.components")


def _check_all(components: list[Json], form: Form, path: str = "components") -> None:
    seen: set[str] = set()
    for where, component in walk(components, path):
        _check_one(component, where, form)
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


def _check_one(component: Json, path: str, form: Form) -> None:
    kind = component.get("type")
    if kind == ComponentType.ROW:
        form.count(f"{path}.components", as_list(component.get("components")), MAX_BUTTONS, 1)
    elif kind == ComponentType.BUTTON:
        _check_button(component, path, form)
    elif kind == ComponentType.TEXT_INPUT:
        form.length(f"{path}.label", component.get("label"), MAX_INPUT_LABEL)
        form.length(f"{path}.value", component.get("value"), MAX_INPUT)
    elif kind == ComponentType.TEXT_DISPLAY:
        form.length(f"{path}.content", component.get("content"), MAX_TEXT_DISPLAY, 1)
    elif kind in SELECTS:
        _check_select(component, path, form)
    else:
        form.choice(f"{path}.type", kind, set(map(int, ComponentType)))


def _check_button(button: Json, path: str, form: Form) -> None:
    form.length(f"{path}.label", button.get("label"), MAX_BUTTON_LABEL)
    form.choice(f"{path}.style", button.get("style"), _STYLES)
    if button.get("style") == _STYLE_LINK:
        form.length(f"{path}.url", button.get("url"), MAX_URL, 1)
    elif not button.get("custom_id"):
        form.required(f"{path}.custom_id")


def _check_select(select: Json, path: str, form: Form) -> None:
    form.length(f"{path}.placeholder", select.get("placeholder"), MAX_PLACEHOLDER)
    if not select.get("custom_id"):
        form.required(f"{path}.custom_id")
    if select["type"] != ComponentType.STRING_SELECT:
        return
    options: list[Json] = as_list(select.get("options"))
    form.count(f"{path}.options", options, MAX_OPTIONS, 1)
    values: set[str] = set()
    for index, option in enumerate(options):
        form.length(f"{path}.options.{index}.label", option.get("label"), MAX_OPTION_TEXT, 1)
        form.length(f"{path}.options.{index}.value", option.get("value"), MAX_OPTION_TEXT, 1)
        form.length(f"{path}.options.{index}.description", option.get("description"), MAX_OPTION_TEXT)
        if option.get("value") in values:
            form.add(
                f"{path}.options.{index}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "must not be duplicated"
            )
        values.add(str(option.get("value")))


def complete(components: list[Json], *, modal: bool = False) -> list[Json]:
    """The components as Discord sends them back: numbered, with their defaults filled in."""
    numbers = iter(range(1, 1 + len(list(walk(components)))))
    # Whether a select is required is a matter of modals, ignored in messages.
    ignored = frozenset[str]() if modal else frozenset({"required"})
    return [_complete_one(component, numbers, ignored) for component in components]


def _complete_one(component: Json, numbers: Iterator[int], ignored: frozenset[str]) -> Json:
    done: Json = {key: value for key, value in component.items() if value is not None and key not in ignored}
    done["id"] = next(numbers)
    kind = done["type"]
    if kind in SELECTS:
        done = {"min_values": 1, "max_values": 1} | done
    elif kind == ComponentType.TEXT_INPUT:
        done = {"label": None, "min_length": None, "max_length": None} | done
    elif kind == ComponentType.CONTAINER:
        done = {"accent_color": None, "spoiler": False} | done
    elif kind == ComponentType.SEPARATOR:
        done = {"spacing": 1, "divider": True} | done
    if "components" in done:
        done["components"] = [_complete_one(child, numbers, ignored) for child in done["components"]]
    for key in ("accessory", "component"):
        if key in done:
            done[key] = _complete_one(done[key], numbers, ignored)
    return done


def find(components: list[Json], custom_id: str) -> Json | None:
    """The component with this custom id, wherever it is nested."""
    return next((each for _, each in walk(components) if each.get("custom_id") == custom_id), None)
