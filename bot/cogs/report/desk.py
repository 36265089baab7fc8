"""Reports as Discord shows them: what they say is read anew each time, so that what was deleted is never shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...core.reports import TopicKind
from ...services import leave_out_deleted
from ...services.report_lists import to_csv, to_json
from . import texts
from .rendering import KINDS, render_deleted, render_report, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...app import App
    from ...core.reports import Asked, Posting, Report, Topic
    from ...plots import ReportWords
    from ..rendering import Reply
    from ..speech import Speech


@dataclass(frozen=True, slots=True)
class Opened:
    """A report with what it is about, as it is now.

    Attributes:
        posting: Its life.
        report: What it says, without the questions that were deleted since.
        asked: The questions that are still there, by their rows.
        questions: The entries' questions, by their ids.
    """

    posting: Posting
    report: Report
    asked: Mapping[int, Asked]
    questions: Mapping[str, str]

    @property
    def is_deleted(self) -> bool:
        """Whether all questions of all its topics are gone."""
        return not self.report.topics and self.posting.report is not None and bool(self.posting.report.topics)

    def find(self, number: int) -> Topic | None:
        """Return a topic, None if all of its questions are gone."""
        found = next((topic for topic in self.report.topics if topic.number == number), None)
        return found if found and any(one in self.asked for one in found.question_ids) else None

    def title(self, topic: Topic) -> str:
        """Return the question that stands for a topic."""
        return title_of(topic, self.asked)

    def render(self, speech: Speech, page: int = 0) -> Reply:
        """Return a page of it, without its files."""
        if self.is_deleted:
            return render_deleted(self.posting, speech)
        return render_report(self.posting, self.report, self.asked, self.questions, speech, page=page)


class ReportDesk:
    """Opens reports.

    Args:
        app: The opened Faqtotum.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def find(self, posting_id: int, guild_id: int) -> Opened | None:
        """Return a report of a server, None if it has none of that number."""
        posting = await self._app.reports.find_posting(posting_id)
        if posting is None or posting.guild_id != guild_id or posting.report is None:
            return None
        return await self.open(posting, posting.report)

    async def open(self, posting: Posting, report: Report) -> Opened:
        """Return a report with what it is about."""
        ids = {one for topic in report.topics for one in topic.question_ids}
        asked = {one.id: one for one in await self._app.reports.find_asked(ids)}
        listing = self._app.knowledge.current.listing_of(report.guild_id)
        questions = {listed.entry.id: listed.entry.question for listed in listing}
        return Opened(posting, leave_out_deleted(report, asked), asked, questions)

    async def has_lost(self, opened: Opened) -> bool:
        """Return whether questions of a report were deleted since it was opened; then it is stale.

        To be asked by who has shown it as it was: whoever shows it anew because of the deletion may have been faster.
        """
        left = await self._app.reports.find_asked(opened.asked)
        if len(left) == len(opened.asked):
            return False
        await self._app.refresher.mark(opened.posting.id)
        return True

    async def render_whole(self, opened: Opened, speech: Speech) -> Reply:
        """Return the first page of a report with its files, the picture and the lists, if there is anything to show."""
        reply = opened.render(speech)
        if opened.is_deleted:
            return reply
        files = await asyncio.to_thread(_draw_files, opened, _say_words(speech))
        return replace(reply, files=files)


def _draw_files(opened: Opened, words: ReportWords) -> tuple[tuple[str, bytes], ...]:
    # Drawing costs a second and some 40 MB when it is first imported, which nobody pays who wants no report.
    from ...plots import plot_report  # noqa: PLC0415

    titles = {topic.number: opened.title(topic) for topic in opened.report.topics}
    asked = list(opened.asked.values())
    files = [("report.png", plot_report(opened.report, titles, words))]
    if asked:
        files += [
            ("questions.csv", to_csv(opened.report, asked, titles)),
            ("questions.json", to_json(opened.report, asked, titles)),
        ]
    return tuple(files)


def _say_words(speech: Speech) -> ReportWords:
    from ...plots import ReportWords  # noqa: PLC0415 - as above

    return ReportWords(
        title=speech.say(texts.TITLE),
        kinds={kind: speech.say(KINDS[kind]) for kind in TopicKind},
        questions=speech.say(texts.PICTURE_QUESTIONS),
        askers=speech.say(texts.PICTURE_ASKERS),
        answered=speech.say(texts.PICTURE_ANSWERED),
        more=speech.read(texts.PICTURE_MORE),
        nothing=speech.say(texts.PICTURE_NOTHING),
        date=speech.read(texts.PICTURE_DATE),
        weekdays=tuple(speech.say(texts.WEEKDAYS).split()),
        months=tuple(speech.say(texts.MONTHS).split()),
    )
