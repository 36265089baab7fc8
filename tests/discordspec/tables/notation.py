"""How the tables are written.

A table maps a field to its type. A name that ends in `?` may be missing; a type that starts with `?` may be null.
Types: `str`, `int`, `bool`, `num`, `null`, `id` (a snowflake as a string), `time` (ISO 8601), `obj` (any object),
`any`, `[type]` (an array), `{type}` (an object with values of a type), `a|b` (either), `@name` (another table, or a
choice of tables) and `#Name` (a schema of the OpenAPI document, whose unknown fields are refused at every depth).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Table: TypeAlias = dict[str, str]


class Choice(NamedTuple):
    """Tables of which a field's value chooses one; `otherwise` is for the values that are not listed."""

    field: str
    tables: dict[int, str]
    otherwise: str | None = None


def without(table: Table, *names: str) -> Table:
    """A table without some fields, which it must have."""
    for name in names:
        if name not in table:
            raise KeyError(name)
    return {name: kind for name, kind in table.items() if name not in names}
