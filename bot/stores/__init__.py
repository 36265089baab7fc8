"""Keeping what must outlive the process: the SQLite database, and the key for the askers' pseudonyms."""

from .keyfile import read_or_create_key
from .sqlite import SqliteStore, open_sqlite

__all__ = ["SqliteStore", "open_sqlite", "read_or_create_key"]
