"""Stand-ins for the pseudo-queries of an FAQ that is too small to be asked its own.

They are the confidences that 75 FAQs of two to seven entries with one to five phrasings gave, drawn from three public
sets of real questions and ranked without a linear head: twentieths of the questions in scope, of near misses and of
chatter. Wrong answers and near misses are set higher by a tenth, so that a small FAQ errs towards silence.
"""

from __future__ import annotations

import numpy as np

from .samples import Samples

_CAUTION = 0.1
_RIGHT = np.array(
    [
        *(0.23, 0.32, 0.38, 0.42, 0.45, 0.48, 0.50, 0.53, 0.55, 0.57),
        *(0.60, 0.62, 0.64, 0.66, 0.69, 0.72, 0.75, 0.78, 0.82, 0.90),
    ]
)
_WRONG = np.array([0.25, 0.45]) + _CAUTION
_NEAR = np.array(
    [
        *(0.09, 0.11, 0.13, 0.14, 0.15, 0.17, 0.18, 0.19, 0.20, 0.21),
        *(0.23, 0.24, 0.26, 0.28, 0.30, 0.32, 0.35, 0.38, 0.42, 0.50),
    ]
)
_CHATTER = np.array(
    [
        *(0.06, 0.08, 0.09, 0.09, 0.10, 0.11, 0.11, 0.12, 0.12, 0.13),
        *(0.13, 0.14, 0.15, 0.15, 0.16, 0.17, 0.18, 0.20, 0.22, 0.28),
    ]
)

SAFE_SAMPLES = Samples(
    held_out=np.concatenate([_RIGHT, _WRONG]),
    right=np.array([True] * len(_RIGHT) + [False] * len(_WRONG)),
    found=np.array([True] * len(_RIGHT) + [True, False]),
    near=_NEAR + _CAUTION,
    near_weights=np.ones(len(_NEAR)),
    chatter=_CHATTER,
)
