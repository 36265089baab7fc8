"""JSON (RFC 8259), read strictly: no key twice, no numbers that are none."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from ...core.errors import FaqInvalidError, Problem
from ...core.speech import sentence
from ...yamlfile import show
from .model import invalid


def parse_json(text: str, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return what a JSON text says.

    Raises:
        FaqInvalidError: It is not valid JSON; with every key that stands twice.
    """
    doubles: dict[str, None] = {}

    def to_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            keys = [key for key, _ in pairs]
            seen: set[str] = set()
            doubles.update({key: None for key in keys if key in seen or seen.add(key)})
        return mapping

    try:
        value = json.loads(text, object_pairs_hook=to_mapping, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        fault = sentence("this is not valid JSON ({reason}); mend it here", reason=error.msg)
        raise invalid(name, fault, error.lineno) from error
    except ValueError as error:  # NaN, or a number with thousands of digits
        fault = sentence("this is not valid JSON ({reason}); write another value", reason=error)
        raise invalid(name, fault) from error
    except RecursionError as error:
        raise invalid(name, sentence("is nested too deep to be an FAQ")) from error
    if doubles:
        faults = (sentence("the key {key} stands in one place twice; keep one", key=show(key)) for key in doubles)
        raise FaqInvalidError([Problem(name, 0, fault) for fault in faults])
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
