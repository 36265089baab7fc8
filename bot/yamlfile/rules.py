"""What a value may be. A rule takes what a file says and returns what it means, or raises a Misfit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..core.speech import Sentence, sentence
from .misfits import Fault, Misfit
from .wording import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .misfits import Telling

_T = TypeVar("_T")
_TextT = TypeVar("_TextT", bound=str)
_KeyT = TypeVar("_KeyT")
Rule = Callable[[object], _T]


def anything(value: object) -> Any:  # noqa: ANN401 - what is checked by itself later
    """Take everything."""
    return value


def true_or_false(value: object) -> bool:
    """Take a boolean."""
    if not isinstance(value, bool):
        raise unfit(sentence("{where} should be true or false, found {found}"), value)
    return value


def text(*, at_least: int = 0, at_most: int | None = None, stripped: bool = False) -> Rule[str]:
    """Return a rule that takes a text.

    Args:
        at_least: Characters, 0 or 1: whether it may be empty.
        at_most: Characters.
        stripped: Whether white space around it is left out, before it is counted.
    """

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise unfit(sentence("{where} should be a text (put it into quotes), found {found}"), value)
        if (at_least or at_most is not None) and not _is_unicode(value):
            raise unfit(_HALF_CHARACTERS, value)
        found = value.strip() if stripped else value
        if len(found) < at_least:
            raise unfit(sentence("{where} should not be empty, found {found}"), value)
        if at_most is not None and len(found) > at_most:
            longest = sentence("{where} should have at most {max_length} characters, found {found}")
            raise unfit(longest, value, max_length=at_most)
        return found

    return read


_HALF_CHARACTERS = Sentence(
    "{where} Input should be a valid string, unable to parse raw data as a unicode string, found {found}"
)


def _is_unicode(value: str) -> bool:
    """Tell whether a text has no half of a character, so that its characters can be counted and written down."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_of(*choices: _TextT) -> Rule[_TextT]:
    """Return a rule that takes one of two texts or more."""
    *most, last = map(repr, choices)
    expected = f"{', '.join(most)} or {last}"

    def read(value: object) -> _TextT:
        if not isinstance(value, str) or value not in choices:
            raise unfit(Sentence("{where} Input should be {expected}, found {found}"), value, expected=expected)
        return cast("_TextT", value)

    return read


def whole(*, at_least: int, at_most: int) -> Rule[int]:
    """Return a rule that takes a whole number within bounds."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise unfit(sentence("{where} should be a whole number, found {found}"), value)
        _check_bounds(value, value, at_least, at_most)
        return value

    return read


def number(*, above: float = -math.inf, at_least: float = -math.inf, at_most: float = math.inf) -> Rule[float]:
    """Return a rule that takes a finite number within bounds, given as whole number or not."""

    def read(value: object) -> float:
        found = _to_float(value)
        if at_most == math.inf and not math.isfinite(found):
            raise unfit(sentence("{where} should be a finite number, found {found}"), value)
        _check_bounds(value, found, at_least, at_most)
        if not found > above:
            raise unfit(sentence("{where} should be above {gt:g}, found {found}"), value, gt=above)
        return found

    return read


def _to_float(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise unfit(sentence("{where} should be a number, found {found}"), value)


def _check_bounds(value: object, found: float, at_least: float, at_most: float) -> None:
    # Asked so that what is no number, which in code can be one, is within no bounds.
    if not found <= at_most:
        raise unfit(sentence("{where} should be at most {le}, found {found}"), value, le=at_most)
    if not found >= at_least:
        raise unfit(sentence("{where} should be at least {ge}, found {found}"), value, ge=at_least)


def file_path(value: object) -> Path:
    """Take the path of a file or folder, as a text or, in code, as a Path."""
    if not isinstance(value, str | PathLike):
        raise unfit(sentence("{where} should be the path of a file or folder, found {found}"), value)
    return Path(cast("str | PathLike[str]", value))


def optional(rule: Rule[_T]) -> Rule[_T | None]:
    """Return a rule that takes nothing at all, or what another takes."""

    def read(value: object) -> _T | None:
        return None if value is None else rule(value)

    return read


def checked(rule: Rule[_T], check: Callable[[_T], object]) -> Rule[_T]:
    """Return a rule that takes what another takes, as far as a check does not raise an UnfitError on it."""

    def read(value: object) -> _T:
        found = rule(value)
        check(found)
        return found

    return read


def listed(rule: Rule[_T], *, at_least: int = 0, at_most: int | None = None) -> Rule[tuple[_T, ...]]:
    """Return a rule that takes a list (in code a tuple too) and checks each item.

    Args:
        rule: For the items.
        at_least: Items; they are counted when all fit.
        at_most: Items; of more none is checked.
    """

    def read(value: object) -> tuple[_T, ...]:
        if not isinstance(value, list | tuple):
            raise unfit(sentence("{where} should be a list, found {found}"), value)
        given = cast("Sequence[object]", value)
        if at_most is not None and len(given) > at_most:
            longest = sentence("{where} should have at most {max_length} items, found {found}")
            raise unfit(longest, given, max_length=at_most)
        found, faults = read_each(rule, enumerate(given))
        if faults:
            raise Misfit(faults)
        if len(given) < at_least:
            fewest = sentence("{where} should have at least {min_length} in it, found {found}")
            raise unfit(fewest, given, min_length=at_least)
        return tuple(found)

    return read


def collected(rule: Rule[_T], *, at_least: int = 0) -> Rule[tuple[_T, ...]]:
    """Return a rule that takes what `listed` takes and, for who makes it in code, any other collection."""
    read_list = listed(rule, at_least=at_least)

    def read(value: object) -> tuple[_T, ...]:
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray | Mapping):
            return read_list(list(cast("Iterable[object]", value)))
        return read_list(cast("object", value))

    return read


def read_each(rule: Rule[_T], values: Iterable[tuple[str | int, object]]) -> tuple[list[_T], list[Fault]]:
    """Return what values mean, without those that do not fit, and everything that does not."""
    found: list[_T] = []
    faults: list[Fault] = []
    for step, value in values:
        try:
            found.append(rule(value))
        except Misfit as misfit:
            faults += misfit.below(step)
    return found, faults


def mapping(key_rule: Rule[_KeyT], rule: Rule[_T]) -> Rule[Mapping[_KeyT, _T]]:
    """Return a rule that takes keys and values of any number."""

    def read(value: object) -> Mapping[_KeyT, _T]:
        if not isinstance(value, dict):
            raise unfit(KEYS_BELOW, value)
        given = cast("dict[str | int, object]", value)
        faults: list[Fault] = []
        found: dict[_KeyT, _T] = {}
        for key, inner in given.items():
            names, wrong = read_each(key_rule, [(key, key)])
            values, misfits = read_each(rule, [(key, inner)])
            found.update(zip(names, values, strict=False))
            faults += (*wrong, *misfits)
        if faults:
            raise Misfit(faults)
        return found

    return read


KEYS_BELOW = sentence("{where} should have keys below it, found {found}")


def unfit(said: Sentence, value: object, **fields: object) -> Misfit:
    """Return that a value does not fit.

    Args:
        said: What is wrong, with fields for `where` it is and what was `found` there.
        value: The value.
        fields: Whatever else is said.
    """

    def tell(where: str | Sentence) -> Sentence:
        return Sentence(said.template, {**fields, "where": where, "found": show(value)})

    telling: Telling = tell
    return Misfit([Fault(telling)])
