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
    ``{"bot": "running" | "starting" | "stopped", "busy", "knows", "now", "week", "night", "faq": {"name", "own",
    "entries", "phrasings"}}``. ``busy`` says what is going on that nothing else may disturb (409), with its progress,
    or is null; ``now`` is what the clock of this world shows, ``week`` whether the busy week has been played, ``night``
    true or why no night can pass now.
``GET /playground/why?channel_id=&message_id=``
    What the bot decided about a message, or said in it, in its own words and figures; 204 where that is nothing.
    ``{"text", "verdict": "ignored", "why", "overheard", "hits": []}`` for what is no question to it, else
    ``{"text", "read_as", "verdict": "answer" | "suggest" | "no_match", "action": "reply" | "point_back" |
    "stay_silent", "why", "sentences", "probability", "probability_found", "limit_answer", "limit_suggest", "budget",
    "measured", "overheard", "margin", "latency", "hits"}``: see `Grounds` and `Explanation`. A hit is ``{"entry_id",
    "title", "phrasing", "similarity", "relevance", "terms", "adds"}``; ``adds`` are the terms times their weights,
    which add up to the relevance; ``margin`` is the lead in relevance over the runner-up.
``POST /playground/week``
    Plays the busy week: ``{"messages", "questions", "people"}``. Takes some seconds; ``busy`` shows how far it is.
``POST /playground/night``
    Lets the night pass: ``{"now", "report": {"channel_id", "message_id"} | null, "why"}``.
``POST /playground/bot``
    Takes ``{"running": true | false}``, gives the state.
``POST /playground/faq``
    Takes files as multipart/form-data, each a field ``files``: YAML of ours, or any format that ``faqtotum import``
    reads. Gives ``{"entries", "phrasings", "files", "notes": [{"path", "message"}]}``, or 422 with ``{"error",
    "problems": [{"path", "line", "message"}]}``, where line 0 stands for the whole file.
``DELETE /playground/faq``
    Goes back to the FAQ that the demo began with; gives the state.
"""

from .guard import is_loopback
from .page import is_built
from .playground import Playground, open_playground
from .town import SEATS, Town, build_config, build_town, shipped_faq

__all__ = [
    "SEATS",
    "Playground",
    "Town",
    "build_config",
    "build_town",
    "is_built",
    "is_loopback",
    "open_playground",
    "shipped_faq",
]
