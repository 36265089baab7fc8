"""The front desk for interactions: takes them in, takes their one first response, and their follow-ups.

Source: Discord's documentation, "Receiving and Responding": three seconds for the first response, a token good for
fifteen minutes, and the callback types.
"""

from __future__ import annotations

import secrets
from enum import IntEnum
from typing import TYPE_CHECKING

from . import command_checks, components, compose, locales, messaging, modals
from ._json import as_list, as_object
from .entities import MessageFlag, MessageType, Reference
from .errors import ApiError, already_acknowledged, not_found
from .forms import Form
from .interactions import (
    FIRST_RESPONSE_SECONDS,
    TOKEN_SECONDS,
    Interaction,
    InteractionType,
    to_application,
    to_user,
)

if TYPE_CHECKING:
    from ._json import Json
    from .attachments import Upload
    from .entities import Message
    from .world import World

_FORGET_SECONDS = 2 * TOKEN_SECONDS
"""Until then a token that has expired is told from one that never was."""


class CallbackType(IntEnum):
    """Documentation: "Interaction Callback Type"."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


_COMMAND = frozenset({CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.MODAL})
_UPDATES = frozenset({CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE})
_ALLOWED = {
    InteractionType.APPLICATION_COMMAND: _COMMAND,
    InteractionType.MESSAGE_COMPONENT: _COMMAND | _UPDATES,
    InteractionType.AUTOCOMPLETE: frozenset({CallbackType.AUTOCOMPLETE}),
    InteractionType.MODAL_SUBMIT: _COMMAND - {CallbackType.MODAL} | _UPDATES,
}


class Desk:
    """All interactions of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_token: dict[str, Interaction] = {}

    def open(self, interaction: Interaction) -> None:
        """Take an interaction in, and tell its application and its user."""
        interaction.token = secrets.token_urlsafe(24)
        self._by_token[interaction.token] = interaction
        self._world.publish(to_user(interaction, "INTERACTION_CREATE"))
        self._world.publish(to_application(interaction))

    def expire(self) -> None:
        """Fail every interaction that has waited too long for its first response; forget the very old ones."""
        for interaction in list(self._by_token.values()):
            if self._world.clock() - interaction.created_at > _FORGET_SECONDS:
                del self._by_token[interaction.token]
            if not interaction.acknowledged and not interaction.failed and self._late(interaction):
                interaction.failed = True
                self._world.publish(to_user(interaction, "INTERACTION_FAILURE", {"reason_code": 2}))

    def _late(self, interaction: Interaction) -> bool:
        return self._world.clock() - interaction.created_at >= FIRST_RESPONSE_SECONDS

    def modal_of(self, interaction_id: int, user_id: int) -> Interaction:
        """The interaction that was answered with a modal.

        Raises:
            ApiError: 404, if there is none for this user.
        """
        for interaction in self._by_token.values():
            if interaction.id == interaction_id and interaction.user.id == user_id and interaction.modal:
                return interaction
        raise not_found("Interaction")

    def awaiting(self, interaction_id: int, token: str) -> Interaction:
        """An interaction that may still be given its first response.

        Raises:
            ApiError: 404 (10062) when it is unknown or too late, 400 (40060) when it has been given.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise not_found("Interaction")
        if interaction.acknowledged:
            raise already_acknowledged()
        if interaction.failed or self._late(interaction):
            raise not_found("Interaction")
        return interaction

    def acknowledged(self, application_id: int, token: str) -> Interaction:
        """An interaction that takes follow-ups.

        Raises:
            ApiError: 404 (10015) for an unknown token or one not answered yet, 401 (50027) for an expired one.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.application.id != application_id or not interaction.acknowledged:
            raise not_found("Webhook")
        if self._world.clock() - interaction.created_at >= TOKEN_SECONDS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def respond(self, interaction: Interaction, body: Json, uploads: list[Upload]) -> None:
        """Take the first response.

        Raises:
            ApiError: 400, when it does not suit the interaction or Discord would refuse what it says.
        """
        form = Form()
        form.choice("type", body.get("type"), set(map(int, _ALLOWED[interaction.type])))
        # A silent deferral needs no message: a form always takes it (pull request 5486 of discord/discord-api-docs).
        if interaction.message is None and body.get("type") == CallbackType.UPDATE:
            form.add("type", "INTERACTION_TYPE_INVALID", "There is no message to update.")
        form.close()
        kind = CallbackType(body["type"])
        data = as_object(body.get("data"))
        details: Json = {}
        if kind is CallbackType.MESSAGE:
            interaction.original = self._say(interaction, data, uploads, prefix="data.")
        elif kind is CallbackType.DEFERRED_MESSAGE:
            interaction.original = self._think(interaction, data)
        elif kind is CallbackType.AUTOCOMPLETE:
            details = {"choices": self._choices(data, interaction.user.locale)}
        elif kind is CallbackType.MODAL:
            details = self._modal(interaction, data)
        else:
            interaction.original = interaction.message
            if kind is CallbackType.UPDATE and interaction.message is not None:
                messaging.edit(self._world, interaction.message, data, uploads)
        interaction.acknowledged = True
        if interaction.trigger is not None:
            # An answered form closes; one that was refused or not answered stays open.
            interaction.trigger.modal = None
        interaction.response = {"type": int(kind)}
        self._world.publish(to_user(interaction, _ANSWERED.get(kind, "INTERACTION_SUCCESS"), details))

    def follow_up(self, interaction: Interaction, body: Json, uploads: list[Upload]) -> Message:
        """Send one more message; after a deferral the first one takes the place of the "thinking" message.

        Raises:
            ApiError: 400, when Discord would refuse what it says.
        """
        original = interaction.original
        if original is not None and original.flags & MessageFlag.LOADING:
            self.edit(original, body, uploads)
            return original
        return self._say(interaction, body, uploads)

    def edit(self, message: Message, body: Json, uploads: list[Upload]) -> None:
        """Edit a response; ends the "thinking" of a deferred one.

        Raises:
            ApiError: 400, when Discord would refuse what it says.
        """
        loading = message.flags & MessageFlag.LOADING
        message.flags &= ~int(MessageFlag.LOADING)
        try:
            messaging.edit(self._world, message, body, uploads, edited=not loading)
        except ApiError:
            message.flags |= loading
            raise

    def _blank(self, interaction: Interaction, data: Json) -> Message:
        message = messaging.new_message(self._world, interaction.channel, interaction.application.user)
        message.interaction = interaction
        message.type = _response_type(interaction)
        replied = interaction.original or interaction.message
        if replied is not None:
            message.type = MessageType.REPLY
            message.reference = Reference(replied.channel, replied.id)
        elif (target := interaction.target("messages")) is not None:
            message.reference = Reference(interaction.channel, int(target))
        if int(data.get("flags") or 0) & MessageFlag.EPHEMERAL:
            message.ephemeral_for = interaction.user
            message.flags |= MessageFlag.EPHEMERAL
        return message

    def _say(self, interaction: Interaction, data: Json, uploads: list[Upload], *, prefix: str = "") -> Message:
        message = self._blank(interaction, data)
        message.tts = bool(data.get("tts"))
        compose.fill(message, data, uploads, self._world, prefix=prefix)
        messaging.ping(message, data)
        messaging.post(self._world, message)
        return message

    def _think(self, interaction: Interaction, data: Json) -> Message:
        message = self._blank(interaction, data)
        message.flags |= MessageFlag.LOADING
        messaging.post(self._world, message)
        return message

    @staticmethod
    def _choices(data: Json, locale: str) -> list[Json]:
        form = Form()
        choices: list[Json] = as_list(data.get("choices"))
        form.count("data.choices", choices, command_checks.MAX_CHOICES)
        for index, choice in enumerate(choices):
            command_checks.check_choice(choice, form, f"data.choices.{index}.")
        form.close()
        return [locales.in_language(choice, locale) for choice in choices]

    @staticmethod
    def _modal(interaction: Interaction, data: Json) -> Json:
        form = Form()
        modals.check(data, form)
        form.close()
        interaction.modal = data
        return {
            "channel_id": str(interaction.channel.id),
            "custom_id": data["custom_id"],
            "title": data["title"],
            "components": components.complete(data["components"], modal=True),
        }


_ANSWERED = {
    CallbackType.AUTOCOMPLETE: "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
    CallbackType.MODAL: "INTERACTION_MODAL_CREATE",
}


def _response_type(interaction: Interaction) -> MessageType:
    first = interaction.trigger or interaction
    if first.type is not InteractionType.APPLICATION_COMMAND:
        return MessageType.DEFAULT
    slash = first.data["type"] == 1
    return MessageType.CHAT_INPUT_COMMAND if slash else MessageType.CONTEXT_MENU_COMMAND
