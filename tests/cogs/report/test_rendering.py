"""Whatever a report says fits Discord, and every topic has its place on one of the pages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs import limits
from bot.cogs.report.buttons import ReportButton
from bot.cogs.report.rendering import (
    TOPICS_A_PAGE,
    page_of_ignored,
    render_ignored,
    render_report,
    shown_topics,
    title_of,
)
from bot.cogs.speech import ENGLISH, speech_in
from bot.core.reports import Deed, Done, Ignored, Posting, ReportState, TopicKind
from tests.services.made_reports import GUILD, LAST, NOON, made_question, made_report

if TYPE_CHECKING:
    from bot.cogs.rendering import Reply
    from bot.core.reports import Asked, Report

texts = st.one_of(st.text(min_size=1, max_size=20), st.integers(1, 4000).map(lambda length: "*" * length))
entries = st.dictionaries(st.sampled_from(["entry-1", "entry-2", "entry-3", "other"]), texts)


def posting(report: Report, done: dict[int, Done] | None = None) -> Posting:
    return Posting(2**53, GUILD, LAST, ReportState.POSTED, report, 1, 2, done or {})


def asked_of(report: Report, text: str = "How?") -> dict[int, Asked]:
    return {
        one: made_question(one, text, asker=f"asker {one % 3}") for topic in report.topics for one in topic.question_ids
    }


def render(report: Report, asked: dict[int, Asked], page: int = 0, **more: Any) -> Reply:  # noqa: ANN401 - what differs
    own = posting(report, more.get("done"))
    return render_report(own, report, asked, more.get("questions", {}), more.get("speech", ENGLISH), page=page)


def numbers_on(reply: Reply) -> list[int]:
    return [int(str(embed.title).split(" ")[0]) for embed in reply.embeds[1:]]


def assert_fits(reply: Reply) -> None:
    assert len(reply.embeds) <= limits.EMBEDS
    assert sum(map(len, reply.embeds)) <= limits.EMBED_TOTAL
    assert all(len(embed.title or "") <= limits.EMBED_TITLE for embed in reply.embeds)
    assert len(reply.buttons) <= limits.ROWS
    ids: list[str] = []
    for row in reply.buttons:
        assert len(row) <= limits.BUTTONS_A_ROW
        for item in row:
            assert isinstance(item, ReportButton)
            assert ReportButton.__discord_ui_compiled_template__.fullmatch(item.item.custom_id or "")
            assert 1 <= len(item.item.label or "") <= limits.BUTTON_LABEL
            ids.append(item.item.custom_id or "")
    assert len(set(ids)) == len(ids)


@given(st.lists(st.integers(0, 12), max_size=30), texts, entries, st.sampled_from(["en", "de"]), st.booleans())
def test_every_page_fits_and_every_topic_is_on_one(
    sizes: list[int],
    text: str,
    questions: dict[str, str],
    language: str,
    acted: bool,  # noqa: FBT001
) -> None:
    report = made_report(sizes)
    asked = asked_of(report, text)
    done = {topic.number: Done(Deed.MERGED, 2**62, NOON, 5) for topic in report.topics} if acted else {}
    seen: list[int] = []
    for page in range(len(sizes) // TOPICS_A_PAGE + 1):
        reply = render(report, asked, page, done=done, questions=questions, speech=speech_in(language))
        assert_fits(reply)
        asyncio.run(_send(reply))
        seen += [number for number in numbers_on(reply) if number not in seen]
    assert seen == [topic.number for topic in shown_topics(report, asked)]


def test_a_question_full_of_markup_leaves_room_for_the_others() -> None:
    # Each star takes two characters, as it shall not make anything bold.
    report = made_report([4, 5, 5, 5])
    done = {topic.number: Done(Deed.MERGED, 2**62, NOON, 5) for topic in report.topics}
    questions = dict.fromkeys(("entry-1", "entry-2", "entry-3"), "*" * 256)
    assert_fits(render(report, asked_of(report, "*" * 300), done=done, questions=questions, speech=speech_in("de")))


@given(st.lists(texts, max_size=65), st.sampled_from(["en", "de"]))
def test_every_ignored_question_is_on_a_page_with_its_button(questions: list[str], language: str) -> None:
    embedding = np.zeros(1, np.float32)
    ignored = [Ignored(2**40 + n, text, embedding, "model", 2**62, NOON) for n, text in enumerate(questions)]
    seen: list[tuple[int, int]] = []
    for page in range(len(questions) // 20 + 1):
        reply = render_ignored(ignored, speech_in(language), "note", page=page)
        assert_fits(reply)
        [embed] = reply.embeds
        assert 0 < len(embed.description or "") <= limits.EMBED_DESCRIPTION
        buttons = [item for row in reply.buttons for item in row if isinstance(item, ReportButton)]
        shown = [(button.posting_id, button.number) for button in buttons if button.deed == "show"]
        assert (embed.description or "").count("<@") >= len(shown)
        assert all(page_of_ignored(number) == page for _, number in shown if len(questions) > page * 20)
        assert reply.content == "note"
        seen += [one for one in shown if one not in seen]
    assert seen == [(one.id, number) for number, one in enumerate(ignored, start=1)]


async def _send(reply: Reply) -> None:
    assert reply.to_send()
    assert "attachments" not in reply.to_turn()


def test_what_was_answered_is_only_counted() -> None:
    report = made_report([3] * len(TopicKind))
    reply = render(report, asked_of(report))
    assert len(numbers_on(reply)) == len(TopicKind) - 1
    assert "1 topic answered well (3 questions)" in (reply.embeds[0].description or "")


def test_a_topic_without_questions_is_not_shown_and_one_with_some_left_is() -> None:
    report = made_report([3, 3])
    asked = asked_of(report)
    first, second = report.topics
    left = {one: asked[one] for one in asked if one not in first.question_ids and one != second.medoid_id}
    assert numbers_on(render(report, left)) == [2]
    assert title_of(second, left) == left[second.question_ids[1]].text
    assert title_of(first, left) == ""


@pytest.mark.parametrize("page", [-1, 99])
def test_a_page_that_is_not_there_is_the_nearest(page: int) -> None:
    report = made_report([2] * 20)
    asked = asked_of(report)
    pages = [numbers_on(render(report, asked, number)) for number in range(4)]
    assert numbers_on(render(report, asked, page)) == (pages[0] if page < 0 else pages[-1])


def test_nobody_asked_anything() -> None:
    reply = render(made_report([], [(0, 0)]), {})
    assert reply.embeds[0].description == "Nobody asked anything."
    assert reply.buttons == ()


def test_members_texts_are_no_markup() -> None:
    report = made_report([1])
    reply = render(report, asked_of(report, "**bold** <@5>\n# big"))
    said = reply.embeds[1].description or ""
    assert r"\*\*bold\*\*" in said
    assert "\n# big" not in said


def test_questions_from_slash_commands_have_no_link() -> None:
    report = made_report([1])
    asked = {one: replace(question, message_id=None, channel_id=None) for one, question in asked_of(report).items()}
    said = render(report, asked).embeds[1].description or ""
    assert "https://" not in said
    assert "direct replies" in said
