"""What is kept of members, and how it goes: over a real connection, with everything that Discord does in between."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from discord.utils import snowflake_time

from bot.cogs import texts
from bot.cogs.privacy import render_export
from bot.cogs.speech import ENGLISH
from tests.e2e.conftest import CARD_QUESTION, Town

if TYPE_CHECKING:
    from bot.app import App
    from bot.sandbox import Seat, SeenMessage

SECOND_QUESTION = "How and when do I sign up for Medicare?"


async def privacy(town: Town, seat: Seat, sub: str, channel_id: int | None = None) -> SeenMessage:
    return await seat.response(await seat.slash(channel_id or town.lounge.id, "privacy", {}, sub=sub))


async def logged(app: App) -> list[str]:
    return [question.text for question in await app.store.read_questions()]


async def ask(town: Town, seat: Seat, question: str = CARD_QUESTION) -> tuple[SeenMessage, SeenMessage]:
    """Ask in the watched channel; give the question and the answer once it is logged."""
    asked = await seat.say(town.help.id, question)
    return asked, await seat.reply(asked)


async def ask_and_settle(town: Town, app: App, seat: Seat, question: str = CARD_QUESTION) -> None:
    await ask(town, seat, question)
    assert question in await logged(app)


async def test_members_see_in_plain_words_what_is_kept_and_delete_it(town: Town) -> None:
    async with town.running() as app, town.seat() as ann, town.seat(town.ben) as ben:
        await ask_and_settle(town, app, ann)
        await ask_and_settle(town, app, ben, SECOND_QUESTION)
        shown = await privacy(town, ann, "show")
        assert shown.ephemeral
        fields = {field["name"]: field["value"] for field in shown.embeds[0]["fields"]}
        assert fields["Right now"].startswith("1 question of yours, from <t:")
        assert "For 90 days" in fields["For how long"]
        assert (await privacy(town, ann, "delete")).content == "🗑️ Deleted 1 question of yours."
        assert await logged(app) == [SECOND_QUESTION]
        assert (await privacy(town, ann, "delete")).content == "There was nothing of yours to delete."
        again = await privacy(town, ann, "show")
        assert again.embeds[0]["fields"][0]["value"] == "Nothing."


async def test_what_was_asked_before_all_was_deleted_is_not_kept_when_somebody_else_puts_it_to_the_bot(
    town: Town,
) -> None:
    async with town.seat() as ann, town.seat(town.ben) as ben:
        asked = [await ben.say(town.help.id, question) for question in (CARD_QUESTION, SECOND_QUESTION)]
        written = snowflake_time(asked[0].id)
        town.clock.advance((written - town.clock.now() + timedelta(hours=1)).total_seconds())
        async with town.running() as app:

            async def show_to_bot(message: SeenMessage) -> None:
                await ann.response(await ann.context_menu(texts.ANSWER_FROM_FAQ, town.help.id, message.id))
                await town.decisions.logged(message)

            await show_to_bot(asked[0])
            [kept] = await app.store.read_questions()
            assert kept.asked_at == written
            assert (await privacy(town, ben, "delete")).content == "🗑️ Deleted 1 question of yours."
            town.clock.advance(3600)
            await show_to_bot(asked[1])
            assert await logged(app) == []


async def test_who_opted_out_is_answered_and_not_logged_also_after_a_restart(town: Town) -> None:
    async with town.running() as app, town.seat() as ann:
        await ask_and_settle(town, app, ann)
        said = (await privacy(town, ann, "opt-out")).content
        assert said == "🗑️ Deleted 1 question of yours. From now on I keep nothing of you, and still answer you."
    town.clock.advance(3600)
    async with town.running() as app, town.seat() as ann:
        await ask(town, ann)
        await ask(town, ann, SECOND_QUESTION)
        shown = await privacy(town, ann, "show")
        assert "you opted out" in shown.embeds[0]["fields"][0]["value"]
        assert await logged(app) == []
        assert "again" in ((await privacy(town, ann, "opt-in")).content or "")
        assert (await privacy(town, ann, "opt-in")).content == "You had not opted out."
        town.clock.advance(3600)
        await ask_and_settle(town, app, ann)


async def test_an_export_holds_ones_own_questions_alone(town: Town) -> None:
    async with town.running() as app, town.seat() as ann, town.seat(town.ben) as ben:
        assert (await privacy(town, ann, "export")).content == "I keep nothing of you."
        await ask_and_settle(town, app, ann)
        await ask_and_settle(town, app, ben, SECOND_QUESTION)
        exported = await privacy(town, ann, "export")
        [file] = exported.raw["attachments"]
        assert file["filename"] == "questions.json"
        [question] = json.loads(await ann.download(file))["questions"]
        assert question["text"] == CARD_QUESTION
        assert question["channel"] == str(town.help.id)


def test_an_export_of_many_files_takes_several_messages() -> None:
    contents = [b"%d" % number for number in range(11)]
    first, second = render_export(contents, ENGLISH)
    assert [content for _, content in (*first.files, *second.files)] == contents
    assert first.content == second.content
    assert [name for name, _ in first.files][:2] == ["questions-1.json", "questions-2.json"]
    assert second.files == (("questions-11.json", b"10"),)


async def test_it_works_in_direct_messages_too(town: Town) -> None:
    async with town.running() as app, town.seat() as ann:
        room = await ann.dm(town.application.id)
        asked = await ann.say(room, CARD_QUESTION)
        await ann.reply(asked)
        assert "1 question" in (await privacy(town, ann, "show", room)).embeds[0]["fields"][0]["value"]
        assert (await privacy(town, ann, "delete", room)).content == "🗑️ Deleted 1 question of yours."
        assert await logged(app) == []


async def until_gone(seat: Seat, message: SeenMessage) -> None:
    await seat.next(lambda event: event.name == "MESSAGE_DELETE" and int(event.data["id"]) == message.id)


@pytest.mark.parametrize("opted_out", [False, True])
async def test_deleting_a_question_takes_the_reply_back_and_forgets_it(town: Town, opted_out: bool) -> None:  # noqa: FBT001
    async with town.running() as app, town.seat() as ann:
        if opted_out:
            await privacy(town, ann, "opt-out")
        asked, reply = await ask(town, ann)
        await privacy(town, ann, "show")
        assert len(await logged(app)) == (not opted_out)
        await ann.delete(asked)
        await until_gone(ann, reply)
        assert await logged(app) == []


async def test_when_a_moderator_purges_a_channel_all_replies_go(town: Town) -> None:
    async with town.running() as app, town.seat() as ann, town.seat(town.guild.owner) as olga:
        first, first_reply = await ask(town, ann)
        second, second_reply = await ask(town, ann, SECOND_QUESTION)
        await privacy(town, ann, "show")
        ids = [str(first.id), str(second.id)]
        await olga.request("POST", f"/channels/{town.help.id}/messages/bulk-delete", {"messages": ids})
        await until_gone(ann, first_reply)
        await until_gone(ann, second_reply)
        assert await logged(app) == []


async def test_a_question_that_was_deleted_after_a_restart_is_taken_back_too(town: Town) -> None:
    async with town.running() as app, town.seat() as ann:
        await ask_and_settle(town, app, ann)
        asked = next(each for each in ann.messages if each.content == CARD_QUESTION)
        reply = next(each for each in ann.messages if each.reply_to == asked.id)
    async with town.running() as app, town.seat() as ann:
        await ann.delete(asked)
        await until_gone(ann, reply)
        assert await logged(app) == []


async def test_what_was_kept_long_enough_is_deleted_at_the_next_start(town: Town) -> None:
    town.settings = {"store": {"retention_days": 7}}
    async with town.running() as app, town.seat() as ann:
        await ask_and_settle(town, app, ann)
    town.clock.advance(timedelta(days=7, seconds=1).total_seconds())
    async with town.running() as app, town.seat() as ann:
        shown = await privacy(town, ann, "show")
        assert shown.embeds[0]["fields"][0]["value"] == "Nothing."
        assert "For 7 days" in shown.embeds[0]["fields"][3]["value"]
        assert await logged(app) == []
        [count] = await app.store.members.read_counts(town.guild.id)  # type: ignore[attr-defined]
        assert (count.questions, count.replied) == (1, True)


async def test_a_database_that_fails_is_apologised_for_in_private(town: Town) -> None:
    async with town.running() as app, town.seat() as ann:
        await app.store.close()  # type: ignore[attr-defined]
        said = await privacy(town, ann, "show")
        assert said.ephemeral
        assert said.content == texts.FAILED


async def test_a_german_server_reads_german(town: Town) -> None:
    town.settings = {"replies": {"language": "de"}}
    async with town.running(), town.seat() as ann:
        shown = await privacy(town, ann, "show")
        assert shown.embeds[0]["title"] == "Was ich von dir speichere"
