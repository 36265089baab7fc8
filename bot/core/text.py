r"""What people type, made fit for the model: cleaning and comparing.

Discord's markup is described in its documentation under "Message Formatting" (mentions, custom emoji, timestamps,
guild navigation) and in the support article "Markdown Text 101" (emphasis, code, spoilers, masked links).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 10_000
"""Characters that are read of a text, before and after normalisation, which makes up to 18 of one: twice what Discord
takes in a message and more, and far more than models read. Whoever posts it, the bot is not to stand still over it."""

_CODE_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MASKED_LINK = re.compile(r"\[([^\[\]]*)\]\(<?[^\s()<>]*>?(?:\s+\"[^\"]*\")?\)")
# A scheme's length is bounded, or a long row of dots and letters would be searched from each of its letters to its end.
_ADDRESS = re.compile(r"<?\b[a-z][a-z0-9+.-]{0,30}://[^\s<>]+>?", re.IGNORECASE)
# Users <@1> <@!1>, roles <@&1>, channels <#1>, guild navigation <id:customize>, timestamps <t:1:R>, custom emoji.
_MENTION = re.compile(r"<(?:@[!&]?\d+|#\d+|id:\w+|t:-?\d+(?::\w)?|a?:\w+:\d+)>|@everyone\b|@here\b")
_COMMAND_MENTION = re.compile(r"</([^:<>]+):\d+>")
_LINE_MARKUP = re.compile(r"^[ \t]*(?:>>> |> |-# |#{1,3} |[-*] )+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\\)(?:\*+|~~|\|\||__|`+)")
_ESCAPE = re.compile(r"\\([*_~|`>#\[\]()\\-])")
_SPACE = re.compile(r"\s+")
_PLAIN = re.compile(r"(?![ -])(?:[^\W_]|[,.;:?!'\u2019\"%&()+=-]| (?! |\Z))*")
"""Texts in which nothing of the above can be: one line, single spaces, no mark that Discord takes for markup."""
_FINAL_MARKS = "?!.\u2026\u3002\uff01\uff1f\u061f\u037e\u055e "
"""Ends of sentences in the scripts that have their own."""

# Characters that show nothing but are neither spaces nor of the categories "format" and "control".
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    *map(chr, range(0xFE00, 0xFE10)),  # variation selectors
    *map(chr, range(0xE0100, 0xE01F0)),  # variation selectors, supplement
}
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """Return a text as the model should read it: one line, no invisible characters, no Discord markup.

    Mentions, custom emoji, time stamps, addresses and code blocks go; emphasis, masked links and command mentions
    leave their words. A code block stays where there is nothing else. Compatibility characters (full-width and
    "fancy" letters) become plain ones (Unicode NFKC). The result is empty where nothing readable is left. What is
    behind `LONGEST` is not read.
    """
    visible = _visible(text)
    if _PLAIN.fullmatch(visible):
        return visible
    return _strip_markup(_CODE_FENCE.sub(" ", visible)) or _strip_markup(visible)


def _visible(text: str) -> str:
    # Sorting the marks on one letter takes a time quadratic in their number.
    normal = unicodedata.normalize("NFKC", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]
    if normal.isprintable() and _INVISIBLE.isdisjoint(normal):
        # Nearly always, and nine times as fast: to Python, nothing of those categories is printable.
        return normal
    return "".join(
        char
        for char in normal
        if char.isspace() or (char not in _INVISIBLE and unicodedata.category(char) not in _INVISIBLE_CATEGORIES)
    )


def _strip_markup(text: str) -> str:
    text = _LINE_MARKUP.sub("", text)
    text = _MASKED_LINK.sub(r"\1", text)
    text = _COMMAND_MENTION.sub(r"\1", text)
    # What goes leaves a space, so that its neighbours cannot join into markup again.
    text = _MENTION.sub(" ", _ADDRESS.sub(" ", text))
    text = _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text))
    return _SPACE.sub(" ", text).strip()


def phrasing_key(text: str) -> str:
    """Return what two phrasings have in common when people would call them the same: case, spaces, final marks."""
    return clean(text).casefold().rstrip("?!. ")


def as_question(text: str) -> str:
    """Return a cleaned text in the form in which it is embedded: ending in one question mark.

    Half of the people who ask leave it out, and models take a sentence with and without it for two different things.
    """
    return text.rstrip(_FINAL_MARKS) + "?"


def content_hash(text: str) -> str:
    """Return the SHA-256 of a cleaned text in hexadecimal: the key under which its embedding is cached."""
    return hashlib.sha256(text.encode()).hexdigest()
