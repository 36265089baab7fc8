"""A validator that cannot fail is of no use: these break something and look for the complaint."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.sandbox import GatewayFrame, RestExchange, World
from bot.sandbox import payloads as sandbox_payloads
from tests.discordspec import OPENAPI_MISSING, GatewayValidator, OpenApiValidator, openapi_path
from tests.discordspec.openapi import load

BOT = True
USER: dict[str, Any] = {"id": "1", "username": "ann", "discriminator": "0", "global_name": None, "avatar": None}
FULL_USER = USER | {"public_flags": 0, "flags": 0, "primary_guild": None}
MESSAGE: dict[str, Any] = {
    "id": "5",
    "type": 0,
    "channel_id": "4",
    "author": FULL_USER,
    "content": "hello",
    "timestamp": "2026-01-01T00:00:00.000000+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "pinned": False,
    "flags": 0,
}


@pytest.fixture
def openapi() -> OpenApiValidator:
    path = openapi_path()
    if path is None:
        pytest.skip(OPENAPI_MISSING)
    return load(path)


def exchange(body: object, answer: object = MESSAGE, **changes: Any) -> RestExchange:  # noqa: ANN401
    settings: dict[str, Any] = {
        "method": "POST",
        "path": "/channels/4/messages",
        "template": "/channels/{channel_id}/messages",
        "authorization": "bot",
        "headers": {"Content-Type": "application/json"},
        "query": {},
        "request": body,
        "filenames": (),
        "status": 200,
        "response": answer,
        "injected": False,
        "user_only": False,
    }
    return RestExchange(**(settings | changes))


def test_a_sound_exchange_passes(openapi: OpenApiValidator) -> None:
    assert openapi.check(exchange({"content": "hello"})) == []


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        ({"embeds": [{"title": "x" * 257}]}, "/embeds/0/title"),
        ({"embeds": [{"description": "x" * 4097}]}, "/embeds/0/description"),
        ({"content": "x" * 4001}, "/content"),
        ({"content": 5}, "/content"),
        ({"flags": "none"}, "/flags"),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81}]}]}, "/components/0"),
        ({"message_reference": {"message_id": "x"}}, "/message_reference/message_id"),
        ([], "request /"),
    ],
)
def test_broken_requests_are_found(openapi: OpenApiValidator, request_body: object, complaint: str) -> None:
    problems = openapi.check(exchange(request_body))
    assert len(problems) == 1
    assert complaint in problems[0]
    assert problems[0].startswith("POST /channels/4/messages request")


@pytest.mark.parametrize("field", ["type", "content", "author", "timestamp", "flags", "components"])
def test_missing_fields_of_a_response_are_found(openapi: OpenApiValidator, field: str) -> None:
    response = {key: value for key, value in MESSAGE.items() if key != field}
    [problem] = openapi.check(exchange({"content": "x"}, response))
    assert field in problem
    assert "response 200" in problem


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"timestamp": "yesterday"}, "/timestamp"),
        ({"timestamp": "2026-01-01T00:00:00"}, "/timestamp"),
        ({"flags": 1 << 40}, "/flags"),
        ({"id": 5}, "/id"),
        ({"type": 13}, "/type"),
        ({"embeds": [{"type": "rich", "url": "nowhere"}]}, "/embeds/0/url"),
    ],
)
def test_broken_responses_are_found(openapi: OpenApiValidator, changes: dict[str, Any], complaint: str) -> None:
    problems = openapi.check(exchange({"content": "x"}, MESSAGE | changes))
    assert any(complaint in problem for problem in problems)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"path": "/nowhere"}, "no such path"),
        ({"method": "PUT"}, "no such operation"),
        ({"status": 302}, "no such status"),
        ({"status": 500, "response": {}}, "no such status"),
        ({"headers": {"Content-Type": "text/plain"}}, "is not accepted"),
        ({"request": None}, "a body is required"),
        ({"status": 400, "response": {"message": "no code"}}, "code"),
        ({"status": 429, "response": {"message": "x", "code": 0, "global": False}}, "retry_after"),
        ({"path": "/channels/4/messages/5", "method": "DELETE", "request": None, "status": 204}, "should be none"),
    ],
)
def test_broken_exchanges_are_found(openapi: OpenApiValidator, changes: dict[str, Any], complaint: str) -> None:
    problems = openapi.check(exchange({"content": "x"}, **changes))
    assert any(complaint in problem for problem in problems), problems


def test_what_was_checked_before_is_not_taken_for_what_looks_alike(openapi: OpenApiValidator) -> None:
    for body, count in (({"tts": True}, 0), ({"tts": 1}, 1), ({"tts": True}, 0), ({"tts": 1}, 1)):
        assert len(openapi.check(exchange({"content": "x"} | body))) == count
    for path in ("/channels/4/messages", "/channels/5/messages"):
        (problem,) = openapi.check(exchange({"content": 5}, path=path))
        assert problem.startswith(f"POST {path} request")


def test_of_constants_only_those_that_there_are_pass(openapi: OpenApiValidator) -> None:
    for kind, passes in ((0, True), (19, True), (13, False), ("0", False), (False, False)):
        problems = openapi.check(exchange({"content": "x"}, MESSAGE | {"type": kind}))
        assert (problems == []) is passes, kind


def test_what_is_passed_over(openapi: OpenApiValidator) -> None:
    assert openapi.check(exchange({}, path="/interactions", user_only=True)) == []
    assert openapi.check(exchange({"content": 5}, authorization="user")) == []
    assert openapi.check(exchange({"content": "x"}, {"message": "x"}, status=502, injected=True)) == []
    assert openapi.check(exchange({"content": "x"}, None, status=0, injected=True)) == []
    form_error = {"code": 50035, "message": "x", "errors": {"content": {"_errors": [{"code": "A", "message": "b"}]}}}
    assert openapi.check(exchange({"content": 5}, form_error, status=400)) == []


def test_literal_paths_win(openapi: OpenApiValidator) -> None:
    assert openapi.template("/users/@me") == "/users/@me"
    assert openapi.template("/users/1") == "/users/{user_id}"
    original = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
    assert openapi.template("/webhooks/1/a-token/messages/@original") == original


def frame(name: str, data: object, *, bot: bool | None = True) -> GatewayFrame:
    return GatewayFrame("receive", bot, {"op": 0, "t": name, "s": 1, "d": data})


def sent(op: int, data: object, **more: object) -> GatewayFrame:
    return GatewayFrame("send", None, {"op": op, "d": data, **more})


READY: dict[str, Any] = {
    "v": 10,
    "user": USER,
    "guilds": [{"id": "1", "unavailable": True}],
    "session_id": "x",
    "resume_gateway_url": "ws://x",
    "application": {"id": "1", "flags": 0},
}
IDENTIFY: dict[str, Any] = {
    "token": "t",
    "intents": 1,
    "properties": {"os": "x", "browser": "x", "device": "x"},
}


@pytest.mark.parametrize(
    "good",
    [
        frame("READY", READY),
        frame("MESSAGE_CREATE", MESSAGE | {"guild_id": "1"}),
        frame("RESUMED", {}),
        sent(2, IDENTIFY),
        sent(1, None),
        sent(1, 5),
        sent(6, {"token": "t", "session_id": "x", "seq": 1}),
        GatewayFrame("receive", None, {"op": 10, "t": None, "s": None, "d": {"heartbeat_interval": 1}}),
        GatewayFrame("receive", BOT, {"op": 11, "t": None, "s": None, "d": None}),
        frame("ANYTHING", {}, bot=False),
        sent(2, {"token": "a person's"}),
    ],
)
def test_sound_payloads_pass(good: GatewayFrame) -> None:
    assert GatewayValidator().check(good) == []


def _without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (frame("READY", _without(READY, "session_id")), "READY.session_id: missing"),
        (frame("READY", READY | {"v": "10"}), "READY.v: '10' is no int"),
        (frame("READY", READY | {"extra": 1}), "READY.extra: not in the table"),
        (frame("READY", READY | {"guilds": [{"id": 1, "unavailable": True}]}), "READY.guilds.0.id: 1 is no id"),
        (frame("READY", READY | {"guilds": {}}), "is no list"),
        (frame("READY", READY | {"user": "ann"}), "not an object"),
        (frame("MESSAGE_CREATE", MESSAGE | {"tts": None}), "MESSAGE_CREATE.tts"),
        (frame("MESSAGE_CREATE", MESSAGE | {"edited_timestamp": "now"}), "is no time"),
        (frame("MESSAGE_CREATE", MESSAGE | {"author": USER | {"bot": 1}}), "author.bot"),
        (frame("MESSAGE_CREATE", MESSAGE | {"components": [{"type": 99}]}), "no such component"),
        (frame("MESSAGE_CREATE", MESSAGE | {"components": ["x"]}), "no such component"),
        (frame("MESSAGE_DELETE", {"id": "1"}), "channel_id: missing"),
        (frame("THREAD_CREATE", {"id": "1", "type": 11, "thread_metadata": {}}), "thread_metadata.archived"),
        (frame("INTERACTION_CREATE", {"id": "1", "type": 3, "data": {"component_type": 2}}), "data.custom_id: missing"),
        (frame("INTERACTION_CREATE", {"id": "1", "type": 3, "data": {}}), "component_type None is none of"),
        (frame("INTERACTION_CREATE", {"id": "1", "type": 3, "data": {}}), "either member, in a guild, or user"),
        (frame("SOMETHING_NEW", {}), "not an event"),
        (GatewayFrame("receive", BOT, {"op": 0, "t": "RESUMED", "d": {}}), "instead of op, d, s, t"),
        (GatewayFrame("receive", BOT, {"op": 11, "t": None, "s": 3, "d": None}), "is no null"),
        (GatewayFrame("receive", BOT, {"op": 55, "t": None, "s": None, "d": None}), "not an opcode"),
        (GatewayFrame("receive", BOT, {"op": 10, "t": None, "s": None, "d": {}}), "heartbeat_interval"),
        (sent(2, IDENTIFY | {"properties": {"os": "x"}}), "properties.browser"),
        (sent(2, IDENTIFY | {"shard": "0"}), "is no list"),
        (sent(1, "five"), "is no int"),
        (sent(6, {"token": "t", "seq": 1}), "session_id: missing"),
        (sent(3, {"status": "online"}), "activities: missing"),
        (sent(31, {}), "not an opcode"),
        (sent(1, None, extra=1), "unknown fields"),
    ],
)
def test_broken_payloads_are_found(broken: GatewayFrame, complaint: str) -> None:
    problems = GatewayValidator().check(broken)
    assert any(complaint in problem for problem in problems), problems


def test_schemas_of_the_document_are_used_inside(openapi: OpenApiValidator) -> None:
    validator = GatewayValidator(openapi)
    broken = copy.deepcopy(MESSAGE)
    broken["embeds"] = [{"type": "rich", "title": 5}, {"type": "rich", "colour": 1}]
    problems = validator.check(frame("MESSAGE_CREATE", broken))
    assert any("embeds.0 /title" in problem for problem in problems)
    assert any("embeds.1" in problem and "colour" in problem for problem in problems)


def test_a_guild_of_the_sandbox_fits_both(openapi: OpenApiValidator) -> None:
    world = World()
    guild = world.add_guild("Test", owner=world.add_user("ann"))
    guild.add_text_channel("help")
    payload = sandbox_payloads.guild_create(guild, guild.owner, everyone=True)
    assert GatewayValidator(openapi).check(frame("GUILD_CREATE", payload)) == []
    assert openapi.schema_errors("GuildResponse", sandbox_payloads.guild(guild), "guild") == []
    assert openapi.schema_errors("GuildResponse", _without(payload, "owner_id"), "guild") != []
