from io import StringIO
from typing import Any

from rich.console import Console

from bot.cli.screen import EPHEMERAL, Buttons, Names, draw_message

NAMES = Names({"1": "Ann", "2": "Faqtotum"}, {"9": "help"})
ANN = {"id": "1", "username": "ann", "global_name": "Ann"}
BOT = {"id": "2", "username": "Faqtotum", "global_name": None, "bot": True}


def message(content: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a message's fields
    return {"id": "100", "author": ANN, "content": content} | more


def drawn(shown: dict[str, Any], buttons: Buttons | None = None, *, raw: bool = False) -> str:
    output = StringIO()
    Console(file=output, width=80, force_terminal=raw).print(draw_message(shown, NAMES, buttons or Buttons()))
    return output.getvalue()


def button(label: str, custom_id: str, style: int = 1) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id}


def test_who_says_what() -> None:
    shown = drawn(message("hello **you**"))
    assert "Ann" in shown
    assert "hello you" in shown
    assert "APP" not in shown
    assert "APP" in drawn(message("hello", author=BOT))


def test_mentions_are_spelled_out() -> None:
    shown = drawn(message("<@2> and <@!1> in <#9>: </ask:5> <@77>"))
    assert "@Faqtotum and @Ann in #help: /ask @unknown" in shown


def test_what_only_one_person_sees_and_what_was_edited_is_marked() -> None:
    assert "only you can see this" in drawn(message("x", flags=EPHEMERAL))
    assert "(edited)" in drawn(message("x", edited_timestamp="2026-01-01T00:00:00+00:00"))
    assert "only you" not in drawn(message("x", flags=0, edited_timestamp=None))


def test_a_reply_quotes_what_it_replies_to_in_one_line() -> None:
    shown = drawn(message("yes", referenced_message=message("is\nit\ntrue? " + "x" * 200)))
    assert "╭─ Ann: is it true?" in shown
    assert "…" in shown
    assert "╭─ Ann: …" in drawn(message("yes", referenced_message=message("")))


def test_an_embed_is_a_box_with_everything_in_it() -> None:
    embed = {
        "title": "A question?",
        "description": "An **answer** for <@1>\nin two lines",
        "fields": [{"name": "More", "value": "a *field*"}],
        "footer": {"text": "automatic"},
        "color": 0x3BA55D,
    }
    shown = drawn(message(embeds=[embed, {"description": "second"}]))
    for part in ("A question?", "An answer for @Ann", "in two lines", "More", "a field", "automatic", "second"):
        assert part in shown


def test_buttons_keep_their_numbers() -> None:
    buttons = Buttons()
    row = {"type": 1, "components": [button("Yes", "y"), button("No", "n", 4)]}
    assert "[1]  Yes   [2]  No" in drawn(message(components=[row]), buttons)
    other = {"type": 1, "components": [button("Later", "l", 2)]}
    assert "[3]  Later" in drawn(message(id="101", components=[other]), buttons)
    fewer = {"type": 1, "components": [button("No", "n")]}
    assert "[2]  No" in drawn(message(components=[fewer]), buttons)
    assert buttons.find(3) == ("101", "l")
    assert buttons.find(0) is None
    assert buttons.find(4) is None


def test_links_are_shown_without_a_number() -> None:
    link = {"type": 2, "style": 5, "label": "Read on", "url": "https://example.com/a b"}
    buttons = Buttons()
    assert "Read on ↗" in drawn(message(components=[{"type": 1, "components": [link]}]), buttons)
    assert buttons.find(1) is None


def test_what_cannot_be_drawn_as_a_button_is_left_out() -> None:
    assert "Ann" in drawn(message("x", components=[{"type": 1, "components": [{"type": 3, "custom_id": "s"}]}]))


def test_files_are_named() -> None:
    assert "report.png" in drawn(message(attachments=[{"filename": "report.png"}]))


def test_a_message_cannot_command_the_terminal() -> None:
    hostile = "\x1b[2Jgone \x1b]0;title\x07 \x9b31m [red]not red[/red] \x08\x08 \r over"
    embed = {"title": hostile, "description": hostile, "footer": {"text": hostile}}
    row = {"type": 1, "components": [button(hostile, "x")]}
    shown = message(hostile, embeds=[embed], components=[row], author={"username": hostile})
    raw = drawn(shown | {"referenced_message": message(hostile)}, raw=True)
    for command in ("\x1b[2J", "\x1b]0;", "\x07", "\x9b", "\x08", "\r"):
        assert command not in raw
    assert "[red]not red[/red]" in drawn(message(hostile))
