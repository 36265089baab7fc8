"""What the package brings along."""

import pytest

from bot.core.speech import ENGLISH, LANGUAGES
from bot.resources import read_catalogue, read_chatter


def test_chatter_is_lines_of_text_each_there_once() -> None:
    chatter = read_chatter()
    assert len(chatter) > 100
    assert all(chatter)
    assert len(set(chatter)) == len(chatter)


@pytest.mark.parametrize("language", ["en", "fr", "de-AT", "", "../locales/de"])
def test_what_is_not_spoken_is_english(language: str) -> None:
    assert read_catalogue(language) is ENGLISH
    assert read_catalogue(language).gettext("Save") == "Save"


def test_a_catalogue_is_read_once() -> None:
    assert read_catalogue("de") is read_catalogue("de")
    assert all(read_catalogue(language) for language in LANGUAGES)


def test_a_catalogue_knows_words_plurals_and_names() -> None:
    german = read_catalogue("de")
    assert german.gettext("Save") == "Speichern"
    assert [german.ngettext("{count} entry", "{count} entries", count) for count in (0, 1, 2)] == [
        "{count} Einträge",
        "{count} Eintrag",
        "{count} Einträge",
    ]
    assert german.pgettext("command name", "add") == "hinzufügen"
    assert german.gettext("Nobody says this.") == "Nobody says this."
