"""What a world is without anybody connected to it."""

from __future__ import annotations

import discord
import pytest

from bot.sandbox import ManualClock, Permission, World
from bot.sandbox.entities import Channel, ChannelType, ThreadState
from bot.sandbox.snowflakes import Snowflakes, shard_of


def test_snowflakes_grow_on_a_clock_that_stands_still() -> None:
    clock = ManualClock()
    flakes = Snowflakes(clock)
    ids = [flakes.next() for _ in range(3)]
    assert ids == sorted(set(ids))
    assert discord.utils.snowflake_time(ids[0]).timestamp() == clock()
    assert flakes.now().endswith("+00:00")
    clock.advance(1)
    assert flakes.next() - ids[0] > 1 << 22
    assert {shard_of(number << 22, 3) for number in range(6)} == {0, 1, 2}


def test_a_direct_message_channel_has_no_threads() -> None:
    world = World()
    dm = world.dm(world.add_user("a"), world.add_user("b"))
    with pytest.raises(ValueError, match="no threads"):
        world.add_thread(dm, Channel(1, ChannelType.PUBLIC_THREAD), ThreadState(1, 0.0))
    assert "Test" in repr(world.add_guild("Test", owner=world.add_user("c")))


def test_permissions_add_up_as_documented() -> None:
    world = World()
    owner, ann = world.add_user("owner"), world.add_user("ann")
    guild = world.add_guild("Test", owner=owner)
    channel = guild.add_text_channel("help")
    role = guild.add_role("role")
    assert guild.permissions(ann) == 0
    guild.add_member(ann, roles=[role])
    guild.set_overwrite(channel, guild.everyone, deny=Permission.SEND_MESSAGES)
    assert not guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    assert guild.permissions(ann) & Permission.SEND_MESSAGES
    guild.set_overwrite(channel, role, allow=Permission.SEND_MESSAGES)
    assert guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    guild.set_overwrite(channel, ann, deny=Permission.SEND_MESSAGES)
    assert not guild.permissions(ann, channel) & Permission.SEND_MESSAGES
    guild.set_permissions(role, Permission.ADMINISTRATOR)
    assert guild.permissions(ann, channel) == guild.permissions(owner, channel)
