"""The settings panel: its words, its menus, and what is made of what was chosen."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import build_settings
from bot.cogs import limits
from bot.cogs.places import only_here
from bot.cogs.rendering import Reply
from bot.cogs.setting_texts import LABELS
from bot.cogs.settings import texts, time_zones
from bot.cogs.settings.controls import Control
from bot.cogs.settings.pages import PAGES, Page, Region, View, render_home, render_page
from bot.cogs.settings.values import (
    LANGUAGE_NAMES,
    Scene,
    fingerprint,
    read_choice,
    say_duration,
    say_value,
    with_current,
)
from bot.cogs.speech import ENGLISH, speech_in
from bot.config import Config
from bot.core.errors import EditRefusedError
from bot.core.speech import LANGUAGES
from bot.services import SETTABLE, GuildSettings

DEFAULTS = build_settings(Config(), None)
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
GUILD, LOUNGE, HELP, GONE, MODS = 10, 11, 12, 13, 14
EVERY_ZONE = [name for zones in time_zones.zones_by_region().values() for name in zones]


def scene(*own: str, language: str = "en", is_hidden: bool = True, **settings: object) -> Scene:
    return Scene(
        settings=replace(DEFAULTS, **cast("Any", settings)),
        own=frozenset(own),
        channels=frozenset({LOUNGE, HELP}),
        roles=frozenset({GUILD, MODS}),
        now=NOW,
        speech=speech_in(language),
        is_hidden=is_hidden,
    )


def page(key: str, shown: Scene, view: View | None = None) -> Reply:
    return render_page(PAGES[key], shown, view or View(seen="0"))


def controls(reply: Reply) -> list[dict[str, Any]]:
    return [item.to_component_dict() for row in reply.buttons for item in row]


def labels(reply: Reply) -> list[str]:
    return [each["label"] for each in controls(reply) if each["type"] == discord.ComponentType.button.value]


def said(reply: Reply) -> str:
    return reply.embeds[0].description or ""


def test_every_setting_has_a_label_and_a_page_of_its_own() -> None:
    assert set(LABELS) == SETTABLE
    assert sorted(name for one in PAGES.values() for name in one.settings) == sorted(SETTABLE)
    assert set(LANGUAGE_NAMES) == set(LANGUAGES)


def test_home_lists_every_setting_and_marks_those_of_the_server() -> None:
    home = render_home(scene("watch", watch=(LOUNGE, GONE), report_channel=HELP, report_hour=20))
    lines = said(home).splitlines()
    assert len(lines) == len(SETTABLE)
    assert f"**Watched channels and forums:** <#{LOUNGE}>, deleted channel (`{GONE}`) ✏️" in lines
    assert "**Answers there:** unasked, when it is sure" in lines
    assert "**May administer:** whoever may manage the server" in lines
    assert f"**Report in:** <#{HELP}>" in lines
    assert "**Report at:** 20:00" in lines
    assert [option["value"] for option in controls(home)[0]["options"]] == list(PAGES)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "no pause"),
        (1.0, "1 second"),
        (0.5, "0.5 seconds"),
        (90.0, "90 seconds"),
        (60.0, "1 minute"),
        (300.0, "5 minutes"),
        (3600.0, "1 hour"),
        (7200.0, "2 hours"),
    ],
)
def test_durations_are_said_in_their_largest_whole_unit(seconds: float, words: str) -> None:
    assert say_duration(seconds, ENGLISH) == words


def test_a_server_of_its_own_says_no_report_as_none() -> None:
    assert say_value("report_channel", scene(report_channel=0)) == "none"
    assert say_value("report_channel", scene(report_channel=None)) == "none"


def test_what_is_in_force_can_be_chosen_even_if_it_is_unusual() -> None:
    assert with_current((1.0, 2.0), 1.5) == [1.0, 1.5, 2.0]
    menu = controls(page("careful", scene(overheard_budget=3.0)))[0]
    assert [option["value"] for option in menu["options"]] == ["0.5", "1", "2", "3", "5"]
    assert [option["value"] for option in menu["options"] if option["default"]] == ["3"]


def test_menus_of_channels_and_roles_begin_with_what_is_chosen_and_exists() -> None:
    watch, *_ = controls(page("watch", scene(watch=(LOUNGE, GONE))))
    assert [each["id"] for each in watch["default_values"]] == [LOUNGE]
    assert (watch["min_values"], watch["max_values"]) == (0, limits.SELECT_OPTIONS)
    roles, *_ = controls(page("roles", scene(admin_roles=(MODS, GONE))))
    assert [each["id"] for each in roles["default_values"]] == [MODS]
    report, *_ = controls(page("report", scene(report_channel=GONE)))
    assert not report.get("default_values")


def test_more_channels_than_a_menu_holds_are_warned_of() -> None:
    many = tuple(range(100, 130))
    crowded = replace(scene(watch=many), channels=frozenset(many))
    reply = page("watch", crowded)
    assert "There are 30 of them" in said(reply)
    assert len(controls(reply)[0]["default_values"]) == limits.SELECT_OPTIONS
    assert "and 5 more" in said(reply)


def test_buttons_are_there_where_they_would_do_something() -> None:
    assert labels(page("watch", scene(watch=(LOUNGE,)))) == [texts.BACK]
    assert labels(page("watch", scene(watch=(GONE,)))) == [texts.BACK, texts.DROP_DELETED]
    assert labels(page("roles", scene("admin_roles", admin_roles=(GONE,)), View(undo=3))) == [
        texts.BACK,
        texts.RESET,
        texts.DROP_DELETED,
        texts.UNDO,
    ]
    assert labels(page("report", scene(report_channel=GONE))) == [texts.BACK, texts.NO_REPORT]
    assert labels(page("report", scene())) == [texts.BACK]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_whoever_names_admin_roles_is_reminded_that_discord_hides_the_commands(*, is_hidden: bool) -> None:
    reminder = texts.ADMIN_ROLES_HIDDEN in said(page("roles", scene(admin_roles=(MODS,), is_hidden=is_hidden)))
    assert reminder is is_hidden
    assert texts.ADMIN_ROLES_HIDDEN not in said(page("roles", scene(is_hidden=is_hidden)))


def test_what_was_chosen_becomes_the_value_of_the_setting() -> None:
    chosen: dict[str, tuple[list[str], object]] = {
        "watch": (["12", "11"], [11, 12]),
        "admin_roles": ([], []),
        "overhear": (["no"], False),
        "overheard_budget": (["0.5"], 0.5),
        "repeat_seconds": (["3600"], 3600.0),
        "report_channel": (["12"], 12),
        "report_hour": (["0"], 0),
        "time_zone": (["Europe/Berlin"], "Europe/Berlin"),
        "language": (["de"], "de"),
    }
    for name, (values, expected) in chosen.items():
        assert read_choice(name, values, GUILD) == expected


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("overhear", ["perhaps"]), ("report_hour", ["noon"]), ("language", ["xx"]), ("colour", ["red"]), ("overhear", [])],
)
def test_a_menu_of_another_version_is_refused(name: str, chosen: list[str]) -> None:
    with pytest.raises(EditRefusedError, match="another version"):
        read_choice(name, chosen, GUILD)


def test_everybody_cannot_be_made_an_admin() -> None:
    with pytest.raises(EditRefusedError, match="@everyone"):
        read_choice("admin_roles", [str(GUILD), str(MODS)], GUILD)


def test_a_fingerprint_differs_once_something_was_changed_or_set_to_what_it_was() -> None:
    names = ("watch",)
    before = fingerprint(DEFAULTS, (), names)
    assert fingerprint(replace(DEFAULTS, language="de"), (), names) == before
    assert fingerprint(replace(DEFAULTS, watch=(1,)), (), names) != before
    assert fingerprint(DEFAULTS, {"watch"}, names) != before


def test_every_time_zone_is_in_one_menu_and_found_again() -> None:
    assert len(set(EVERY_ZONE)) == len(EVERY_ZONE)
    assert len(time_zones.zones_by_region()) <= limits.SELECT_OPTIONS
    for name in EVERY_ZONE:
        region = time_zones.region_of(name)
        assert region
        assert name in time_zones.zones_on_page(region, time_zones.page_of(name))
        assert ZoneInfo(name)
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "UTC"} <= set(EVERY_ZONE)
    assert time_zones.region_of("Etc/GMT+3") is None


def test_time_zones_are_labelled_by_place_and_offset() -> None:
    assert time_zones.label_of("America/Argentina/Buenos_Aires") == "Argentina/Buenos Aires"
    assert time_zones.label_of("UTC") == "UTC"
    assert time_zones.offset_of("Asia/Kolkata", NOW) == "UTC+05:30"
    assert time_zones.offset_of("America/New_York", NOW) == "UTC-04:00"


def test_the_zone_page_opens_where_the_zone_in_force_is() -> None:
    region, city, *buttons = controls(page("zone", scene(time_zone="America/New_York")))
    assert [option["value"] for option in region["options"] if option["default"]] == ["America"]
    assert [option["value"] for option in city["options"] if option["default"]] == ["America/New_York"]
    assert [button["label"] for button in buttons] == [texts.BACK, texts.PREVIOUS, texts.NEXT]
    assert len(controls(page("zone", scene(time_zone="Etc/GMT+3")))) == 2


def test_a_zone_page_that_is_no_more_becomes_the_last_one() -> None:
    view = View(region=Region("Europe", 99))
    city = controls(page("zone", scene(), view))[1]
    assert city["options"][-1]["value"] == time_zones.zones_by_region()["Europe"][-1]
    assert controls(page("zone", scene(), View(region=Region("Atlantis"))))[1]["options"][0]["value"] == "UTC"


IDS = st.lists(st.integers(1 << 22, (1 << 63) - 1), max_size=60, unique=True).map(tuple)
SETTINGS = st.builds(
    GuildSettings,
    watch=IDS,
    overhear=st.booleans(),
    admin_roles=IDS,
    overheard_budget=st.floats(0.01, 50),
    addressed_budget=st.floats(0.01, 50),
    channel_seconds=st.floats(0, 1e6),
    repeat_seconds=st.integers(0, 10**6).map(float),
    report_channel=st.none() | st.integers(0, (1 << 63) - 1),
    report_hour=st.integers(0, 23),
    time_zone=st.sampled_from([*EVERY_ZONE, "Etc/GMT+3", "US/Pacific"]),
    language=st.sampled_from(LANGUAGES),
    log_questions=st.booleans(),
)


@given(SETTINGS, st.sampled_from([None, *PAGES.values()]), st.booleans(), st.booleans())
def test_whatever_is_set_the_panel_fits_discords_limits(
    settings: GuildSettings,
    shown: Page | None,
    exist: bool,  # noqa: FBT001 - drawn
    own: bool,  # noqa: FBT001 - drawn
) -> None:
    there = frozenset((*settings.watch, *settings.admin_roles)) if exist else frozenset[int]()
    names = SETTABLE if own else frozenset[str]()
    drawn = Scene(settings, names, there, there, NOW, speech_in(settings.language))
    seen = fingerprint(settings, names, shown.settings if shown else ())
    reply = render_home(drawn) if shown is None else render_page(shown, drawn, View(seen, "notice", 10**9))
    assert len(said(reply)) <= limits.EMBED_DESCRIPTION
    assert len(reply.buttons) <= limits.ROWS
    assert all(sum(item.width for item in row) <= limits.BUTTONS_A_ROW for row in reply.buttons)
    for each in controls(reply):
        assert len(each["custom_id"]) <= 100
        assert re.fullmatch(Control.__discord_ui_compiled_template__, each["custom_id"])
        options = each.get("options", [])
        assert len(options) <= limits.SELECT_OPTIONS
        assert len({option["value"] for option in options}) == len(options)
        assert sum(option["default"] for option in options) <= 1
        assert all(len(option["label"]) <= limits.SELECT_LABEL for option in options)


@dataclass
class Guild:
    """As much of a server as is asked for."""

    id: int
    channels: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()

    def get_channel_or_thread(self, channel_id: int) -> object | None:
        return self if channel_id in self.channels else None

    def get_role(self, role_id: int) -> object | None:
        return self if role_id in self.roles else None


def test_what_the_configuration_names_for_other_servers_is_left_out() -> None:
    here, there = Guild(1, (LOUNGE,), (MODS,)), Guild(2, (HELP,), (15,))
    settings = replace(DEFAULTS, watch=(LOUNGE, HELP, GONE), admin_roles=(MODS, 15), report_channel=HELP)
    guilds = cast("list[discord.Guild]", [here, there])
    shown = only_here(settings, 1, guilds)
    assert shown.watch == (LOUNGE, GONE)
    assert shown.admin_roles == (MODS,)
    assert shown.report_channel is None
    assert only_here(settings, 2, guilds).report_channel == HELP
