"""What Discord refuses in the definition of an application command.

Source: Discord's documentation, "Application Commands": the structures of commands, options and choices,
"Application Command Naming", "Subcommands and Subcommand Groups" and "Localization".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import locales
from ._json import as_list, as_object
from .command_types import MAX_STRING, NESTING, CommandType, OptionType
from .entities import ChannelType

if TYPE_CHECKING:
    from ._json import Json
    from .forms import Form

MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_NAME = 32
MAX_DESCRIPTION = 100
MAX_CHOICE_TEXT = 100
"""Characters of a choice's name, and of its value where that is a text."""
MAX_TOTAL = 8000
"""Characters of all names, descriptions and values of a command; of translations the longest counts."""

_SLASH_NAME = re.compile(r"^[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}$")
_WITH_CHOICES = frozenset({OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER})
_LARGEST = 1 << 53
_CHANNEL_TYPES = frozenset({*map(int, ChannelType), 2, 3, 5, 10, 13, 14, 16})
"""All of Discord's, not only those of the sandbox."""


def check(body: Json, form: Form, prefix: str = "") -> None:
    """Note in the form whatever Discord would refuse in a command."""
    if body.get("type", CommandType.CHAT_INPUT) == CommandType.CHAT_INPUT:
        _check_texts(body, form, prefix)
        _check_options(as_list(body.get("options")), form, f"{prefix}options", 0)
    else:
        form.length(f"{prefix}name", body.get("name"), MAX_NAME, 1)
        _check_translations(body, "name", MAX_NAME, form, prefix)
        if body.get("description"):
            form.add(f"{prefix}description", "APPLICATION_COMMAND_INVALID", "Context menu commands have none")
    if _weight(body) > MAX_TOTAL:
        path = prefix.removesuffix(".") or "options"
        form.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_TOTAL})")


def _check_texts(thing: Json, form: Form, prefix: str) -> None:
    name = thing.get("name")
    form.length(f"{prefix}name", name, MAX_NAME, 1)
    _check_slash_name(name, form, f"{prefix}name")
    for locale, text in _check_translations(thing, "name", MAX_NAME, form, prefix).items():
        _check_slash_name(text, form, f"{prefix}name_localizations.{locale}")
    form.length(f"{prefix}description", thing.get("description"), MAX_DESCRIPTION, 1)
    _check_translations(thing, "description", MAX_DESCRIPTION, form, prefix)


def _check_slash_name(name: object, form: Form, path: str) -> None:
    if isinstance(name, str) and (not _SLASH_NAME.match(name) or name != name.lower()):
        form.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_translations(thing: Json, key: str, longest: int, form: Form, prefix: str) -> Json:
    path = f"{prefix}{key}_localizations"
    translations = as_object(thing.get(f"{key}_localizations"))
    for locale, text in translations.items():
        form.choice(path, locale, locales.LOCALES)
        form.length(f"{path}.{locale}", text, longest, 1)
    return translations


def _check_options(options: list[Json], form: Form, path: str, depth: int) -> None:
    form.count(path, options, MAX_OPTIONS)
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{path}.{index}."
        _check_texts(option, form, here)
        kind = option.get("type")
        form.choice(f"{here}type", kind, set(map(int, OptionType)))
        if kind in NESTING:
            _check_nesting(option, options, form, here, depth)
            continue
        if option.get("required") and optional_seen:
            form.add(f"{here}required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first")
        optional_seen |= not option.get("required")
        _check_values(option, form, here)
    _check_names(options, form, path)


def _check_nesting(option: Json, siblings: list[Json], form: Form, prefix: str, depth: int) -> None:
    """Subcommands stand among their like, at the top or in a group; groups only at the top."""
    group = option["type"] == OptionType.SUB_COMMAND_GROUP
    children: list[Json] = as_list(option.get("options"))
    misplaced = depth > (0 if group else 1) or any(each.get("type") not in NESTING for each in siblings)
    if misplaced or (group and any(child.get("type") != OptionType.SUB_COMMAND for child in children)):
        form.add(f"{prefix}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type is invalid here")
    if group:
        form.count(f"{prefix}options", children, MAX_OPTIONS, 1)
    # What stands in a subcommand at the top is as deep as what stands in one of a group.
    _check_options(children, form, f"{prefix}options", 1 if group else 2)


def _check_names(options: list[Json], form: Form, path: str) -> None:
    seen: set[tuple[str, object]] = set()
    for index, option in enumerate(options):
        names = {"": option.get("name")} | as_object(option.get("name_localizations"))
        if seen & names.items():
            code = "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE"
            form.add(f"{path}.{index}.name", code, "Option name is not unique")
        seen |= names.items()


def _check_values(option: Json, form: Form, prefix: str) -> None:
    form.number(f"{prefix}min_length", option.get("min_length"), 0, MAX_STRING)
    form.number(f"{prefix}max_length", option.get("max_length"), 1, MAX_STRING)
    if option.get("type") == OptionType.INTEGER:
        form.number(f"{prefix}min_value", option.get("min_value"), -_LARGEST, _LARGEST)
        form.number(f"{prefix}max_value", option.get("max_value"), -_LARGEST, _LARGEST)
    for index, kind in enumerate(as_list(option.get("channel_types"))):
        form.choice(f"{prefix}channel_types.{index}", kind, _CHANNEL_TYPES)
    choices: list[Json] = as_list(option.get("choices"))
    if (choices or option.get("autocomplete")) and option.get("type") not in _WITH_CHOICES:
        form.add(f"{prefix}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "This type has no choices")
    if choices and option.get("autocomplete"):
        code = "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE_EXCLUSIVE"
        form.add(f"{prefix}autocomplete", code, "Either choices or autocompletion")
    form.count(f"{prefix}choices", choices, MAX_CHOICES)
    for index, choice in enumerate(choices):
        check_choice(choice, form, f"{prefix}choices.{index}.")


def check_choice(choice: Json, form: Form, prefix: str) -> None:
    """Note what is wrong with a choice, declared or suggested."""
    form.length(f"{prefix}name", choice.get("name"), MAX_CHOICE_TEXT, 1)
    _check_translations(choice, "name", MAX_CHOICE_TEXT, form, prefix)
    if isinstance(choice.get("value"), str):
        form.length(f"{prefix}value", choice["value"], MAX_CHOICE_TEXT, 1)
    elif choice.get("value") is None:
        form.required(f"{prefix}value")


def _weight(thing: Json) -> int:
    total = 0
    for key in ("name", "description"):
        texts = [thing.get(key), *as_object(thing.get(f"{key}_localizations")).values()]
        total += max(len(str(text or "")) for text in texts)
    if "value" in thing:
        total += len(str(thing["value"]))
    return total + sum(_weight(each) for key in ("options", "choices") for each in as_list(thing.get(key)))
