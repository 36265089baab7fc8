"""A guild, and the small builder API that fills it: everything done here reaches connected clients as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events
from .entities import Channel, ChannelType, ForumTag, Member, Overwrite, Role
from .permissions import EVERYONE_DEFAULT, base_permissions, permissions_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .entities import Application, User
    from .world import World


class Guild:
    """A guild. Create it with `World.add_guild`; ids are integers, dictionaries are keyed by id."""

    def __init__(self, world: World, guild_id: int, name: str, owner: User) -> None:
        self.world = world
        self.id = guild_id
        self.name = name
        self.owner = owner
        self.preferred_locale = "en-US"
        self.channels: dict[int, Channel] = {}
        self.threads: dict[int, Channel] = {}
        self.members: dict[int, Member] = {}
        self.roles: dict[int, Role] = {guild_id: Role(guild_id, "@everyone", EVERYONE_DEFAULT, 0)}
        self.open_commands: set[str] = set()
        """Names of commands that the guild's admins opened to everybody under Integrations, whatever the command's
        own default permissions say."""

    def __repr__(self) -> str:
        return f"<Guild {self.name!r} {self.id}>"

    @property
    def everyone(self) -> Role:
        """The role every member has."""
        return self.roles[self.id]

    def permissions(self, user: User, channel: Channel | None = None) -> int:
        """A member's permission bits, in one channel or in the guild at large; 0 for a stranger."""
        return permissions_in(channel, user.id) if channel else base_permissions(self, user.id)

    def add_category(self, name: str) -> Channel:
        """Add a category; give its id to other channels as `parent`."""
        return self._add_channel(Channel(self.world.snowflakes.next(), ChannelType.CATEGORY, name))

    def add_text_channel(
        self,
        name: str,
        *,
        topic: str | None = None,
        parent: Channel | None = None,
        overwrites: Iterable[Overwrite] = (),
    ) -> Channel:
        """Add a text channel."""
        channel = Channel(self.world.snowflakes.next(), ChannelType.TEXT, name, topic=topic)
        channel.parent_id = parent.id if parent else None
        channel.overwrites = {overwrite.id: overwrite for overwrite in overwrites}
        return self._add_channel(channel)

    def add_forum(self, name: str, *, topic: str | None = None, tags: Iterable[str] = ()) -> Channel:
        """Add a forum channel with the tags it offers."""
        channel = Channel(self.world.snowflakes.next(), ChannelType.FORUM, name, topic=topic)
        channel.tags = [ForumTag(self.world.snowflakes.next(), tag) for tag in tags]
        return self._add_channel(channel)

    def _add_channel(self, channel: Channel) -> Channel:
        channel.guild = self
        channel.position = len(self.channels)
        self.channels[channel.id] = self.world.channels[channel.id] = channel
        self.world.publish(events.channel_event("CHANNEL_CREATE", channel))
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or thread, with the threads that hang from it."""
        for thread in [thread for thread in self.threads.values() if thread.parent_id == channel.id]:
            self.remove_channel(thread)
        if channel.is_thread:
            self.world.publish(events.thread_delete(channel))
        else:
            self.world.publish(events.channel_event("CHANNEL_DELETE", channel))
        self.channels.pop(channel.id, None)
        self.threads.pop(channel.id, None)
        self.world.channels.pop(channel.id, None)

    def set_overwrite(self, channel: Channel, target: Role | User, *, allow: int = 0, deny: int = 0) -> None:
        """Allow or deny permission bits to a role or a member in one channel, replacing what was set for it."""
        overwrite = Overwrite(target.id, not isinstance(target, Role), allow, deny)
        channel.overwrites[target.id] = overwrite
        self.world.publish(events.channel_event("CHANNEL_UPDATE", channel))

    def add_role(self, name: str, *, permissions: int = 0, color: int = 0, mentionable: bool = False) -> Role:
        """Add a role above the existing ones."""
        role = Role(self.world.snowflakes.next(), name, permissions, len(self.roles), color, mentionable)
        self.roles[role.id] = role
        self.world.publish(events.role_event("GUILD_ROLE_CREATE", self, role))
        return role

    def set_permissions(self, role: Role, permissions: int) -> None:
        """Give a role exactly these permission bits."""
        role.permissions = permissions
        self.world.publish(events.role_event("GUILD_ROLE_UPDATE", self, role))

    def remove_role(self, role: Role) -> None:
        """Delete a role and take it from its members."""
        for member in self.members.values():
            if role.id in member.role_ids:
                member.role_ids.remove(role.id)
        del self.roles[role.id]
        self.world.publish(events.role_delete(self, role))

    def add_member(self, user: User, *, roles: Iterable[Role] = (), nick: str | None = None) -> Member:
        """Let a user join. A bot joins through `install`."""
        member = Member(user, self, self.world.clock(), [role.id for role in roles], nick)
        self.members[user.id] = member
        self.world.publish(events.guild_create(self, user, joined=True))
        self.world.publish(events.member_event("GUILD_MEMBER_ADD", member))
        return member

    def set_roles(self, member: Member, roles: Iterable[Role]) -> None:
        """Give a member exactly these roles."""
        member.role_ids = [role.id for role in roles]
        self.world.publish(events.member_event("GUILD_MEMBER_UPDATE", member))

    def remove_member(self, user: User) -> None:
        """Take a user (or a bot) out of the guild."""
        del self.members[user.id]
        self.world.publish(events.member_remove(self, user))
        self.world.publish(events.guild_delete(self, user))

    def install(self, application: Application, *, permissions: int = 0) -> Member:
        """Add an application's bot, as its install link does: with a role of its own that holds `permissions`."""
        role = Role(self.world.snowflakes.next(), application.name, permissions, len(self.roles))
        role.managed_by = application.id
        self.roles[role.id] = role
        self.world.publish(events.role_event("GUILD_ROLE_CREATE", self, role))
        return self.add_member(application.user, roles=[role])
