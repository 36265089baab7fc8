"""Documents as pydantic models, and what does not fit as people read it."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ..core.speech import Sentence, labelled, sentence, verbatim
from .wording import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from ..core.errors import Problem
    from .document import Document, Location

_Model = TypeVar("_Model", bound=BaseModel)


def validate(model: type[_Model], document: Document, location: Location = ()) -> tuple[_Model | None, list[Problem]]:
    """Return a document as a pydantic model, or None and everything that does not fit, each with its line.

    Args:
        model: The model.
        document: The document.
        location: Where in the document the model begins, for a document that is checked piece by piece.
    """
    value = document.value
    for step in location:
        value = value[step]
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [_to_problem(model, document, location, detail) for detail in error.errors(include_url=False)]


class UnfitError(ValueError):
    """What a validator of a model raises, so that the problem can be told in the reader's language."""

    def __init__(self, said: Sentence) -> None:
        self.said = said
        super().__init__(str(said))


_IN_PLAIN_WORDS = {
    "string_type": sentence("{where} should be a text (put it into quotes), found {found}"),
    "string_too_short": sentence("{where} should not be empty, found {found}"),
    "string_too_long": sentence("{where} should have at most {max_length} characters, found {found}"),
    "bool_type": sentence("{where} should be true or false, found {found}"),
    "int_type": sentence("{where} should be a whole number, found {found}"),
    "float_type": sentence("{where} should be a number, found {found}"),
    "path_type": sentence("{where} should be the path of a file or folder, found {found}"),
    "list_type": sentence("{where} should be a list, found {found}"),
    "tuple_type": sentence("{where} should be a list, found {found}"),
    "dict_type": sentence("{where} should have keys below it, found {found}"),
    "model_type": sentence("{where} should have keys below it, found {found}"),
    "too_short": sentence("{where} should have at least {min_length} in it, found {found}"),
    "too_long": sentence("{where} should have at most {max_length} items, found {found}"),
    "greater_than": sentence("{where} should be above {gt:g}, found {found}"),
    "greater_than_equal": sentence("{where} should be at least {ge}, found {found}"),
    "less_than_equal": sentence("{where} should be at most {le}, found {found}"),
    "finite_number": sentence("{where} should be a finite number, found {found}"),
}
"""pydantic's types of errors as somebody reads them who has never heard of it."""


def _to_problem(model: type[BaseModel], document: Document, start: Location, detail: ErrorDetails) -> Problem:
    # pydantic marks a wrong key of a mapping by a last step called "[key]"; the line is that of the key itself.
    inner = tuple(step for step in detail["loc"] if step != "[key]")
    location = (*start, *inner)
    where = document.spell_out(location)
    if detail["type"] == "extra_forbidden":
        return document.problem(location, _unknown_key(where, str(inner[-1]), _keys_at(model, inner[:-1])))
    if detail["type"] == "missing":
        return document.problem(location[:-1], sentence("the key '{key}' is missing; add it", key=where))
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        error = context["error"]
        said = error.said if isinstance(error, UnfitError) else verbatim(str(error))
        return document.problem(location, labelled(where, said))
    found = show(detail["input"])
    plain = _IN_PLAIN_WORDS.get(detail["type"]) or Sentence("{where} {message}, found {found}")
    fields = {**context, "where": where, "found": found, "message": detail["msg"]}
    return document.problem(location, replace(plain, fields=fields))


def _unknown_key(where: str | Sentence, key: str, known: Sequence[str]) -> Sentence:
    if close := get_close_matches(key, known, n=1):
        return sentence("unknown key '{key}'; did you mean '{close}'?", key=where, close=close[0])
    return sentence("unknown key '{key}'; known here: {known}", key=where, known=", ".join(known))


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a model knows at a location."""
    found = model
    for step in location:
        # Any other step picks an item of a list or of a mapping, whose model the step before has found.
        if step in found.model_fields:
            found = _model_within(found.model_fields[str(step)].annotation) or found
    return list(found.model_fields)


def _model_within(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type annotation
    """Return the model that an annotation is or holds: in an optional, a list or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((one for inner in get_args(annotation) if (one := _model_within(inner))), None)
