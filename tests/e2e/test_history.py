"""A server's past becomes questions in the log: discord.py's own REST client, real HTTP, a real database."""

from __future__ import annotations

import asyncio
import io
import json
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bot.app import open_app
from bot.cli.import_history import Wanted, import_history
from bot.cli.run import DiscordUnavailableError
from bot.core.privacy import author_hash
from bot.core.types import VerdictName
from bot.sandbox import Bucket, ManualClock, Overwrite, Permission, Sandbox, World, redirected
from bot.sandbox.entities import MessageType
from bot.services import HistoryError, Tally
from bot.stores import open_sqlite
from tests.discordspec import Recorder
from tests.e2e.conftest import CARD_QUESTION, DATABASE, ROOT, Town
from tests.e2e.office import text_of
from tests.e2e.past import Past
from tests.fakes.embedder import HashEmbedder
from tests.stores.killing import Working
from tests.stores.records import values

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bot.core.ports import Embedder
    from bot.core.types import QuestionRecord
    from bot.sandbox import RestExchange
    from bot.services import Imported

DAYS = 6
"""How long ago the past begins."""
KEY = "a key for these tests"
HISTORY, ARCHIVED = "/channels/{channel_id}/messages", "/channels/{channel_id}/threads/archived/public"
PARKING, DOG, CHAT = "Where can I park my car?", "Can I bring my dog?", "nice weather today"


@dataclass
class Archive(Town):
    """A town with a past."""

    past: Past | None = None
    said: str = ""

    @property
    def write(self) -> Past:
        assert self.past
        return self.past

    async def read(self, *channels: int, days: int | None = None) -> Imported:
        """Import; what the terminal says goes into `said`."""
        output = io.StringIO()
        try:
            return await import_history(
                self.config(),
                self.application.user.token,
                Wanted(self.guild.id, channels, days),
                Console(file=output, width=200, soft_wrap=True),
                clock=self.clock,
                embedder=self.embedder,
            )
        finally:
            self.said = output.getvalue()

    async def logged(self) -> list[QuestionRecord]:
        async with open_sqlite(self.config().store.path) as store:
            return await store.read_questions()

    async def texts(self) -> list[str]:
        return [question.text for question in await self.logged()]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Archive]:
    """A town that has been there for days; the embedder needs no model."""
    clock = ManualClock()
    world = World(clock)
    ann, ben = world.add_user("ann"), world.add_user("ben")
    guild = world.add_guild("Test", owner=world.add_user("olga"))
    application = world.add_application("Faqtotum", message_content=True)
    for member in (ann, ben):
        guild.add_member(member)
    guild.install(application)
    channels = guild.add_text_channel("help"), guild.add_text_channel("lounge")
    async with Sandbox(world) as sandbox, AsyncExitStack() as stack:
        recorder = Recorder.attached_to(sandbox)
        stack.enter_context(redirected(sandbox))
        town = Archive(
            sandbox,
            world,
            application,
            guild,
            *channels,
            ann,
            ben,
            tmp_path,
            HashEmbedder(),
            recorder,
            past=Past(world, clock),
        )
        clock.advance(town.clock.now().timestamp() - clock() - timedelta(days=DAYS).total_seconds())
        town.settings = {
            "faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]},
            "store": {"author_key": KEY},
        }
        yield town
    assert recorder.problems == []
    assert town.may_be_refused or recorder.refused == []
    assert sandbox.unimplemented == []


async def test_what_was_asked_in_channels_threads_and_posts_is_logged_as_the_bot_would_have(town: Archive) -> None:
    write, bot = town.write, town.application.user
    forum = town.guild.add_forum("questions")
    town.settings["discord"] = {"watch": [town.help.id, forum.id]}
    asked = write.say(town.help, town.ann, CARD_QUESTION)
    reply = write.say(town.help, bot, "Call this number.", to=asked)
    write.say(town.help, town.ben, CHAT)
    write.say(town.help, town.ann, "thanks a lot", to=reply)
    more = write.say(town.help, town.ann, "what does that cost?", to=reply)
    addressed = write.say(town.help, town.ben, f"{town.mention} the car park")
    write.say(town.help, bot, "How can I help you?")
    write.say(town.help, town.ann, "", kind=MessageType.THREAD_CREATED)
    thread, secret = write.thread(town.help, "talk", town.ann), write.thread(town.help, "hush", town.ann, private=True)
    parking = write.say(thread, town.ben, PARKING)
    write.say(thread, town.ann, "Behind the house.", to=parking)
    write.say(secret, town.ann, PARKING)
    old = write.thread(town.help, "old talk", town.ann)
    write.say(old, town.ben, DOG)
    write.archive(old)
    post = write.post(forum, "Dogs at the venue", town.ann, "mine is small")
    write.say(post, town.ben, CHAT)
    closed = write.post(forum, "Parking", town.ben, "as the title says")
    write.say(closed, town.ann, "where exactly?")
    write.archive(closed)
    write.say(town.lounge, town.ben, "not read: nobody watches this channel, do they?")
    imported = await town.read()
    rows = {question.text: question for question in await town.logged()}
    assert [(each.text, each.channel_id, each.addressed) for each in await town.logged()] == [
        (CARD_QUESTION, town.help.id, False),
        ("what does that cost?", town.help.id, True),
        ("the car park", town.help.id, True),
        (PARKING, thread.id, False),
        (DOG, old.id, False),
        ("Dogs at the venue mine is small", post.id, False),
        ("Parking as the title says", closed.id, False),
        ("where exactly?", closed.id, False),
    ]
    assert imported.problems == ()
    assert imported.tally.logged == 8
    first = rows[CARD_QUESTION]
    assert (first.guild_id, first.message_id, first.asked_at.timestamp()) == (
        town.guild.id,
        asked.id,
        pytest.approx(asked.created_at, abs=0.001),
    )
    assert (first.replied, first.reply_id, first.verdict) == (True, reply.id, VerdictName.ANSWER)
    assert first.author_hash == author_hash(KEY.encode(), town.ann.id)
    assert {each.text for each in rows.values() if each.replied} == {CARD_QUESTION}
    assert rows["what does that cost?"].message_id == more.id
    assert rows["the car park"].message_id == addressed.id
    assert rows["Parking as the title says"].message_id == closed.id
    assert town.said.splitlines()[-1] == "Type /report now in the server to see which questions keep coming back"
    # Nothing is posted, and nobody connects to the gateway.
    assert {each.method for each in town.recorder.exchanges if each.authorization == "bot"} == {"GET"}
    assert [frame for frame in town.recorder.frames if frame.bot] == []


async def test_the_next_run_reads_only_what_is_new(town: Archive) -> None:
    thread = town.write.thread(town.help, "talk", town.ann)
    for number in range(230):
        town.write.say(thread if number % 10 == 0 else town.help, town.ann, f"{PARKING} {number}")
    first = await town.read()
    assert first.tally == Tally(230, 230, 230)
    reads = len(town.recorder.sent("GET", HISTORY))
    assert reads == 4
    again = await town.read()
    assert (again.tally, len(town.recorder.sent("GET", HISTORY))) == (Tally(), reads)
    assert "Type /report now" not in town.said
    town.write.say(thread, town.ann, DOG)
    town.clock.advance(3600)
    assert (await town.read()).tally == Tally(1, 1, 1)
    assert len(town.recorder.sent("GET", HISTORY)) == reads + 1


async def test_many_archived_threads_are_read_as_far_back_as_wanted(town: Archive) -> None:
    forum = town.guild.add_forum("questions")
    for number in range(130):
        town.write.archive(town.write.post(forum, f"Post {number}", town.ann, PARKING))
    imported = await town.read(forum.id)
    assert imported.tally == Tally(130, 130, 130)
    assert len(town.recorder.sent("GET", ARCHIVED)) == 2
    # Each post and its archiving took a minute.
    town.settings["store"] |= {"path": str(town.folder / "other.sqlite3")}
    town.clock = type(town.clock)(town.clock.now() + timedelta(days=1) - timedelta(days=DAYS) + timedelta(minutes=240))
    imported = await town.read(forum.id, days=1)
    assert 5 <= imported.tally.logged <= 15
    assert len(town.recorder.sent("GET", ARCHIVED)) == 3


async def test_rate_limits_and_server_errors_in_the_middle_lose_nothing(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = town.write.thread(town.help, "talk", town.ann)
    for number in range(350):
        town.write.say(thread if number % 5 == 0 else town.help, town.ann, f"{PARKING} {number}")
    town.write.archive(thread)
    pauses = list[float]()
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real_sleep(min(seconds, 0.01))

    monkeypatch.setattr("discord.http.asyncio.sleep", sleep)
    faults = town.sandbox.faults
    coming: list[Callable[[], None]] = [
        lambda: faults.rate_limit("GET", HISTORY, retry_after=0.02, times=4),
        lambda: faults.rate_limit("GET", HISTORY, retry_after=0.03, scope="global"),
        lambda: faults.status("GET", HISTORY, 502, times=2),
    ]

    def spoil_the_next_page(exchange: RestExchange) -> None:
        if exchange.template == HISTORY and exchange.status == 200 and coming:
            coming.pop(0)()

    town.sandbox.observers.append(spoil_the_next_page)
    faults.rate_limit("GET", ARCHIVED, retry_after=0.04, scope="shared")
    faults.status("GET", "/guilds/{guild_id}/threads/active", 500)
    imported = await town.read()
    assert imported.tally == Tally(350, 350, 350)
    assert sorted({question.text for question in await town.logged()}) == sorted(
        f"{PARKING} {number}" for number in range(350)
    )
    assert [each.status for each in town.recorder.sent("GET", HISTORY)] == [
        *(200, 429, 429, 429, 429),
        *(200, 429),
        *(200, 502, 502, 200),
    ]
    assert [pause for pause in pauses if pause] == [*[0.02] * 4, 0.03, 1, 0.04, 1, 3]


async def test_a_bucket_that_is_empty_is_waited_for(town: Archive) -> None:
    for number in range(350):
        town.write.say(town.help, town.ann, f"{PARKING} {number}")
    town.sandbox.rate_limits.buckets[f"GET {HISTORY}"] = Bucket(2, 0.3)
    imported = await town.read()
    assert imported.tally == Tally(350, 350, 350)
    # discord.py reads the headers: nothing is even refused.
    assert [each.status for each in town.recorder.sent("GET", HISTORY)] == [200] * 4


@pytest.mark.parametrize("status", [500, 503, 0])
async def test_when_discord_stays_away_the_next_run_goes_on(
    town: Archive, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async def sleep(_: float) -> None:
        await real_sleep(0)

    real_sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", sleep)
    for number in range(250):
        town.write.say(town.help, town.ann, f"{PARKING} {number}")
    reads = 0

    def fail_from_the_third_page_on(exchange: RestExchange) -> None:
        nonlocal reads
        reads += exchange.template == HISTORY
        if reads == 2 and not town.sandbox.faults.orders:
            if status:
                town.sandbox.faults.status("GET", HISTORY, status, times=5)
            else:
                # aiohttp tries once more by itself.
                town.sandbox.faults.drop("GET", HISTORY, times=5)

    town.sandbox.observers.append(fail_from_the_third_page_on)
    with pytest.raises(HistoryError, match=r"Discord does not answer \(.+\); what was read is kept: run this again"):
        await town.read()
    assert len(await town.logged()) == 200
    town.sandbox.faults.orders = [each for each in town.sandbox.faults.orders if not each.left]
    town.sandbox.observers.remove(fail_from_the_third_page_on)
    town.sandbox.faults.orders.clear()
    assert (await town.read()).tally == Tally(50, 50, 50)
    assert len(await town.logged()) == 250


async def test_what_cannot_be_read_is_told_and_the_rest_is_read(town: Archive) -> None:
    town.may_be_refused = True
    guild, bot = town.guild, town.application.user
    hidden = guild.add_text_channel("hidden", overwrites=[Overwrite(bot.id, member=True, deny=Permission.VIEW_CHANNEL)])
    mute = guild.add_text_channel(
        "no-past", overwrites=[Overwrite(bot.id, member=True, deny=Permission.READ_MESSAGE_HISTORY)]
    )
    other = town.world.add_guild("Other", owner=town.ann)
    other.install(town.application)
    foreign, category, gone = other.add_text_channel("help"), guild.add_category("area"), guild.add_text_channel("gone")
    guild.remove_channel(gone)
    for channel in (hidden, mute, foreign, town.help):
        town.write.say(channel, town.ann, PARKING)
    imported = await town.read(hidden.id, mute.id, foreign.id, category.id, gone.id, town.help.id)
    told = [str(problem) for problem in imported.problems]
    for problem, words in zip(
        told,
        (
            f"channel {hidden.id}: the bot may not read it; allow it View Channel and Read Message History",
            "#no-past: the bot may not read it",
            f"channel {foreign.id} is none of server {guild.id}",
            "area is a category: name its channels instead",
            f"channel {gone.id} is gone",
        ),
        strict=True,
    ):
        assert words in problem
        assert f"✗ {problem}" in town.said
    assert [question.channel_id for question in await town.logged()] == [town.help.id]


async def test_one_thread_that_is_gone_does_not_keep_the_others_back(town: Archive) -> None:
    town.may_be_refused = True
    first = town.write.thread(town.help, "first \x1b[31m", town.ann)
    second = town.write.thread(town.help, "second", town.ann)
    for thread in (first, second):
        town.write.say(thread, town.ann, PARKING)

    def remove_when_listed(exchange: RestExchange) -> None:
        if exchange.template.endswith("/threads/active") and first.id in town.world.channels:
            town.guild.remove_channel(first)

    town.sandbox.observers.append(remove_when_listed)
    imported = await town.read()
    assert [str(problem) for problem in imported.problems] == [
        "“first [31m” in #help is gone: check the id, and take it out of the settings"
    ]
    assert [question.channel_id for question in await town.logged()] == [second.id]


async def test_a_single_thread_or_post_can_be_named(town: Archive) -> None:
    forum = town.guild.add_forum("questions")
    post, other = (town.write.post(forum, title, town.ann, PARKING) for title in ("Cars", "Bicycles"))
    town.write.say(other, town.ben, DOG)
    await town.read(post.id)
    assert await town.texts() == [f"Cars {PARKING}"]
    town.may_be_refused = True
    town.guild.set_overwrite(forum, town.application.user, deny=Permission.READ_MESSAGE_HISTORY)
    imported = await town.read(other.id)
    assert "#questions: the bot may not read it" in str(imported.problems[0])


async def test_the_channels_are_those_of_this_server_also_where_a_list_names_several(town: Archive) -> None:
    town.may_be_refused = True
    other = town.world.add_guild("Other", owner=town.ann)
    other.install(town.application)
    foreign = other.add_text_channel("help")
    town.settings["discord"] = {"watch": [foreign.id, town.help.id, 12345678]}
    for channel in (foreign, town.help, town.lounge):
        town.write.say(channel, town.ann, PARKING)
    imported = await town.read()
    assert [question.channel_id for question in await town.logged()] == [town.help.id]
    assert ["channel 12345678 is gone" in str(problem) for problem in imported.problems] == [True]
    async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app:
        await app.editor.save(app.settings.propose(town.guild.id, {"watch": [town.lounge.id]}), 1)
    assert (await town.read()).tally.logged == 1
    assert (await town.logged())[-1].channel_id == town.lounge.id
    async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app:
        await app.editor.save(app.settings.propose(town.guild.id, {"overhear": False}), 1)
    with pytest.raises(HistoryError, match="reads along in no channel of server"):
        await town.read()


async def test_without_the_intent_it_says_what_to_do(town: Archive) -> None:
    town.application.message_content = False
    town.write.say(town.help, town.ann, PARKING)
    with pytest.raises(HistoryError, match="enable the Message Content Intent at https"):
        await town.read()
    assert not (town.folder / DATABASE).exists()


async def test_texts_that_are_held_back_are_noticed_before_they_are_noted_as_read(town: Archive) -> None:
    for number in range(20):
        town.write.say(town.help, town.ann, f"{PARKING} {number}")

    def turn_off(exchange: RestExchange) -> None:
        if exchange.template == "/channels/{channel_id}":
            town.application.message_content = False

    town.sandbox.observers.append(turn_off)
    with pytest.raises(HistoryError, match="Message Content Intent"):
        await town.read()
    town.sandbox.observers.remove(turn_off)
    town.application.message_content = True
    assert (await town.read()).tally.logged == 20


async def test_a_wrong_server_or_token_is_one_clear_line(town: Archive) -> None:
    town.may_be_refused = True
    stranger = town.world.add_guild("Stranger", owner=town.ann)
    for guild_id in (stranger.id, 12345678):
        with pytest.raises(HistoryError, match=f"the bot is not in a server {guild_id}: check the id"):
            await import_history(
                town.config(), town.application.user.token, Wanted(guild_id), Console(file=io.StringIO())
            )
    with pytest.raises(DiscordUnavailableError, match="does not know this token"):
        await import_history(town.config(), "wrong", Wanted(town.guild.id), Console(file=io.StringIO()))
    town.sandbox.faults.drop("GET", "/users/@me", times=5)
    with pytest.raises(HistoryError, match="Discord does not answer"):
        await town.read()


async def test_where_no_log_is_kept_nothing_is_read(town: Archive) -> None:
    town.settings["store"] |= {"log_questions": False}
    town.write.say(town.help, town.ann, PARKING)
    with pytest.raises(HistoryError, match="nothing is kept of what is asked here"):
        await town.read()
    assert town.recorder.exchanges == []


async def test_no_more_days_are_read_than_questions_are_kept(town: Archive) -> None:
    town.settings["store"] |= {"retention_days": 3}
    town.write.say(town.help, town.ann, PARKING)
    town.write.clock.advance(timedelta(days=DAYS - 2).total_seconds())
    town.write.say(town.help, town.ann, DOG)
    await town.read(days=30)
    assert await town.texts() == [DOG]
    assert f"Reading 1 channel of server {town.guild.id}, 3 days back" in town.said
    assert "store.retention_days is 3: older questions would be deleted again within the hour" in town.said
    await town.read(days=1)
    assert "1 day back" in town.said
    assert "retention_days" not in town.said


async def test_nothing_is_kept_of_members_who_opted_out(town: Archive) -> None:
    for who in (town.ann, town.ben):
        town.write.say(town.help, who, PARKING)
    async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app:
        await app.privacy.opt_out(town.ann.id)
    await town.read()
    assert [question.author_hash for question in await town.logged()] == [author_hash(KEY.encode(), town.ben.id)]
    assert "1 more were in the log already, or of members who want nothing kept" in town.said


async def test_it_runs_beside_the_bot_and_logs_nothing_twice(town: Archive) -> None:
    town.write.say(town.help, town.ben, PARKING)
    async with town.running(), town.seat() as seat:
        asked = await seat.say(town.help.id, CARD_QUESTION)
        reply = await seat.reply(asked)
        (live,) = await town.logged()
        await town.read()
        rows = {question.message_id: question for question in await town.logged()}
        assert len(rows) == len(await town.logged()) == 2
        assert values(rows[asked.id]) == values(live)
        assert live.reply_id == reply.id
        assert (await seat.reply(await seat.say(town.lounge.id, f"{town.mention} {CARD_QUESTION}"))).content


@pytest.fixture(scope="module")
def working() -> Iterator[Working]:
    one = Working("tests.e2e.import_when_told")
    yield one
    one.close()


async def test_whenever_it_is_killed_the_next_run_comes_to_the_same(town: Archive, working: Working) -> None:
    chance = random.Random(3)  # noqa: S311 - nothing to keep secret
    bot, people = town.application.user, (town.ann, town.ben)
    forum = town.guild.add_forum("questions")
    thread = town.write.thread(town.help, "talk", town.ann)
    for number in range(700):
        channel = chance.choice((town.help, town.help, town.lounge, thread))
        text = chance.choice((PARKING, DOG, CARD_QUESTION, CHAT))
        said = town.write.say(channel, chance.choice(people), f"{text} {number}")
        if number % 9 == 0:
            town.write.say(channel, bot, "So it is.", to=said)
        if number % 90 == 0:
            town.write.archive(town.write.post(forum, f"Post {number}", town.ann, text))
    channels = [town.help.id, town.lounge.id, forum.id]
    job = json.dumps(
        {
            "config": town.config().as_mapping(),
            "token": bot.token,
            "guild": town.guild.id,
            "channels": channels,
            "rest_url": town.sandbox.rest_url,
        }
    )
    left, killed = 0, asyncio.Event()

    def kill(exchange: RestExchange) -> None:
        nonlocal left
        left -= exchange.template == HISTORY
        if left == 0 and not killed.is_set():
            # The page before is being logged at this moment. A moment more or less, that nobody can foresee.
            for _ in range(chance.randrange(3_000_000)):
                pass
            working.kill()
            killed.set()

    town.sandbox.observers.append(kill)
    grown = list[int]()
    for _ in range(4):
        left = chance.randrange(2, 5)
        killed.clear()
        working.start(job, 0)
        await asyncio.wait_for(killed.wait(), 60)
        assert not [*working.read_rest()]
        grown.append(len(await town.logged()))
    town.sandbox.observers.remove(kill)
    assert grown == sorted(grown)
    assert grown[-1] > grown[0]
    last = await town.read(*channels)
    disturbed = await town.logged()
    assert 0 < last.tally.logged < len(disturbed)
    assert (await town.read(*channels)).tally == Tally()
    async with open_sqlite(town.config().store.path) as store:
        assert await store.find_damage() == []
    town.settings["store"] |= {"path": str(town.folder / "undisturbed.sqlite3")}
    await town.read(*channels)
    expected = await town.logged()
    assert len(expected) > 400
    assert sum(question.replied for question in expected) > 50
    assert list(map(values, disturbed)) == list(map(values, expected))


async def show_report(town: Archive) -> str:
    """Let four similar questions be asked in the past, read it, and give the report that an admin asks for then."""
    town.settings["report"] = {"channel": town.lounge.id, "hour": 7, "time_zone": "UTC"}
    asked = ("where can I park my car", "where do I park my car?", "where can I park the car", "where to park my car?")
    thread = town.write.thread(town.help, "arrival", town.ann)
    for number, text in enumerate((*asked, "is there a cloakroom?")):
        town.write.say(thread if number % 2 else town.help, (town.ann, town.ben)[number // 2 % 2], text)
    await town.read()
    async with town.running(), town.seat(town.guild.owner) as olga:
        said = await olga.response(await olga.slash(town.lounge.id, "report", {}, sub="now"))
        message_id = int((said.content or "").rpartition("/")[2])
        return text_of(next(each for each in olga.messages if each.id == message_id))


async def test_the_first_report_shows_what_was_asked_before_the_bot_came(town: Archive) -> None:
    report = await show_report(town)
    assert "**5 questions** in 7 days, 0 % answered" in report
    assert "**1 repeated topic** to look at" in report
    assert "asked 4 times by 2 people" in report


@pytest.mark.model
async def test_and_so_does_it_with_the_real_model(model: Embedder, town: Archive) -> None:
    town.embedder = model
    report = await show_report(town)
    assert "**5 questions** in 7 days, 0 % answered" in report
    assert "asked 4 times by 2 people" in report
