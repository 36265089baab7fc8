"""Who asks the room for something: telling questions and reports of trouble from chatter.

A linear model over named cues that can be read one by one. `benchmarks/questions.py` measures it on labelled lines of
open channels and, with `--fit`, fits the weights again. The cues are English; in other languages only the question
mark speaks, whatever its script.

Of the lines that had no part in choosing cues and weights, 84 % of those taken for questions are, and 90 % of the
questions are found; of the hard ones, questions without the form and chatter with it, 75 % and 80 %.
"""

from __future__ import annotations

import math
import re

from . import question_words as lists
from .question_cues import patterns

MIN_SCORE = 0.5
"""A text with at least this score is taken for a question: it is more likely one than not."""

FOREIGN_SCORE = 0.9
"""The least score of a text with a question mark and letters that English has not: there, only the mark can be read."""

FIRST_WORDS = 3
"""A topic among the first words is what a text without a verb is about ("shuttle times pls")."""

FEW_WORDS = 6
"""Up to so many words about a topic are more likely a request in brief than a story."""

_FORMS = frozenset({"how", "what", "inversion", "do i", "do you", "do you offer", "anyone", "indirect", "help"})
_REPORTS = frozenset({"cannot", "problem", "error"})
_LISTS = {
    "trouble": lists.TROUBLE,
    "banter": lists.BANTER,
    "praise": lists.PRAISE,
    "everyday": lists.EVERYDAY,
    "he or she": lists.THIRD_PERSONS,
    "you": lists.SECOND_PERSONS,
}

_MARK = re.compile(
    "[?\uff1f\u061f\u037e\u055e\u00bf\u2e2e\u1367\u1945\ua60f\ua6f7\U0001e95f]"
    # Unicode normalises the Greek question mark to the semicolon that Greek keyboards write anyway.
    "|[\u0370-\u03ff\u1f00-\u1fff] ?;"
)
# Logarithms of odds, fitted on the lines for choosing: `benchmarks/questions.py --fit` prints them.
BIAS = -1.0
WEIGHTS = {
    "how": 0.9,
    "what": 0.5,
    "inversion": 0.9,
    "do i": 1.1,
    "do you": -0.3,
    "do you offer": 0.3,
    "anyone": 0.8,
    "indirect": 0.6,
    "help": -0.3,
    "please": 0.4,
    "asks for": 1.1,
    "cannot": 0.9,
    "problem": 1.0,
    "error": 0.8,
    "me too": -1.3,
    "solved": -1.4,
    "advice": -1.3,
    "told": -1.9,
    "exclaims": -0.5,
    "uninverted": -1.0,
    "rhetorical": -2.9,
    "banter": -1.5,
    "small talk": -1.8,
    "for fun": -1.5,
    "past": -1.4,
    "helping": -1.7,
    "soon": -1.0,
    "i did": -1.5,
    "trouble": 1.3,
    "praise": -1.2,
    "everyday": -0.8,
    "he or she": -1.5,
    "you": -1.9,
    "mark": 0.6,
    "asked": 2.3,
    "topic first": 0.9,
    "statement on topic": -0.5,
    "short topic": 1.5,
    "topic in trouble": 1.1,
    "own trouble": 1.1,
    "marked fragment": 1.1,
    "reaction": -1.1,
    "one word": -0.2,
    "imperative": -0.9,
    "statement": -2.0,
    "assent": -2.0,
}

_APOSTROPHE = re.compile("['\u2019\u2018\u02bc\u00b4`]")
_DRAWN_OUT = re.compile(r"([a-z])\1\1+")
_WORD = re.compile(r"\w+")


def _plain(text: str) -> str:
    """Return a text in lower case, without apostrophes (many leave them out) and with drawn-out letters cut short."""
    return _DRAWN_OUT.sub(r"\1", _APOSTROPHE.sub("", text.casefold()))


def find_cues(text: str) -> frozenset[str]:
    """Return the names of the cues in a cleaned text; `WEIGHTS` says what each is worth."""
    plain = _plain(text)
    words = _WORD.findall(plain)
    cues = {cue for cue, pattern in patterns().items() if pattern.search(plain)}
    mark, asked = _MARK.search(text) is not None, not cues.isdisjoint(_FORMS)
    if mark:
        cues.add("mark")
    if asked:
        cues.add("asked")
    cues |= {cue for cue, listed in _LISTS.items() if not listed.isdisjoint(words)}
    if "do you offer" in cues:
        cues -= {"do you", "you"}
    cues |= _find_start(words, cues)
    # A topic is no hint where the form of a question already is one.
    topic = None if asked else next((index for index, word in enumerate(words) if lists.is_topic(word)), None)
    in_trouble = "trouble" in cues or not cues.isdisjoint(_REPORTS)
    bare = bool(words) and words[0] not in lists.STATEMENT_STARTS and words[0] not in lists.FIRST_PERSONS
    reaction = lists.REACTIONS.issuperset(words)
    flags = {
        "topic first": topic is not None and topic < FIRST_WORDS and bare,
        "statement on topic": topic is not None and not mark and not in_trouble and not lists.STATING.isdisjoint(words),
        "short topic": topic is not None and len(words) <= FEW_WORDS and bare and lists.STATING.isdisjoint(words),
        "topic in trouble": topic is not None and in_trouble,
        "own trouble": in_trouble and not lists.FIRST_PERSONS.isdisjoint(words),
        "marked fragment": mark and not asked and not reaction,
        "reaction": reaction,
        "one word": len(words) == 1,
    }
    cues |= {cue for cue, holds in flags.items() if holds}
    # Who reports what they did, and asks or complains in the same breath, does not just tell a story.
    if mark or asked or in_trouble:
        cues.discard("i did")
    return frozenset(cues)


def _find_start(words: list[str], cues: set[str]) -> set[str]:
    """Return the cues that lie in the first words."""
    first, second = [*words[:2], "", ""][:2]
    return {
        cue
        for cue, holds in {
            "imperative": first in lists.IMPERATIVES
            or (first in {"please", "just", "then"} and second in lists.IMPERATIVES),
            "statement": first in lists.STATEMENT_STARTS and cues.isdisjoint(_REPORTS),
            "assent": first in lists.ASSENTS,
        }.items()
        if holds
    }


def question_score(text: str) -> float:
    """Return how much a cleaned text asks the room for something, from 0 (chatter) to 1 (a question or a cry for help).

    Judged by form alone; whether the FAQ knows an answer is for the search to say. The time grows with the length of
    the text and no faster.
    """
    # Added up exactly, so that the order of the cues, which differs from run to run, changes no digit.
    score = 1 / (1 + math.exp(-math.fsum([BIAS, *(WEIGHTS[cue] for cue in find_cues(text))])))
    if score < FOREIGN_SCORE and _MARK.search(text) and any(char.isalpha() and not char.isascii() for char in text):
        return FOREIGN_SCORE
    return score


def looks_like_question(text: str) -> bool:
    """Return whether an overheard text, already cleaned, asks the room for something.

    It errs towards True: what it lets pass still has to be close to an entry.
    """
    return question_score(text) >= MIN_SCORE
