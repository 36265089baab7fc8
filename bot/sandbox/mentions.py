"""Whom a message pings: what its text says, cut down to what its sender allowed.

Source: Discord's documentation, "Message Formatting" and, of the message resource, "Allowed Mentions Object".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._json import as_list
from .entities import Mentions
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Channel, User
    from .forms import Form

MAX_LISTED = 100
"""Ids in `allowed_mentions.users` and `.roles`."""

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_KINDS = ("users", "roles", "everyone")


def check(allowed: Json | None, form: Form) -> None:
    """Note in the form whatever Discord would refuse."""
    if allowed is None:
        return
    parse = as_list(allowed.get("parse"))
    for index, kind in enumerate(parse):
        form.choice(f"allowed_mentions.parse.{index}", kind, _KINDS)
    for kind in ("users", "roles"):
        form.count(f"allowed_mentions.{kind}", allowed.get(kind) or [], MAX_LISTED)
        if kind in parse and allowed.get(kind):
            form.add(
                f"allowed_mentions.{kind}",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )


def find(content: str, allowed: Json | None, channel: Channel, author: User, replied_to: User | None) -> Mentions:
    """The mentions of a text. Without `allowed` everything counts, the author of the message replied to included."""
    found = Mentions()
    for user_id in map(int, _USER.findall(content)):
        user = _user_in(channel, user_id)
        if user and user not in found.users and _allows(allowed, "users", user_id):
            found.users.append(user)
    if replied_to and replied_to not in found.users and (allowed is None or allowed.get("replied_user")):
        found.users.append(replied_to)
    guild = channel.guild
    if guild is None:
        return found
    may_ping_all = bool(permissions_in(channel, author.id) & Permission.MENTION_EVERYONE)
    for role_id in map(int, _ROLE.findall(content)):
        role = guild.roles.get(role_id)
        pingable = role is not None and (role.mentionable or may_ping_all)
        if pingable and role_id not in found.roles and _allows(allowed, "roles", role_id):
            found.roles.append(role_id)
    found.everyone = bool(_EVERYONE.search(content)) and may_ping_all and _allows(allowed, "everyone", 0)
    return found


def _user_in(channel: Channel, user_id: int) -> User | None:
    if channel.guild is None:
        return next((user for user in channel.recipients if user.id == user_id), None)
    return channel.guild.world.users.get(user_id)


def _allows(allowed: Json | None, kind: str, wanted: int) -> bool:
    if allowed is None or kind in (as_list(allowed.get("parse"))):
        return True
    return str(wanted) in map(str, allowed.get(kind) or [])
