"""The bot in a language that is not English: what its commands are called, and what it says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bot.cogs import texts
from bot.cogs.admin import texts as admin_texts
from tests.e2e.conftest import CARD_QUESTION, ROOT, Town
from tests.e2e.office import ANSWER, ASKED, DOG, QUESTION, TYPED, Office, office, text_of
from tests.e2e.test_commands import SUGGESTING, VAGUE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox import Seat

GERMAN: dict[str, Any] = {"replies": {"language": "de"}}
MEMBERS = {
    "ask": "fragen",
    "Answer from FAQ": "Aus den FAQ beantworten",
    "privacy show": "datenschutz anzeigen",
    "privacy delete": "datenschutz löschen",
    "privacy opt-out": "datenschutz widersprechen",
    "privacy opt-in": "datenschutz zustimmen",
    "privacy export": "datenschutz exportieren",
}
ADMINS = {
    "faq add": "faq hinzufügen",
    "faq alternate remove": "faq formulierung entfernen",
    "faq undo": "faq rückgängig",
    "faq overlap": "faq überschneidungen",
    "settings": "einstellungen",
    "report now": "bericht jetzt",
    "report ignored": "bericht ignoriert",
    "Add to FAQ": "Zu den FAQ hinzufügen",
    "Add as a phrasing of…": "Als Formulierung hinzufügen zu…",
    "Why this answer?": "Warum diese Antwort?",
}


@asynccontextmanager
async def germans(town: Town) -> AsyncIterator[tuple[Seat, Seat]]:
    """A running bot with a small FAQ, and the seats of the owner and of a member who use Discord in German."""
    town.guild.owner.locale = town.ann.locale = "de"
    async with office(town) as desk, town.seat() as ann:
        yield desk.seat, ann


async def test_a_german_client_shows_commands_in_german(town: Town) -> None:
    async with germans(town) as (olga, ann), town.seat(town.ben) as ben:
        assert await ann.shown_commands(town.lounge.id) == MEMBERS
        assert await ben.shown_commands(town.lounge.id) == {name: name for name in MEMBERS}
        shown = await olga.shown_commands(town.lounge.id)
        assert shown.items() >= (MEMBERS | ADMINS).items()
        assert [name for name, german in shown.items() if name == german] == []
        [ask] = [each for each in await ann.commands(town.lounge.id) if each["name"] == "ask"]
        assert ask["description_localized"] == "Eine Frage an die FAQ stellen"
        assert [option["name_localized"] for option in ask["options"]] == ["frage", "privat"]


async def test_commands_are_called_by_their_german_names_and_answer_in_the_servers_language(town: Town) -> None:
    channel = town.lounge.id
    async with germans(town) as (olga, ann):
        [picked, *_] = await ann.autocomplete(channel, "fragen", "frage", "replacement")
        shown = await ann.response(await ann.slash(channel, "fragen", {"frage": picked.value, "privat": True}))
        assert shown.embeds[0]["footer"]["text"] == texts.AUTOMATIC
        tried = await olga.response(await olga.slash(channel, "faq", {"frage": CARD_QUESTION}, sub="testen"))
        assert "It answers." in text_of(tried)
        options = {"eintrag": "replacement-card", "formulierung": "card gone"}
        preview = await olga.response(await olga.slash(channel, "faq", options, sub="formulierung hinzufügen"))
        assert admin_texts.BECOMES_OVERRIDE in text_of(preview)
        panel = await olga.response(await olga.slash(channel, "einstellungen"))
        assert panel.embeds[0]["title"] == "Settings of this server"
        said = await ann.say(channel, CARD_QUESTION)
        used = await ann.context_menu("Aus den FAQ beantworten", channel, said.id)
        assert (await ann.response(used)).content.startswith("Answered: ")


async def test_commands_in_two_languages_are_synced_once(town: Town) -> None:
    synced: list[str] = []
    town.sandbox.observers.append(
        lambda exchange: synced.append(exchange.method) if exchange.template.endswith("/commands") else None
    )
    for _ in range(2):
        async with germans(town) as (_, ann):
            assert await ann.shown_commands(town.lounge.id) == MEMBERS
    assert synced.count("PUT") == 1


async def test_members_are_answered_in_the_servers_language(town: Town) -> None:
    town.settings = {"replies": {"language": "de", "show_similarity": True, "help_hint": "<#1>"}}
    async with office(town), town.seat() as ann:
        answer = await ann.reply(await ann.say(town.help.id, CARD_QUESTION))
        assert answer.embeds[0]["footer"]["text"] == "Automatische Antwort aus den FAQ · Ähnlichkeit 1.00"
        assert answer.embeds[0]["fields"][0]["name"] == "Nicht das Richtige?"
        missed = await ann.reply(await ann.say(town.lounge.id, f"{town.mention} sing me a song"))
        assert missed.content.startswith("Dazu habe ich in den FAQ nichts gefunden.")
        greeted = await ann.reply(await ann.say(town.lounge.id, town.mention))
        assert "`/fragen` zeigt" in greeted.content


async def test_suggestions_are_made_in_the_servers_language(town: Town) -> None:
    town.settings = GERMAN | SUGGESTING
    async with town.running(), town.seat() as ann:
        offered = await ann.reply(await ann.say(town.lounge.id, f"{town.mention} {VAGUE}"))
        assert offered.embeds[0]["title"] == "Meintest du …?"


async def test_an_answer_is_explained_in_the_servers_language(town: Town) -> None:
    town.settings = dict(GERMAN)
    async with office(town, "*.yaml") as desk:
        why = text_of(await desk.do("test", question=CARD_QUESTION))
        for words in ("Der Bot antwortet.", "Ähnlichste Formulierung: „", "Sicher genug: zu ", "Relevanz"):
            assert words in why
        why = text_of(await desk.do("test", question="sing me a song", overheard=True))
        assert "Der Bot bleibt still." in why
        assert "Das sieht nicht wie eine Frage aus" in why


async def test_an_entry_is_added_edited_and_undone_in_the_servers_language(town: Town) -> None:
    town.settings = dict(GERMAN)
    async with office(town) as desk:
        form = await desk.call("add")
        assert form.modal
        assert form.modal.title == "Zu den FAQ hinzufügen"
        assert form.modal.labels["question"] == "Frage"
        preview = await desk.fill_in(form, {"Frage": QUESTION, "Antwort": ANSWER, "Tags, durch Kommas getrennt": "a"})
        assert "Diesen Eintrag hinzufügen?" in text_of(preview)
        assert "Es sind keine Fragen der letzten 30 Tage bekannt" in text_of(preview)
        assert [button["label"] for button in preview.buttons] == ["Speichern", "Weiter bearbeiten", "Abbrechen"]
        saved = await desk.press(preview, "Speichern")
        assert saved.content == "Als Änderung #1 gespeichert. Ab jetzt antwortet der Bot danach."
        assert await desk.answer_to(ASKED) == QUESTION
        history = text_of(await desk.do("history"))
        assert DOG in history
        assert history.endswith(" hinzugefügt")
        asked = await desk.press(saved, "Rückgängig machen")
        assert "Änderung #1 rückgängig machen: " in text_of(asked)
        await desk.press(asked, "Speichern")
        assert await desk.answer_to(ASKED) is None
        refused = await desk.do("show", entry=DOG)
        assert f"Es gibt keinen Eintrag „{DOG}“ (mehr)." in text_of(refused)


async def test_what_past_questions_it_takes_is_counted_in_the_servers_language(town: Town) -> None:
    town.settings = dict(GERMAN)
    async with office(town) as desk, town.seat() as ann:
        for text in ("are dogs allowed?", CARD_QUESTION):
            await ann.reply(await ann.say(town.lounge.id, f"{town.mention} {text}"))
        preview = await desk.fill_in(await desk.call("add"), TYPED)
        assert "Von 2 Fragen der letzten 30 Tage kommt 1 hinzu." in text_of(preview)
        assert "1 hatte bisher keine Antwort." in text_of(preview)


@pytest.mark.parametrize(
    ("settings", "said"),
    [(GERMAN, "Das geht nur mit der Berechtigung „Server verwalten“"), ({}, admin_texts.NOT_ALLOWED)],
)
async def test_a_member_is_refused_in_the_servers_language(town: Town, settings: dict[str, Any], said: str) -> None:
    town.settings = dict(settings)
    town.guild.open_commands.update({"faq", "settings"})
    async with office(town), town.seat() as ann:
        for command, sub in (("faq", "list"), ("settings", None)):
            told = await ann.response(await ann.slash(town.lounge.id, command, {}, sub=sub))
            assert told.content.startswith(said)
            assert told.ephemeral


async def test_two_servers_speak_their_own_languages_and_the_panel_changes_them(town: Town) -> None:
    other = town.world.add_guild("Other", owner=town.ann)
    channel = other.add_text_channel("hilfe")
    other.install(town.application)
    town.settings = {
        "faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]},
        "guilds": {str(other.id): GERMAN},
    }
    async with office(town) as desk, town.seat() as ann:
        for place, footer in ((channel, "Automatische Antwort aus den FAQ"), (town.lounge, texts.AUTOMATIC)):
            reply = await ann.reply(await ann.say(place.id, f"{town.mention} {CARD_QUESTION}"))
            assert reply.embeds[0]["footer"]["text"] == footer
        panel = await desk.seat.response(await desk.seat.slash(town.lounge.id, "settings"))
        for choice, title in (("Language", "Language"), ("Deutsch", "Sprache")):
            await desk.seat.select(panel, [choice])
            panel = await desk.seat.until(lambda each, old=panel: each.id == old.id and each.raw != old.raw)
            assert panel.embeds[0]["title"] == title
        assert "✅ Als Änderung #1 gespeichert." in text_of(panel)
        reply = await ann.reply(
            await ann.say(town.lounge.id, f"{town.mention} How and when do I sign up for Medicare?")
        )
        assert reply.embeds[0]["footer"]["text"] == "Automatische Antwort aus den FAQ"


async def test_buttons_made_in_one_language_work_in_the_other(town: Town) -> None:
    async with town.seat(town.guild.owner) as seat:
        desk = Office(town, seat)
        async with office(town):
            preview = await desk.fill_in(await desk.call("add"), TYPED)
        town.settings |= GERMAN
        async with office(town):
            saved = await desk.press(preview, "Save")
            assert saved.content.startswith("Als Änderung #1 gespeichert.")
