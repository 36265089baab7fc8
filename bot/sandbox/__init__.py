"""A loopback Discord: REST and gateway of API v10 over real HTTP and websockets, with everything in memory.

world = World()
ann = world.add_user("Ann")
guild = world.add_guild("Test", owner=ann)
channel = guild.add_text_channel("help")
bot = world.add_application("Faqtotum", token="a token", message_content=True)
guild.install(bot)

async with Sandbox(world) as sandbox, Seat(sandbox, ann) as seat:
    with redirected(sandbox):
        ...  # start any discord.py client with the token
    await seat.say(channel.id, "hello?")
"""

from .entities import Application, Attachment, Channel, ChannelType, Member, Message, Overwrite, Role, User
from .faults import Faults
from .guild import Guild
from .observers import GatewayFrame, RestExchange
from .permissions import ALL_PERMISSIONS, Permission
from .ratelimits import Bucket, RateLimits
from .redirect import redirected
from .rest_people import USER_ONLY
from .seat import Seat
from .seat_gateway import SeatEvent
from .seat_modals import Modal
from .seat_views import Choice, InteractionFailedError, SeatError, SeatFile, SeenMessage, Used
from .server import Sandbox
from .snowflakes import ManualClock
from .world import World

__all__ = [
    "ALL_PERMISSIONS",
    "USER_ONLY",
    "Application",
    "Attachment",
    "Bucket",
    "Channel",
    "ChannelType",
    "Choice",
    "Faults",
    "GatewayFrame",
    "Guild",
    "InteractionFailedError",
    "ManualClock",
    "Member",
    "Message",
    "Modal",
    "Overwrite",
    "Permission",
    "RateLimits",
    "RestExchange",
    "Role",
    "Sandbox",
    "Seat",
    "SeatError",
    "SeatEvent",
    "SeatFile",
    "SeenMessage",
    "Used",
    "User",
    "World",
    "redirected",
]
