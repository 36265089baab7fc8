"""An FAQ that can be searched, and what its questions consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..matching import ADDRESSED, OVERHEARD, Matcher, build_corpus, calibrate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..core.types import Entry
    from ..matching import Calibration, Prior


@dataclass(frozen=True)
class Priors:
    """Of what the questions to one FAQ consist.

    Attributes:
        addressed: Those put to the bot.
        overheard: Those that it overheard.
    """

    addressed: Prior = ADDRESSED
    overheard: Prior = OVERHEARD

    def of(self, *, addressed: bool) -> Prior:
        """Return the prior for one kind of question."""
        return self.addressed if addressed else self.overheard


@dataclass(frozen=True)
class Faq:
    """The FAQ of one scope, ready to be searched.

    Attributes:
        matcher: Ranks its entries.
        calibration: Says what a ranking is worth.
        priors: Assumed, or learnt from the log.
        judged: The confidence in the logged questions from which the priors were learnt, by the digest that `learning`
            makes of each: no text outlives the log here.
    """

    matcher: Matcher
    calibration: Calibration
    priors: Priors = Priors()
    judged: Mapping[bytes, float] = field(default_factory=dict[bytes, float], compare=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The enabled entries, in the order of the files."""
        return self.matcher.corpus.entries

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry with this id, None if there is none (any more)."""
        return self._by_id.get(entry_id)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}


def _make_empty() -> Faq:
    nothing = np.zeros((0, 0), dtype=np.float32)
    matcher = Matcher(build_corpus(()), nothing)
    return Faq(matcher, calibrate(matcher, nothing, (), nothing))


EMPTY_FAQ = _make_empty()
"""What the bot knows before the first reload."""
