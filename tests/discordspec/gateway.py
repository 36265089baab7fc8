"""Validates gateway payloads of bot sessions against the field tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox import GatewayFrame

    from .openapi import OpenApiValidator


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isdecimal()


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object, field: str) -> int | None:
    """An object's field, if it is a number."""
    found: Any = value.get(field) if isinstance(value, dict) else None
    return found if _is_int(found) else None


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": _is_int,
    "num": lambda value: _is_int(value) or isinstance(value, float),
    "bool": lambda value: isinstance(value, bool),
    "id": _is_id,
    "time": _is_time,
    "obj": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
    "false": lambda value: value is False,
    "sent_id": lambda value: _is_id(value) or _is_int(value),
    "any": lambda _: True,
}
_OP_DISPATCH, _OP_HEARTBEAT = 0, 1


class GatewayValidator:
    """Finds what is wrong with gateway payloads. Without an OpenAPI document its schemas are taken on trust."""

    def __init__(self, openapi: OpenApiValidator | None = None) -> None:
        self._openapi = openapi

    def check(self, frame: GatewayFrame) -> list[str]:
        """What is wrong with a payload, in words; sessions of people are passed over, being documented nowhere."""
        if frame.bot is False:
            return []
        problems: list[str] = []
        if frame.direction == "send":
            # Until a client has said who it is, only a bot's log-in carries intents.
            if frame.bot is None and frame.op in {2, 6} and "intents" not in frame.d and frame.op == 2:
                return []
            self._sent(frame, problems)
        else:
            self._received(frame, problems)
        return problems

    def _sent(self, frame: GatewayFrame, problems: list[str]) -> None:
        where = f"gateway send op {frame.op}"
        if set(frame.payload) - {"op", "d", "s", "t"}:
            problems.append(f"{where}: unknown fields in {sorted(frame.payload)}")
        if frame.op == _OP_HEARTBEAT:
            if frame.d is not None:
                self._value("int", frame.d, where, problems)
        elif frame.op in tables.SENT:
            self._value("|".join(f"@{name}" for name in tables.SENT[frame.op]), frame.d, where, problems)
        else:
            problems.append(f"{where}: not an opcode that a client sends here")

    def _received(self, frame: GatewayFrame, problems: list[str]) -> None:
        where = f"gateway op {frame.op} {frame.t or ''}".strip()
        if set(frame.payload) != {"op", "d", "s", "t"}:
            problems.append(f"{where}: fields {sorted(frame.payload)} instead of op, d, s, t")
        dispatch = frame.op == _OP_DISPATCH
        self._value("int" if dispatch else "null", frame.payload.get("s"), f"{where}.s", problems)
        if dispatch:
            self.check_event(str(frame.t), frame.d, problems)
        elif frame.op in tables.RECEIVED:
            self._value(tables.RECEIVED[frame.op], frame.d, where, problems)
        else:
            problems.append(f"{where}: not an opcode that a client receives")

    def check_event(self, name: str, data: Any, problems: list[str]) -> None:  # noqa: ANN401 - any JSON value
        """Add what is wrong with the data of an event."""
        table = tables.EVENTS.get(name)
        if table is None:
            problems.append(f"{name}: not an event in the tables")
            return
        if (_number(data, "flags") or 0) & tables.EPHEMERAL_FLAG:
            table = tables.EPHEMERAL.get(name, table)
        self._value(f"@{table}", data, name, problems)
        if name == "INTERACTION_CREATE" and isinstance(data, dict):
            self._interaction(data, name, problems)

    def _interaction(self, data: dict[str, Any], where: str, problems: list[str]) -> None:
        table = tables.INTERACTION_DATA.get(_number(data, "type") or 0)
        if table is None:
            problems.append(f"{where}.type: {data.get('type')!r} is no type of interaction")
        elif "data" in data:
            self._value(f"@{table}", data["data"], f"{where}.data", problems)
        # "Interaction Structure", note 2: one of them in a guild, the other in a direct message.
        if ("member" in data) == ("user" in data) or ("member" in data) != ("guild_id" in data):
            problems.append(f"{where}: either member, in a guild, or user")

    def _table(self, table: tables.Table, value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        if not isinstance(value, dict):
            problems.append(f"{where}: not an object but {value!r}")
            return
        known: set[str] = set()
        for key, kind in table.items():
            name = key.removesuffix("?")
            known.add(name)
            if name in value:
                self._value(kind, value[name], f"{where}.{name}", problems)
            elif name == key:
                problems.append(f"{where}.{name}: missing")
        problems += [f"{where}.{name}: not in the table" for name in value if name not in known]

    def _value(self, kind: str, value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        if kind.startswith("?"):
            if value is not None:
                self._value(kind[1:], value, where, problems)
        elif kind[0] not in "[{" and "|" in kind:
            self._either(kind.split("|"), value, where, problems)
        elif kind[0] in "[{":
            self._many(kind, value, where, problems)
        elif kind == "@component":
            schema = tables.COMPONENT_SCHEMAS.get(_number(value, "type") or 0)
            if schema is None:
                problems.append(f"{where}: no such component")
            else:
                self._schema(schema, value, where, problems)
        elif kind.startswith("@"):
            self._named(kind[1:], value, where, problems)
        elif kind.startswith("#"):
            self._schema(kind[1:], value, where, problems)
        elif not _SCALARS[kind](value):
            problems.append(f"{where}: {value!r} is no {kind}")

    def _either(self, kinds: list[str], value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        found: list[list[str]] = []
        for kind in kinds:
            found.append([])
            self._value(kind, value, where, found[-1])
        if all(found):
            # The kind with the fewest complaints is most likely the one that was meant.
            problems += min(found, key=len)

    def _named(self, name: str, value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        table = tables.TABLES[name]
        if isinstance(table, tables.Choice):
            chosen = _number(value, table.field)
            known = table.tables.get(chosen, table.otherwise) if chosen is not None else None
            if known is None:
                problems.append(f"{where}: {table.field} {chosen} is none of {name}")
            else:
                self._named(known, value, where, problems)
            return
        self._table(table, value, where, problems)
        schema = tables.SCHEMAS.get(name)
        if name in tables.SCHEMAS_BY_TYPE:
            number = _number(value, "type")
            schema = tables.SCHEMAS_BY_TYPE[name].get(number) if number is not None else None
            if schema is None:
                problems.append(f"{where}: type {number} is none of {name}")
        if schema is not None and self._openapi is not None:
            problems += self._openapi.schema_errors(schema, value, where)

    def _many(self, kind: str, value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        expected = list if kind[0] == "[" else dict
        if not isinstance(value, expected):
            problems.append(f"{where}: {value!r} is no {expected.__name__}")
            return
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        for key, each in pairs:
            self._value(kind[1:-1], each, f"{where}.{key}", problems)

    def _schema(self, name: str, value: Any, where: str, problems: list[str]) -> None:  # noqa: ANN401
        if self._openapi is None:
            return
        problems += self._openapi.schema_errors(name, value, where, strict=True)
