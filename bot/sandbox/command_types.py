"""The kinds of application commands and of their options, and where they can be used.

Source: Discord's documentation, "Application Commands".
"""

from enum import IntEnum

MAX_STRING = 6000
"""Characters of a text option."""

CONTEXT_GUILD, CONTEXT_BOT_DM = 0, 1
"""Where a command can be used (documentation: "Interaction Context Types")."""


class CommandType(IntEnum):
    """How a command is called (documentation: "Application Command Types")."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """Option types (documentation: "Application Command Option Type")."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = frozenset({OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP})
