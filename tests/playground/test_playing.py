"""What the page does beside talking: who may sit where, why, the bot's own life, a FAQ of one's own."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.core.questions import looks_like_question
from bot.playground import Playground, open_playground, running
from bot.playground.own_faq import SHIPPED
from bot.sandbox import SeatError
from bot.services import explain
from tests.e2e.office import text_of
from tests.fakes.embedder import HashEmbedder
from tests.playground.conftest import CARD, send

if TYPE_CHECKING:
    from pathlib import Path

    from bot.core.types import Query
    from bot.services import Outcome
    from tests.playground.conftest import Visit

DOGS = b"title: Zoo\nentries:\n  - id: dogs\n    question: May I bring my dog?\n    answer: On a leash.\n"
TABLE = b"question,answer\nWhen do you open?,At nine.\n"


class Memory:
    """An observer that keeps outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def passed_over(self, query: Query, /) -> None:
        del query

    def decided(self, outcome: Outcome, reply: object, /) -> None:
        del reply
        self.outcomes.append(outcome)


async def test_everybody_has_a_token_of_their_own_that_opens_rest_and_gateway(visit: Visit) -> None:
    session = (await visit.ask("GET", "/playground/session")).body
    assert [seat["key"] for seat in session["seats"]] == ["member", "member2", "moderator", "owner"]
    for seat in session["seats"]:
        headers = {"Authorization": seat["token"]}
        user = (await visit.ask("GET", "/api/v10/users/@me", headers=headers)).body
        assert (user["id"], user["global_name"]) == (seat["user_id"], seat["name"])
        guild = await visit.ask("GET", f"/api/v10/guilds/{session['guild_id']}", headers=headers)
        assert guild.status == 200
        for channel_id in session["channels"].values():
            channel = await visit.ask("GET", f"/api/v10/channels/{channel_id}", headers=headers)
            assert channel.status == 200
    assert session["application_id"] == str(visit.playground.town.application.id)
    async with visit.http.ws_connect(visit.playground.sandbox.gateway_url, origin=visit.base) as socket:
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": session["seats"][0]["token"], "properties": {}}})
        ready = await socket.receive_json()
        assert ready["t"] == "READY"
        assert ready["d"]["resume_gateway_url"].startswith(visit.base.replace("http", "ws"))


async def test_tokens_and_keys_are_other_ones_each_time(visit: Visit, tmp_path: Path) -> None:
    async with open_playground(tmp_path / "faq", embedder=HashEmbedder()) as other:
        assert other.address.partition("key=")[2] != visit.playground.address.partition("key=")[2]
        theirs = {user.token for user in other.town.people.values()}
        ours = {user.token for user in visit.playground.town.people.values()}
    assert len(theirs | ours) == 8
    assert min(map(len, theirs | ours)) >= 32


async def test_the_state_says_what_the_bot_knows(visit: Visit) -> None:
    state = (await visit.ask("GET", "/playground/state")).body
    passed = visit.playground.clock.now() - datetime.fromisoformat(state.pop("now"))
    assert timedelta() <= passed < timedelta(seconds=30)
    assert state == {
        "bot": "running",
        "busy": None,
        "knows": "5 entries, 54 phrasings",
        "week": False,
        "night": True,
        "faq": {"name": "faq", "own": False, "entries": 5, "phrasings": 54},
    }


async def test_why_is_the_bots_own_explanation_of_question_and_reply(visit: Visit) -> None:
    memory = Memory()
    app = visit.playground.runner.require_app()
    app.answerer.observers.append(memory)
    seat = await visit.seat()
    question = await seat.say(visit.playground.town.watched.id, CARD)
    reply = await seat.reply(question)
    told = await visit.why(question)
    assert told.status == 200
    assert (await visit.why(reply)).body == told.body
    [outcome] = memory.outcomes
    explanation = explain(outcome)
    assert told.body["verdict"] == "answer"
    assert told.body["action"] == "reply"
    assert told.body["overheard"] is True
    assert told.body["sentences"] == list(map(str, explanation.sentences))
    assert told.body["probability"] == pytest.approx(outcome.grounds.odds.right)
    assert told.body["limit_answer"] == pytest.approx(outcome.grounds.limits.answer)
    assert told.body["limit_suggest"] == pytest.approx(outcome.grounds.limits.suggest)
    assert told.body["margin"] == pytest.approx(explanation.lead)
    assert [hit["entry_id"] for hit in told.body["hits"]] == [hit.entry.id for hit in outcome.hits]
    first = told.body["hits"][0]
    assert first["title"] == first["phrasing"] == CARD
    assert first["similarity"] == pytest.approx(1)
    assert sum(first["adds"].values()) == pytest.approx(first["relevance"])
    assert set(first["terms"]) == set(first["adds"]) == {"cosine", "centroid", "head", "spelling"}


async def test_why_tells_chatter_silence_and_what_was_not_read_apart(visit: Visit) -> None:
    town, seat = visit.playground.town, await visit.seat()
    chatter = await seat.say(town.watched.id, "nice weather today")
    told = (await visit.why(chatter)).body
    assert (told["verdict"], told["text"], told["hits"]) == ("ignored", "nice weather today", [])
    unknown = await seat.say(town.watched.id, "when do zebras sleep at the zoo?")
    told = (await visit.why(unknown)).body
    assert (told["verdict"], told["action"]) == ("no_match", "stay_silent")
    unread = await seat.say(town.unwatched.id, CARD)
    answer = await visit.ask("GET", f"/playground/why?channel_id={unread.channel_id}&message_id={unread.id}")
    assert (answer.status, answer.body) == (204, "")


async def test_why_knows_the_reply_that_only_one_person_sees(visit: Visit) -> None:
    seat = await visit.seat()
    used = await seat.slash(visit.playground.town.unwatched.id, "ask", {"question": CARD, "private": True})
    reply = await seat.response(used)
    assert reply.ephemeral
    assert (await visit.why(reply)).body["verdict"] == "answer"
    app = visit.playground.runner.require_app()
    [logged] = await app.store.read_questions()
    assert logged.reply_id is None


async def test_why_wants_ids(visit: Visit) -> None:
    for query in (
        "",
        "?channel_id=1",
        "?channel_id=1&message_id=x",
        "?channel_id=-1&message_id=1",
        "?channel_id=1&message_id=²",
    ):
        answer = await visit.ask("GET", f"/playground/why{query}")
        assert answer.status == 400, query
        assert "whole numbers" in answer.body["error"]


async def test_why_says_that_something_was_just_said(visit: Visit) -> None:
    town, seat = visit.playground.town, await visit.seat()
    await seat.reply(await seat.say(town.watched.id, CARD))
    again = await seat.say(town.watched.id, CARD)
    told = (await visit.why(again)).body
    assert (told["verdict"], told["action"]) == ("answer", "stay_silent")
    assert "had just given it" in told["why"]
    asked = await seat.say(town.watched.id, f"<@{town.application.id}> {CARD}")
    await seat.reply(asked)
    told = (await visit.why(asked)).body
    assert (told["action"], told["overheard"]) == ("point_back", False)
    assert "a moment ago" in told["why"]


async def test_the_bot_is_stopped_and_comes_back_and_its_buttons_still_work(visit: Visit) -> None:
    town, seat = visit.playground.town, await visit.seat()
    question = await seat.say(town.watched.id, CARD)
    reply = await seat.reply(question)
    stopped = await visit.ask("POST", "/playground/bot", json={"running": False})
    assert (stopped.status, stopped.body["bot"]) == (200, "stopped")
    assert stopped.body["night"] == "the bot does not run: start it first"
    assert stopped.body["faq"]["entries"] == 5
    for path in ("week", "night"):
        refused = await visit.ask("POST", f"/playground/{path}")
        assert (refused.status, refused.body) == (409, {"error": "the bot does not run: start it first"})
    unheard = await seat.say(town.watched.id, CARD)
    for _ in range(2):
        started = await visit.ask("POST", "/playground/bot", json={"running": True})
        assert (started.status, started.body["bot"]) == (200, "running")
    [first, *_] = [button["custom_id"] for button in reply.buttons if "custom_id" in button]
    await seat.press(reply, first)
    await seat.until(lambda each: each.id == reply.id and each.edited)
    assert [each for each in seat.messages if each.reply_to == unheard.id] == []
    assert (await seat.reply(await seat.say(town.watched.id, "what is the monthly premium for Part B"))).embeds


async def test_the_switch_has_two_positions(visit: Visit) -> None:
    for body in ("", "[]", "{", '{"running": 1}', '{"run": true}', "null", '{"running": null}', b"\xff"):
        answer = await visit.ask("POST", "/playground/bot", data=body)
        assert answer.status == 400, body
        assert '{"running": true}' in answer.body["error"]
    assert visit.playground.runner.state == "running"


async def test_a_bot_that_does_not_connect_is_told_and_can_be_started_again(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visit.ask("POST", "/playground/bot", json={"running": False})
    monkeypatch.setattr(running, "READY_SECONDS", 0.0)
    failed = await visit.ask("POST", "/playground/bot", json={"running": True})
    assert failed.status == 503
    assert "did not connect" in failed.body["error"]
    assert visit.playground.runner.state == "stopped"
    monkeypatch.undo()
    started = await visit.ask("POST", "/playground/bot", json={"running": True})
    assert started.body["bot"] == "running"


def test_the_shipped_faq_comes_with_lines_that_show_most(tmp_path: Path) -> None:
    command, overheard, chatter, mention = Playground(tmp_path, SHIPPED, host="127.0.0.1", port=0).tries
    assert command.startswith("/ask ")
    assert looks_like_question(overheard)
    assert not looks_like_question(chatter)
    assert mention.startswith("@Faqtotum ")


async def test_a_member_is_refused_what_a_moderator_may(visit: Visit) -> None:
    channel = visit.playground.town.unwatched.id
    for key, words in (("member", "Only people who may manage this server"), ("moderator", "replacement-card")):
        seat = await visit.seat(key)
        shown = await seat.response(await seat.slash(channel, "faq", {}, sub="list"))
        assert shown.ephemeral
        assert words in text_of(shown)
    member = await visit.seat("member2")
    with pytest.raises(SeatError):
        await member.delete(await (await visit.seat("owner")).say(channel, "mine"))


async def test_ones_own_faq_is_answered_from_and_given_back(visit: Visit) -> None:
    seat, town = await visit.seat(), visit.playground.town
    dropped = await visit.drop({"zoo.yaml": DOGS, "C:\\faq\\hours.csv": TABLE})
    assert dropped.status == 200
    assert dropped.body == {
        "entries": 2,
        "phrasings": 2,
        "files": ["zoo.yaml", "hours.csv"],
        "notes": [{"path": "hours.csv", "message": "1 id was made from its question."}],
    }
    state = (await visit.ask("GET", "/playground/state")).body
    assert state["faq"] == {"name": "zoo.yaml, hours.csv", "own": True, "entries": 2, "phrasings": 2}
    reply = await seat.reply(await seat.say(town.watched.id, "When do you open?"))
    assert "At nine." in text_of(reply)
    assert (await visit.ask("GET", "/playground/session")).body["try"] == [
        "/ask When do you open?",
        "When do you open?",
        "nice weather today",
        "@Faqtotum May I bring my dog?",
    ]
    back = await visit.ask("DELETE", "/playground/faq")
    assert back.body["faq"] == {"name": "faq", "own": False, "entries": 5, "phrasings": 54}
    assert (await seat.reply(await seat.say(town.watched.id, CARD))).embeds[0]["title"] == CARD


async def test_every_problem_of_every_file_is_told_with_its_line_and_nothing_changes(visit: Visit) -> None:
    answer = await visit.drop(
        {
            "one.yaml": b"title: A\nentries:\n  - id: a\n    question: Are you there?\n",
            "two.YML": b"title: B\nentries:\n  - id: b\n    question: What?\n    answer: That.\n    colour: red\n",
            "three.yaml": b"title: [\n",
            "four.csv": b'question,answer\nWhy?,\n"open,x\n',
            "five.bin": b"\0\1\2",
        }
    )
    assert answer.status == 422
    found = [(each["path"], each["line"]) for each in answer.body["problems"]]
    assert found == [
        ("five.bin", 1),
        ("four.csv", 2),
        ("four.csv", 3),
        ("one.yaml", 3),
        ("three.yaml", 2),
        ("two.YML", 6),
    ]
    assert answer.body["error"] == "the FAQ cannot be used: 6 problems"
    assert all(each["message"] for each in answer.body["problems"])
    assert (await visit.ask("GET", "/playground/state")).body["faq"]["name"] == "faq"
    seat = await visit.seat()
    assert (await seat.reply(await seat.say(visit.playground.town.watched.id, CARD))).embeds[0]["title"] == CARD


async def test_files_are_checked_against_each_other_by_their_own_names(visit: Visit) -> None:
    answer = await visit.drop({"a.yaml": DOGS, "b.csv": b"id,question,answer\ndogs,Really?,Yes.\n"})
    assert answer.status == 422
    [problem] = answer.body["problems"]
    assert (problem["path"], problem["line"]) == ("b.csv", 0)
    assert "'dogs' is taken at a.yaml:3" in problem["message"]
    twice = await visit.drop({"x/a.yaml": DOGS, "y/a.yaml": DOGS})
    assert [problem["message"] for problem in twice.body["problems"]] == ["is there twice; rename one of them"]


async def test_what_is_no_upload_is_refused(visit: Visit) -> None:
    many = aiohttp.FormData()
    for number in range(21):
        many.add_field("files", DOGS, filename=f"{number}.yaml")
    misnamed = aiohttp.FormData()
    misnamed.add_field("file", DOGS, filename="a.yaml")
    plain = aiohttp.FormData({"files": "a: b"}, default_to_multipart=True)
    for data in (many, misnamed, plain, b"", json.dumps({"files": []}).encode()):
        answer = await visit.ask("POST", "/playground/faq", data=data)
        assert answer.status == 400
        assert "1 to 20 files" in answer.body["error"]
    torn = await visit.ask(
        "POST", "/playground/faq", data=b"--x\r\nno", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert torn.status == 400
    large = await visit.drop({"a.yaml": b"#" * (9 * 2**20)})
    assert large.status == 422
    assert "MiB" in large.body["problems"][0]["message"]


async def test_an_faq_that_the_bot_cannot_start_with_leaves_the_one_before(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "faq" / "medicare.yaml").unlink()
    await visit.drop({"zoo.yaml": DOGS})
    answer = await visit.ask("DELETE", "/playground/faq")
    assert answer.status == 422
    state = (await visit.ask("GET", "/playground/state")).body
    assert (state["bot"], state["faq"]["name"]) == ("running", "zoo.yaml")


async def test_unknown_addresses_say_so_in_json(visit: Visit) -> None:
    assert (await visit.ask("GET", "/playground/nothing")).status == 404
    wrong = await visit.ask("GET", "/playground/week")
    assert wrong.status == 405
    assert set(wrong.body) == {"error"}


async def test_two_windows_see_the_same_and_one_alone_sees_what_is_private(visit: Visit) -> None:
    town = visit.playground.town
    seats = [await visit.seat(), await visit.seat("member2")]
    used = await seats[0].slash(town.watched.id, "ask", {"question": CARD, "private": True})
    reply = await seats[0].response(used)
    said = await seats[0].say(town.watched.id, "hello")
    await seats[1].until(lambda each: each.id == said.id)
    assert reply.id not in [each.id for each in seats[1].messages]


async def test_the_playground_ends_with_what_it_opened(tmp_path: Path) -> None:
    (tmp_path / "zoo.yaml").write_bytes(DOGS)
    async with open_playground(tmp_path, embedder=HashEmbedder()) as playground:
        url = playground.sandbox.base_url
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectionError):
            await send(http, "GET", url)
