"""What stands below fixed keys, as a class with a typed attribute for each.

A class of keys is made in the time that a dataclass takes to compile one of its methods, and what checks it is a few
functions: a program that starts for one question need not wait for a library of validators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar, cast, dataclass_transform

from ..core.speech import sentence
from .misfits import Fault, Misfit
from .rules import KEYS_BELOW, unfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..core.speech import Sentence
    from .misfits import Telling
    from .rules import Rule

_T = TypeVar("_T")
_NEEDED = cast("Any", object())


class _Key(NamedTuple):
    rule: Rule[Any]
    default: Any


def key(rule: Rule[_T], *, default: _T = _NEEDED) -> _T:
    """Return a key of a Section.

    Args:
        rule: What its value may be.
        default: What it is where the key is left out, taken as it is; without one it has to be there.
    """
    return cast("_T", _Key(rule, default))  # the class makes it the attribute that it stands for


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(key,))
class Section:
    """Keys and their values, which are checked when it is made and cannot be changed.

    Classes name a `key` for each attribute. Of equal class and values are equal.

    Raises:
        Misfit: A value does not fit, a key is unknown or missing; with everything that is wrong.
    """

    _keys: ClassVar[Mapping[str, _Key]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, _Key)}
        for name in own:
            delattr(cls, name)
        cls._keys = {**cls._keys, **own}

    def __init__(self, **values: object) -> None:
        self.__dict__.update(self._read(values))

    @classmethod
    def key_names(cls) -> tuple[str, ...]:
        """Return its keys, as they stand in the class."""
        return tuple(cls._keys)

    @classmethod
    def read(cls, value: object) -> Self:
        """Return what a file's keys and values mean; the rule for a section within others.

        Raises:
            Misfit: See the class.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise unfit(KEYS_BELOW, value)
        made = cls.__new__(cls)
        made.__dict__.update(cls._read(cast("dict[str, object]", value)))
        return made

    @classmethod
    def _read(cls, values: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        faults: list[Fault] = []
        for name, (rule, default) in cls._keys.items():
            if name in values:
                try:
                    found[name] = rule(values[name])
                except Misfit as misfit:
                    faults += misfit.below(name)
            elif default is _NEEDED:
                faults.append(Fault(_tell_missing, (name,), absent=True))
            else:
                found[name] = default
        faults += [Fault(cls._unknown(name), (name,)) for name in values if name not in cls._keys]
        if faults:
            raise Misfit(faults)
        return found

    @classmethod
    def _unknown(cls, name: str) -> Telling:
        known = cls.key_names()

        def tell(where: str | Sentence) -> Sentence:
            from difflib import get_close_matches  # noqa: PLC0415 - for who mistypes

            if close := get_close_matches(str(name), known, n=1):
                return sentence("unknown key '{key}'; did you mean '{close}'?", key=where, close=close[0])
            return sentence("unknown key '{key}'; known here: {known}", key=where, known=", ".join(known))

        return tell

    def replace(self, **changes: object) -> Self:
        """Return a copy with other values, which are not checked."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    def as_mapping(self) -> dict[str, Any]:
        """Return keys and values as a file has them: lists, texts, numbers, booleans, None and mappings of them."""
        return {name: _plain(getattr(self, name)) for name in self._keys}

    def __setattr__(self, name: str, _value: object = None) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed; make a copy with replace({name}=…)")

    __delattr__ = cast("Any", __setattr__)

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._keys)})"


def _tell_missing(where: str | Sentence) -> Sentence:
    return sentence("the key '{key}' is missing; add it", key=where)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever a file can hold
    match value:
        case Section():
            return value.as_mapping()
        case dict():
            return {str(name): _plain(inner) for name, inner in cast("dict[object, object]", value).items()}
        case tuple() | list():
            return [_plain(inner) for inner in cast("tuple[object, ...]", value)]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)
