"""Which entries members, and the bot, could confuse, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.speech import Sentence, counted, sentence
from ..matching import cluster_order, find_confusable, hold_out, measure_closeness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Entry
    from ..matching import Confusable, Side
    from .faq import Faq


@dataclass(frozen=True)
class Overlap:
    """How close the entries of an FAQ lie to each other.

    Attributes:
        entries: The entries, so ordered that those which are alike stand together.
        similarities: Of their closest phrasings, in the same order, shape ``(entries, entries)``.
        questions: Likewise of their questions alone.
        pairs: Those that could be confused, the likeliest confusion first.
        asked: How many phrasings were held out and asked; 0 where no entry has one to spare.
    """

    entries: tuple[Entry, ...]
    similarities: NDArray[np.float32]
    questions: NDArray[np.float32]
    pairs: tuple[Confusable, ...]
    asked: int


def find_overlap(faq: Faq) -> Overlap:
    """Return which entries could be confused; takes up to seconds for a big FAQ, so call it in a thread."""
    matcher = faq.matcher
    closeness = measure_closeness(matcher)
    order: list[int] = cluster_order(closeness.phrasings).tolist()
    # What calibrating an FAQ found is at hand. One that is too small for that has been asked nothing yet.
    calibration = faq.calibration
    taken = calibration.samples.taken if calibration.measured else hold_out(matcher, matcher.embeddings)
    return Overlap(
        entries=tuple(faq.entries[number] for number in order),
        similarities=closeness.phrasings[np.ix_(order, order)],
        questions=closeness.questions[np.ix_(order, order)],
        pairs=find_confusable(matcher, closeness, taken),
        asked=len(np.unique(taken.rows)),
    )


def advise(pair: Confusable) -> tuple[Sentence, ...]:
    """Return why two entries could be confused, and what to do about it, one fact each."""
    a, b = pair.a, pair.b
    told = list[Sentence]()
    if pair.is_close:
        told.append(
            sentence(
                "“{a}” and “{b}” lie close ({similarity}): “{phrasing_a}” / “{phrasing_b}”.",
                a=a.entry.id,
                b=b.entry.id,
                similarity=f"{pair.similarity:.2f}",
                phrasing_a=a.phrasing,
                phrasing_b=b.phrasing,
            )
        )
    told += [_tell_astray(one, other) for one, other in ((a, b), (b, a)) if one.astray]
    if pair.is_close:
        told.append(sentence("Merge them, or make the phrasings differ."))
    elif a.astray and b.astray:
        told.append(sentence("Give both more phrasings like those."))
    else:
        loser = a if a.astray else b
        told.append(sentence("Give “{entry}” more phrasings of that kind.", entry=loser.entry.id))
    return tuple(told)


def _tell_astray(one: Side, other: Side) -> Sentence:
    return counted(
        "Without it in the FAQ, the bot would take {count} of {asked} phrasings of “{one}” for “{other}”: “{example}”.",
        "Without them in the FAQ, the bot would take {count} of {asked} phrasings of “{one}” for “{other}”, such as "
        "“{example}”.",
        len(one.astray),
        asked=one.asked,
        one=one.entry.id,
        other=other.entry.id,
        example=one.astray[0],
    )
