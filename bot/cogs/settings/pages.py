"""The pages of the settings panel. Pure: nothing here talks to Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import discord

from .. import limits
from ..rendering import COLOUR, Reply
from ..setting_texts import LABELS
from . import texts, time_zones, values
from .controls import Controls
from .values import say_duration, say_value, with_current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .controls import Control
    from .values import Scene

HOME = "home"


class Region(NamedTuple):
    """Which time zones are offered."""

    name: str | None
    page: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """What a page says and shows beside the settings themselves.

    Attributes:
        seen: The settings' fingerprint.
        notice: What has just been done; empty for nothing.
        undo: The change that the page's button takes back.
        warnings: What stands in the way of the settings.
        region: Which time zones to offer; those around the one in force by default.
    """

    seen: str = ""
    notice: str = ""
    undo: int | None = None
    warnings: Sequence[str] = ()
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the panel.

    Attributes:
        key: In the controls' ids.
        title: What it is about.
        about: What that means.
        settings: The names of its settings.
        menus: Makes its menus.
    """

    key: str
    title: str
    about: str
    settings: tuple[str, ...]
    menus: Callable[[Controls, Scene, View], list[Control]]


def render_home(scene: Scene, notice: str = "") -> Reply:
    """Return the first page: all settings, and what to change."""
    speech = scene.speech
    lines = [_line(name, scene) for name in LABELS]
    embed = discord.Embed(
        title=speech.say(texts.TITLE), description="\n".join(filter(None, [notice, *lines])), colour=COLOUR
    )
    embed.set_footer(text=speech.say(texts.LEGEND))
    options = [
        discord.SelectOption(
            label=speech.say(page.title),
            value=page.key,
            description=limits.shorten(speech.say(page.about), limits.SELECT_LABEL),
        )
        for page in PAGES.values()
    ]
    menu = Controls(HOME).menu("open", options, speech.say(texts.CHOOSE_PAGE))
    return Reply(embeds=(embed,), buttons=((menu,),))


def render_page(page: Page, scene: Scene, view: View) -> Reply:
    """Return a page on which something can be changed."""
    speech = scene.speech
    lines = [view.notice, speech.say(page.about), "", *(_line(name, scene) for name in page.settings)]
    if page.key == "roles" and scene.settings.admin_roles and scene.is_hidden:
        lines.append(speech.say(texts.ADMIN_ROLES_HIDDEN))
    if page.key == "watch" and len(scene.there("watch")) > limits.SELECT_OPTIONS:
        count = len(scene.there("watch"))
        lines.append(speech.say(texts.WATCH_TOO_MANY, count=count, limit=limits.SELECT_OPTIONS))
    lines += view.warnings
    embed = discord.Embed(title=speech.say(page.title), description="\n".join(lines).strip(), colour=COLOUR)
    if scene.own.intersection(page.settings):
        embed.set_footer(text=speech.say(texts.LEGEND))
    controls = Controls(page.key, view.seen)
    menus = [(menu,) for menu in page.menus(controls, scene, view)]
    return Reply(embeds=(embed,), buttons=(*menus, tuple(_buttons(page, controls, scene, view))))


def _line(name: str, scene: Scene) -> str:
    template = texts.LINE_OWN if name in scene.own else texts.LINE
    return scene.speech.say(template, label=scene.speech.say(LABELS[name]), value=say_value(name, scene))


def _buttons(page: Page, controls: Controls, scene: Scene, view: View) -> list[Control]:
    speech = scene.speech
    buttons = [Controls(HOME).button("show", speech.say(texts.BACK))]
    if page.key == "zone":
        buttons += _turners(controls, scene, view)
    if scene.own.intersection(page.settings):
        buttons.append(controls.button("reset", speech.say(texts.RESET)))
    if {"watch", "admin_roles"}.intersection(page.settings) and scene.deleted(page.settings[0]):
        buttons.append(controls.button("drop", speech.say(texts.DROP_DELETED), page.settings[0]))
    if page.key == "report" and scene.settings.report_channel:
        buttons.append(controls.button("stop", speech.say(texts.NO_REPORT)))
    if view.undo is not None:
        buttons.append(controls.button("undo", speech.say(texts.UNDO), view.undo))
    return buttons


def _watch(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    chosen = scene.there("watch")
    return [controls.channels("watch", chosen, scene.speech.say(texts.WATCH_CHOOSE), several=True)]


def _overhear(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    say = scene.speech.say
    options = [
        discord.SelectOption(label=say(texts.OVERHEAR_YES), value=values.YES, default=scene.settings.overhear),
        discord.SelectOption(label=say(texts.OVERHEAR_NO), value=values.NO, default=not scene.settings.overhear),
    ]
    return [controls.menu("put", options, say(texts.OVERHEAR_CHOOSE), "overhear")]


def _roles(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    return [controls.roles("admin_roles", scene.there("admin_roles"), scene.speech.say(texts.ADMIN_ROLES_CHOOSE))]


def _numbers(
    controls: Controls, name: str, offered: Sequence[float], scene: Scene, say: Callable[[float], str]
) -> Control:
    current = scene.value(name)
    options = [
        discord.SelectOption(label=say(one), value=f"{one:g}", default=one == current)
        for one in with_current(offered, current)
    ]
    return controls.menu("put", options, subject=name)


def _careful(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    say = scene.speech.say
    return [
        _numbers(controls, name, offered, scene, lambda budget, template=template: say(template, budget=budget))
        for name, offered, template in (
            ("overheard_budget", values.OVERHEARD_BUDGETS, texts.BUDGET_OVERHEARD_CHOICE),
            ("addressed_budget", values.ADDRESSED_BUDGETS, texts.BUDGET_ADDRESSED_CHOICE),
        )
    ]


def _cooldown(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    def say(template: str, seconds: float) -> str:
        return scene.speech.say(template, duration=say_duration(seconds, scene.speech))

    return [
        _numbers(controls, name, offered, scene, lambda seconds, template=template: say(template, seconds))
        for name, offered, template in (
            ("channel_seconds", values.CHANNEL_PAUSES, texts.CHANNEL_SECONDS_CHOICE),
            ("repeat_seconds", values.REPEAT_PAUSES, texts.REPEAT_SECONDS_CHOICE),
        )
    ]


def _report(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    say, channel = scene.speech.say, scene.settings.report_channel
    chosen = [channel] if channel in scene.channels else []
    hours = [
        discord.SelectOption(
            label=say(texts.REPORT_HOUR_CHOICE, hour=hour), value=str(hour), default=hour == scene.settings.report_hour
        )
        for hour in range(values.HOURS)
    ]
    return [
        controls.channels("report_channel", chosen, say(texts.REPORT_CHANNEL_CHOOSE), several=False),
        controls.menu("put", hours, subject="report_hour"),
    ]


def _region(scene: Scene, view: View) -> Region:
    zone, wanted = scene.settings.time_zone, view.region
    if wanted is None or wanted.name is None or wanted.name not in time_zones.zones_by_region():
        return Region(time_zones.region_of(zone), time_zones.page_of(zone))
    # The database of the time zones may be another one since the page was drawn.
    return Region(wanted.name, min(wanted.page, time_zones.count_pages(wanted.name) - 1))


def _zone(controls: Controls, scene: Scene, view: View) -> list[Control]:
    say, region = scene.speech.say, _region(scene, view)
    regions = [
        discord.SelectOption(label=name, value=name, default=name == region.name)
        for name in time_zones.zones_by_region()
    ]
    menus = [controls.menu("region", regions, say(texts.REGION_CHOOSE))]
    if region.name is None:
        return menus
    cities = [
        discord.SelectOption(
            label=time_zones.label_of(name),
            value=name,
            description=time_zones.offset_of(name, scene.now),
            default=name == scene.settings.time_zone,
        )
        for name in time_zones.zones_on_page(region.name, region.page)
    ]
    pages = time_zones.count_pages(region.name)
    template = texts.CITY_CHOOSE if pages == 1 else texts.CITY_CHOOSE_PAGE
    placeholder = say(template, page=region.page + 1, pages=pages)
    return [*menus, controls.menu("put", cities, placeholder, "time_zone")]


def _turners(controls: Controls, scene: Scene, view: View) -> list[Control]:
    """Return the buttons that turn over the leaves of a region."""
    region = _region(scene, view)
    pages = 1 if region.name is None else time_zones.count_pages(region.name)
    if pages == 1:
        return []
    say, page = scene.speech.say, region.page
    return [
        controls.button("turn", say(texts.PREVIOUS), f"{region.name}|{max(page - 1, 0)}", disabled=page == 0),
        controls.button("turn", say(texts.NEXT), f"{region.name}|{page + 1}", disabled=page == pages - 1),
    ]


def _language(controls: Controls, scene: Scene, _view: View) -> list[Control]:
    options = [
        discord.SelectOption(label=name, value=tag, default=tag == scene.settings.language)
        for tag, name in values.LANGUAGE_NAMES.items()
    ]
    return [controls.menu("put", options, scene.speech.say(texts.LANGUAGE_CHOOSE), "language")]


PAGES = {
    page.key: page
    for page in (
        Page("watch", LABELS["watch"], texts.WATCH_ABOUT, ("watch",), _watch),
        Page("overhear", LABELS["overhear"], texts.OVERHEAR_ABOUT, ("overhear",), _overhear),
        Page("roles", LABELS["admin_roles"], texts.ADMIN_ROLES_ABOUT, ("admin_roles",), _roles),
        Page("careful", texts.CAREFUL, texts.CAREFUL_ABOUT, ("overheard_budget", "addressed_budget"), _careful),
        Page("cooldown", texts.COOLDOWN, texts.COOLDOWN_ABOUT, ("channel_seconds", "repeat_seconds"), _cooldown),
        Page("report", texts.REPORT, texts.REPORT_ABOUT, ("report_channel", "report_hour"), _report),
        Page("zone", LABELS["time_zone"], texts.TIME_ZONE_ABOUT, ("time_zone",), _zone),
        Page("language", LABELS["language"], texts.LANGUAGE_ABOUT, ("language",), _language),
    )
}
"""By key, in the order in which they are offered."""
