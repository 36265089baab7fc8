"""The bot's own words in the language of a server."""

from gettext import NullTranslations

from bot.cogs import texts
from bot.cogs.admin import texts as admin_texts
from bot.cogs.speech import ENGLISH, Speech, speech_in
from bot.core.speech import counted, sentence


def test_a_text_is_said_with_its_fields() -> None:
    assert ENGLISH.say(admin_texts.PAGE, page=1, pages=3) == "Page 1 of 3"
    assert speech_in("de").say(admin_texts.PAGE, page=1, pages=3) == "Seite 1 von 3"


def test_a_sentence_is_told_down_to_the_sentences_in_it() -> None:
    size = sentence(
        "The FAQ has {entries} with {phrasings}.",
        entries=counted("{count} entry", "{count} entries", 1),
        phrasings=counted("{count} phrasing", "{count} phrasings", 4),
    )
    assert ENGLISH.tell(size) == "The FAQ has 1 entry with 4 phrasings."
    assert speech_in("de").tell(size) == "Die FAQ haben 1 Eintrag mit 4 Formulierungen."


def test_what_people_wrote_is_never_taken_for_a_template() -> None:
    assert speech_in("de").say(admin_texts.TEST_ASKED, text="{page} {0}") == "Frage: „{page} {0}“"


def test_a_language_that_is_not_spoken_is_english() -> None:
    assert speech_in("fr").say(texts.DID_YOU_MEAN) == texts.DID_YOU_MEAN


def test_what_a_catalogue_lacks_is_english() -> None:
    assert Speech(NullTranslations()).say(texts.SIMILARITY, similarity=0.5) == "similarity 0.50"
    assert speech_in("de").say("Nobody translated {this}.", this="me") == "Nobody translated me."


def test_a_speech_is_made_once() -> None:
    assert speech_in("de") is speech_in("de")
    assert speech_in("en") is ENGLISH
