"""Whatever the bot says can be said in every language that it speaks."""

from collections.abc import Callable
from copy import deepcopy

import polib
import pytest

from bot.cogs.settings.values import LANGUAGE_NAMES
from bot.core.speech import LANGUAGES
from tests.catalogue_checks import find_faults, pairs_of, say
from tools.catalogue import Message, collect, find_commands, path_of

FOREIGN = LANGUAGES[1:]
PLURAL_FORMS = {"de": "nplurals=2; plural=(n != 1);"}
"""Source: GNU gettext's manual, "Plural forms"."""


def read(language: str) -> polib.POFile:
    return polib.pofile(str(path_of(language)))


@pytest.fixture(scope="module")
def wanted() -> set[Message]:
    return collect()


def test_every_language_has_a_catalogue_and_a_name() -> None:
    assert {path.stem for path in path_of("de").parent.glob("*.po")} == set(FOREIGN)
    assert set(LANGUAGE_NAMES) == set(LANGUAGES)


@pytest.mark.parametrize("language", FOREIGN)
def test_a_catalogue_says_whose_it_is(language: str) -> None:
    metadata = read(language).metadata
    assert metadata["Language"] == language
    assert metadata["Plural-Forms"] == PLURAL_FORMS[language]
    assert metadata["Content-Type"] == "text/plain; charset=UTF-8"


@pytest.mark.parametrize("language", FOREIGN)
def test_a_catalogue_is_complete_and_says_the_same(language: str, wanted: set[Message]) -> None:
    assert find_faults(language, read(language), wanted, find_commands()) == []


def test_the_english_can_be_said(wanted: set[Message]) -> None:
    for message in wanted:
        said = [say(message.text), say(message.plural)]
        assert not any(char in text for text in said for char in "{}„"), message


def entry_of(catalogue: polib.POFile, text: str) -> polib.POEntry:
    return next(entry for entry in catalogue if entry.msgid == text)


def drop(catalogue: polib.POFile) -> None:
    catalogue.remove(entry_of(catalogue, "Save"))


def double(catalogue: polib.POFile) -> None:
    catalogue.append(deepcopy(entry_of(catalogue, "Save")))


def outlive(catalogue: polib.POFile) -> None:
    catalogue.append(polib.POEntry(msgid="Nobody says this.", msgstr="Das sagt niemand."))


def doubt(catalogue: polib.POFile) -> None:
    entry_of(catalogue, "Save").flags.append("fuzzy")


def lose_a_plural(catalogue: polib.POFile) -> None:
    entry_of(catalogue, "{count} hour").msgstr_plural[1] = ""


def replaced(text: str, old: str, new: str) -> Callable[[polib.POFile], None]:
    def damage(catalogue: polib.POFile) -> None:
        entry = entry_of(catalogue, text)
        assert old in entry.msgstr
        entry.msgstr = entry.msgstr.replace(old, new)

    return damage


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (drop, "missing"),
        (double, "twice"),
        (outlive, "said no more"),
        (doubt, "not translated"),
        (lose_a_plural, "not translated"),
        (replaced("Save", "Speichern", ""), "not translated"),
        (replaced("Page {page} of {pages}", "{pages}", "vielen"), "other fields"),
        (replaced("Page {page} of {pages}", "{pages}", "{seiten}"), "other fields"),
        (replaced("Page {page} of {pages}", "{pages}", "{pages"), "cannot be said"),
        (replaced("similarity {similarity:.2f}", ":.2f", ":.3f"), "other fields"),
        (replaced("Save", "Speichern", "Speichern "), "space after it"),
        (replaced("Save", "Speichern", " Speichern"), "space before it"),
        (replaced("**{label}:** {value}", "**", ""), "Markdown"),
        (replaced("✅ Saved as change #{number}.", "✅ ", ""), "emoji"),
        (replaced("A watched channel (`{id}`) was deleted.", "`", ""), "code"),
        (replaced("Question: “{text}”", "„", '"'), "quotation marks"),
        (replaced("Question: “{text}”", "„", "“"), "quotation marks"),
        (replaced("Add entries with `/faq add` or `/faq import`.", "hinzufügen`", "add`"), "no /faq hinzufügen"),
        (
            replaced("Drop them under “May administer” in `/settings`.", "Darf verwalten", "Admins"),
            "no „Darf verwalten“",
        ),
    ],
)
def test_a_damaged_catalogue_is_noticed(
    damage: Callable[[polib.POFile], None], fault: str, wanted: set[Message]
) -> None:
    catalogue = read("de")
    damage(catalogue)
    [found] = find_faults("de", catalogue, wanted, find_commands())
    assert fault in found


def test_a_plural_must_have_its_fields_where_one_may_leave_the_number_out(wanted: set[Message]) -> None:
    catalogue = read("de")
    entry = entry_of(catalogue, "{count} hour")
    entry.msgstr_plural = {0: "eine Stunde", 1: "{count} Stunden"}
    assert find_faults("de", catalogue, wanted, find_commands()) == []
    entry.msgstr_plural = {0: "eine Stunde", 1: "Stunden"}
    [found] = find_faults("de", catalogue, wanted, find_commands())
    assert "other fields" in found
    assert pairs_of(entry) == [("{count} hour", "eine Stunde"), ("{count} hours", "Stunden")]
