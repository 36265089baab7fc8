"""The tool that keeps the catalogues complete."""

from typing import Any

import discord
import polib
import pytest
from discord import app_commands

from tools import catalogue as tool
from tools.catalogue import Message, collect, find_commands, find_texts, read_sentences, said_by_command, update


def test_sentences_are_read_from_code() -> None:
    code = 'a = [sentence("One " "two.", x=1), counted("{count} a", "{count} b", n), other("c")]'
    assert list(read_sentences(code, "a.py")) == [Message("One two."), Message("{count} a", "{count} b")]


@pytest.mark.parametrize(
    "code", ['sentence(f"Hello {name}.")', "sentence(text)", 'counted("one", many, 3)', "sentence()"]
)
def test_a_sentence_that_no_catalogue_could_know_is_an_error(code: str) -> None:
    with pytest.raises(ValueError, match=r"a\.py:2: what `\w+` says has to be a literal"):
        list(read_sentences(f"\n{code}", "a.py"))


def test_of_a_command_names_descriptions_and_words_to_choose_are_said() -> None:
    group = app_commands.Group(name="zoo", description="Animals")

    @group.command(name="feed", description="Feed one")
    @app_commands.describe(animal="Which one")
    @app_commands.choices(food=[app_commands.Choice(name=name, value=name) for name in ("Hay", "XML")])
    async def feed(_: discord.Interaction, animal: str, food: str = "") -> None: ...

    said: list[Any] = list(said_by_command(group))
    names = [Message(name, context="command name") for name in ("zoo", "feed", "animal", "food")]
    assert {*said} == {*names, *map(Message, ("Animals", "Feed one", "Which one", "Hay"))}


def test_what_the_bot_says_is_found_wherever_it_stands() -> None:
    found = collect()
    assert Message("Did you mean …?") in found
    assert Message("There is nothing to take back.") in found
    assert Message("{count} entry", "{count} entries") in found
    assert Message("phrasing", context="command name") in found
    assert Message("Why this answer?") in found
    # That of a cog itself is seen by nobody.
    assert not any(message.text.startswith("Faqtotum") for message in found)
    assert find_texts()["admin.texts.SAVE"] == "Save"
    assert {"ask", "faq", "faq alternate", "faq alternate add", "settings"} <= {*find_commands()}


def test_an_update_adds_what_is_new_drops_what_is_gone_and_keeps_the_rest() -> None:
    catalogue = polib.POFile()
    catalogue.metadata = {"Language": "de"}
    catalogue.append(polib.POEntry(msgid="Save", msgstr="Speichern"))
    catalogue.append(polib.POEntry(msgid="Old", msgstr="Alt"))
    updated = update(catalogue, {Message("Save"), Message("a", "b"), Message("add", context="command name")})
    assert [(entry.msgctxt, entry.msgid, entry.msgid_plural, entry.msgstr) for entry in updated] == [
        (None, "Save", "", "Speichern"),
        (None, "a", "b", ""),
        ("command name", "add", "", ""),
    ]
    assert [entry.translated() for entry in updated] == [True, False, False]
    assert updated.metadata == {"Language": "de"}


def test_the_catalogues_are_as_the_tool_would_write_them(capsys: pytest.CaptureFixture[str]) -> None:
    before = tool.path_of("de").read_text(encoding="utf-8")
    catalogue = polib.pofile(before, wrapwidth=tool.WIDTH)
    assert str(update(catalogue, collect())).strip() == before.strip()
    assert capsys.readouterr().out == ""
