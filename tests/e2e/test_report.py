"""A week of questions, a night passes, one report; and each of its buttons does what it says."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bot.core.errors import StoreUnavailableError
from bot.core.privacy import author_hash
from bot.core.reports import Deed, Done, Ignored
from bot.core.text import as_question
from bot.core.types import QuestionRecord, VerdictName
from bot.sandbox import Permission
from bot.services import Nightly
from tests.e2e.conftest import PATIENCE_SECONDS, ROOT, Town
from tests.e2e.office import SMALL, Office, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    import pytest

    from bot.app import App
    from bot.sandbox import Seat, SeenMessage
    from bot.services import Board

T = TypeVar("T")
DOGS = ("can I bring my dog", "are dogs allowed at the meetup", "is it ok to bring a dog to the meetup?")
PARKING = ("where can I park my car", "is there parking near the venue", "where is the parking lot?", "where to park?")
LOST = ("my medicare card is gone what now", "my medicare card got lost, what do I do", "i lost the medicare card!!")


@dataclass
class Reading:
    """A server that wants its report in a channel, and the seat of its owner."""

    town: Town
    app: App
    olga: Seat
    office: Office

    async def log(
        self, texts: Sequence[str], *, entry: str | None = None, hours: float = 30, guild_id: int | None = None
    ) -> None:
        """Have several people ask something, some time ago."""
        embeddings = await self.town.embedder.embed_queries([as_question(text) for text in texts])
        for number, (text, embedding) in enumerate(zip(texts, embeddings, strict=True)):
            await self.app.store.add_question(
                QuestionRecord(
                    asked_at=self.town.clock.now() - timedelta(hours=hours - number),
                    guild_id=guild_id or self.town.guild.id,
                    channel_id=self.town.help.id,
                    message_id=None,
                    reply_id=None,
                    author_hash=author_hash(b"k" * 32, number),
                    text=text,
                    embedding=np.asarray(embedding),
                    model_id=self.town.embedder.model_id,
                    addressed=False,
                    replied=entry is not None,
                    verdict=VerdictName.ANSWER if entry else VerdictName.NO_MATCH,
                    entry_id=entry,
                    similarity=0.5,
                    latency=0.1,
                )
            )

    async def now(self) -> SeenMessage:
        """Ask for a report; give its message."""
        used = await self.olga.slash(self.town.lounge.id, "report", {}, sub="now")
        said = await self.olga.response(used)
        message_id = int((said.content or "").rpartition("/")[2])
        return next(each for each in self.olga.messages if each.id == message_id)

    async def press(self, report: SeenMessage, label: str) -> SeenMessage:
        """Press a button of a report; give the private message that answers."""
        return await self.olga.response(await self.olga.press(report, label))

    async def changed(self, report: SeenMessage, words: str) -> SeenMessage:
        """Wait until a report says something."""
        return await self.olga.until(lambda each: each.id == report.id and words in text_of(each))


@asynccontextmanager
async def reading(town: Town, **settings: Any) -> AsyncIterator[Reading]:  # noqa: ANN401 - of the configuration
    town.settings = {
        "faq": {"files": [str(ROOT / "faq_data" / name) for name in SMALL]},
        "report": {"channel": town.lounge.id, "hour": 7, "time_zone": "UTC"},
        **settings,
    }
    async with town.running() as app, town.seat(town.guild.owner) as olga:
        yield Reading(town, app, olga, Office(town, olga))


def labels(message: SeenMessage) -> list[str]:
    return [item["label"] for row in message.raw["components"] for item in row["components"] if item.get("label")]


async def test_what_keeps_coming_back_is_reported_with_picture_lists_and_buttons(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        await desk.log(PARKING, hours=50)
        await desk.log(("lonely question about the weather in Rome",))
        report = await desk.now()
        head, first, second = report.embeds
        assert head["title"] == "Questions that keep coming back"
        assert "**8 questions** in 7 days, 0 % answered" in head["description"]
        assert "**2 repeated topics** to look at" in head["description"]
        assert first["title"] == "1 · no entry yet"
        assert "asked 4 times by 4 people" in first["description"]
        assert "asked 3 times by 3 people" in second["description"]
        assert [file["filename"] for file in report.raw["attachments"]] == [
            "report.png",
            "questions.csv",
            "questions.json",
        ]
        assert (await desk.olga.download(report.raw["attachments"][0]))[:4] == b"\x89PNG"
        listed = (await desk.olga.download(report.raw["attachments"][1])).decode("utf-8-sig")
        assert all(text in listed for text in (*DOGS, *PARKING))
        assert "Rome" not in listed
        assert labels(report)[:4] == [
            "1 · Create an entry",
            "1 · Add as a phrasing",
            "1 · Ignore for good",
            "1 · Show all",
        ]


async def test_an_entry_is_made_of_a_topic_and_the_report_says_by_whom(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        report = await desk.now()
        used = await desk.olga.press(report, "1 · Create an entry")
        assert used.modal
        preview = await desk.olga.response(
            await desk.olga.submit_modal(used.modal, {"answer": "Dogs are welcome on a leash."})
        )
        await desk.office.press(preview, "Save")
        changed = await desk.changed(report, "made an entry of it")
        assert f"<@{town.guild.owner.id}>" in text_of(changed)
        assert labels(changed) == ["1 · Show all"]
        assert len(changed.raw["attachments"]) == 3
        outcome = await desk.app.ask("can I bring my dog?", guild_id=town.guild.id)
        assert outcome.hits[0].entry.answer == "Dogs are welcome on a leash."


async def test_a_topic_becomes_a_phrasing_after_a_restart_too(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        report = await desk.now()
    async with reading(town) as desk:
        choice = await desk.press(report, "1 · Add as a phrasing")
        [best, *_] = choice.raw["components"][0]["components"][0]["options"]
        await desk.olga.select(choice, [best["value"]])
        preview = await desk.olga.until(lambda each: each.id == choice.id and "Save" in labels(each))
        await desk.office.press(preview, "Save")
        await desk.changed(report, "added it as a phrasing")
        posting = await desk.app.reports.find_posting(1)
        assert posting
        assert posting.done[1].by == town.guild.owner.id


async def test_what_is_ignored_stays_away_until_it_is_taken_back(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        await desk.log(PARKING)
        report = await desk.now()
        said = await desk.press(report, "1 · Ignore for good")
        assert "🔕" in (said.content or "")
        await desk.changed(report, "wants it ignored for good")
        again = await desk.now()
        assert len(again.embeds) == 2
        listed = await desk.olga.response(await desk.olga.slash(town.lounge.id, "report", {}, sub="ignored"))
        assert "park" in text_of(listed)
        shown = await desk.office.press(listed, "Show 1 again")
        assert "Nothing is ignored." in text_of(shown)
        assert len((await desk.now()).embeds) == 3


async def test_what_was_done_is_shown_although_the_connection_is_lost_over_it(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(PARKING)
        report = await desk.now()
        town.sandbox.faults.drop("PATCH", "/channels/{channel_id}/messages/{message_id}")
        assert "🔕" in text_of(await desk.press(report, "1 · Ignore for good"))
    # The next look does it.
    async with reading(town) as desk:
        await desk.changed(report, "wants it ignored for good")


async def test_what_another_model_embedded_can_be_ignored_before_it_is_embedded_again(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(PARKING)
        report = await desk.now()
        posting = await desk.app.reports.find_posting(1)
        assert posting
        assert posting.report
        # As after a start with another model: to embed all questions again takes a while.
        earlier = dict.fromkeys(posting.report.topics[0].question_ids, np.ones(3, np.float32))
        await desk.app.reports.replace_embeddings("earlier", earlier)
        assert "🔕" in text_of(await desk.press(report, "1 · Ignore for good"))
        await desk.log(DOGS)
        again = text_of(await desk.now())
        assert "dog" in again
        assert "park" not in again


async def test_whoever_leafs_through_what_is_ignored_stays_on_the_page(town: Town) -> None:
    async with reading(town) as desk:
        questions = [f"question {number}" for number in range(25)]
        # Nothing is kept of what no report has seen.
        await desk.log(questions)
        await desk.now()
        embedding = np.zeros(town.embedder.dim, np.float32)
        for question in questions:
            one = Ignored(0, question, embedding, town.embedder.model_id, town.guild.owner.id, town.clock.now())
            await desk.app.reports.ignore(town.guild.id, one)
        listed = await desk.olga.response(await desk.olga.slash(town.lounge.id, "report", {}, sub="ignored"))
        assert "question 24" in text_of(listed)
        assert "question 3 " not in text_of(listed)
        second = await desk.office.press(listed, "Next")
        assert "question 3 " in text_of(second)
        shown = await desk.office.press(second, "Show 22 again")
        assert "question 3 " not in text_of(shown)
        assert "question 2 " in text_of(shown)
        assert "question 24" not in text_of(shown)
        assert "question 24" in text_of(await desk.office.press(shown, "Previous"))


async def test_all_questions_of_a_topic_are_shown(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(PARKING)
        shown = await desk.press(await desk.now(), "1 · Show all")
        assert shown.ephemeral
        assert all(text in text_of(shown) for text in ("where can I park my car", "where to park?"))
        [file] = shown.raw["attachments"]
        assert file["filename"] == "questions.csv"


async def test_what_somebody_else_has_done_meanwhile_is_not_done_twice(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        report = await desk.now()
        done = Done(Deed.IGNORED, town.ann.id, town.clock.now(), None)
        assert await desk.app.reports.note_done(1, 1, done)
        for label in ("1 · Ignore for good", "1 · Create an entry", "1 · Add as a phrasing"):
            said = await desk.press(report, label)
            assert f"<@{town.ann.id}> has acted on that already" in text_of(said)
        assert await desk.app.reports.read_ignored(town.guild.id) == []
        assert "Show all" not in text_of(await desk.press(report, "1 · Show all"))


async def test_members_can_neither_ask_for_a_report_nor_act_on_one(town: Town) -> None:
    # Whoever calls a command by hand, and is shown what Discord hides from members.
    town.guild.open_commands.add("report")
    async with reading(town) as desk, town.seat() as ann:
        await desk.log(DOGS)
        report = await desk.now()
        for sub in ("now", "schedule", "ignored"):
            said = await ann.response(await ann.slash(town.lounge.id, "report", {}, sub=sub))
            assert said.ephemeral
            assert "may manage this server" in (said.content or "")
        for label in ("1 · Create an entry", "1 · Add as a phrasing", "1 · Ignore for good", "1 · Show all"):
            said = await ann.response(await ann.press(report, label))
            assert said.ephemeral
            assert "may manage this server" in (said.content or "")
        posting = await desk.app.reports.find_posting(1)
        assert posting
        assert posting.done == {}


async def test_questions_that_were_deleted_are_gone_from_the_report(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        report = await desk.now()
        for number in range(3):
            await desk.app.store.members.forget_author(author_hash(b"k" * 32, number), town.clock.now())  # type: ignore[attr-defined]
        said = await desk.press(report, "1 · Show all")
        assert "all of them were deleted" in text_of(said)


async def test_a_night_passes_and_one_report_appears(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        town.clock.advance(timedelta(hours=20).total_seconds())
    async with reading(town) as desk:
        report = await desk.olga.until(lambda each: bool(each.embeds) and "keep coming back" in text_of(each))
        assert report.channel_id == town.lounge.id
        assert "no entry yet" in text_of(report)
    async with reading(town) as desk:
        schedule = await desk.olga.response(await desk.olga.slash(town.lounge.id, "report", {}, sub="schedule"))
        assert f"<#{town.lounge.id}>" in (schedule.content or "")
        assert [each for each in desk.olga.messages if "keep coming back" in text_of(each)] == []


async def test_whoever_puts_the_hour_off_is_told_when_the_next_report_really_comes(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        town.clock.advance(timedelta(hours=20).total_seconds())
    async with reading(town) as desk:
        await desk.olga.until(lambda each: bool(each.embeds) and "keep coming back" in text_of(each))
    # Today's report is there already, so that none comes at the new hour.
    now = town.clock.now()
    later = {"channel": town.lounge.id, "hour": now.hour + 2, "time_zone": "UTC"}
    async with reading(town, report=later) as desk:
        schedule = await desk.olga.response(await desk.olga.slash(town.lounge.id, "report", {}, sub="schedule"))
        coming = now.replace(hour=now.hour + 2, minute=0, second=0, microsecond=0) + timedelta(days=1)
        assert f"<t:{int(coming.timestamp())}:F>" in (schedule.content or "")


async def test_many_topics_are_leafed_through(town: Town) -> None:
    subjects = ("wifi password", "lunch menu", "train tickets", "hotel rooms", "museum hours", "swimming pool")
    async with reading(town) as desk:
        for number, subject in enumerate(subjects):
            await desk.log(
                (f"what about the {subject}", f"tell me about the {subject}", f"anything on the {subject}?"),
                hours=20 + number,
            )
        report = await desk.now()
        shown = [embed["title"] for embed in report.embeds[1:]]
        assert len(shown) == 4
        before = report.raw
        await desk.olga.press(report, "Next")
        second = await desk.olga.until(lambda each: each.id == report.id and each.raw != before)
        assert [embed["title"].split(" ")[0] for embed in second.embeds[1:]] == ["5", "6"]
        assert len(second.raw["attachments"]) == 3
        await desk.olga.press(second, "Previous")
        first = await desk.olga.until(lambda each: each.id == report.id and len(each.embeds) == 5)
        assert [embed["title"] for embed in first.embeds[1:]] == shown


async def test_what_two_admins_press_at_the_same_time_is_done_once(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        report = await desk.now()
        await asyncio.gather(*(desk.press(report, "1 · Ignore for good") for _ in range(2)))
        assert len(await desk.app.reports.read_ignored(town.guild.id)) == 1
        posting = await desk.app.reports.find_posting(1)
        assert posting
        assert [(number, done.deed) for number, done in posting.done.items()] == [(1, Deed.IGNORED)]


async def test_members_can_merge_nothing(town: Town) -> None:
    async with reading(town) as desk, town.seat() as ann:
        await desk.log(LOST[:2], entry="replacement-card")
        await desk.log(LOST[2:], entry="sign-up")
        report = await desk.now()
        said = await ann.response(await ann.press(report, "1 · Merge"))
        assert "may manage this server" in (said.content or "")
        assert all(listed.entry.enabled for listed in desk.app.knowledge.current.listing_of(town.guild.id))


async def test_a_german_server_reads_german(town: Town) -> None:
    async with reading(town, replies={"language": "de"}) as desk:
        await desk.log(DOGS)
        report = await desk.now()
        assert report.embeds[0]["title"] == "Fragen, die immer wiederkehren"
        assert report.embeds[1]["title"] == "1 · noch kein Eintrag"


async def test_a_german_server_reads_in_german_why_there_is_no_report(town: Town) -> None:
    town.guild.set_overwrite(town.lounge, town.application.user, deny=Permission.READ_MESSAGE_HISTORY)
    async with reading(town, replies={"language": "de"}) as desk:
        said = await desk.olga.response(await desk.olga.slash(town.help.id, "report", {}, sub="now"))
        assert f"dem Bot fehlt im Kanal {town.lounge.id} die Berechtigung" in text_of(said)


async def test_entries_that_collide_are_merged(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(LOST[:2], entry="replacement-card")
        await desk.log(LOST[2:], entry="sign-up")
        report = await desk.now()
        assert "colliding entries" in text_of(report)
        preview = await desk.press(report, "1 · Merge")
        await desk.office.press(preview, "Save")
        await desk.changed(report, "merged the entries")
        listing = desk.app.knowledge.current.listing_of(town.guild.id)
        states = {listed.entry.id: listed.entry.enabled for listed in listing}
        assert sorted((states["replacement-card"], states["sign-up"])) == [False, True]


async def test_what_staff_answered_is_offered_as_the_answer(town: Town) -> None:
    async with reading(town) as desk, town.seat() as ann, town.seat(town.ben) as ben:
        for seat, text in ((ann, DOGS[0]), (ben, DOGS[1]), (desk.olga, DOGS[2])):
            asked = await seat.say(town.help.id, f"{text}?")
        await ann.say(town.help.id, "no idea")
        await desk.olga.say(town.help.id, "Yes, on a leash.", reply_to=asked)
        # Whoever is answered after them finds all of them logged.
        await ann.reply(await ann.say(town.help.id, f"{town.mention} hello there"))
        town.clock.advance(1)
        report = await desk.now()
        used = await desk.olga.press(report, "1 · Create an entry")
        assert used.modal
        assert "Yes, on a leash." in str(used.modal)


async def until(desk: Reading, find: Callable[[], Awaitable[T | None]]) -> T:
    """Wait until something is found, and return it. The bot goes on with its work while it answers the asking.

    Raises:
        TimeoutError: It is not to be found.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await find()):
            await desk.olga.response(await desk.olga.slash(desk.town.help.id, "report", {}, sub="schedule"))
    return found


async def until_logged(desk: Reading, caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the log says something."""

    async def look() -> bool:
        return words in caplog.text

    await until(desk, look)


async def test_a_report_whose_poster_died_is_not_posted_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(*_: object) -> bool:
        raise StoreUnavailableError("the process ends here")

    async with reading(town) as desk:
        await desk.log(DOGS)
    town.clock.advance(timedelta(hours=20).total_seconds())
    with monkeypatch.context() as patch:
        patch.setattr("bot.stores.reports.SqliteReports.finish_report", die)
        async with reading(town) as desk:
            posted = await desk.olga.until(lambda each: "keep coming back" in text_of(each))
            assert await desk.app.reports.find_last_posting(town.guild.id) is None
    town.clock.advance(timedelta(hours=1).total_seconds())
    async with reading(town) as desk:
        posting = await until(desk, lambda: desk.app.reports.find_last_posting(desk.town.guild.id))
        assert posting.message_id == posted.id
        assert [each for each in desk.olga.messages if "keep coming back" in text_of(each)] == []


async def test_a_report_never_leaves_its_server(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rita = town.world.add_user("rita")
    other = town.world.add_guild("Next door", owner=rita)
    other.install(town.application)
    den = other.add_text_channel("den")
    looked, look = list[int](), Nightly.post_due

    async def look_and_say(nightly: Nightly, guild_id: int, board: Board) -> bool:
        posted = await look(nightly, guild_id, board)
        looked.append(guild_id)
        return posted

    monkeypatch.setattr(Nightly, "post_due", look_and_say)

    async def night_has_passed() -> bool:
        return {town.guild.id, other.id} <= set(looked)

    # The configuration names a channel of the first server, for all of them.
    async with reading(town) as desk, town.seat(rita) as boss:
        await until(desk, night_has_passed)
        await desk.log(DOGS, guild_id=other.id)
        said = await boss.response(await boss.slash(den.id, "report", {}, sub="schedule"))
        assert "No report comes" in (said.content or "")
        said = await boss.response(await boss.slash(den.id, "report", {}, sub="now"))
        assert f"/{other.id}/{den.id}/" in (said.content or "")
        [report] = [each for each in boss.messages if "keep coming back" in text_of(each)]
        assert "3 questions" in text_of(report)
    looked.clear()
    town.clock.advance(timedelta(hours=20).total_seconds())
    async with reading(town) as desk:
        await until(desk, night_has_passed)
        assert await desk.app.reports.find_last_posting(other.id) is None
    assert not town.lounge.messages
    assert "cannot be posted" not in caplog.text


async def test_a_channel_that_is_gone_is_told_once_in_the_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
    town.clock.advance(timedelta(hours=20).total_seconds())
    town.guild.remove_channel(town.lounge)
    async with reading(town) as desk:
        said = await desk.olga.response(await desk.olga.slash(town.help.id, "report", {}, sub="now"))
        assert "is gone or hidden" in text_of(said)
        await until_logged(desk, caplog, "the report of server")
    assert caplog.text.count(f"the channel {town.lounge.id} is gone or hidden from the bot") == 1
