"""Collects what is wrong with a request body, field by field, and says it as Discord's error 50035.

Source: Discord's API reference, section "Error Messages" (array errors, object errors, request errors).
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .errors import ApiError

if TYPE_CHECKING:
    from ._json import Json

INVALID_FORM_BODY = 50035


class Form:
    """Problems found so far; nothing is raised until `close`, so that one answer names them all."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Note a problem at a dotted path such as `embeds.0.title`."""
        node = self._errors
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: object, longest: int, shortest: int = 0) -> None:
        """Check that a text is `shortest` to `longest` characters long; a missing one only when it must not be."""
        if value is None:
            if shortest:
                self.required(path)
        elif not isinstance(value, str):
            self.add(path, "BASE_TYPE_BAD_TYPE", "Only string values are accepted.")
        elif len(value) > longest and not shortest:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        elif not shortest <= len(value) <= longest:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length.")

    def count(self, path: str, values: list[Any], most: int, fewest: int = 0) -> None:
        """Check how many things a list holds."""
        if not fewest <= len(values) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {fewest} and {most} in length.")

    def number(self, path: str, value: object, least: int, most: int) -> None:
        """Check that a whole number lies between two others; a missing one is left alone."""
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < least:
            self.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif value > most:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")

    def choice(self, path: str, value: object, allowed: Collection[object]) -> None:
        """Check that a value is one of the allowed ones."""
        if value not in allowed:
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(sorted(map(str, allowed)))}}}.")

    def required(self, path: str) -> None:
        """Note that a field is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def close(self) -> None:
        """End the checking.

        Raises:
            ApiError: 400 with code 50035, if any problem was noted.
        """
        if self._errors:
            raise ApiError(400, INVALID_FORM_BODY, "Invalid Form Body", self._errors)


def whole(value: object, otherwise: int) -> int:
    """A whole number from a request body; something else, which `Form.number` tells of, or nothing: `otherwise`."""
    return value if isinstance(value, int) else otherwise


def snowflake(value: object, path: str) -> int:
    """An id from a request body.

    Raises:
        ApiError: 400 with code 50035, if it is no id.
    """
    if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    form = Form()
    form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    form.close()
    raise AssertionError  # pragma: no cover - close always raises here
