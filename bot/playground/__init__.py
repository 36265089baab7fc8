"""Try the real bot in a browser: a loopback Discord, the bot connected to it, and a page that is a member's seat.

The page is a client of the loopback Discord like any other: REST below ``/api/v10`` with a person's token, the gateway
at ``/gateway``, files below ``/attachments`` and ``/ephemeral-attachments``, all of one origin. Addresses inside of
payloads are absolute; a page that was opened under another name of this machine uses their paths alone.

Beside that there are the playground's own addresses. They speak JSON, want the cookie that the printed address hands
out, and say ``{"error": "what to do"}`` with a status from 400 on:

``GET /playground/session``
    ``{"version", "guild_id", "application_id", "seats": [{"key", "user_id", "name", "token"}], "channels": {"watched",
    "unwatched", "forum", "report"}, "try": [lines]}``. The keys of the seats are member, member2, moderator, owner.
``GET /playground/state``
    ``{"bot": "running" | "starting" | "stopped", "knows", "now", "week", "night", "faq": {"name", "own", "entries",
    "phrasings"}}``. ``now`` is what the clock of this world shows, ``week`` whether the busy week has been played,
    ``night`` true or why no night can pass now.
"""

from .page import is_built
from .serving import Playground, open_playground
from .town import SEATS, Town, build_config, build_town, shipped_faq

__all__ = ["SEATS", "Playground", "Town", "build_config", "build_town", "is_built", "open_playground", "shipped_faq"]
