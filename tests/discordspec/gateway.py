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


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": _is_int,
    "num": lambda value: _is_int(value) or isinstance(value, float),
    "bool": lambda value: isinstance(value, bool),
    "id": _is_id,
    "time": _is_time,
    "obj": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
    "any": lambda _: True,
}
_OP_DISPATCH, _OP_HEARTBEAT, _OP_HELLO = 0, 1, 10


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
            self._table(tables.SENT[frame.op], frame.d, where, problems)
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
        elif frame.op == _OP_HELLO:
            self._table({"heartbeat_interval": "int"}, frame.d, where, problems)
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
        self._table(table, data, name, problems)
        if name == "INTERACTION_CREATE" and isinstance(data, dict) and isinstance(data.get("type"), int):
            self._table(tables.INTERACTION_DATA.get(data["type"], {}), data.get("data"), f"{name}.data", problems)
            if ("member" in data) == ("user" in data):
                problems.append(f"{name}: either member or user")

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
        elif kind[0] in "[{":
            self._many(kind, value, where, problems)
        elif kind == "@component":
            number: Any = value.get("type") if isinstance(value, dict) else None
            schema = tables.COMPONENT_SCHEMAS.get(number)
            if schema is None:
                problems.append(f"{where}: no such component")
            else:
                self._schema(schema, value, where, problems)
        elif kind.startswith("@"):
            self._table(tables.TABLES[kind[1:]], value, where, problems)
        elif kind.startswith("#"):
            self._schema(kind[1:], value, where, problems)
        elif not _SCALARS[kind](value):
            problems.append(f"{where}: {value!r} is no {kind}")

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
        problems += self._openapi.schema_errors(name, value, where)
        if isinstance(value, dict):
            unknown = set(value) - self._openapi.properties(name)
            problems += [f"{where}.{key}: not in {name}" for key in sorted(unknown)]
