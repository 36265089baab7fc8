"""Small data files that the program brings along, written by us."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from ..core.speech import ENGLISH, LANGUAGES

_FOLDER = Path(__file__).parent


def read_chatter() -> list[str]:
    """Return some hundred lines of what people write in channels all day, none of which an FAQ answers.

    Greetings, thanks, jokes, opinions and questions about everything else. Against it the bot measures how sure it
    may be that a message is for it.
    """
    return (_FOLDER / "chatter.txt").read_text(encoding="utf-8").splitlines()


@cache
def read_catalogue(language: str) -> NullTranslations:
    """Return the wordings of a language, one of `LANGUAGES`; for every other tag those in the code."""
    if language not in LANGUAGES or language == LANGUAGES[0]:
        return ENGLISH
    import polib  # noqa: PLC0415 - only for who does not read English

    # Catalogues are kept as people edit them (.po), so that none can be older than its source.
    source = (_FOLDER / "locales" / f"{language}.po").read_text(encoding="utf-8")
    return GNUTranslations(BytesIO(polib.pofile(source).to_binary()))
