"""What people press, choose and fill in: checked as Discord checks it before an application ever hears of it.

Source: Discord's documentation, "Receiving and Responding", "Interaction Data", and "Component Reference", the
interaction response structure of each component.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import components, modals, selects
from ._json import as_list
from .component_types import SELECTS, ComponentType, find, walk
from .forms import Form
from .resolving import CHOSEN

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Message
    from .resolving import Resolver


def component_data(message: Message, sent: Json, resolver: Resolver) -> Json:
    """The `data` of a pressed button or a used select menu.

    Raises:
        ApiError: 400, if the message has no such component, it is switched off, or the values are not on offer.
    """
    form = Form()
    component = find(message.components, str(sent.get("custom_id")))
    if component is None or component.get("disabled"):
        form.add("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
        form.close()
        raise AssertionError  # pragma: no cover - close always raises here
    data: Json = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
    if component["type"] in SELECTS:
        data["values"] = _chosen(component, sent, "data.values", form, resolver)
    form.close()
    if component["type"] in CHOSEN:
        data["resolved"] = resolver.resolved
    return data


def _chosen(menu: Json, sent: Json, path: str, form: Form, resolver: Resolver) -> list[str]:
    values = [str(value) for value in as_list(sent.get("values"))]
    selects.check_chosen(menu, values, path, form)
    kind = CHOSEN.get(menu["type"])
    if kind is None:
        return values
    types: list[int] = as_list(menu.get("channel_types"))
    return [resolver.reference(kind, value, path, form, types) for value in values]


def modal_data(modal: Json, sent: Json, resolver: Resolver) -> Json:
    """The `data` of a submitted modal, in the shape of the modal itself.

    Raises:
        ApiError: 400, if something required is missing, a text is too short or too long, or a choice not on offer.
    """
    form = Form()
    values = {each["custom_id"]: each for _, each in walk(as_list(sent.get("components"))) if "custom_id" in each}
    shown = [
        _submitted(component, f"data.components.{index}", values, form, resolver)
        for index, component in enumerate(components.complete(modal["components"], modal=True))
    ]
    form.close()
    data: Json = {"custom_id": modal["custom_id"], "components": shown}
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    return data


def _submitted(component: Json, path: str, values: dict[str, Json], form: Form, resolver: Resolver) -> Json:
    done: Json = {"type": component["type"], "id": component["id"]}
    if "components" in component:
        done["components"] = [
            _submitted(child, f"{path}.components.{index}", values, form, resolver)
            for index, child in enumerate(component["components"])
        ]
    if "component" in component:
        done["component"] = _submitted(component["component"], f"{path}.component", values, form, resolver)
    if "custom_id" not in component:
        return done
    done["custom_id"] = component["custom_id"]
    given = values.get(component["custom_id"], {})
    return done | _filled(component, given, path, form, resolver)


def _filled(component: Json, given: Json, path: str, form: Form, resolver: Resolver) -> Json:
    kind, required = component["type"], component.get("required", True)
    if kind == ComponentType.CHECKBOX:
        return {"value": given.get("value") is True}
    if kind == ComponentType.TEXT_INPUT:
        return {"value": _text(component, str(given.get("value") or ""), f"{path}.value", form)}
    if kind == ComponentType.RADIO_GROUP:
        value = given.get("value")
        if value is not None or required:
            selects.check_chosen(component, [] if value is None else [str(value)], f"{path}.value", form)
        return {"value": value}
    if not as_list(given.get("values")) and not required:
        return {"values": []}
    return {"values": _chosen(component, given, f"{path}.values", form, resolver)}


def _text(component: Json, value: str, path: str, form: Form) -> str:
    shortest, longest = modals.text_bounds(component)
    if value:
        form.length(path, value, longest, shortest)
    elif component.get("required", True):
        form.required(path)
    return value
