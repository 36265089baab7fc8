"""Payloads that the sandbox really sent, broken in every way: a table that lets one pass is too loose."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox import GatewayFrame
from tests.discordspec import GatewayValidator, openapi_path, tables
from tests.discordspec.openapi import load
from tests.discordspec.story import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

WRONG: dict[str, Any] = {"wrong": {"type": "none"}}
"""Neither a scalar nor an array, and no object of any table."""
SHAPES_OF_EACH = 10
"""Payloads of one event that are tried: enough for every kind of message and interaction, few enough to be quick."""


@pytest.fixture(scope="module")
def frames() -> list[GatewayFrame]:
    return recorded()


@pytest.fixture(scope="module")
def validator() -> GatewayValidator:
    path = openapi_path()
    return GatewayValidator(load(path) if path else None)


@pytest.fixture(scope="module")
def samples(frames: list[GatewayFrame]) -> dict[str, list[Any]]:
    """Of every event, payloads that differ in their fields."""
    found: dict[str, dict[object, Any]] = defaultdict(dict)
    for frame in frames:
        if frame.op == 0 and frame.direction == "receive":
            inner = frame.d.get("data", {})
            shape = (frozenset(frame.d), frame.d.get("type"), bool(frame.d.get("flags")), frozenset(inner))
            found[str(frame.t)].setdefault(shape, frame.d)
    return {name: list(shapes.values())[:SHAPES_OF_EACH] for name, shapes in found.items()}


def problems_of(validator: GatewayValidator, name: str, data: object) -> list[str]:
    return validator.check(GatewayFrame("receive", True, {"op": 0, "t": name, "s": 1, "d": data}))  # noqa: FBT003


def paths(value: Any, here: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401
    """Every value in a payload with the way to it, the payload itself first."""
    yield here, value
    # Of an array the first two are enough: the others are alike.
    children = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*here, key))


def changed(data: Any, path: Path, value: object) -> Any:  # noqa: ANN401
    result = copy.deepcopy(data)
    target = result
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return result


def required(name: str) -> set[str]:
    table = tables.TABLES[name]
    assert isinstance(table, dict)
    return {field for field in table if not field.endswith("?")}


def test_every_event_of_the_tables_was_recorded(samples: dict[str, list[Any]]) -> None:
    assert set(samples) == set(tables.EVENTS)


@pytest.mark.parametrize("name", tables.EVENTS)
def test_what_was_recorded_is_sound(name: str, samples: dict[str, list[Any]], validator: GatewayValidator) -> None:
    for data in samples[name]:
        assert problems_of(validator, name, data) == []


@pytest.mark.parametrize("name", tables.EVENTS)
def test_a_missing_field_is_found(name: str, samples: dict[str, list[Any]], validator: GatewayValidator) -> None:
    for data in samples[name]:
        for field in required(tables.EVENTS[name]):
            broken = {key: value for key, value in data.items() if key != field}
            assert f"{name}.{field}: missing" in problems_of(validator, name, broken)


@pytest.mark.parametrize("name", tables.EVENTS)
def test_a_wrong_type_is_found(name: str, samples: dict[str, list[Any]], validator: GatewayValidator) -> None:
    for data in samples[name]:
        for field in data:
            problems = problems_of(validator, name, data | {field: WRONG})
            assert any(problem.startswith(f"{name}.{field}") for problem in problems), field


@pytest.mark.parametrize("name", tables.EVENTS)
def test_an_unknown_field_is_found(name: str, samples: dict[str, list[Any]], validator: GatewayValidator) -> None:
    for data in samples[name]:
        assert f"{name}.surplus: not in the table" in problems_of(validator, name, data | {"surplus": 1})


@pytest.mark.parametrize("name", tables.EVENTS)
@pytest.mark.skipif(openapi_path() is None, reason="embeds and files are described by the OpenAPI document alone")
def test_faults_at_any_depth_are_found(name: str, samples: dict[str, list[Any]], validator: GatewayValidator) -> None:
    for data in samples[name]:
        for path, value in paths(data):
            # What an id that was not found looks like is not documented.
            if path and path[:1] != ("not_found",):
                assert problems_of(validator, name, changed(data, path, WRONG)), path
            if isinstance(value, dict):
                assert problems_of(validator, name, changed(data, (*path, "surplus"), 1)), path


def sent_samples(frames: list[GatewayFrame]) -> dict[int | None, Any]:
    # People log in without intents, which nothing documents.
    return {
        frame.op: frame.d for frame in frames if frame.direction == "send" and (frame.op != 2 or "intents" in frame.d)
    }


@pytest.mark.parametrize("op", tables.SENT)
def test_faults_of_clients_are_found(op: int, frames: list[GatewayFrame], validator: GatewayValidator) -> None:
    data = sent_samples(frames)[op]

    def complaints(broken: object) -> list[str]:
        return validator.check(GatewayFrame("send", True, {"op": op, "d": broken}))  # noqa: FBT003

    assert complaints(data) == []
    assert complaints(data | {"surplus": 1})
    for field in data:
        assert complaints(data | {field: WRONG}), field
    # Where there are two tables, only what both of them require is always missed.
    for field in set.intersection(*(required(name) for name in tables.SENT[op])):
        assert complaints({key: value for key, value in data.items() if key != field}), field


def test_hello_and_the_other_opcodes(frames: list[GatewayFrame], validator: GatewayValidator) -> None:
    seen = {frame.op: frame.payload for frame in frames if frame.direction == "receive"}
    assert {0, 10, 11} <= set(seen)
    for op in (10, 11):
        broken = seen[op] | {"d": WRONG}
        assert validator.check(GatewayFrame("receive", True, broken))  # noqa: FBT003
