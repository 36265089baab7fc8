"""Discord's limits on what a message may hold.

Source: Discord's documentation, "Message" and "Message Components" resources, August 2026.
"""

from ..services.report_lists import MAX_BYTES

EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELD_VALUE = 1024
EMBED_TOTAL = 6000
"""Characters over all embeds of one message."""
EMBEDS = 10
FILES = 10
BUTTON_LABEL = 80
BUTTONS_A_ROW = 5
ROWS = 5
TEXT_INPUT = 4000
SELECT_OPTIONS = 25
SELECT_LABEL = 100
AUTOCOMPLETE_CHOICES = 25
CHOICE_NAME = 100
FILE = MAX_BYTES
"""Bytes of an attached file, in a server without boosts; who makes lists for reports knows it, too."""


def shorten(text: str, limit: int) -> str:
    """Return a text cut to at most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
