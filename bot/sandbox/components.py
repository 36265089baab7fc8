"""Checks the components of messages against Discord's limits, and completes those of messages and modals.

Source of the limits: Discord's documentation, "Component Reference".
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from . import selects
from ._json import as_list
from .component_types import SELECTS, ComponentType, check_custom_ids, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from .forms import Form

MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_COMPONENTS_V2 = 40
MAX_BUTTON_LABEL = 80
MAX_URL = 512
MAX_TEXT_DISPLAY = 4000

_CLASSIC = frozenset({ComponentType.ROW})
_V2 = frozenset({1, 9, 10, 14, 17})
_IN_ROW = SELECTS | {ComponentType.BUTTON}
_NESTED = (_V2 | {ComponentType.THUMBNAIL} | _IN_ROW) - {ComponentType.ROW}
_BOUNDED = SELECTS | {ComponentType.CHECKBOX_GROUP, ComponentType.FILE_UPLOAD}
"""What says how many values may be chosen."""
_STYLE_LINK = 5
_STYLES = range(1, 6)


def check(components: list[Json], form: Form, *, v2: bool) -> None:
    """Note in the form whatever Discord would refuse in a message. `v2`: the message carries IS_COMPONENTS_V2."""
    if v2 and len(list(walk(components))) > MAX_COMPONENTS_V2:
        form.count("components", list(walk(components)), MAX_COMPONENTS_V2)
    elif not v2:
        form.count("components", components, MAX_ROWS)
    for index, component in enumerate(components):
        form.choice(f"components.{index}.type", component.get("type"), _V2 if v2 else _CLASSIC)
    check_custom_ids(components, form)
    for where, component in walk(components):
        _check_one(component, where, form)


def _check_one(component: Json, path: str, form: Form) -> None:
    kind = component.get("type")
    if kind == ComponentType.ROW:
        _check_row(component, path, form)
    elif kind == ComponentType.BUTTON:
        _check_button(component, path, form)
    elif kind == ComponentType.TEXT_DISPLAY:
        form.length(f"{path}.content", component.get("content"), MAX_TEXT_DISPLAY, 1)
    elif kind in SELECTS:
        selects.check(component, path, form)
    else:
        form.choice(f"{path}.type", kind, _NESTED)


def _check_row(row: Json, path: str, form: Form) -> None:
    children: list[Json] = as_list(row.get("components"))
    form.count(f"{path}.components", children, MAX_BUTTONS, 1)
    for index, child in enumerate(children):
        form.choice(f"{path}.components.{index}.type", child.get("type"), _IN_ROW)
    # A menu is as wide as a row.
    if len(children) > 1 and any(child.get("type") in SELECTS for child in children):
        form.add(
            f"{path}.components",
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _check_button(button: Json, path: str, form: Form) -> None:
    form.length(f"{path}.label", button.get("label"), MAX_BUTTON_LABEL)
    form.choice(f"{path}.style", button.get("style"), _STYLES)
    if button.get("style") == _STYLE_LINK:
        form.length(f"{path}.url", button.get("url"), MAX_URL, 1)
    elif not button.get("custom_id"):
        form.required(f"{path}.custom_id")


def complete(components: list[Json], *, modal: bool = False) -> list[Json]:
    """The components as Discord sends them back: numbered, with their defaults filled in."""
    taken = {component.get("id") for _, component in walk(components)}
    numbers = (number for number in itertools.count(1) if number not in taken)
    # Whether a select is required is a matter of modals, ignored in messages.
    ignored = frozenset[str]() if modal else frozenset({"required"})
    return [_complete_one(component, numbers, ignored) for component in components]


def _complete_one(component: Json, numbers: Iterator[int], ignored: frozenset[str]) -> Json:
    done: Json = {key: value for key, value in component.items() if value is not None and key not in ignored}
    # An id of zero counts as none ("Anatomy of a Component").
    done["id"] = done.get("id") or next(numbers)
    kind = done["type"]
    if kind in _BOUNDED:
        done = selects.complete(done)
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
