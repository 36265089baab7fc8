"""Sentences that are made in one place and said in whichever language their reader has."""

from __future__ import annotations

from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "de")
"""Those that the bot speaks. English stands in the code; the others have a catalogue."""
ENGLISH = NullTranslations()
"""The catalogue that says everything as it stands in the code."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One or more sentences for people; `str` says them in English. Made by `sentence` and `counted`.

    Attributes:
        template: The English wording, with fields as `str.format` knows them; the key in the catalogues.
        fields: What to put into it; what is a Sentence itself is said in the same language.
        plural: The English wording for every number but 1; None where nothing is counted.
        count: The number that chooses the wording.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    plural: str | None = None
    count: int = 1

    def say(self, catalogue: NullTranslations) -> str:
        """Return the wording in the language of a gettext catalogue, English where it lacks one."""
        if self.plural is None:
            template = catalogue.gettext(self.template)
        else:
            template = catalogue.ngettext(self.template, self.plural, self.count)
        said = {
            name: value.say(catalogue) if isinstance(value, Sentence) else value for name, value in self.fields.items()
        }
        return template.format_map(said)

    def __str__(self) -> str:
        return self.say(ENGLISH)

    def __hash__(self) -> int:
        # The fields are a dict; sentences that are equal have the same wording.
        return hash((self.template, self.count))


def sentence(template: str, /, **fields: object) -> Sentence:
    """Return a sentence; the first argument has to be a literal, or no catalogue would know it."""
    return Sentence(template, fields)


def counted(one: str, many: str, count: int, /, **fields: object) -> Sentence:
    """Return a sentence about a number, which its wordings know as the field `count`; both have to be literals."""
    return Sentence(one, {"count": count, **fields}, many, count)


def number_of(count: int, one: str, many: str) -> str:
    """Return a number with what it counts, for what is said in English alone: "1 entry", "12 entries"."""
    return f"{count} {one if count == 1 else many}"


def size_of_faq(entries: int, phrasings: int) -> str:
    """Return how large an FAQ is, likewise."""
    return f"{number_of(entries, 'entry', 'entries')}, {number_of(phrasings, 'phrasing', 'phrasings')}"


def verbatim(text: str) -> Sentence:
    """Return something that is said as it is in every language: what the terminal alone shows, or others have said."""
    return Sentence("{text}", {"text": text})


def labelled(label: object, said: Sentence) -> Sentence:
    """Return a sentence with the place that it is about in front."""
    return Sentence("{label}: {said}", {"label": label, "said": said})


def lines(said: Sequence[Sentence]) -> Sentence:
    """Return sentences as one, each in a line of its own."""
    fields = {f"line{number}": one for number, one in enumerate(said)}
    return Sentence("\n".join(f"{{{name}}}" for name in fields), fields)
