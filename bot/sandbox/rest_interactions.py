"""Routes by which an application answers interactions: the callback, and the webhook its token opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import message_payloads, messaging
from .desk import CallbackType
from .entities import MessageFlag
from .errors import not_found
from .payloads import Viewer
from .routing import NO_CONTENT, Call, Reply, Routes

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Message
    from .interactions import Interaction

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = _WEBHOOK + "/messages/@original"
_MESSAGE = _WEBHOOK + "/messages/{message_id}"

routes = Routes()


@routes.add("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
def callback(call: Call) -> Reply:
    """The first response; 204, or on request what it created."""
    interaction = call.desk.awaiting(call.id("interaction_id"), call.params["interaction_token"])
    call.desk.respond(interaction, call.body, call.uploads)
    if call.query.get("with_response") not in {"true", "True", "1"}:
        return NO_CONTENT
    return Reply(body=_callback_response(interaction))


def _callback_response(interaction: Interaction) -> Json:
    about: Json = {"id": str(interaction.id), "type": int(interaction.type)}
    about["channel_id"] = str(interaction.channel.id)
    if interaction.channel.guild is not None:
        about["guild_id"] = str(interaction.channel.guild.id)
    original = interaction.original
    if original is None:
        return {"interaction": about}
    about |= {
        "response_message_id": str(original.id),
        "response_message_loading": bool(original.flags & MessageFlag.LOADING),
        "response_message_ephemeral": original.ephemeral_for is not None,
    }
    payload: Json = {"interaction": about}
    if interaction.response["type"] in {CallbackType.MESSAGE, CallbackType.UPDATE}:
        payload["resource"] = interaction.response | {"message": _show(interaction, original)}
    return payload


def _show(interaction: Interaction, message: Message) -> Json:
    return message_payloads.message(message, Viewer(interaction.application.user))


def _interaction(call: Call) -> Interaction:
    return call.desk.acknowledged(call.id("webhook_id"), call.params["webhook_token"])


def _message(call: Call, interaction: Interaction) -> Message:
    if "message_id" not in call.params:
        message = interaction.original
        if message is None or call.world.message(interaction.channel, message.id) is None:
            raise not_found("Message")
        return message
    message = call.world.message(interaction.channel, call.id("message_id"))
    # Its own messages, and the one whose component was used, which `@original` stands for after an update.
    if message is None or (message.interaction is not interaction and message is not interaction.original):
        raise not_found("Message")
    return message


@routes.add("POST", _WEBHOOK)
def follow_up(call: Call) -> Reply:
    """One more message; interaction webhooks always answer with it, as if `wait` were set."""
    interaction = _interaction(call)
    return Reply(body=_show(interaction, call.desk.follow_up(interaction, call.body, call.uploads)))


@routes.add("GET", _ORIGINAL)
@routes.add("GET", _MESSAGE)
def read(call: Call) -> Reply:
    """A response or follow-up."""
    interaction = _interaction(call)
    return Reply(body=_show(interaction, _message(call, interaction)))


@routes.add("PATCH", _ORIGINAL)
@routes.add("PATCH", _MESSAGE)
def edit(call: Call) -> Reply:
    """Edit a response or follow-up."""
    interaction = _interaction(call)
    message = _message(call, interaction)
    call.desk.edit(message, call.body, call.uploads)
    return Reply(body=_show(interaction, message))


@routes.add("DELETE", _ORIGINAL)
@routes.add("DELETE", _MESSAGE)
def delete(call: Call) -> Reply:
    """Delete a response or follow-up. What is sent after the original is gone is a message of its own."""
    interaction = _interaction(call)
    message = _message(call, interaction)
    messaging.delete(call.world, message)
    if message is interaction.original:
        interaction.original = None
    return NO_CONTENT
