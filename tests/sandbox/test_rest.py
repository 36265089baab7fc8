"""Refusals, limits, faults: everything that a bare request can provoke."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

from bot.sandbox import Bucket, ManualClock, Permission, Sandbox, Seat, SeatError, World
from bot.sandbox.entities import Channel, ChannelType, ThreadState
from bot.sandbox.snowflakes import Snowflakes, shard_of
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House

CREATE = "/channels/{channel_id}/messages"


def button(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": 2, "style": 1, "label": "x", "custom_id": "x"} | changes


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def select(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]} | changes


FIELD = {"name": "n", "value": "v"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"content": "x" * 2001}, "content"),
    ({"content": 5}, "content"),
    ({"content": "x", "nonce": "n" * 26}, "nonce"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
    ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
    ({"embeds": [{"fields": [FIELD] * 26}]}, "embeds.0.fields"),
    ({"embeds": [{"fields": [FIELD | {"name": "x" * 257}]}]}, "embeds.0.fields.0.name"),
    ({"embeds": [{"fields": [FIELD | {"value": "x" * 1025}]}]}, "embeds.0.fields.0.value"),
    ({"embeds": [{"fields": [{"name": "n"}]}]}, "embeds.0.fields.0.value"),
    ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
    ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name"),
    ({"embeds": [{"image": {"url": "file:///etc/passwd"}}]}, "embeds.0.image.url"),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"components": [row(button(custom_id=str(each))) for each in range(6)]}, "components"),
    ({"components": [row(*(button(custom_id=str(each)) for each in range(6)))]}, "components.0.components"),
    ({"components": [row()]}, "components.0.components"),
    ({"components": [button()]}, "components.0.type"),
    ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label"),
    ({"components": [row(button(custom_id="x" * 101))]}, "components.0.components.0.custom_id"),
    ({"components": [row(button(custom_id=""))]}, "components.0.components.0.custom_id"),
    ({"components": [row(button(), button())]}, "components.0.components.1.custom_id"),
    ({"components": [row(button(style=9))]}, "components.0.components.0.style"),
    ({"components": [row({"type": 2, "style": 5, "label": "x"})]}, "components.0.components.0.url"),
    ({"components": [row(select(options=[]))]}, "components.0.components.0.options"),
    (
        {"components": [row(select(options=[{"label": "a", "value": "a"}] * 2))]},
        "components.0.components.0.options.1.value",
    ),
    ({"components": [row(select(placeholder="x" * 151))]}, "components.0.components.0.placeholder"),
    ({"components": [row(select(custom_id=""))]}, "components.0.components.0.custom_id"),
    ({"components": [row({"type": 99})]}, "components.0.components.0.type"),
    ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
    ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions.users"),
    ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
    ({"content": "x", "message_reference": {"message_id": "one"}}, "message_reference.message_id"),
    ({"content": "x", "flags": 1 << 15}, "content"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41}, "components"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": ""}]}, "components.0.content"),
]


@pytest.mark.parametrize(("body", "path"), REFUSED, ids=[f"{index}-{path}" for index, (_, path) in enumerate(REFUSED)])
async def test_messages_that_discord_refuses(house: House, body: dict[str, Any], path: str) -> None:
    answer = await house.rest("POST", f"/channels/{house.help.id}/messages", body)
    assert (answer.status, answer.body["code"]) == (400, 50035)
    node = answer.body["errors"]
    for part in path.split("."):
        node = node[part]
    assert node["_errors"][0]["message"]
    assert house.help.messages == {}


async def test_messages_at_the_limit_are_taken(house: House) -> None:
    rows = [row(*(button(custom_id=f"{r}{c}", label="x" * 80) for c in range(5))) for r in range(4)]
    body = {
        "content": "x" * 2000,
        "embeds": [{"title": "t" * 256, "description": "d" * 4000, "author": {"name": "a"}, "fields": [FIELD] * 25}],
        "components": [*rows, row(select())],
        "message_reference": {"message_id": "1", "fail_if_not_exists": False},
    }
    answer = await house.rest("POST", f"/channels/{house.help.id}/messages", body)
    assert answer.status == 200
    assert "message_reference" not in answer.body
    assert answer.body["embeds"][0]["fields"][0]["inline"] is False
    assert answer.body["components"][4]["components"][0]["max_values"] == 1


async def test_layouts_of_the_second_kind(house: House) -> None:
    parts = [
        {"type": 10, "content": "text"},
        {"type": 14},
        {"type": 9, "components": [{"type": 10, "content": "beside"}], "accessory": button()},
        row(button(custom_id="y")),
    ]
    body = {"flags": 1 << 15, "components": [{"type": 17, "components": parts}]}
    answer = await house.rest("POST", f"/channels/{house.help.id}/messages", body)
    assert answer.status == 200
    [container] = answer.body["components"]
    assert (container["id"], container["spoiler"]) == (1, False)
    assert container["components"][2]["accessory"]["id"] == 6


async def test_requests_that_make_no_sense(house: House) -> None:
    path = f"/channels/{house.help.id}/messages"
    assert (await house.rest("POST", path, {"content": " "})).body["code"] == 50006
    assert (await house.rest("POST", path, data=b"{", headers={"Content-Type": "application/json"})).status == 400
    assert (await house.rest("GET", "/users/@me", authorization="Bot wrong")).status == 401
    assert (await house.rest("GET", "/gateway/bot", authorization=house.ann.token)).status == 401
    assert (await house.rest("GET", f"/applications/{house.ann.id}/commands")).body["code"] == 10002
    assert (await house.rest("GET", f"/channels/{house.help.id}/messages?limit=101")).status == 400
    assert (await house.rest("GET", "/channels/zero")).body["code"] == 10003
    assert (await house.rest("POST", "/users/@me/channels", {"recipient_id": "x"})).body["code"] == 10013
    assert (await house.rest("GET", f"/channels/{house.help.id}/thread-members")).body["code"] == 50024
    assert (await house.rest("GET", "/gateway")).body == {"url": house.sandbox.gateway_url}
    async with aiohttp.ClientSession() as http:
        async with http.get(house.sandbox.rest_url + "/users/@me") as response:
            assert response.status == 401
            assert response.headers["Content-Type"] == "application/json"
        async with http.get(house.sandbox.base_url + "/embed/avatars/0.png") as response:
            assert response.content_type == "image/png"
        async with http.get(house.sandbox.base_url + "/attachments/1/1/x.txt") as response:
            assert response.status == 404
    assert (await house.rest("POST", "/interactions", {}, authorization=f"Bot {house.app.user.token}")).status == 401


async def test_bulk_deletion_has_its_limits(house: House) -> None:
    path = f"/channels/{house.help.id}/messages/bulk-delete"
    assert (await house.rest("POST", path, {"messages": ["1"]})).body["code"] == 50035
    assert (await house.rest("POST", path, {"messages": ["1", "2"]})).body["code"] == 50034
    seat = await house.seat()
    with pytest.raises(SeatError, match="50013"):
        await seat.request("POST", path, {"messages": ["1", "2"]})
    dm = await seat.dm(house.app.id)
    with pytest.raises(SeatError, match="50024"):
        await seat.request("POST", f"/channels/{dm}/messages/bulk-delete", {"messages": ["1", "2"]})


async def test_what_is_not_there_is_recorded(house: House) -> None:
    answer = await house.rest("GET", "/voice/regions")
    assert answer.status == 501
    assert "voice/regions" in answer.body["message"]
    assert house.sandbox.unimplemented == ["GET /voice/regions"]
    house.sandbox.unimplemented.clear()
    assert len(house.recorder.problems) <= 1
    house.recorder.problems.clear()


async def test_locked_and_private_threads(house: House) -> None:
    path = f"/channels/{house.help.id}/threads"
    assert (await house.rest("POST", path, {"name": "secret"})).body["code"] == 50013
    role = house.guild.add_role("threads", permissions=Permission.MANAGE_THREADS | Permission.CREATE_PRIVATE_THREADS)
    house.guild.set_roles(house.guild.members[house.app.id], [role])
    private = await house.rest("POST", path, {"name": "secret", "auto_archive_duration": 60})
    assert (private.status, private.body["type"]) == (201, 12)
    assert (await house.rest("POST", path, {"name": "odd", "auto_archive_duration": 61})).status == 400
    seat = await house.seat()
    thread = await seat.start_thread("talk", channel_id=house.help.id)
    assert (await house.rest("PATCH", f"/channels/{thread}", {"locked": True})).status == 200
    with pytest.raises(SeatError, match="50083"):
        await seat.say(thread, "hello?")
    assert (await house.rest("POST", f"/channels/{thread}/threads", {"name": "deeper"})).body["code"] == 50024
    said = house.world.channels[thread]
    inside = await house.rest("POST", f"/channels/{thread}/messages", {"content": "x"})
    deeper = f"/channels/{thread}/messages/{inside.body['id']}/threads"
    assert (await house.rest("POST", deeper, {"name": "deeper"})).body["code"] == 50024
    assert (await house.rest("PUT", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("DELETE", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("GET", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("DELETE", f"/channels/{thread}")).status == 200
    assert said.id not in house.world.channels


async def test_a_rate_limit_is_waited_out(house: House) -> None:
    house.sandbox.faults.rate_limit("POST", CREATE, retry_after=0.01, times=2)
    house.sandbox.faults.rate_limit("POST", CREATE, retry_after=0.01, scope="global")
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    assert (await channel.send("at last")).content == "at last"
    assert [each.status for each in house.recorder.sent("POST", CREATE)] == [429, 429, 429, 200]
    assert len(house.help.messages) == 1


async def test_a_full_bucket_answers_429(house: House) -> None:
    house.sandbox.rate_limits.buckets[f"POST {CREATE}"] = Bucket(1, 30.0)
    path = f"/channels/{house.help.id}/messages"
    first = await house.rest("POST", path, {"content": "one"})
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert 0 < float(first.headers["X-RateLimit-Reset-After"]) <= 30
    second = await house.rest("POST", path, {"content": "two"})
    assert (second.status, second.body["global"], second.headers["X-RateLimit-Scope"]) == (429, False, "user")
    assert second.headers["X-RateLimit-Bucket"] == first.headers["X-RateLimit-Bucket"]
    other = house.guild.add_text_channel("other")
    assert (await house.rest("POST", f"/channels/{other.id}/messages", {"content": "x"})).status == 200
    seat = await house.seat()
    for number in range(3):
        await seat.say(house.help.id, f"people have no such limit {number}")


async def test_the_global_limit(house: House) -> None:
    house.sandbox.rate_limits.overall = Bucket(1, 30.0)
    assert (await house.rest("GET", "/users/@me")).status == 200
    refused = await house.rest("GET", f"/guilds/{house.guild.id}")
    assert (refused.status, refused.body["global"]) == (429, True)
    assert refused.headers["X-RateLimit-Global"] == "true"


async def test_a_bucket_fills_up_again(house: House) -> None:
    now = [0.0]
    house.sandbox.rate_limits.clock = lambda: now[0]
    house.sandbox.rate_limits.default = Bucket(1, 5.0)
    assert (await house.rest("GET", "/users/@me")).status == 200
    assert (await house.rest("GET", "/users/@me")).status == 429
    now[0] = 5.0
    assert (await house.rest("GET", "/users/@me")).status == 200


async def test_server_errors_are_retried(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    pauses: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("discord.http.asyncio.sleep", sleep)
    house.sandbox.faults.status("POST", CREATE, 502, times=2)
    assert (await channel.send("at last")).content == "at last"
    assert pauses == [1, 3]
    house.sandbox.faults.status("POST", CREATE, 503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("never")
    house.sandbox.faults.drop("POST", CREATE)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    assert [each.content for each in house.help.messages.values()] == ["at last"]


COMMANDS: list[dict[str, Any]] = [
    {"name": "Upper", "description": "x"},
    {"name": "x" * 33, "description": "x"},
    {"name": "ok", "description": "x" * 101},
    {"name": "ok"},
    {"name": "ok", "description": "x", "options": [{"name": "a", "description": "x", "type": 3}] * 2},
    {"name": "ok", "description": "x", "options": [{"name": "a", "description": "x", "type": 99}]},
    {
        "name": "ok",
        "description": "x",
        "options": [
            {"name": "a", "description": "x", "type": 3},
            {"name": "b", "description": "x", "type": 3, "required": True},
        ],
    },
    {
        "name": "ok",
        "description": "x",
        "options": [
            {"name": "a", "description": "x", "type": 3, "choices": [{"name": str(n), "value": "x"} for n in range(26)]}
        ],
    },
    {"name": "Menu", "type": 3, "description": "none allowed"},
]


@pytest.mark.parametrize("body", COMMANDS)
async def test_commands_that_discord_refuses(house: House, body: dict[str, Any]) -> None:
    path = f"/applications/{house.app.id}/commands"
    assert (await house.rest("POST", path, body)).body["code"] == 50035
    assert (await house.rest("PUT", path, [body])).body["code"] == 50035
    assert (await house.rest("GET", path)).body == []


async def test_commands_come_and_go(house: House) -> None:
    base = f"/applications/{house.app.id}"
    for path in (f"{base}/commands", f"{base}/guilds/{house.guild.id}/commands"):
        body = {"name": "ok", "description": "x", "default_member_permissions": 32}
        created = await house.rest("POST", path, body)
        assert (created.status, created.body["default_member_permissions"]) == (201, "32")
        again = await house.rest("POST", path, {"name": "ok", "description": "y"})
        assert (again.status, again.body["id"]) == (200, created.body["id"])
        one = f"{path}/{created.body['id']}"
        assert (await house.rest("GET", one)).body["description"] == "y"
        assert (await house.rest("PATCH", one, {"description": "z"})).body["description"] == "z"
        assert (await house.rest("PATCH", one, {"description": ""})).status == 400
        both = [{"name": "ok", "description": "x"}, {"name": "Menu", "type": 2}]
        synced = await house.rest("PUT", path, both)
        assert synced.body[0]["id"] == created.body["id"]
        assert (await house.rest("PUT", path, both[:1] * 2)).body["code"] == 50035
        assert (await house.rest("PUT", path, {"name": "ok"})).body["code"] == 50109
        assert len((await house.rest("PUT", path, both[:1])).body) == 1
        assert (await house.rest("DELETE", one)).status == 204
        assert (await house.rest("GET", one)).body["code"] == 10063
    menus = [{"name": f"Menu {number}", "type": 3} for number in range(16)]
    assert (await house.rest("PUT", f"{base}/commands", menus)).body["code"] == 30032


async def test_interactions_have_their_time(house: House) -> None:
    clock = ManualClock()
    world = World(clock)
    ann = world.add_user("ann")
    guild = world.add_guild("Test", owner=ann)
    channel = guild.add_text_channel("help")
    app = world.add_application("App")
    guild.install(app)
    body = [{"name": "slow", "description": "x"}]
    async with Sandbox(world) as sandbox, Seat(sandbox, ann) as seat:
        house.sandbox, house.app = sandbox, app
        tokens: list[dict[str, Any]] = []
        await house.rest("PUT", f"/applications/{app.id}/commands", body)

        async def start() -> tuple[str, str]:
            call = {"type": 2, "channel_id": str(channel.id), "data": {"name": "slow"}, "nonce": str(len(tokens))}
            await seat.request("POST", "/interactions", call)
            event = await seat.next(lambda event: event.name == "INTERACTION_CREATE")
            tokens.append(event.data)
            found = next(each for each in sandbox._desk._by_token.values() if str(each.id) == event.data["id"])
            return event.data["id"], found.token

        say = {"type": 4, "data": {"content": "here"}}
        number, token = await start()
        callback, webhook = f"/interactions/{number}/{token}/callback", f"/webhooks/{app.id}/{token}"
        assert (await house.rest("POST", "/interactions/1/x/callback", say)).body["code"] == 10062
        assert (await house.rest("POST", webhook, {"content": "too early"})).body["code"] == 10015
        assert (await house.rest("POST", callback, {"type": 8})).body["code"] == 50035
        assert (await house.rest("POST", callback, {"type": 7, "data": {"content": "x"}})).body["code"] == 50035
        assert (await house.rest("POST", callback, {"type": 9, "data": {"title": "x"}})).body["code"] == 50035
        assert (await house.rest("POST", callback, {"type": 4, "data": {"content": "x" * 2001}})).body["code"] == 50035
        clock.advance(2.9)
        assert (await house.rest("POST", callback, say)).status == 204
        assert (await house.rest("POST", callback, say)).body["code"] == 40060
        assert (await house.rest("PATCH", f"{webhook}/messages/@original", {"content": ""})).body["code"] == 50006
        assert (await house.rest("GET", f"{webhook}/messages/1")).body["code"] == 10008
        clock.advance(15 * 60)
        assert (await house.rest("POST", webhook, {"content": "too late"})).body["code"] == 50027
        number, token = await start()
        clock.advance(3.0)
        assert (await house.rest("POST", f"/interactions/{number}/{token}/callback", say)).body["code"] == 10062
        failed = await seat.next(lambda event: event.name == "INTERACTION_FAILURE")
        assert failed.data["id"] == number


def test_snowflakes_grow_on_a_clock_that_stands_still() -> None:
    clock = ManualClock()
    flakes = Snowflakes(clock)
    ids = [flakes.next() for _ in range(3)]
    assert ids == sorted(set(ids))
    assert discord.utils.snowflake_time(ids[0]).timestamp() == clock()
    assert flakes.now().endswith("+00:00")
    clock.advance(1)
    assert flakes.next() - ids[0] > 1 << 22
    assert {shard_of(number << 22, 3) for number in range(6)} == {0, 1, 2}


def test_a_direct_message_channel_has_no_threads() -> None:
    world = World()
    dm = world.dm(world.add_user("a"), world.add_user("b"))
    with pytest.raises(ValueError, match="no threads"):
        world.add_thread(dm, Channel(1, ChannelType.PUBLIC_THREAD), ThreadState(1, 0.0))
    assert "Test" in repr(world.add_guild("Test", owner=world.add_user("c")))


def test_permissions_add_up_as_documented() -> None:
    world = World()
    owner, ann = world.add_user("owner"), world.add_user("ann")
    guild = world.add_guild("Test", owner=owner)
    channel = guild.add_text_channel("help")
    role = guild.add_role("role")
    assert guild.permissions(ann) == 0
    guild.add_member(ann, roles=[role])
    guild.set_overwrite(channel, guild.everyone, deny=Permission.SEND_MESSAGES)
    assert not guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    assert guild.permissions(ann) & Permission.SEND_MESSAGES
    guild.set_overwrite(channel, role, allow=Permission.SEND_MESSAGES)
    assert guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    guild.set_overwrite(channel, ann, deny=Permission.SEND_MESSAGES)
    assert not guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    guild.set_permissions(role, Permission.ADMINISTRATOR)
    assert guild.permissions(ann, channel) == guild.permissions(owner, channel)
