"""Packages whose modules are imported when a name of theirs is first used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def lazily(package: str, places: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Return what a package takes for its ``__getattr__`` (PEP 562), so that who uses one room does not enter all.

    For the type checker the package imports the same names below ``if TYPE_CHECKING``.

    Args:
        package: The package's ``__name__``.
        places: The names that it shows, by the module that has them.
    """
    modules = {name: module for module, names in places.items() for name in names}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f".{modules[name]}", package), name)
        # From now on it is found without asking.
        setattr(sys.modules[package], name, found)
        return found

    return find
