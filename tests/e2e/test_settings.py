"""The settings panel: what is chosen in it is in force, for whom it may, and as long as it should."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.app import open_app
from bot.cogs.admin import texts as admin_texts
from bot.cogs.settings import texts
from bot.core.edits import ChangeKind
from bot.sandbox import Permission, SeatError
from tests.e2e.conftest import CARD_QUESTION, Town
from tests.e2e.office import text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.app import App
    from bot.sandbox import Role, Seat, SeenMessage
    from bot.sandbox.seat_views import Used


@dataclass
class Panel:
    """A panel in front of somebody."""

    seat: Seat
    message: SeenMessage

    @classmethod
    async def opened(cls, town: Town, seat: Seat, page: str = "") -> Panel:
        used = await seat.slash(town.lounge.id, "settings")
        panel = cls(seat, await seat.response(used))
        assert panel.message.ephemeral
        if page:
            await panel.choose(page)
        return panel

    async def choose(self, *values: str | int, menu: str = "") -> str:
        """Choose in the menu whose id holds a word, the first one by default; give what the panel says then."""
        ids = [each["custom_id"] for each in self.message.selects if menu in each["custom_id"]]
        return await self._change(self.seat.select(self.message, values, ids[0]))

    async def press(self, label: str) -> str:
        return await self._change(self.seat.press(self.message, label))

    async def _change(self, doing: Coroutine[None, None, Used]) -> str:
        before = self.message.raw
        await doing
        wanted = self.message.id
        self.message = await self.seat.until(lambda each: each.id == wanted and not each.loading and each.raw != before)
        return text_of(self.message)

    @property
    def labels(self) -> list[str]:
        return [button["label"] for button in self.message.buttons]

    def chosen(self, menu: int = 0) -> list[str]:
        """What is chosen in a menu before anybody touches it."""
        select = self.message.selects[menu]
        options = [each["value"] for each in select.get("options", []) if each.get("default")]
        return options + [each["id"] for each in select.get("default_values", [])]


@asynccontextmanager
async def panel(town: Town, page: str = "") -> AsyncIterator[tuple[App, Panel]]:
    """The bot at work, and a panel in front of the server's owner."""
    async with town.running() as app, town.seat(town.guild.owner) as seat:
        yield app, await Panel.opened(town, seat, page)


async def test_the_first_page_shows_what_is_in_force(town: Town) -> None:
    async with panel(town) as (_, opened):
        said = text_of(opened.message)
        assert f"**Watched channels and forums:** <#{town.help.id}>\n" in said
        assert "**Pause of a channel:** no pause" in said
        assert "**Time zone:** UTC" in said


async def test_watching_a_channel_makes_the_bot_answer_there_also_after_a_restart(town: Town) -> None:
    async with panel(town, "watch") as (app, opened), town.seat() as ann:
        await town.assert_silent(ann, await ann.say(town.lounge.id, CARD_QUESTION))
        assert opened.chosen() == [str(town.help.id)]
        said = await opened.choose(town.lounge.id)
        assert "✅ Saved as change #1." in said
        assert f"<#{town.lounge.id}> ✏️" in said
        assert app.settings.read(town.guild.id).watch == (town.lounge.id,)
        assert (await ann.reply(await ann.say(town.lounge.id, CARD_QUESTION))).embeds
        await town.assert_silent(ann, await ann.say(town.help.id, CARD_QUESTION))
    async with town.running(), town.seat(town.ben) as ben:
        assert (await ben.reply(await ben.say(town.lounge.id, CARD_QUESTION))).embeds


async def test_no_channel_at_all_can_be_chosen(town: Town) -> None:
    async with panel(town, "watch") as (_, opened), town.seat() as ann:
        said = await opened.choose()
        assert "**Watched channels and forums:** none ✏️" in said
        await town.assert_silent(ann, await ann.say(town.help.id, CARD_QUESTION))


async def test_a_forum_can_be_watched(town: Town) -> None:
    forum = town.guild.add_forum("questions")
    async with panel(town, "watch") as (_, opened), town.seat() as ann:
        await opened.choose(town.help.id, forum.id)
        post = await ann.post(forum.id, "Lost card", CARD_QUESTION)
        assert (await ann.reply(post)).embeds


async def test_the_bot_answers_only_when_asked_until_that_is_taken_back(town: Town) -> None:
    async with panel(town, "overhear") as (app, opened), town.seat() as ann:
        await opened.choose("no")
        await town.assert_silent(ann, await ann.say(town.help.id, CARD_QUESTION))
        # What is not for the bot is not kept either.
        assert CARD_QUESTION not in {question.text for question in await app.store.read_questions()}
        said = await opened.press("Undo")
        assert "✅ Taken back; that is change #2." in said
        assert "**Answers there:** unasked, when it is sure" in said
        assert "✏️" not in said
        assert app.settings.read(town.guild.id).overhear
        assert (await ann.reply(await ann.say(town.help.id, CARD_QUESTION))).embeds


@pytest.mark.parametrize(
    ("page", "menu", "value", "name", "expected"),
    [
        ("careful", "overheard", "0.5", "overheard_budget", 0.5),
        ("careful", "addressed", "10", "addressed_budget", 10.0),
        ("cooldown", "channel", "300", "channel_seconds", 300.0),
        ("cooldown", "repeat", "0", "repeat_seconds", 0.0),
        ("report", "hour", "23", "report_hour", 23),
    ],
)
async def test_numbers_are_chosen_and_given_back_to_the_configuration(
    town: Town, page: str, menu: str, value: str, name: str, expected: float
) -> None:
    async with panel(town, page) as (app, opened):
        before = app.settings.read(town.guild.id)
        await opened.choose(value, menu=menu)
        assert getattr(app.settings.read(town.guild.id), name) == expected
        assert value in opened.chosen(0) + opened.chosen(1)
        assert "✏️" in await opened.press("Back")
        await opened.choose(page)
        said = await opened.press(texts.RESET)
        assert "✏️" not in said
        assert texts.RESET not in opened.labels
        assert app.settings.read(town.guild.id) == before


async def test_the_report_gets_a_channel_or_none(town: Town) -> None:
    town.settings = {"report": {"channel": town.help.id}}
    async with panel(town, "report") as (app, opened):
        await opened.choose(town.lounge.id, menu="channel")
        assert app.settings.read(town.guild.id).report_channel == town.lounge.id
        assert opened.chosen() == [str(town.lounge.id)]
        said = await opened.press(texts.NO_REPORT)
        assert "**Report in:** none ✏️" in said
        assert not app.settings.read(town.guild.id).report_channel
        assert f"**Report in:** <#{town.help.id}>" in await opened.press(texts.RESET)


async def test_a_time_zone_is_found_by_region_and_city(town: Town) -> None:
    async with panel(town, "zone") as (app, opened):
        await opened.choose("America", menu="region")
        await opened.press("Next")
        await opened.press("Next")
        await opened.press("Previous")
        said = await opened.choose("America/Chicago", menu="put")
        assert "**Time zone:** America/Chicago ✏️" in said
        assert opened.chosen(0) == ["America"]
        assert opened.chosen(1) == ["America/Chicago"]
        assert app.settings.read(town.guild.id).time_zone == "America/Chicago"


async def test_a_language_is_chosen(town: Town) -> None:
    async with panel(town, "language") as (app, opened):
        await opened.choose("de")
        assert app.settings.read(town.guild.id).language == "de"
        assert opened.chosen() == ["de"]


async def test_choosing_what_is_chosen_changes_nothing(town: Town) -> None:
    async with panel(town, "overhear") as (app, opened):
        await opened.choose("no")
        said = await opened.choose("no")
        assert "Saved" not in said
        assert len(await app.ledger.read_changes(town.guild.id, limit=9)) == 1


async def test_controls_work_after_a_restart_and_settings_last(town: Town) -> None:
    async with town.seat(town.guild.owner) as seat:
        async with town.running():
            opened = await Panel.opened(town, seat)
        async with town.running():
            await opened.choose("cooldown")
        async with town.running():
            await opened.choose("60", menu="channel")
        async with town.running() as app:
            assert app.settings.read(town.guild.id).channel_seconds == 60
            await opened.press("Undo")
            assert app.settings.read(town.guild.id).channel_seconds == 0
        async with town.running():
            assert "Settings of this server" in await opened.press("Back")


async def test_a_panel_that_others_overtook_changes_nothing(town: Town) -> None:
    olga = town.guild.owner
    town.guild.add_role("mods")
    town.guild.set_roles(town.guild.members[town.ann.id], [_manager(town)])
    async with town.running() as app, town.seat(olga) as first, town.seat(town.ann) as second:
        one, two = await Panel.opened(town, first, "watch"), await Panel.opened(town, second, "watch")
        await one.choose(town.help.id, town.lounge.id)
        said = await two.choose(town.lounge.id)
        assert texts.CHANGED_MEANWHILE in said
        assert sorted(two.chosen()) == sorted([str(town.help.id), str(town.lounge.id)])
        assert app.settings.read(town.guild.id).watch == (town.help.id, town.lounge.id)
        assert "Saved as change #2" in await two.choose(town.lounge.id)
        # Its page was drawn before the other one's change.
        assert texts.CHANGED_MEANWHILE in await one.press("Undo")
        assert app.settings.read(town.guild.id).watch == (town.lounge.id,)


async def test_what_another_process_changed_is_not_overwritten(town: Town) -> None:
    other_process = open_app(town.config(), clock=town.clock, embedder=town.embedder)
    async with panel(town, "overhear") as (app, opened), other_process as other:
        proposal = other.settings.propose(town.guild.id, {"overhear": False})
        await other.editor.save(proposal, town.ann.id)
        said = await opened.choose("yes")
        assert texts.CHANGED_MEANWHILE in said
        assert "only when asked" in said
        assert not app.settings.read(town.guild.id).overhear


async def test_the_history_says_who_changed_what(town: Town) -> None:
    async with panel(town, "report") as (app, opened):
        await opened.choose("9", menu="hour")
        [change] = await app.ledger.read_changes(town.guild.id, limit=9)
        assert (change.kind, change.by) == (ChangeKind.SETTINGS, town.guild.owner.id)
        assert [edit.name for edit in change.settings] == ["report_hour"]


async def test_a_deleted_channel_is_shown_and_dropped(town: Town) -> None:
    async with panel(town, "watch") as (app, opened):
        await opened.choose(town.help.id, town.lounge.id)
        spare = town.guild.add_text_channel("spare")
        town.guild.remove_channel(town.help)
        await opened.press("Back")
        said = await opened.choose("watch")
        assert f"deleted channel (`{town.help.id}`)" in said
        assert opened.chosen() == [str(town.lounge.id)]
        said = await opened.press(texts.DROP_DELETED)
        assert "deleted channel" not in said
        assert texts.DROP_DELETED not in opened.labels
        assert app.settings.read(town.guild.id).watch == (town.lounge.id,)
        await opened.choose(town.lounge.id, spare.id)
        assert app.settings.read(town.guild.id).watch == tuple(sorted((town.lounge.id, spare.id)))


async def test_a_channel_in_which_the_bot_may_not_write_is_warned_of(town: Town) -> None:
    town.guild.set_overwrite(town.lounge, town.application.user, deny=Permission.SEND_MESSAGES)
    async with panel(town, "watch") as (_, opened):
        said = await opened.choose(town.lounge.id)
        assert f"⚠️ In <#{town.lounge.id}> I may not: Send Messages." in said
        assert "I may not" not in await opened.choose(town.help.id)


def _manager(town: Town) -> Role:
    return town.guild.add_role("managers", permissions=Permission.MANAGE_GUILD)


async def test_a_role_may_administer_once_it_is_chosen_and_the_commands_are_opened(town: Town) -> None:
    mods = town.guild.add_role("mods")
    town.guild.set_roles(town.guild.members[town.ann.id], [mods])
    town.guild.open_commands.add("settings")
    async with panel(town, "roles") as (app, opened), town.seat() as ann:
        refused = await ann.response(await ann.slash(town.lounge.id, "settings"))
        assert (refused.ephemeral, refused.content) == (True, admin_texts.NOT_ALLOWED)
        said = await opened.choose(mods.id)
        assert f"<@&{mods.id}> ✏️" in said
        assert texts.ADMIN_ROLES_HIDDEN in said
        hers = await Panel.opened(town, ann, "overhear")
        await hers.choose("no")
        assert not app.settings.read(town.guild.id).overhear
        town.guild.remove_role(mods)
        await opened.press("Back")
        assert f"deleted role (`{mods.id}`)" in await opened.choose("roles")
        await opened.press(texts.DROP_DELETED)
        assert app.settings.read(town.guild.id).admin_roles == ()


async def test_everybody_cannot_become_an_admin(town: Town) -> None:
    async with panel(town, "roles") as (app, opened):
        said = await opened.choose(town.guild.everyone.id)
        assert "⚠️ Everybody has the role @everyone" in said
        assert app.settings.read(town.guild.id).admin_roles == ()


async def test_discord_hides_the_command_from_members(town: Town) -> None:
    town.may_be_refused = True
    async with town.running(), town.seat() as ann:
        assert "settings" not in await ann.shown_commands(town.lounge.id)
        with pytest.raises(SeatError):
            await ann.slash(town.lounge.id, "settings")
        channel = await ann.dm(town.application.id)
        assert "settings" not in await ann.shown_commands(channel)


async def test_who_loses_the_rights_cannot_use_a_panel_that_is_still_open(town: Town) -> None:
    member = town.guild.members[town.ann.id]
    town.guild.set_roles(member, [_manager(town)])
    async with town.running() as app, town.seat() as ann:
        opened = await Panel.opened(town, ann, "overhear")
        before = opened.message.raw
        town.guild.set_roles(member, [])
        for doing in (ann.select(opened.message, ["no"]), ann.press(opened.message, "Back")):
            told = await ann.response(await doing)
            assert (told.ephemeral, told.content) == (True, admin_texts.NOT_ALLOWED)
        assert next(each for each in ann.messages if each.id == opened.message.id).raw == before
        assert app.settings.read(town.guild.id).overhear


async def test_nobody_else_can_use_an_admins_panel(town: Town) -> None:
    town.may_be_refused = True
    async with panel(town, "overhear") as (app, opened), town.seat() as ann:
        with pytest.raises(SeatError):
            await ann.select(opened.message, ["no"])
        assert app.settings.read(town.guild.id).overhear
