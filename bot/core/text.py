r"""What people type, made fit for the model: cleaning, comparing, and telling questions from chatter.

Discord's markup is described in its documentation under "Message Formatting" (mentions, custom emoji, timestamps,
guild navigation) and in the support article "Markdown Text 101" (emphasis, code, spoilers, masked links).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

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
    "fancy" letters) become plain ones (Unicode NFKC). The result is empty where nothing readable is left.
    """
    visible = _visible(text)
    return _strip_markup(_CODE_FENCE.sub(" ", visible)) or _strip_markup(visible)


def _visible(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
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


def content_hash(text: str) -> str:
    """Return the SHA-256 of a cleaned text in hexadecimal: the key under which its embedding is cached."""
    return hashlib.sha256(text.encode()).hexdigest()


# How questions begin: interrogatives, and auxiliary verbs before their subject.
_INTERROGATIVE = (
    r"(?:who|what|when|where|why|which|whose|how|whats|hows|wheres|whos|"
    r"what's|how's|where's|who's|when's|why's|how'd|how do)"
)
_AUXILIARY = (
    r"(?:am|is|are|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had|"
    r"isn't|aren't|don't|doesn't|didn't|can't|cannot|couldn't|won't|wouldn't|shouldn't|isnt|cant|wont)"
)
_SUBJECT = (
    r"(?:i|you|we|they|he|she|it|there|this|that|these|those|my|your|our|their|his|her|its|the|a|an|any|"
    r"anyone|anybody|someone|somebody|everyone|one|people|members?|u)"
)
_OPENER = r"(?:(?:so|ok|okay|well|hi|hey|hello|hiya|um|uh|btw|and|but|also|please|pls|sorry|guys|all|folks)[\s,!.:-]+)*"
_QUESTION_START = re.compile(rf"^{_OPENER}(?:{_INTERROGATIVE}\b|{_AUXILIARY}\s+{_SUBJECT}\b)", re.IGNORECASE)
# Requests for help that are no questions by their grammar.
_REQUEST = re.compile(
    r"\b(?:"
    r"any ?(?:one|body) (?:here )?(?:knows?|has|have|got|else|able|can|could)|"
    r"does any ?(?:one|body)|(?:how|where|what) (?:do|can|should|to|would|am|is|are) |"
    r"i (?:need|want|would like|'d like) (?:some )?(?:help|to know|assistance)|i'd like to know|"
    r"(?:need|looking for|seeking) (?:some )?help|(?:please|pls|plz|can someone|someone) (?:help|explain|tell)|"
    r"help (?:me|please|pls|with)|wondering (?:how|if|what|when|where|whether|why|who)|"
    r"(?:no idea|not sure|don'?t know|dont understand|don'?t get|can'?t figure out|trying to (?:find|figure) out)"
    r" (?:how|what|when|where|whether|why|which|who|if)|"
    r"tell me (?:how|what|when|where|why|about)|"
    r"(?:lost|forgot|broke|missed) my |(?:what|how) about "
    r")",
    re.IGNORECASE,
)
_ASKING_MARK = re.compile(r"[?\uff1f\u061f\u037e\u055e]")
MIN_QUESTION_WORDS = 2
"""A single word ("what?", "really?") asks about the talk that it stands in, not about the FAQ."""


def looks_like_question(text: str) -> bool:
    """Return whether an overheard text, already cleaned, asks something.

    Judged by form alone: a question mark, how it begins, or a usual request for help. It errs towards True: what it
    lets pass still has to be close to an entry.
    """
    # Scripts that write no spaces are outside ASCII; for them the number of words says nothing.
    if text.isascii() and len(text.split()) < MIN_QUESTION_WORDS:
        return False
    return bool(_ASKING_MARK.search(text) or _QUESTION_START.search(text) or _REQUEST.search(text))
