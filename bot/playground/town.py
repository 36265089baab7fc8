"""The playground's little world: one server, its channels, its people and the bot, before anybody has said anything."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..sandbox import Permission, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..sandbox import Application, Channel, Guild, Role, User

SEATS = ("member", "member2", "moderator", "owner")
"""Whose place can be taken."""
_TOKEN_BYTES = 24
"""Of a random token: nobody guesses 192 bits."""
_REPORT_HOUR = 7
FAQ_FILES = "*.y*ml"
"""What people call FAQ files of ours."""


@dataclass(frozen=True, slots=True)
class Town:
    """A server with three channels and a forum.

    Attributes:
        world: All of it.
        guild: The server.
        application: The bot.
        people: By the names of their seats, see `SEATS`.
        moderators: The role that may administer the FAQ.
        watched: Where the bot reads along.
        unwatched: Where it answers when it is asked.
        forum: Where every post is a question.
        report: Where the nightly report is posted.
    """

    world: World
    guild: Guild
    application: Application
    people: Mapping[str, User]
    moderators: Role
    watched: Channel
    unwatched: Channel
    forum: Channel
    report: Channel

    def add_person(self, name: str, shown: str) -> User:
        """Return a new account, of nobody's server yet, with a token that nobody guesses."""
        return _add_person(self.world, name, shown)

    @property
    def you(self) -> User:
        """Who sits at the terminal."""
        return self.people["member"]

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channels by what they are for."""
        return {
            "watched": self.watched,
            "unwatched": self.unwatched,
            "forum": self.forum,
            "report": self.report,
        }


def build_town(clock: Callable[[], float] = time.time) -> Town:
    """Return the world; `clock` gives its time in seconds since 1970."""
    world = World(clock)
    owner = _add_person(world, "olga", "Olga")
    names = {"member": ("you", "You"), "member2": ("ben", "Ben"), "moderator": ("mia", "Mia")}
    people = {seat: _add_person(world, *name) for seat, name in names.items()}
    guild = world.add_guild("Faqtotum's demo", owner=owner)
    application = world.add_application(
        "Faqtotum", token=secrets.token_urlsafe(_TOKEN_BYTES), owner=owner, message_content=True
    )
    moderators = guild.add_role("Moderators", permissions=Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS)
    for seat, user in people.items():
        guild.add_member(user, roles=[moderators] if seat == "moderator" else [])
    guild.install(application)
    return Town(
        world,
        guild,
        application,
        {**people, "owner": owner},
        moderators,
        watched=guild.add_text_channel("help", topic="Faqtotum reads along here"),
        unwatched=guild.add_text_channel("lounge", topic="Faqtotum only answers when it is asked"),
        forum=guild.add_forum("questions"),
        report=guild.add_text_channel("faq-report", topic="Every night: what keeps being asked"),
    )


def _add_person(world: World, name: str, shown: str) -> User:
    return world.add_user(name, token=secrets.token_urlsafe(_TOKEN_BYTES), global_name=shown)


def build_config(town: Town, folder: Path, faq: Path | None, pattern: str = FAQ_FILES) -> Config:
    """Return the configuration for the bot.

    Args:
        town: Its channels are watched.
        folder: The database goes here.
        faq: Folder of FAQ files, None for the shipped ones.
        pattern: Which of the files there are FAQ files.
    """
    settings: Mapping[str, Mapping[str, Any]] = {
        # The folder, or one above it, may be called "my [bot]".
        "faq": {"files": [str(Path(escape(str((faq or shipped_faq()).resolve())), pattern))]},
        # A role that may administer shows its commands to everybody: a member can try them, and be told no.
        "discord": {"watch": [town.watched.id, town.forum.id], "admin_roles": [town.moderators.id]},
        # Whoever tries things out asks quickly, and more than once.
        "cooldown": {"channel_seconds": 0, "repeat_seconds": 20},
        "replies": {"show_similarity": True},
        "report": {"channel": town.report.id, "hour": _REPORT_HOUR},
        "store": {"path": str(folder / "demo.sqlite3")},
    }
    return Config.from_mapping(settings)


def shipped_faq() -> Path:
    """Return the folder of the shipped FAQ files: inside an installed package, beside the package in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "faq_data"
    return inside if inside.is_dir() else package.parent / "faq_data"
