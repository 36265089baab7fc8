"""A busy week and the night after it: what the bot logs, what it reports, and buttons that do what they say."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.playground import playground as module
from bot.playground.script import WEEK, read_script
from bot.sandbox import SeenMessage
from bot.services import NO_CHANNEL
from tests.e2e.office import text_of
from tests.fakes.embedder import HashEmbedder
from tests.playground.conftest import CARD, visiting

if TYPE_CHECKING:
    from pathlib import Path

    from bot.core.ports import Embedder
    from bot.sandbox import Channel, Seat
    from tests.playground.conftest import Visit

SCRIPT = f"""
= day 1
08:00 kim help: can I bring my dog?
08:05 raj help: Can I bring my dog
08:06 raj lounge: good morning?
08:07 lou lounge: @Faqtotum {CARD}
09:00 ana help: can i bring my dog??
09:30 ana help: thanks
= day 2
10:00 bo questions: Dogs | Can I bring my dog?
= day 3
23:59 abel help: {CARD}
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "week.txt"
    path.write_text(SCRIPT, encoding="utf-8")
    monkeypatch.setattr(module, "WEEK", path)


async def read_message(seat: Seat, place: dict[str, str]) -> SeenMessage:
    return SeenMessage(await seat.request("GET", f"/channels/{place['channel_id']}/messages/{place['message_id']}"))


def said_in(channel: Channel) -> list[tuple[str, datetime]]:
    return [
        (message.content, datetime.fromtimestamp(message.created_at).astimezone())
        for message in channel.messages.values()
        if not message.author.bot
    ]


@pytest.mark.usefixtures("script")
async def test_a_week_is_said_at_its_times_and_logged_by_the_bot_itself(visit: Visit) -> None:
    playground, town = visit.playground, visit.playground.town
    began = playground.clock.now()
    played = await visit.ask("POST", "/playground/week")
    assert (played.status, played.body) == (200, {"messages": 8, "questions": 6, "people": 6})
    midnight = began.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    lines = read_script(SCRIPT)
    expected = [midnight + timedelta(days=line.day, minutes=line.minute) for line in lines if line.place == "help"]
    for (_, at), wanted in zip(said_in(town.watched), expected, strict=True):
        assert timedelta() <= at - wanted < timedelta(minutes=1)
    logged = await playground.runner.require_app().store.read_questions()
    assert len(logged) == 6
    assert [one.addressed for one in sorted(logged, key=lambda one: one.asked_at)].count(True) == 1
    assert {one.asked_at.date() - midnight.date() for one in logged} == {timedelta(days=day) for day in range(3)}
    assert len({one.author_hash for one in logged}) == 6
    assert all(one.message_id for one in logged)
    state = (await visit.ask("GET", "/playground/state")).body
    assert state["week"] is True
    assert state["busy"] is None
    assert datetime.fromisoformat(state["now"]) >= expected[-1]
    again = await visit.ask("POST", "/playground/week")
    assert again.status == 409
    assert "played already" in again.body["error"]


@pytest.mark.usefixtures("script")
async def test_the_night_after_brings_the_bots_own_report_whose_buttons_work(visit: Visit) -> None:
    town = visit.playground.town
    await visit.ask("POST", "/playground/week")
    before = visit.playground.clock.now()
    owner, member = await visit.seat("owner"), await visit.seat()
    passed = (await visit.ask("POST", "/playground/night")).body
    assert passed["why"] == "The night has passed, and the report is there."
    after = datetime.fromisoformat(passed["now"])
    assert (after.hour, after.minute) == (7, 1)
    assert timedelta() < after - before < timedelta(days=1)
    assert passed["report"]["channel_id"] == str(town.report.id)
    report = await read_message(owner, passed["report"])
    assert "**6 questions** in 7 days" in text_of(report)
    assert "asked 4 times by 4 people" in text_of(report)
    picture = next(each for each in report.attachments if each["filename"] == "report.png")
    assert (await owner.download(picture)).startswith(b"\x89PNG")
    refusal = await member.response(await member.press(report, "1 · Ignore for good"))
    assert refusal.ephemeral
    assert "🔕" not in text_of(refusal)
    said = await owner.response(await owner.press(report, "1 · Ignore for good"))
    assert "🔕" in text_of(said)
    await owner.until(lambda each: each.id == report.id and "wants it ignored for good" in text_of(each))


@pytest.mark.usefixtures("script")
async def test_each_morning_of_the_week_has_its_report(visit: Visit) -> None:
    await visit.ask("POST", "/playground/week")
    reports = list(visit.playground.town.report.messages.values())
    assert [text.embeds[0]["description"].split("**")[1] for text in reports] == ["4 questions", "5 questions"]
    days = [datetime.fromtimestamp(one.created_at).astimezone().date() for one in reports]
    assert days[1] - days[0] == timedelta(days=1)


ZOO = b"title: Zoo\nentries:\n  - id: dogs\n    question: May I bring my dog?\n    answer: On a leash.\n"


async def test_a_bot_that_was_started_anew_and_knew_another_faq_reports_too(visit: Visit) -> None:
    seat = await visit.seat()
    await seat.reply(await seat.say(visit.playground.town.watched.id, CARD))
    for running in (False, True):
        await visit.ask("POST", "/playground/bot", json={"running": running})
    assert (await visit.drop({"zoo.yaml": ZOO})).status == 200
    assert (await visit.ask("DELETE", "/playground/faq")).status == 200
    passed = await visit.ask("POST", "/playground/night")
    assert passed.body["report"] is not None


async def test_a_night_after_silence_brings_no_report_and_says_why(visit: Visit) -> None:
    passed = await visit.ask("POST", "/playground/night")
    assert passed.status == 200
    assert passed.body["report"] is None
    assert "nobody asked anything" in passed.body["why"]
    assert not visit.playground.town.report.messages


async def test_a_report_that_fails_is_not_taken_for_silence(visit: Visit) -> None:
    town, seat = visit.playground.town, await visit.seat()
    await seat.reply(await seat.say(town.watched.id, CARD))
    town.guild.remove_channel(town.report)
    passed = await visit.ask("POST", "/playground/night")
    assert passed.body["report"] is None
    assert "the report failed" in passed.body["why"]


async def test_the_report_is_found_where_the_owner_wants_it_or_not_at_all(visit: Visit) -> None:
    town, owner = visit.playground.town, await visit.seat("owner")
    await owner.reply(await owner.say(town.watched.id, CARD))
    app = visit.playground.runner.require_app()
    for channel, why in ((NO_CHANNEL, "choose a channel for it"), (town.unwatched.id, "the report is there")):
        proposal = app.settings.propose(town.guild.id, {"report_channel": channel})
        await app.editor.save(proposal, town.guild.owner.id)
        passed = (await visit.ask("POST", "/playground/night")).body
        assert why in passed["why"]
    assert passed["report"]["channel_id"] == str(town.unwatched.id)


@pytest.mark.usefixtures("script")
async def test_a_bot_that_reads_nowhere_along_is_asked_only_what_is_put_to_it(visit: Visit) -> None:
    town, app = visit.playground.town, visit.playground.runner.require_app()
    await app.editor.save(app.settings.propose(town.guild.id, {"overhear": False}), town.guild.owner.id)
    played = await visit.ask("POST", "/playground/week")
    assert played.body == {"messages": 8, "questions": 1, "people": 6}


@pytest.mark.usefixtures("script")
async def test_nothing_else_disturbs_a_week(visit: Visit) -> None:
    embedder = visit.playground.runner.embedder
    assert isinstance(embedder, HashEmbedder)
    embedder.gate = asyncio.Event()
    week = asyncio.create_task(visit.ask("POST", "/playground/week"))
    while (state := (await visit.ask("GET", "/playground/state")).body)["busy"] is None:
        pass
    assert state["busy"].startswith("the week is being played")
    assert state["night"] == state["busy"]
    for method, path, options in (
        ("POST", "week", {}),
        ("POST", "night", {}),
        ("POST", "bot", {"json": {"running": False}}),
        ("DELETE", "faq", {}),
    ):
        refused = await visit.ask(method, f"/playground/{path}", **options)
        assert refused.status == 409
        assert "wait until that is done" in refused.body["error"]
    assert (await visit.drop({"a.yaml": b"title: A"})).status == 409
    embedder.gate.set()
    assert (await week).status == 200


async def test_people_who_talk_meanwhile_are_answered_in_the_time_that_has_come(visit: Visit) -> None:
    town, seat = visit.playground.town, await visit.seat()
    first = await seat.say(town.watched.id, CARD)
    await seat.reply(first)
    await visit.ask("POST", "/playground/night")
    # What was said yesterday is no repetition any more.
    again = await seat.say(town.watched.id, CARD)
    assert "replacement" in text_of(await seat.reply(again))
    assert again.id > first.id
    used = await seat.slash(town.watched.id, "ask", {"question": CARD, "private": True})
    assert (await seat.response(used)).ephemeral


async def test_the_first_days_of_the_shipped_week_with_the_real_model(
    tmp_path: Path, model: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The rest is more of the same, and takes its time.
    script, _, _ = WEEK.read_text(encoding="utf-8").partition("= day 3")
    lines = read_script(script)
    (tmp_path / "days.txt").write_text(script, encoding="utf-8")
    monkeypatch.setattr(module, "WEEK", tmp_path / "days.txt")
    async with visiting(tmp_path, model) as visit:
        played = (await visit.ask("POST", "/playground/week")).body
        assert (played["messages"], played["people"]) == (len(lines), len({line.person for line in lines}))
        assert played["questions"] > len(lines) / 2
        owner = await visit.seat("owner")
        passed = (await visit.ask("POST", "/playground/night")).body
        report = await read_message(owner, passed["report"])
        assert f"**{played['questions']} questions** in 7 days" in text_of(report)
        assert "repeated topic" in text_of(report)
        assert len(report.embeds) > 1
