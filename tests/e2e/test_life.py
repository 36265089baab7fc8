"""Starting, staying connected, and what Discord may do in between."""

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import discord
import pytest
from discord.ext import commands

from bot.cli import run
from bot.cli.run import DiscordUnavailableError, connect, serve
from bot.cogs import texts
from tests.e2e.conftest import CARD_QUESTION, ROOT, Town

if TYPE_CHECKING:
    from bot.core.types import Entry

CARD_TITLE = "How do I get a replacement Medicare card?"


async def test_commands_are_synced_when_they_changed_and_not_at_every_start(town: Town) -> None:
    synced: list[str] = []
    town.sandbox.observers.append(
        lambda exchange: synced.append(exchange.method) if exchange.template.endswith("/commands") else None
    )
    async with town.running(), town.seat() as seat:
        names = {command["name"] for command in await seat.commands(town.lounge.id)}
    assert names == {"ask", "privacy", "Answer from FAQ"}
    assert synced == ["PUT"]
    async with town.running():
        pass
    assert synced == ["PUT", "GET"]
    # Another program synced its own commands over ours.
    town.world.commands.clear()
    async with town.running():
        pass
    assert synced == ["PUT", "GET", "GET", "PUT"]


async def test_a_start_with_unchanged_files_embeds_nothing(town: Town) -> None:
    embedded: list[int] = []
    model = town.embedder

    class Counting:
        model_id, dim = model.model_id, model.dim
        is_symmetric, vocabulary = model.is_symmetric, model.vocabulary

        async def embed_queries(self, texts_: list[str]):  # noqa: ANN202
            return await model.embed_queries(texts_)

        async def embed_corpus(self, texts_: list[str]):  # noqa: ANN202
            embedded.append(len(texts_))
            return await model.embed_corpus(texts_)

    town.embedder = Counting()  # type: ignore[assignment]
    async with town.running(), town.seat() as seat:
        assert (await seat.reply(await seat.say(town.help.id, CARD_QUESTION))).embeds
    assert embedded == []
    town.settings = {
        "faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]},
        "store": {"path": str(town.folder / "new.sqlite3")},
    }
    for _ in range(2):
        async with town.running():
            pass
        assert len(embedded) == 1


async def test_a_dropped_connection_is_resumed_and_what_was_missed_is_answered(town: Town) -> None:
    resumed: list[str | None] = []
    async with town.running(), town.seat() as seat:
        town.sandbox.gateway_observers.append(lambda frame: resumed.append(frame.t) if frame.bot else None)
        await town.sandbox.drop_connections(resumable=True, user_id=town.application.id)
        missed = await seat.say(town.help.id, CARD_QUESTION)
        assert (await seat.reply(missed, seconds=20)).embeds[0]["title"] == CARD_TITLE
    assert "RESUMED" in resumed
    assert "READY" not in resumed


async def test_discord_asks_to_reconnect(town: Town) -> None:
    async with town.running(), town.seat() as seat:
        assert await town.sandbox.reconnect(user_id=town.application.id) == 1
        assert (await seat.reply(await seat.say(town.help.id, CARD_QUESTION), seconds=20)).embeds


@pytest.mark.parametrize("status", [429, 500, 502])
async def test_a_reply_survives_rate_limits_and_server_errors(town: Town, status: int) -> None:
    template = "/channels/{channel_id}/messages"
    async with town.running(), town.seat() as seat:
        question = await seat.say(town.lounge.id, CARD_QUESTION)
        # From here on only the bot posts messages: the seat uses the menu, which is another route.
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            town.sandbox.faults.rate_limit("POST", template, retry_after=0.05, times=2)
        else:
            town.sandbox.faults.status("POST", template, status)
        used = await seat.context_menu("Answer from FAQ", town.lounge.id, question.id)
        assert (await seat.reply(question, seconds=20)).embeds[0]["title"] == CARD_TITLE
        assert (await seat.response(used, seconds=20)).ephemeral
    met = [each.status for each in town.recorder.sent("POST", template) if each.authorization == "bot"]
    assert met == [status] * (2 if status == HTTPStatus.TOO_MANY_REQUESTS else 1) + [200]


async def test_two_servers_have_their_own_faqs(town: Town) -> None:
    other = town.world.add_guild("Other", owner=town.ann)
    channel = other.add_text_channel("help")
    other.install(town.application)
    town.settings = {
        "faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]},
        "guilds": {str(other.id): {"faq": {"files": [str(ROOT / "faq_data" / "faqtotum.yaml")]}}},
    }
    async with town.running() as app, town.seat() as seat:
        entries: dict[int, tuple[Entry, ...]] = {
            guild.id: app.knowledge.current.faq_of(guild.id).entries for guild in (town.guild, other)
        }
        own = entries[other.id][0]
        answered = await seat.reply(await seat.say(channel.id, f"{town.mention} {own.question}"))
        assert answered.embeds[0]["title"] == own.question
        foreign = await seat.reply(await seat.say(channel.id, f"{town.mention} {CARD_QUESTION}"))
        assert not foreign.embeds or foreign.embeds[0]["title"] != CARD_TITLE
        here = await seat.reply(await seat.say(town.lounge.id, f"{town.mention} {CARD_QUESTION}"))
        assert here.embeds[0]["title"] == CARD_TITLE


async def test_without_message_content_it_serves_what_discord_allows_and_says_what_not(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.application.message_content = False
    town.settings = {"discord": {"message_content": False}}
    with caplog.at_level(logging.WARNING):
        async with town.running(), town.seat() as seat, town.seat(town.ben) as ben:
            await town.assert_silent(seat, await seat.say(town.help.id, CARD_QUESTION))
            mention = await seat.reply(await seat.say(town.help.id, f"{town.mention} {CARD_QUESTION}"))
            assert mention.embeds[0]["title"] == CARD_TITLE
            direct = await seat.dm(town.application.id)
            assert (await seat.reply(await seat.say(direct, CARD_QUESTION))).embeds
            assert (await ben.response(await ben.slash(town.help.id, "ask", {"question": CARD_QUESTION}))).embeds
            target = await seat.say(town.lounge.id, "when can I enroll in Medicare part A and part B?")
            told = await ben.response(await ben.context_menu("Answer from FAQ", town.lounge.id, target.id))
            assert told.content != texts.NOTHING_TO_READ
    (warning,) = [each for each in caplog.records if "Message Content" in each.getMessage()]
    assert "the watched channels are not answered" in warning.getMessage()


async def test_a_missing_intent_is_one_clear_line(town: Town) -> None:
    town.application.message_content = False
    with pytest.raises(DiscordUnavailableError, match=r"Message Content intent is not enabled.*message_content"):
        await asyncio.wait_for(serve(town.config(), town.application.user.token), 60)


async def test_room_is_made_after_the_start(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = asyncio.Event()
    monkeypatch.setattr(run, "settle", settled.set)
    serving = asyncio.create_task(serve(town.config(), town.application.user.token))
    await asyncio.wait_for(settled.wait(), 60)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


@pytest.mark.usefixtures("town")
async def test_a_wrong_token_is_one_clear_line() -> None:
    bot = commands.Bot("!", intents=discord.Intents.none())
    async with bot:
        with pytest.raises(DiscordUnavailableError, match="does not know this token"):
            await connect(bot, "wrong")


async def test_a_discord_that_is_down_is_one_clear_line(town: Town) -> None:
    bot = commands.Bot("!", intents=discord.Intents.none())
    town.sandbox.faults.drop("GET", "/users/@me", times=10)
    async with bot:
        with pytest.raises(DiscordUnavailableError, match="cannot be reached"):
            await connect(bot, town.application.user.token)


async def test_fifty_questions_at_once_are_all_answered(town: Town) -> None:
    town.settings = {"cooldown": {"repeat_seconds": 0}}
    async with town.running(), town.seat() as seat:
        channel = await seat.dm(town.application.id)
        asked = await asyncio.gather(*(seat.say(channel, f"{CARD_QUESTION} {number}") for number in range(50)))
        replies = await asyncio.gather(*(seat.reply(message, seconds=60) for message in asked))
    assert len({reply.id for reply in replies}) == 50
