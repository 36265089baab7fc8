"""What a report says of a week of questions: tight topics of several askers, ranked, with what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot import mining
from bot.core.reports import Ignored, Report, Topic, TopicKind
from bot.core.types import Answer, Entry, Query, VerdictName
from bot.services import Answerer, Budgets, GuildRules, Knowledge, Miner, Renewer, Reporter, Rules, reporting
from tests.fakes.clock import FrozenClock
from tests.fakes.members import MemoryMembers
from tests.fakes.reports import MemoryReports
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder
from tests.stores.records import make_question

GUILD = 10
BERLIN = ZoneInfo("Europe/Berlin")
UNTIL = datetime(2026, 5, 11, 5, tzinfo=UTC)
DAY = date(2026, 5, 11)
CARD = Entry("card", "How do I replace my card?", "Like this.")
PETS = Entry("pets", "Are pets allowed?", "No.")
NEAR, FAR = 90.0, 270.0
"""Where nothing of the FAQ is: the card is at 0, and the pets are opposite."""


class Week:
    """A server's log, and who reports of it."""

    def __init__(self) -> None:
        self.clock, self.store, self.embedder = FrozenClock(UNTIL), MemoryStore(), TableEmbedder()
        self.embedder.degrees = {CARD.question: 0.0}
        self.knowledge = Knowledge(ListSource(CARD, PETS), self.embedder, self.store, self.clock)
        self.reports = MemoryReports(self.store)
        rules = Rules(GuildRules(Budgets(0.02, 0.05), channel_seconds=10, repeat_seconds=60, log_questions=True))
        self.answerer = Answerer(self.knowledge, self.embedder, self.store, self.clock, rules, b"k" * 32)
        miner, renewer = Miner(self.reports, self.embedder), Renewer(self.reports, self.embedder)
        self.reporter = Reporter(self.knowledge, self.answerer, miner, self.reports, renewer)

    async def ask(
        self,
        angle: float,
        *,
        hours: float = 1,
        author: int = 1,
        entry: str | None = None,
        channel: int = 20,
        addressed: bool = False,
        spelling: int = 0,
        rest: str = "",
    ) -> int:
        """Log a question; one with an entry was answered from it."""
        text = f"question at {angle}{rest}" + "?" * spelling
        self.embedder.degrees[f"question at {angle}{rest}?"] = angle
        row = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32)
        number = await self.store.add_question(
            replace(
                make_question(text, guild_id=GUILD),
                asked_at=UNTIL - timedelta(hours=hours),
                author_hash=bytes([author]) * 32,
                channel_id=channel,
                message_id=900 + len(self.store.questions),
                embedding=row,
                model_id="table",
                addressed=addressed,
                replied=entry is not None,
                verdict=VerdictName.ANSWER if entry else VerdictName.NO_MATCH,
                entry_id=entry or "pets",
            )
        )
        assert number
        return number

    async def find_doubtful(self) -> float:
        """Return an angle to the card at which only who asks is answered."""
        for angle in map(float, range(20, 90)):
            text = f"question at {angle}"
            self.embedder.degrees[f"{text}?"] = angle
            queries = [Query(text, guild_id=GUILD, addressed=addressed, private=True) for addressed in (True, False)]
            verdicts = [(await self.answerer.answer(query)).verdict for query in queries]
            if [isinstance(verdict, Answer) for verdict in verdicts] == [True, False]:
                return angle
        raise AssertionError("no angle is doubtful")

    async def build(self, days: int = reporting.DAYS) -> Report:
        return await self.reporter.build(GUILD, DAY, UNTIL, BERLIN, days=days)


@pytest.fixture
async def week() -> Week:
    built = Week()
    await built.knowledge.reload()
    return built


def kinds(report: Report) -> list[tuple[TopicKind, int]]:
    return [(topic.kind, len(topic.question_ids)) for topic in report.topics]


async def test_a_week_without_questions_has_a_report_too(week: Week) -> None:
    report = await week.build()
    assert (report.questions, report.answered, report.askers, report.topics) == (0, 0, 0, ())
    assert (report.since, report.until) == (UNTIL - timedelta(days=7), UNTIL)
    # 7 o'clock to 7 o'clock in Berlin touches eight days.
    assert report.by_day == tuple((date(2026, 5, day), 0, 0) for day in range(4, 12))


async def test_what_nothing_answers_is_a_topic_with_its_questions(week: Week) -> None:
    ids = [await week.ask(NEAR + step, hours=10 - step, author=step + 1) for step in (0, 1, 2)]
    report = await week.build()
    assert report.topics == (
        Topic(
            number=1,
            kind=TopicKind.NO_ENTRY,
            question_ids=tuple(ids),
            medoid_id=ids[1],
            entry_id=None,
            other_entry_id=None,
            askers=3,
            before=0,
            answered=0,
        ),
    )
    assert (report.questions, report.answered, report.askers) == (3, 0, 3)


async def test_two_questions_are_no_topic_and_neither_is_one_who_repeats_himself(week: Week) -> None:
    for author in (1, 2):
        await week.ask(NEAR, author=author)
    for _ in range(9):
        await week.ask(FAR, author=3)
    assert (await week.build()).topics == ()


async def test_questions_that_say_the_same_count_each(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author, spelling=author)
    assert kinds(await week.build()) == [(TopicKind.NO_ENTRY, 3)]


async def test_unlike_questions_are_not_chained_along_a_path(week: Week) -> None:
    for number, angle in enumerate(range(80, 280, 4)):
        await week.ask(float(angle), author=number % 5 + 1)
    report = await week.build()
    spans = []
    for topic in report.topics:
        angles = [float(one.text.split()[-1]) for one in await week.reports.find_asked(topic.question_ids)]
        spans.append(max(angles) - min(angles))
    assert report.topics
    assert max(spans) < 60


async def test_topics_are_ranked_by_what_acting_would_save(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(0, author=author, entry="card", hours=author * 5)
    for author in (1, 2, 3):
        await week.ask(FAR, author=author, hours=author * 5)
    for author in (1, 2, 3, 4):
        await week.ask(NEAR, author=author, hours=author * 5)
    assert kinds(await week.build()) == [
        (TopicKind.NO_ENTRY, 4),
        (TopicKind.NO_ENTRY, 3),
        (TopicKind.ANSWERED, 3),
    ]
    assert [topic.number for topic in (await week.build()).topics] == [1, 2, 3]


async def test_what_the_faq_answers_by_now_needs_nothing(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(1.0, author=author, addressed=True, hours=author)
    report = await week.build()
    assert kinds(report) == [(TopicKind.ANSWERED, 3)]
    assert report.topics[0].entry_id == "card"
    assert report.answered == 0


async def test_overheard_questions_are_judged_as_overheard(week: Week) -> None:
    angle = await week.find_doubtful()
    for author in (1, 2, 3):
        await week.ask(angle, author=author, hours=author)
    overheard = (await week.build()).topics[0].kind
    for author in (1, 2, 3, 4):
        await week.ask(angle, author=author, hours=author, addressed=True)
    addressed = (await week.build()).topics[0].kind
    assert (overheard, addressed) == (TopicKind.MISSED_PHRASING, TopicKind.ANSWERED)


async def test_the_time_before_is_compared_and_not_shown(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author)
    await week.ask(NEAR, hours=24 * 8)
    await week.ask(NEAR + 1, hours=24 * 9)  # alike, never asked this week
    await week.ask(FAR, hours=24 * 9)
    await week.ask(NEAR, hours=24 * 15)
    report = await week.build()
    assert report.questions == 3
    assert [topic.before for topic in report.topics] == [2]


async def test_pairs_of_a_lower_threshold_than_todays_count_for_nothing(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author)
    await week.ask(NEAR + 50, hours=200)
    await week.ask(NEAR + 40, hours=200)
    # The FAQ was another one: cos 50° is 0.64, cos 40° is 0.77.
    await Miner(week.reports, week.embedder).mine(GUILD, 0.6)
    assert [topic.before for topic in (await week.build()).topics] == [1]


async def test_the_time_can_be_longer(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author, hours=24 * 20)
    assert (await week.build()).topics == ()
    report = await week.build(days=30)
    assert kinds(report) == [(TopicKind.NO_ENTRY, 3)]
    assert len(report.by_day) == 31


async def test_questions_are_counted_by_the_servers_days(week: Week) -> None:
    await week.ask(NEAR, hours=6.5, entry="card")  # half past ten in the evening by UTC, half past midnight in Berlin
    await week.ask(FAR, hours=7.5)
    await week.ask(FAR, hours=8)
    report = await week.build()
    by_day = {day.day: (questions, answered) for day, questions, answered in report.by_day}
    assert (by_day[9], by_day[10], by_day[11]) == ((0, 0), (2, 0), (1, 1))
    assert report.answered == 1


async def test_what_is_to_be_ignored_stays_away_with_everything_close_to_it(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author)
        await week.ask(FAR, author=author)
    assert len((await week.build()).topics) == 2
    row = np.array([np.cos(np.radians(NEAR + 3)), np.sin(np.radians(NEAR + 3))], dtype=np.float32)
    ignored = Ignored(0, f"question at {NEAR}", row, "table", 5, UNTIL)
    assert await week.reports.ignore(GUILD, ignored)
    report = await week.build()
    [topic] = report.topics
    assert {one.text for one in await week.reports.find_asked(topic.question_ids)} == {f"question at {FAR}"}


async def test_what_is_ignored_stays_so_with_another_model(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author)
    row = np.array([np.cos(np.radians(NEAR)), np.sin(np.radians(NEAR))], dtype=np.float32)
    assert len((await week.build()).topics) == 1
    # Where the other model placed it says nothing, not even where that looks the same.
    assert await week.reports.ignore(GUILD, Ignored(0, f"question at {NEAR}", -row, "other", 5, UNTIL))
    assert len((await week.build()).topics) == 0
    [ignored] = await week.reports.read_ignored(GUILD)
    assert ignored.model_id == "table"
    assert ignored.embedding.tolist() == pytest.approx(row.tolist(), abs=1e-6)


@pytest.mark.parametrize(("most", "divided"), [(9, 5), (4, 4)])
async def test_of_many_texts_those_with_a_like_and_the_repeated_are_divided(
    week: Week, monkeypatch: pytest.MonkeyPatch, most: int, divided: int
) -> None:
    monkeypatch.setattr(reporting, "ALL_TEXTS", 3)
    monkeypatch.setattr(reporting, "MOST_TEXTS", most)
    seen = list[int]()

    def find_clusters(embeddings: np.ndarray, **more: object) -> object:
        seen.append(len(embeddings))
        return mining.find_clusters(embeddings, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reporting, "find_clusters", find_clusters)
    for author in (1, 2, 3, 4):
        await week.ask(NEAR + author, author=author)
    for angle in (150, 210, 270, 330, 150):
        await week.ask(angle)
    # Alike, but not of this week.
    await week.ask(211, hours=24 * 10)
    report = await week.build()
    assert seen == [divided]
    # What was asked twice comes first, so that of four texts three are left of the topic.
    assert kinds(report) == [(TopicKind.NO_ENTRY, divided - 1)]


async def test_no_topic_is_lost_where_there_are_many(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    for angle in (40, 110, 180, 250, 320):
        for author in (1, 2, 3):
            await week.ask(angle + author, author=author)
    expected = await week.build()
    monkeypatch.setattr(reporting, "ALL_TEXTS", 5)
    assert len(expected.topics) == 5
    assert await week.build() == expected


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_a_history_of_hardly_a_question_has_no_topic(week: Week, count: int) -> None:
    for author in range(count):
        await week.ask(NEAR, author=author)
    report = await week.build()
    assert (report.questions, report.askers, report.topics) == (count, count, ())


async def test_what_everybody_asks_in_the_same_words_is_one_topic(week: Week) -> None:
    for author in range(40):
        await week.ask(NEAR, author=author, hours=1 + author)
    report = await week.build()
    assert kinds(report) == [(TopicKind.NO_ENTRY, 40)]
    assert report.topics[0].askers == 40


async def test_questions_that_have_nothing_in_common_are_no_topic(week: Week) -> None:
    for number, angle in enumerate(range(30, 360, 45)):
        await week.ask(angle, author=number)
    report = await week.build()
    assert (report.questions, report.topics) == (8, ())


async def test_one_who_repeats_himself_makes_no_topic_and_counts_once_in_one(week: Week) -> None:
    for hour in range(30):
        await week.ask(NEAR, author=1, hours=1 + hour)
    assert (await week.build()).topics == ()
    await week.ask(NEAR, author=2)
    report = await week.build()
    assert kinds(report) == [(TopicKind.NO_ENTRY, 31)]
    assert (report.askers, report.topics[0].askers) == (2, 2)


async def test_pastes_of_4000_characters_are_questions_like_others(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR + author, author=author, rest=" and so on" * 400)
    report = await week.build()
    assert kinds(report) == [(TopicKind.NO_ENTRY, 3)]
    [asked, *_] = await week.reports.find_asked(report.topics[0].question_ids)
    assert len(asked.text) > 4000


async def test_a_question_that_was_deleted_is_in_no_report(week: Week) -> None:
    for author in (1, 2, 3):
        await week.ask(NEAR, author=author)
    assert (await week.build()).questions == 3
    await MemoryMembers(week.store).forget_messages([900])
    report = await week.build()
    assert (report.questions, report.topics) == (2, ())
