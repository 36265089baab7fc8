"""Strict YAML with line numbers, for every file that a person writes, and what does not fit a model in plain words."""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .document import MAX_BYTES, MAX_DEPTH, Document, Location, parse_document, read_document
    from .misfits import Misfit, UnfitError
    from .sections import Section, key
    from .validating import validate
    from .wording import name_char, show, too_large, unreadable

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Location",
    "Misfit",
    "Section",
    "UnfitError",
    "key",
    "name_char",
    "parse_document",
    "read_document",
    "show",
    "too_large",
    "unreadable",
    "validate",
]

__getattr__ = lazily(
    __name__,
    {
        "document": (
            "MAX_BYTES",
            "MAX_DEPTH",
            "Document",
            "Location",
            "parse_document",
            "read_document",
        ),
        "misfits": (
            "Misfit",
            "UnfitError",
        ),
        "sections": (
            "Section",
            "key",
        ),
        "validating": ("validate",),
        "wording": (
            "name_char",
            "show",
            "too_large",
            "unreadable",
        ),
    },
)
