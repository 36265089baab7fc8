"""`/faq doctor`: all is well, and each thing that may not be."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.cogs.admin import texts as admin_texts
from bot.cogs.doctor import texts as doctor_texts
from bot.core.edits import Change, ChangeKind, Edit
from bot.core.errors import EmbedderUnavailableError, StoreUnavailableError
from bot.core.types import Entry
from bot.sandbox import Permission
from tests.e2e.conftest import DATABASE, Town
from tests.e2e.office import text_of
from tests.fakes.embedder import HashEmbedder

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.sandbox import Seat

FAULT, WARNING = "❌", "⚠️"


async def examine(town: Town, seat: Seat) -> str:
    """Call the doctor; give what he says."""
    shown = await seat.response(await seat.slash(town.lounge.id, "faq", sub="doctor"))
    assert shown.ephemeral
    return text_of(shown)


async def diagnose(town: Town) -> str:
    """Start the bot and call the doctor; give what he says."""
    async with town.running(), town.seat(town.guild.owner) as seat:
        return await examine(town, seat)


def bad(said: str) -> list[str]:
    """The findings that something should be done about, without what."""
    return [line for line in said.splitlines() if line.startswith((FAULT, WARNING))]


def own_faq(town: Town, text: str) -> Path:
    """Give the bot a file of its own."""
    path = town.folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    town.settings = {"faq": {"files": [str(path)]}}
    return path


TWO = """title: Cards
entries:
- id: card
  question: Where is my card?
  answer: In the post.
- id: post
  question: Where is the post?
  answer: Around the corner.
  follow_ups: [card]
"""


async def test_all_is_well(town: Town) -> None:
    said = await diagnose(town)
    assert said.startswith(doctor_texts.ALL_WELL)
    assert bad(said) == []
    assert "I can read and answer in the watched channel." in said
    assert "384 dimensions" in said
    assert "No nightly report is posted." in said


async def test_the_last_logged_question_is_told(town: Town) -> None:
    async with town.running(), town.seat(town.guild.owner) as seat:
        await seat.reply(await seat.say(town.help.id, "I lost my Medicare card, what now?"))
        said = await examine(town, seat)
        assert f"Questions are logged, the last one <t:{int(town.clock.now().timestamp())}:R>." in said


async def test_members_are_refused(town: Town) -> None:
    town.guild.open_commands.add("faq")
    async with town.running(), town.seat() as ann:
        assert await examine(town, ann) == admin_texts.NOT_ALLOWED


@pytest.mark.parametrize(
    ("denied", "mark", "told"),
    [
        (Permission.VIEW_CHANNEL, FAULT, "View Channel"),
        (Permission.SEND_MESSAGES, FAULT, "Send Messages"),
        (Permission.EMBED_LINKS, FAULT, "Embed Links"),
        (Permission.READ_MESSAGE_HISTORY, FAULT, "Read Message History"),
        (Permission.ATTACH_FILES, WARNING, "Attach Files"),
        (Permission.SEND_MESSAGES_IN_THREADS, WARNING, "Send Messages in Threads"),
    ],
)
async def test_what_the_bot_may_not_do_in_a_channel(town: Town, denied: Permission, mark: str, told: str) -> None:
    town.guild.set_overwrite(town.help, town.application.user, deny=denied)
    assert bad(await diagnose(town)) == [f"{mark} In <#{town.help.id}> I may not: {told}."]


async def test_what_the_bot_may_not_do_in_a_forum_and_where_it_reports(town: Town) -> None:
    forum = town.guild.add_forum("questions")
    town.guild.set_overwrite(forum, town.application.user, deny=Permission.SEND_MESSAGES_IN_THREADS)
    town.guild.set_overwrite(town.lounge, town.application.user, deny=Permission.ATTACH_FILES)
    town.settings = {"discord": {"watch": [forum.id]}, "report": {"channel": town.lounge.id}}
    assert bad(await diagnose(town)) == [
        f"{FAULT} In <#{forum.id}> I may not: Send Messages in Threads.",
        f"{FAULT} In <#{town.lounge.id}> I may not: Attach Files.",
    ]


async def test_channels_and_roles_that_were_deleted(town: Town) -> None:
    mods = town.guild.add_role("mods")
    town.settings = {"discord": {"admin_roles": [mods.id]}, "report": {"channel": town.lounge.id}}
    async with town.running(), town.seat(town.guild.owner) as seat:
        assert bad(await examine(town, seat)) == []
        spare = town.guild.add_text_channel("spare")
        for channel in (town.help, town.lounge):
            town.guild.remove_channel(channel)
        town.guild.remove_role(mods)
        town.lounge = spare
        said = await examine(town, seat)
    assert [line.partition("(")[0] for line in bad(said)] == [
        f"{WARNING} A watched channel ",
        f"{WARNING} Roles that may administer were deleted: `{mods.id}`.",
        f"{WARNING} The channel for the nightly report ",
    ]


async def test_nothing_is_watched_or_answered_unasked(town: Town) -> None:
    town.settings = {"discord": {"overhear": False}}
    assert bad(await diagnose(town)) == [f"{WARNING} In the watched channels I answer only who asks me."]
    town.settings = {"discord": {"watch": []}}
    assert bad(await diagnose(town)) == [f"{WARNING} No channel is watched, so I answer only who asks me."]


async def test_message_content_is_off_in_the_configuration_or_in_the_portal(town: Town) -> None:
    async with town.running(), town.seat(town.guild.owner) as seat:
        town.application.message_content = False
        said = await examine(town, seat)
        assert bad(said) == [f"{FAULT} Discord no longer grants me the Message Content intent, so I cannot read along."]
    town.settings = {"discord": {"message_content": False}}
    [found] = bad(await diagnose(town))
    assert found.startswith(f"{FAULT} I run without the Message Content intent")


async def test_discord_does_not_know_a_command(town: Town) -> None:
    async with town.running(), town.seat(town.guild.owner) as seat:
        settings = next(one for one in town.world.commands.values() if one.name == "settings")
        del town.world.commands[settings.id]
        said = await examine(town, seat)
        assert bad(said) == [f"{FAULT} Discord does not know these commands: `/settings`."]
        assert "bot.tree.sync()" in said


async def test_discord_is_out_of_order(town: Town) -> None:
    town.may_be_refused = True
    async with town.running(), town.seat(town.guild.owner) as seat:
        town.sandbox.faults.status("GET", "/applications/{application_id}/commands", 403)
        [found] = bad(await examine(town, seat))
        assert found.startswith(f"{WARNING} Discord could not be asked")


async def test_the_model_is_broken(town: Town) -> None:
    town.embedder = embedder = HashEmbedder()
    async with town.running(), town.seat(town.guild.owner) as seat:
        embedder.error = EmbedderUnavailableError("out of memory")
        said = await examine(town, seat)
        assert "does not work: out of memory" in bad(said)[0]
        assert "faqtotum check" in said


async def test_the_faq_is_empty_or_small(town: Town) -> None:
    own_faq(town, TWO.replace("  question", "  enabled: false\n  question"))
    assert f"{FAULT} The FAQ is empty, so I know nothing." in bad(await diagnose(town))
    own_faq(town, TWO)
    [small] = bad(await diagnose(town))
    assert small.startswith(f"{WARNING} The FAQ has 2 entries with 2 phrasings: too little")


async def test_the_files_were_changed_or_have_problems(town: Town) -> None:
    path = own_faq(town, TWO)
    async with town.running(), town.seat(town.guild.owner) as seat:
        path.write_text(TWO.replace("In the post", "In the mail"), encoding="utf-8")
        assert f"{WARNING} The FAQ files were changed since I last read them." in bad(await examine(town, seat))
        path.write_text(TWO.replace("answer", "anwser"), encoding="utf-8")
        said = await examine(town, seat)
        assert f"{FAULT} The FAQ files have problems, so the FAQ stays as it was:" in bad(said)
        assert "anwser" in said
        path.write_text(TWO, encoding="utf-8")


async def change(app: App, town: Town, after: Entry) -> None:
    """Put an entry of the server's own into service, whatever it collides with."""
    edit = Edit(after.id, None, after)
    await app.ledger.add_change(Change(town.guild.id, ChangeKind.ADD, 1, town.clock.now(), edits=(edit,)))
    await app.knowledge.refresh()


async def test_own_entries_collide_with_the_files_and_follow_ups_lead_nowhere(town: Town) -> None:
    own_faq(town, TWO)
    async with town.running() as app, town.seat(town.guild.owner) as seat:
        await change(app, town, Entry(id="mine", question="where is my card", answer="Here."))
        await change(app, town, Entry(id="card", question="Where is my old card?", answer="Gone.", enabled=False))
        said = await examine(town, seat)
        assert f"{WARNING} These entries name follow-ups that are gone or disabled: `post`." in bad(said)
        await change(app, town, Entry(id="other", question="where is the post", answer="There."))
        said = await examine(town, seat)
        assert f"{WARNING} “where is the post” belongs to `other` and to `post`, so I cannot tell them apart." in said


def damage(path: Path) -> None:
    """Put a row into the database that belongs to none."""
    # The bot may be writing, for as long as others use the cores.
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "INSERT INTO revisions (change_id, subject, name, before, after) VALUES (99, 'entry', 'x', NULL, NULL)"
        )


async def test_the_database_is_damaged(town: Town) -> None:
    async with town.running(), town.seat(town.guild.owner) as seat:
        # In a thread: what the bot has begun to write it can only finish while the loop runs.
        await asyncio.to_thread(damage, town.folder / DATABASE)
        [found] = bad(await examine(town, seat))
        assert found.startswith(f"{FAULT} The database is damaged in 1 place: ")


async def test_the_database_does_not_answer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_store: object) -> list[str]:
        raise StoreUnavailableError("disk I/O error")

    async with town.running() as app, town.seat(town.guild.owner) as seat:
        monkeypatch.setattr(type(app.store), "find_damage", fail)
        assert bad(await examine(town, seat)) == [f"{FAULT} The database does not work: disk I/O error"]


async def test_the_key_of_those_who_opted_out_is_lost(town: Town) -> None:
    async with town.running() as app:
        await app.privacy.opt_out(7)
    town.settings = {"store": {"author_key": "another key of enough bytes"}}
    [told] = bad(await diagnose(town))
    assert told.startswith(f"{FAULT} I do not recognise who opted out")


async def test_questions_are_not_logged(town: Town) -> None:
    town.settings = {"store": {"log_questions": False}}
    [found] = bad(await diagnose(town))
    assert found.startswith(f"{WARNING} Questions are not logged")
