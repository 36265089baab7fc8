"""Commands come and go, and their uses have their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox import ManualClock, Sandbox, Seat, World

if TYPE_CHECKING:
    from tests.sandbox.house import House


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
