"""Messages in, replies out."""

import asyncio
import logging
from importlib import import_module

import aiohttp
import pytest

from bot.cogs import texts
from bot.core.types import VerdictName
from bot.sandbox import Permission, Seat, SeatFile
from bot.services import Outcome, ReplyRef
from tests.e2e.conftest import CARD_QUESTION, PATIENCE_SECONDS, Town


async def test_a_question_in_a_watched_channel_is_answered(town: Town) -> None:
    async with town.running() as app, town.seat() as seat:
        question = await seat.say(town.help.id, CARD_QUESTION)
        reply = await seat.reply(question)
        (embed,) = reply.embeds
        assert reply.author_id == town.application.id
        assert embed["title"] == "How do I get a replacement Medicare card?"
        assert "1-800-MEDICARE" in embed["description"]
        assert embed["footer"]["text"] == texts.AUTOMATIC
        assert reply.raw["mentions"] == []
    (logged,) = await _logged(town, app)
    assert (logged.guild_id, logged.channel_id, logged.message_id) == (town.guild.id, town.help.id, question.id)
    assert (logged.reply_id, logged.verdict, logged.entry_id) == (reply.id, VerdictName.ANSWER, "replacement-card")
    assert logged.replied
    assert not logged.addressed
    assert logged.similarity == pytest.approx(1.0, abs=1e-4)


async def test_what_was_answered_is_logged_also_where_the_bot_is_stopped_in_between(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = asyncio.Event()
    async with Seat(town.sandbox, town.ann) as seat:
        async with town.running() as app:
            record = app.answerer.record
            # Not imported above: a bot that was stopped took its extension's modules along.
            underway = import_module("bot.cogs.underway").Underway
            wait = underway.wait

            async def tell_and_wait(self: object, _seconds: float) -> None:
                closing.set()
                # A busy machine may take longer than a bot that is told to stop should.
                await wait(self, PATIENCE_SECONDS)

            async def record_late(outcome: Outcome, reply: ReplyRef | None = None, *, delivered: bool = True) -> None:
                await closing.wait()
                await record(outcome, reply, delivered=delivered)

            monkeypatch.setattr(underway, "wait", tell_and_wait)
            monkeypatch.setattr(app.answerer, "record", record_late)
            reply = await seat.reply(await seat.say(town.help.id, CARD_QUESTION))
        (logged,) = await _logged(town, app)
        assert logged.reply_id == reply.id


async def _logged(town: Town, _app: object) -> list:
    from bot.stores import open_sqlite  # noqa: PLC0415 - after the bot has closed its own

    async with open_sqlite(town.config().store.path) as store:
        return await store.read_questions()


async def test_chatter_and_unsure_questions_in_a_watched_channel_bring_nothing(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        for chatter in ("nice weather today", "lol", "what is the capital of France?", "does anybody play chess here?"):
            await town.assert_silent(seat, await seat.say(town.help.id, chatter))


async def test_an_unwatched_channel_is_left_alone(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        await town.assert_silent(seat, await seat.say(town.lounge.id, CARD_QUESTION))


async def test_a_mention_always_gets_something_back(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        sure = await seat.say(town.lounge.id, f"{town.mention} {CARD_QUESTION}")
        assert (await seat.reply(sure)).embeds[0]["title"] == "How do I get a replacement Medicare card?"
        unsure = await seat.say(town.lounge.id, f"{town.mention} what is the capital of France?")
        assert (await seat.reply(unsure)).content == texts.NO_ANSWER
        empty = await seat.say(town.lounge.id, town.mention)
        assert (await seat.reply(empty)).content == texts.ASK_ME


async def test_who_is_overheard_is_answered_only_where_who_asks_would_be_too(town: Town) -> None:
    town.settings = {"false_answers": {"overheard": 0.1, "addressed": 20}}
    doubtful = "do I pay a fine?"
    async with town.running(), town.seat() as seat:
        await town.assert_silent(seat, await seat.say(town.help.id, doubtful))
        reply = await seat.reply(await seat.say(town.help.id, f"{town.mention} {doubtful}"))
        assert reply.embeds[0]["footer"]["text"] == texts.AUTOMATIC


async def test_a_slip_of_the_fingers_costs_no_answer(town: Town) -> None:
    async with town.running() as app, town.seat() as seat:
        reply = await seat.reply(await seat.say(town.help.id, "I losst my Medicaer card, what now?"))
        assert reply.embeds[0]["title"] == "How do I get a replacement Medicare card?"
    (logged,) = await _logged(town, app)
    assert logged.text == "I losst my Medicaer card, what now?"
    assert logged.similarity == pytest.approx(1.0, abs=1e-4)


async def test_a_reply_to_the_bot_is_a_question_to_it(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        first = await seat.reply(await seat.say(town.lounge.id, f"{town.mention} what is the capital of France?"))
        second = await seat.say(town.lounge.id, CARD_QUESTION, reply_to=first, ping=False)
        assert (await seat.reply(second)).embeds


async def test_direct_messages_are_questions(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        channel = await seat.dm(town.application.id)
        assert (await seat.reply(await seat.say(channel, CARD_QUESTION))).embeds
        assert (await seat.reply(await seat.say(channel, "sing me a song"))).content == texts.NO_ANSWER


async def test_threads_of_a_watched_channel_are_watched(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        thread = await seat.start_thread("cards", at=await seat.say(town.help.id, "let us talk about cards"))
        assert (await seat.reply(await seat.say(thread, CARD_QUESTION))).embeds


async def test_the_title_of_a_forum_post_is_half_of_its_question(town: Town) -> None:
    forum = town.guild.add_forum("questions")
    town.settings = {"discord": {"watch": [forum.id]}}
    async with town.running(), town.seat() as seat:
        post = await seat.post(forum.id, "Lost Medicare card", "How do I get a replacement Medicare card")
        reply = await seat.reply(post)
        assert reply.embeds[0]["title"] == "How do I get a replacement Medicare card?"
        assert reply.embeds[0]["footer"]["text"] == texts.AUTOMATIC


async def test_bots_and_the_bot_itself_are_ignored(town: Town) -> None:
    other = town.world.add_application("Other")
    town.guild.install(other)
    address = f"{town.sandbox.rest_url}/channels/{town.help.id}/messages"
    headers = {"Authorization": f"Bot {other.user.token}"}
    async with town.running(), town.seat() as seat, aiohttp.ClientSession(headers=headers) as http:
        async with http.post(address, json={"content": f"{town.mention} {CARD_QUESTION}"}, raise_for_status=True):
            said = await seat.next_message(lambda message: message.author_id == other.id)
        await town.assert_silent(seat, said)


async def test_the_same_asker_is_pointed_back_and_not_told_again(town: Town) -> None:
    async with town.running(), town.seat() as seat, town.seat(town.ben) as ben:
        first = await seat.reply(await seat.say(town.help.id, CARD_QUESTION))
        await town.assert_silent(seat, await seat.say(town.help.id, CARD_QUESTION))
        asked = await seat.reply(await seat.say(town.help.id, f"{town.mention} {CARD_QUESTION}"))
        assert asked.content == texts.ALREADY_ANSWERED_AT.format(
            url=f"https://discord.com/channels/{town.guild.id}/{town.help.id}/{first.id}"
        )
        assert (await ben.reply(await ben.say(town.help.id, CARD_QUESTION))).embeds
        town.clock.advance(301)
        assert (await seat.reply(await seat.say(town.help.id, CARD_QUESTION))).embeds


async def test_whose_question_was_deleted_is_answered_again(town: Town) -> None:
    town.settings = {"cooldown": {"channel_seconds": 30}}
    async with town.running(), town.seat() as seat:
        for _ in range(2):
            asked = await seat.say(town.help.id, CARD_QUESTION)
            reply = await seat.reply(asked)
            assert reply.embeds
            await seat.delete(asked)
            await seat.next(
                lambda event, gone=reply.id: event.name == "MESSAGE_DELETE" and int(event.data["id"]) == gone
            )


async def test_who_asks_again_is_not_led_to_a_reply_that_a_moderator_deleted(town: Town) -> None:
    async with town.running(), town.seat() as seat, town.seat(town.guild.owner) as olga:
        first = await seat.reply(await seat.say(town.help.id, CARD_QUESTION))
        await olga.delete(await olga.until(lambda message: message.id == first.id))
        again = await seat.reply(await seat.say(town.help.id, f"{town.mention} {CARD_QUESTION}"))
        assert again.embeds


async def test_who_could_not_be_answered_in_the_channel_is_answered_elsewhere(town: Town) -> None:
    town.may_be_refused = True
    town.guild.set_overwrite(town.help, town.application.user, deny=Permission.SEND_MESSAGES)
    async with town.running(), town.seat() as seat:
        await town.decisions.logged(await seat.say(town.help.id, CARD_QUESTION))
        asked = await seat.slash(town.lounge.id, "ask", {"question": CARD_QUESTION})
        assert (await seat.response(asked)).embeds


async def test_thanks_to_the_bot_get_nothing_back_and_are_not_logged(town: Town) -> None:
    async with town.running() as app, town.seat() as seat:
        reply = await seat.reply(await seat.say(town.help.id, CARD_QUESTION))
        await town.assert_silent(seat, await seat.say(town.help.id, "thank you!", reply_to=reply.id))
        assert "thank" not in " ".join(one.text for one in await app.store.read_questions()).lower()


async def test_the_role_of_the_bot_is_as_good_as_its_name(town: Town) -> None:
    [role] = [each for each in town.guild.roles.values() if each.managed_by == town.application.id]
    async with town.running(), town.seat() as seat:
        assert (await seat.reply(await seat.say(town.lounge.id, f"<@&{role.id}> {CARD_QUESTION}"))).embeds


async def test_a_channel_rests_after_an_overheard_answer(town: Town) -> None:
    town.settings = {"cooldown": {"channel_seconds": 30}}
    async with town.running(), town.seat() as seat, town.seat(town.ben) as ben:
        assert (await seat.reply(await seat.say(town.help.id, CARD_QUESTION))).embeds
        await town.assert_silent(ben, await ben.say(town.help.id, CARD_QUESTION))
        town.clock.advance(31)
        assert (await ben.reply(await ben.say(town.help.id, CARD_QUESTION))).embeds


@pytest.mark.parametrize(
    "text",
    [
        "\N{GRINNING FACE}" * 2000,
        "\u202eهل هذا سؤال عن الطقس؟\u202c " * 40,
        "\u200b\u200d\u2060" * 600,
        "why " * 500,
        "https://example.com/a?b=how+do+I",
        "||```\n\n```||",
        "?" * 2000,
        "<@1> <#2> <:x:3>?",
    ],
)
async def test_odd_messages_bring_neither_an_error_nor_a_reply(
    town: Town, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with town.running(), town.seat() as seat:
            await town.assert_silent(seat, await seat.say(town.help.id, text[:2000]))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_message_that_is_only_a_file_brings_nothing(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        message = await seat.say(town.help.id, "", files=[SeatFile("how-do-i.txt", b"How?")])
        await town.assert_silent(seat, message)


async def test_an_answer_with_everyone_in_it_pings_nobody(town: Town) -> None:
    (town.folder / "faq.yaml").write_text(
        "title: T\nlanguage: en\nentries:\n"
        "  - id: ping\n    question: Who is pinged, @everyone?\n"
        f"    answer: '@everyone @here <@{town.ben.id}> nobody'\n"
    )
    town.settings = {"faq": {"files": [str(town.folder / "faq.yaml")]}}
    async with town.running(), town.seat() as seat:
        reply = await seat.reply(await seat.say(town.help.id, "Who is pinged?"))
        assert "@everyone" in reply.embeds[0]["description"]
        assert (reply.raw["mention_everyone"], reply.raw["mentions"], reply.raw["mention_roles"]) == (False, [], [])


async def test_a_channel_without_permission_costs_one_log_line_and_nothing_else(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.guild.set_overwrite(town.help, town.application.user, deny=Permission.SEND_MESSAGES)
    async with town.running() as app, town.seat() as seat:
        question = await seat.say(town.help.id, CARD_QUESTION)
        await seat.reply(await seat.say(town.lounge.id, f"{town.mention} {CARD_QUESTION}"))
        assert [each for each in seat.messages if each.reply_to == question.id] == []
    logged = {each.message_id: each for each in await _logged(town, app)}
    assert not logged[question.id].replied
    assert [record for record in caplog.records if str(question.id) in record.getMessage()] != []
    assert CARD_QUESTION not in caplog.text
