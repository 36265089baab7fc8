"""Modals: what an application may put into one.

Source: Discord's documentation, "Component Reference" ("Label", "Text Input", "Action Row") and "Receiving and
Responding", "Modal".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import selects
from ._json import as_list
from .component_types import LISTED, MAX_CUSTOM_ID, SELECTS, ComponentType, check_custom_ids
from .forms import whole

if TYPE_CHECKING:
    from ._json import Json
    from .forms import Form

MAX_COMPONENTS = 5
MAX_TITLE = 45
MAX_LABEL = 45
MAX_DESCRIPTION = 100
MAX_PLACEHOLDER = 100
MAX_INPUT = 4000
MAX_TEXT_DISPLAY = 4000

_TOP = frozenset({ComponentType.ROW, ComponentType.TEXT_DISPLAY, ComponentType.LABEL})
_MENUS = SELECTS | LISTED | {ComponentType.FILE_UPLOAD}
_LABELLED = _MENUS | {ComponentType.TEXT_INPUT, ComponentType.CHECKBOX}
_STYLES = (1, 2)


def check(data: Json, form: Form) -> None:
    """Note in the form whatever Discord would refuse in the `data` of a modal."""
    form.length("data.title", data.get("title"), MAX_TITLE, 1)
    form.length("data.custom_id", data.get("custom_id"), MAX_CUSTOM_ID, 1)
    components: list[Json] = as_list(data.get("components"))
    form.count("data.components", components, MAX_COMPONENTS, 1)
    check_custom_ids(components, form, "data.components")
    for index, component in enumerate(components):
        path = f"data.components.{index}"
        kind = component.get("type")
        form.choice(f"{path}.type", kind, _TOP)
        if kind == ComponentType.TEXT_DISPLAY:
            form.length(f"{path}.content", component.get("content"), MAX_TEXT_DISPLAY, 1)
        elif kind == ComponentType.LABEL:
            _check_label(component, path, form)
        elif kind == ComponentType.ROW:
            _check_row(component, path, form)


def _check_row(row: Json, path: str, form: Form) -> None:
    inputs: list[Json] = as_list(row.get("components"))
    form.count(f"{path}.components", inputs, 1, 1)
    for index, each in enumerate(inputs):
        here = f"{path}.components.{index}"
        form.choice(f"{here}.type", each.get("type"), {ComponentType.TEXT_INPUT})
        # In a row nothing else says what the input is for.
        form.length(f"{here}.label", each.get("label"), MAX_LABEL, 1)
        _check_text(each, here, form)


def _check_label(label: Json, path: str, form: Form) -> None:
    form.length(f"{path}.label", label.get("label"), MAX_LABEL, 1)
    form.length(f"{path}.description", label.get("description"), MAX_DESCRIPTION)
    inner, here = label.get("component"), f"{path}.component"
    if not inner:
        form.required(here)
        return
    kind = inner.get("type")
    form.choice(f"{here}.type", kind, _LABELLED)
    if kind in _MENUS:
        selects.check(inner, here, form)
        selects.check_in_modal(inner, here, form)
    elif kind == ComponentType.TEXT_INPUT:
        form.length(f"{here}.label", inner.get("label"), MAX_LABEL)
        _check_text(inner, here, form)
    elif kind == ComponentType.CHECKBOX and not inner.get("custom_id"):
        form.required(f"{here}.custom_id")


def _check_text(text: Json, path: str, form: Form) -> None:
    if not text.get("custom_id"):
        form.required(f"{path}.custom_id")
    form.choice(f"{path}.style", text.get("style"), _STYLES)
    form.length(f"{path}.placeholder", text.get("placeholder"), MAX_PLACEHOLDER)
    form.number(f"{path}.min_length", text.get("min_length"), 0, MAX_INPUT)
    form.number(f"{path}.max_length", text.get("max_length"), 1, MAX_INPUT)
    shortest, longest = text_bounds(text)
    if shortest > longest:
        form.add(f"{path}.max_length", "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {shortest}.")
    # Only the 4000 are documented; a text that could not be sent back as it is would be of no use to anybody.
    form.length(f"{path}.value", text.get("value"), min(longest, MAX_INPUT))


def text_bounds(text: Json) -> tuple[int, int]:
    """How long a text may be, from and to."""
    return whole(text.get("min_length"), 0), whole(text.get("max_length"), MAX_INPUT)
