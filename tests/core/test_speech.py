"""Sentences say themselves in English, or as a catalogue has them."""

from gettext import NullTranslations

from bot.core.speech import counted, labelled, lines, number_of, sentence, size_of_faq, verbatim


class German(NullTranslations):
    def gettext(self, message: str) -> str:
        return {"{count} entries": "{count} Einträge", "Saved: {what}.": "Gespeichert: {what}."}.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        known = {("{count} entry", "{count} entries"): ("{count} Eintrag", "{count} Einträge")}
        return known[msgid1, msgid2][n != 1]


def entries(count: int) -> str:
    return str(counted("{count} entry", "{count} entries", count))


def test_a_sentence_is_english_by_itself() -> None:
    assert str(sentence("Saved: {what}.", what="cards")) == "Saved: cards."
    assert [entries(count) for count in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]


def test_a_catalogue_says_it_in_its_language_down_to_the_fields() -> None:
    saved = sentence("Saved: {what}.", what=counted("{count} entry", "{count} entries", 2))
    assert saved.say(German()) == "Gespeichert: 2 Einträge."
    assert counted("{count} entry", "{count} entries", 1).say(German()) == "1 Eintrag"


def test_what_the_catalogue_lacks_is_said_in_english() -> None:
    assert sentence("Nobody translated {this}.", this="me").say(German()) == "Nobody translated me."


def test_what_people_wrote_is_never_taken_for_a_template() -> None:
    assert str(sentence("Saved: {what}.", what="{braces} {0}")) == "Saved: {braces} {0}."


def test_what_others_have_said_is_said_as_it_is() -> None:
    assert verbatim("{no} field").say(German()) == "{no} field"


def test_sentences_are_put_together_and_still_translated() -> None:
    place, saved = counted("{count} entry", "{count} entries", 1), sentence("Saved: {what}.", what="cards")
    assert labelled("a.yaml", saved).say(German()) == "a.yaml: Gespeichert: cards."
    assert labelled(place, saved).say(German()) == "1 Eintrag: Gespeichert: cards."
    assert lines([saved, place]).say(German()) == "Gespeichert: cards.\n1 Eintrag"
    assert str(lines([])) == ""


def test_sentences_that_are_equal_count_once() -> None:
    assert len({sentence("Saved: {what}.", what=what) for what in ("cards", "cards", "keys")}) == 2


def test_numbers_are_told_with_what_they_count() -> None:
    assert [number_of(count, "entry", "entries") for count in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert size_of_faq(1, 3) == "1 entry, 3 phrasings"
