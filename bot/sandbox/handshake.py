"""The answers of the gateway to IDENTIFY and to requests for members.

Source: Discord's documentation, "Gateway Events" (Identify, Ready, Request Guild Members) and the table of close codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import payloads
from .intents import ALL_INTENTS, Intent
from .sessions import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from .entities import Application, Member
    from .guild import Guild
    from .world import World

CLOSE_AUTHENTICATION_FAILED = 4004
CLOSE_INVALID_SHARD = 4010
CLOSE_INVALID_INTENTS = 4013
CLOSE_DISALLOWED_INTENTS = 4014

API_VERSION = 10
CHUNK_SIZE = 1000
MAX_QUERIED_MEMBERS = 100
MAX_NONCE_BYTES = 32
"""A longer one is ignored."""


class RefusedError(Exception):
    """The gateway closes the connection with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"close code {code}")
        self.code = code


def identify(world: World, data: Json) -> Session:
    """Open a session.

    Raises:
        RefusedError: for a bad token, a bad shard, or intents that do not exist or are not switched on.
    """
    token = str(data.get("token", ""))
    user = world.user_by_token(token, bot=True) or world.user_by_token(token, bot=False)
    if user is None:
        raise RefusedError(CLOSE_AUTHENTICATION_FAILED)
    index, count = data.get("shard") or (0, 1)
    if not 0 <= index < count:
        raise RefusedError(CLOSE_INVALID_SHARD)
    intents = data.get("intents")
    application = world.applications.get(user.id)
    if application is not None:
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            raise RefusedError(CLOSE_INVALID_INTENTS)
        if intents & _forbidden(application):
            raise RefusedError(CLOSE_DISALLOWED_INTENTS)
    return Session(user, application, intents or 0, (index, count), sharded="shard" in data)


def _forbidden(application: Application) -> int:
    switches = {
        Intent.MESSAGE_CONTENT: application.message_content,
        Intent.GUILD_MEMBERS: application.guild_members,
        Intent.GUILD_PRESENCES: application.presences,
    }
    return sum(int(intent) for intent, is_on in switches.items() if not is_on)


def ready(session: Session, guilds: list[Guild], gateway_url: str) -> Json:
    """The data of READY."""
    payload: Json = {
        "v": API_VERSION,
        "user": payloads.own_user(session.user),
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "session_id": session.id,
        "resume_gateway_url": gateway_url,
    }
    if session.sharded:
        payload["shard"] = list(session.shard)
    if session.application is not None:
        flags = payloads.application(session.application, 0)["flags"]
        payload["application"] = {"id": str(session.application.id), "flags": flags}
    return payload


def member_chunks(world: World, session: Session, data: Json) -> Iterator[Json]:
    """The GUILD_MEMBERS_CHUNK events that answer a request for members."""
    guild = world.guilds.get(int(data.get("guild_id") or 0))
    if guild is None or not session.serves(guild):
        return
    found, missing = _asked_for(guild, data)
    if data.get("query") == "" and not session.intents & Intent.GUILD_MEMBERS:
        found = []
    chunks = [found[start : start + CHUNK_SIZE] for start in range(0, len(found), CHUNK_SIZE)] or [[]]
    for index, chunk in enumerate(chunks):
        payload: Json = {
            "guild_id": str(guild.id),
            "members": [payloads.member(member) for member in chunk],
            "chunk_index": index,
            "chunk_count": len(chunks),
        }
        if missing:
            payload["not_found"] = missing
        if data.get("presences") and session.intents & Intent.GUILD_PRESENCES:
            payload["presences"] = []
        nonce = str(data.get("nonce") or "")
        if 0 < len(nonce.encode()) <= MAX_NONCE_BYTES:
            payload["nonce"] = nonce
        yield payload


def _asked_for(guild: Guild, data: Json) -> tuple[list[Member], list[str]]:
    wanted: Any = data.get("user_ids")
    if wanted is not None:
        ids = [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        found = [guild.members[int(each)] for each in ids if int(each) in guild.members]
        return found[:MAX_QUERIED_MEMBERS], [each for each in ids if int(each) not in guild.members]
    query = str(data.get("query") or "")
    members = [member for member in guild.members.values() if member.user.name.startswith(query)]
    limit = int(data.get("limit") or 0)
    if query:
        limit = min(limit, MAX_QUERIED_MEMBERS)
    return members[: limit or None], []
