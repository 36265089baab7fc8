"""The bot's own words in the language of a server."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import discord

from ..core.speech import Sentence
from ..resources import read_catalogue

if TYPE_CHECKING:
    from gettext import NullTranslations


class PlainSentence(Sentence):
    """A sentence in which nothing is Markdown, whatever somebody has written into a file."""

    __slots__ = ()

    def say(self, catalogue: NullTranslations) -> str:
        """See Sentence."""
        return discord.utils.escape_markdown(super().say(catalogue))


class Speech:
    """Says things in one language.

    Args:
        catalogue: Its wordings; what it lacks is said in English.
    """

    def __init__(self, catalogue: NullTranslations) -> None:
        self._catalogue = catalogue

    def say(self, template: str, /, **fields: object) -> str:
        """Return one of the `texts`, with its fields filled in."""
        return self._catalogue.gettext(template).format_map(fields)

    def read(self, template: str, /) -> str:
        """Return one of the `texts` with its fields still in it, for somebody else to fill in."""
        return self._catalogue.gettext(template)

    def tell(self, sentence: Sentence) -> str:
        """Return a sentence that a service made."""
        return sentence.say(self._catalogue)


@cache
def speech_in(language: str) -> Speech:
    """Return the speech in a language, by its tag."""
    return Speech(read_catalogue(language))


ENGLISH = speech_in("en")
