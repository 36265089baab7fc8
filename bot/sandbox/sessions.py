"""Gateway sessions: which events they receive, and what they missed while their connection was gone.

Source: Discord's documentation of the gateway: "Sharding", "Resuming", "Gateway Intents".
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

from .intents import ALL_INTENTS, Intent
from .payloads import Viewer
from .permissions import Permission, permissions_in
from .snowflakes import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._json import Json
    from .entities import Application, User
    from .events import Event
    from .guild import Guild
    from .world import World

OP_DISPATCH = 0
MAX_REPLAYED = 1000
"""Events kept for a resume; Discord publishes no figure."""


class Session:
    """A logged-in client; outlives its connection, so that a new one can resume it."""

    def __init__(
        self,
        user: User,
        application: Application | None,
        intents: int,
        shard: tuple[int, int],
        *,
        sharded: bool = False,
    ) -> None:
        self.id = secrets.token_hex(16)
        self.user = user
        self.application = application
        self.intents = intents if user.bot else ALL_INTENTS
        self.shard = shard
        self.sharded = sharded
        """Whether the client named its shard itself; only then does READY repeat it."""
        self.viewer = Viewer(user, content=not user.bot or bool(intents & Intent.MESSAGE_CONTENT))
        self.sequence = 0
        self._sent: deque[Json] = deque(maxlen=MAX_REPLAYED)
        self.write: Callable[[Json], None] | None = None
        """How to reach the client; None while its connection is gone."""

    def serves(self, guild: Guild) -> bool:
        """Whether a guild is this session's business: its account is a member, and its shard has the guild."""
        return self.user.id in guild.members and shard_of(guild.id, self.shard[1]) == self.shard[0]

    def wants(self, event: Event) -> bool:
        """Whether an event is for this session."""
        if event.users is not None and self.user.id not in event.users:
            return False
        if event.intents and not self.intents & event.intents and event.exempt != self.user.id:
            return False
        if event.guild is not None and not self.serves(event.guild):
            return False
        # Direct messages, and whatever else belongs to no guild, reach a bot on its first shard.
        if event.guild is None and self.shard[0] != 0 and event.name != "GUILD_DELETE":
            return False
        if event.channel is None or event.channel.guild is None:
            return True
        return bool(permissions_in(event.channel, self.user.id) & Permission.VIEW_CHANNEL)

    def deliver(self, event: Event) -> None:
        """Send an event, or keep it for a resume."""
        if event.render_members is not None:
            # Without presences a bot is told of its own membership only, and has to ask for the rest.
            everyone = bool(self.intents & Intent.GUILD_PRESENCES) or not self.user.bot
            self.dispatch(event.name, event.render_members(self.viewer, everyone))
        else:
            self.dispatch(event.name, event.render(self.viewer))

    def dispatch(self, name: str, data: Json) -> None:
        """Send one event by name, numbered."""
        self.sequence += 1
        payload: Json = {"op": OP_DISPATCH, "t": name, "s": self.sequence, "d": data}
        self._sent.append(payload)
        if self.write is not None:
            self.write(payload)

    def can_replay(self, after: int) -> bool:
        """Whether everything that followed a sequence number is still at hand."""
        return after <= self.sequence and self.sequence - after <= len(self._sent)

    def replay(self, after: int) -> None:
        """Send again what a resuming client has not seen."""
        for payload in self._sent:
            if payload["s"] > after and self.write is not None:
                self.write(payload)


class Hub:
    """All sessions of a sandbox; carries what the world publishes to those it concerns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}

    def open(self, session: Session) -> None:
        """Let a session receive events."""
        self.sessions[session.id] = session

    def forget(self, session_id: str) -> None:
        """End a session; nobody can resume it any more."""
        self.sessions.pop(session_id, None)

    def publish(self, event: Event) -> None:
        """Deliver an event to every session it is for."""
        for session in list(self.sessions.values()):
            if session.wants(event):
                session.deliver(event)

    def guilds_of(self, session: Session) -> list[Guild]:
        """The guilds a session serves."""
        return [guild for guild in self._world.guilds.values() if session.serves(guild)]
