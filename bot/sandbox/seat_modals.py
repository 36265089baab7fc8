"""Modals as a person sees and fills them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from . import selects
from ._json import as_list
from .component_types import LISTED, SINGLE, ComponentType, walk
from .seat_views import SeatFile

if TYPE_CHECKING:
    from ._json import Json

Filled: TypeAlias = str | bool | SeatFile | Sequence[str | int | SeatFile]
"""What goes into one input: a text or the chosen option, a tick, a file, or everything that is chosen or uploaded."""


@dataclass(frozen=True)
class Modal:
    """A form that an application has put in front of the user."""

    interaction_id: int
    channel_id: int
    custom_id: str
    title: str
    components: list[Json]

    @property
    def inputs(self) -> list[Json]:
        """Whatever can be filled in, in reading order."""
        return [each for _, each in walk(self.components) if "custom_id" in each]

    @property
    def labels(self) -> dict[str, str]:
        """What stands above each input, by its custom id, in reading order."""
        labels = {each["custom_id"]: each["label"] for each in self.inputs if each.get("label")}
        outer = [each for each in self.components if each["type"] == ComponentType.LABEL]
        return labels | {each["component"]["custom_id"]: each["label"] for each in outer}

    @property
    def prefilled(self) -> dict[str, str | bool | list[str] | None]:
        """What is filled in already, by custom id."""
        return {each["custom_id"]: _prefilled(each) for each in self.inputs}

    def input(self, name: str) -> Json:
        """An input by its label or custom id.

        Raises:
            LookupError: if there is none.
        """
        for each in self.inputs:
            if name in {each["custom_id"], self.labels.get(each["custom_id"])}:
                return each
        raise LookupError(f"the modal has no {name!r}, only {list(self.labels.values())}")

    def filled(self, values: Mapping[str, Filled]) -> tuple[list[Json], list[SeatFile]]:
        """The components of a submission and the files that go with it.

        Keys are labels or custom ids; inputs without a value keep the one they came with.

        Raises:
            LookupError: if there is no such input.
        """
        by_id = {str(self.input(name)["custom_id"]): value for name, value in values.items()}
        files: list[SeatFile] = []
        return [_fill(component, by_id, files) for component in self.components], files


def chosen_values(menu: Json, chosen: Sequence[str | int]) -> list[str]:
    """The values that go over the wire for what was chosen: ids, or the values or labels of options."""
    options: list[Json] = as_list(menu.get("options"))
    by_label = {option["label"]: option["value"] for option in options}
    offered = {option["value"] for option in options}
    return [str(each) if each in offered else by_label.get(each, str(each)) for each in chosen]


def _prefilled(component: Json) -> str | bool | list[str] | None:
    kind = component["type"]
    if kind == ComponentType.CHECKBOX:
        return bool(component.get("default"))
    if kind == ComponentType.TEXT_INPUT:
        return component.get("value", "")
    chosen = selects.preselected(component)
    if kind == ComponentType.RADIO_GROUP:
        return chosen[0] if chosen else None
    return chosen


def _fill(component: Json, values: Mapping[str, Filled], files: list[SeatFile]) -> Json:
    done: Json = {"type": component["type"], "id": component["id"]}
    if "components" in component:
        done["components"] = [_fill(child, values, files) for child in component["components"]]
    if "component" in component:
        done["component"] = _fill(component["component"], values, files)
    if "custom_id" not in component:
        return done
    done["custom_id"] = component["custom_id"]
    key = "value" if component["type"] in SINGLE else "values"
    if component["custom_id"] not in values:
        return done | {key: _prefilled(component)}
    value = values[component["custom_id"]]
    several = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if component["type"] == ComponentType.FILE_UPLOAD:
        uploads = cast("list[SeatFile]", several)
        numbers = [str(len(files) + index) for index, _ in enumerate(uploads)]
        files += uploads
        return done | {"values": numbers}
    chosen = cast("list[str | int]", several)
    if component["type"] in LISTED or key == "values":
        chosen = cast("list[str | int]", chosen_values(component, chosen))
    return done | {key: chosen if key == "values" else chosen[0]}
