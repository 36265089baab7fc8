"""Keeping what must outlive the process: the SQLite database, and the key for the askers' pseudonyms."""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .keyfile import read_or_create_key
    from .sqlite import SqliteStore, has_database, open_sqlite

__all__ = ["SqliteStore", "has_database", "open_sqlite", "read_or_create_key"]

__getattr__ = lazily(
    __name__,
    {
        "keyfile": ("read_or_create_key",),
        "sqlite": (
            "SqliteStore",
            "has_database",
            "open_sqlite",
        ),
    },
)
