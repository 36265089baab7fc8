"""What a message, its embeds and its components may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.house import House


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
