"""Routes that only people's own clients use: starting interactions, and listing what can be started.

Discord documents none of these. They are here because a member of a sandbox has to press a button somehow; `USER_ONLY`
names them, so that nobody holds them against Discord's OpenAPI document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import attachments, commands, invocation, locales, submissions
from ._json import as_object
from .errors import not_found, unauthorized
from .forms import Form, snowflake
from .interactions import Interaction, InteractionType
from .resolving import Resolver
from .routing import NO_CONTENT, Call, Reply, Routes, require

if TYPE_CHECKING:
    from ._json import Json
    from .commands import Command
    from .entities import Channel, Message, User

MAX_NONCE = 25

routes = Routes()


@routes.add("GET", "/channels/{channel_id}/application-command-index", user_only=True)
def channel_index(call: Call) -> Reply:
    """The commands that the account can call in a channel, with their translations into its language."""
    channel = call.channel()
    found = commands.usable_in(call.world, channel.guild)
    return _index(call, [each for each in found if invocation.allowed(each, call.user, channel)])


@routes.add("GET", "/guilds/{guild_id}/application-command-index", user_only=True)
def guild_index(call: Call) -> Reply:
    """The commands that can be called in a guild by whoever may; what a member may not, a real client hides itself."""
    return _index(call, commands.usable_in(call.world, call.guild()))


def _index(call: Call, found: list[Command]) -> Reply:
    shown = [locales.in_language(each.payload(), call.user.locale) for each in found]
    return Reply(body={"application_commands": shown})


@routes.add("POST", "/interactions", user_only=True)
def start(call: Call) -> Reply:
    """Use a command, a component, an autocompleted option or a modal."""
    if call.user.bot:
        raise unauthorized()
    form = Form()
    form.choice("type", call.body.get("type"), set(map(int, InteractionType)))
    form.length("nonce", str(call.body.get("nonce") or ""), MAX_NONCE)
    form.close()
    channel = call.world.channels.get(snowflake(call.body.get("channel_id"), "channel_id"))
    if channel is None:
        raise not_found("Channel")
    require(channel, call.user)
    kind = InteractionType(call.body["type"])
    interaction = _BUILD[kind](call, channel, call.user)
    interaction.nonce = call.body.get("nonce")
    call.desk.open(interaction)
    return NO_CONTENT


def _new(call: Call, kind: InteractionType, channel: Channel, application_id: int) -> Interaction:
    application = call.world.applications[application_id]
    return Interaction(call.world.snowflakes.next(), "", kind, application, call.user, channel, {}, call.world.clock())


def _command(call: Call, channel: Channel, user: User) -> Interaction:
    sent = as_object(call.body.get("data"))
    kind = InteractionType(call.body["type"])
    command = invocation.find(call.world, channel, user, sent, int(call.body.get("application_id") or 0))
    filling = invocation.Filling(user, _resolver(call, channel, sent), partial=kind is InteractionType.AUTOCOMPLETE)
    interaction = _new(call, kind, channel, command.application.id)
    interaction.data = filling.data(command, sent)
    return interaction


def _resolver(call: Call, channel: Channel, sent: Json) -> Resolver:
    files = attachments.of_interaction(call.world, channel.id, sent, call.uploads)
    call.world.uploads |= {file.id: file for file in files.values()}
    return Resolver(channel, call.user, files)


def _component(call: Call, channel: Channel, user: User) -> Interaction:
    message = _message(call, channel, user)
    application = message.application
    if application is None:
        raise not_found("Application")
    interaction = _new(call, InteractionType.MESSAGE_COMPONENT, channel, application.id)
    interaction.message = message
    sent = as_object(call.body.get("data"))
    interaction.data = submissions.component_data(message, sent, Resolver(channel, user))
    return interaction


def _message(call: Call, channel: Channel, user: User) -> Message:
    message = call.world.message(channel, snowflake(call.body.get("message_id"), "message_id"))
    if message is None or message.ephemeral_for not in {None, user}:
        raise not_found("Message")
    return message


def _modal(call: Call, channel: Channel, user: User) -> Interaction:
    sent = as_object(call.body.get("data"))
    trigger = call.desk.modal_of(snowflake(sent.get("id"), "data.id"), user.id)
    interaction = _new(call, InteractionType.MODAL_SUBMIT, channel, trigger.application.id)
    interaction.trigger = trigger
    interaction.message = trigger.message
    interaction.data = submissions.modal_data(as_object(trigger.modal), sent, _resolver(call, channel, sent))
    return interaction


_BUILD = {
    InteractionType.APPLICATION_COMMAND: _command,
    InteractionType.AUTOCOMPLETE: _command,
    InteractionType.MESSAGE_COMPONENT: _component,
    InteractionType.MODAL_SUBMIT: _modal,
}

USER_ONLY = tuple((route.method, route.template) for route in routes.table)
"""Methods and templates of everything in here."""
