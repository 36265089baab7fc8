"""Select menus, and what else lets people choose: what may be offered, and what may be chosen.

Source: Discord's documentation, "Component Reference", the select menus, "File Upload", "Radio Group" and
"Checkbox Group".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._json import as_list
from .component_types import LISTED, ComponentType
from .forms import whole

if TYPE_CHECKING:
    from ._json import Json
    from .forms import Form

MAX_OPTIONS = 25
MAX_BOXES = 10
"""Options of a radio or checkbox group, and files of an upload."""
MIN_RADIO_OPTIONS = 2
MAX_OPTION_TEXT = 100
MAX_PLACEHOLDER = 150

_FEW = frozenset({ComponentType.FILE_UPLOAD, ComponentType.RADIO_GROUP, ComponentType.CHECKBOX_GROUP})
_DEFAULTS = {
    ComponentType.USER_SELECT: {"user"},
    ComponentType.ROLE_SELECT: {"role"},
    ComponentType.MENTIONABLE_SELECT: {"user", "role"},
    ComponentType.CHANNEL_SELECT: {"channel"},
}
"""What the `default_values` of a menu may be ("Select Default Value Structure")."""


def check(menu: Json, path: str, form: Form) -> None:
    """Note in the form whatever Discord would refuse in anything that offers choices."""
    kind = ComponentType(menu["type"])
    most = MAX_BOXES if kind in _FEW else MAX_OPTIONS
    form.length(f"{path}.placeholder", menu.get("placeholder"), MAX_PLACEHOLDER)
    if not menu.get("custom_id"):
        form.required(f"{path}.custom_id")
    form.number(f"{path}.min_values", menu.get("min_values"), 0, most)
    form.number(f"{path}.max_values", menu.get("max_values"), 1, most)
    fewest, highest = bounds(menu)
    if fewest > highest:
        form.add(f"{path}.max_values", "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {fewest}.")
    if kind in LISTED:
        _check_options(menu, path, form, most)
    defaults: list[Json] = as_list(menu.get("default_values"))
    # "Number of default values must be in the range defined by min_values and max_values"; none at all is no default.
    form.count(f"{path}.default_values", defaults, highest, fewest if defaults else 0)
    for index, default in enumerate(defaults):
        form.choice(f"{path}.default_values.{index}.type", default.get("type"), _DEFAULTS.get(kind, set()))


def _check_options(menu: Json, path: str, form: Form, most: int) -> None:
    options: list[Json] = as_list(menu.get("options"))
    fewest = MIN_RADIO_OPTIONS if menu["type"] == ComponentType.RADIO_GROUP else 1
    # There must be as many options as one may have to choose, and as one may choose.
    form.count(f"{path}.options", options, most, max(fewest, *bounds(menu)))
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
    if len(preselected(menu)) > bounds(menu)[1]:
        form.add(f"{path}.options", "BASE_TYPE_BAD_LENGTH", f"At most {bounds(menu)[1]} can be the default.")


def check_in_modal(menu: Json, path: str, form: Form) -> None:
    """Note what is allowed in messages only."""
    if menu.get("disabled"):
        form.add(f"{path}.disabled", "COMPONENT_DISABLED_IN_MODAL", "Modals cannot have disabled components.")
    if menu.get("required") is not False and menu.get("min_values") == 0:
        form.add(f"{path}.min_values", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")


def bounds(menu: Json) -> tuple[int, int]:
    """How many values may be chosen, from and to."""
    every = menu["type"] == ComponentType.CHECKBOX_GROUP
    most = max(1, len(as_list(menu.get("options")))) if every else 1
    return whole(menu.get("min_values"), 1), whole(menu.get("max_values"), most)


def preselected(menu: Json) -> list[str]:
    """The values that are chosen before anybody touches the menu."""
    chosen = [str(option["value"]) for option in as_list(menu.get("options")) if option.get("default")]
    return chosen + [str(default["id"]) for default in as_list(menu.get("default_values"))]


def complete(menu: Json) -> Json:
    """A menu with its bounds spelled out, and the ids of its defaults as Discord writes ids."""
    fewest, most = bounds(menu)
    done: Json = {"min_values": fewest, "max_values": most} | menu
    defaults: list[Json] = as_list(menu.get("default_values"))
    if defaults:
        done["default_values"] = [default | {"id": str(default["id"])} for default in defaults]
    return done


def check_chosen(menu: Json, values: list[str], path: str, form: Form) -> None:
    """Note in the form whatever of these values nobody can have chosen."""
    fewest, most = bounds(menu)
    form.count(path, values, most, fewest)
    if len(set(values)) < len(values):
        form.add(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value.")
    if menu["type"] in LISTED:
        offered = [option["value"] for option in as_list(menu.get("options"))]
        for value in values:
            form.choice(path, value, offered)
