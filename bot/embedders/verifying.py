"""Whether a compiled model makes of texts what its source makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cache import Verification
from .settings import BFLOAT16, FLOAT32, INT8

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.types import Embeddings
    from .settings import Precision

LOWEST_ALLOWED: dict[Precision, float] = {FLOAT32: 0.9999, BFLOAT16: 0.9999, INT8: 0.9}
"""Cosine similarity that each text has to reach. In single precision the two differ in the last digits only; in eight
bits they differ, and how much that costs is measured by the calibration, so here only what is broken is refused."""

MEAN_ALLOWED: dict[Precision, float] = {FLOAT32: 0.9999, BFLOAT16: 0.9999, INT8: 0.98}
"""Likewise for the mean over the texts."""

_PHRASE = "the bot answers what was asked before and keeps quiet about everything else "

TEXTS: tuple[str, ...] = (
    "",
    " ",
    "?",
    "no",
    "hi",
    "How do I get a refund?",
    "how do i reset my pasword",
    "HOW DO I RESET MY PASSWORD???",
    "I want my money back",
    "can you cancel my order and return the payment",
    "my card got lost what now",
    "when does the office open on saturdays and is there parking",
    "What is the difference between the basic and the premium plan?",
    "error 0x80070005 after update 23H2",
    "pls help!!!11",
    "it's not working, I've tried turning it off & on again :(",
    "Where can I find the rules?\nAnd who do I ask about them?",
    "\ttabs\tand   many    spaces  ",
    "`pip install faqtotum` fails with `ModuleNotFoundError: No module named 'torch'`",
    "https://example.com/a/b?c=d#e what is this link",
    "<@123456789012345678> can you help me with <#123456789012345678>",
    "[CLS] [SEP] [PAD] [MASK] <s> </s> <pad>",
    "naïve café façade coöperate Ångström",
    "¿Cómo restablezco mi contraseña?",
    "Wie setze ich mein Passwort zurück, und warum heißt das Straße?",
    "как сбросить пароль",
    "密码在哪里",
    "パスワードを忘れました",
    "كيف أسترد كلمة السر",
    "पासवर्ड कहाँ है",
    "\N{WAVING HAND SIGN}\N{SNOWMAN} how do I \N{SQUARED OK}",
    "e\N{COMBINING ACUTE ACCENT} \N{ZERO WIDTH JOINER}\N{NO-BREAK SPACE}x\N{SOFT HYPHEN}y",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "1234567890 3.14159 1,000,000 50% $20 -7",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "All work and no play makes Jack a dull boy",
    *(" ".join((_PHRASE * 60).split()[:count]) for count in (5, 9, 17, 33, 65, 127, 254, 257, 700)),
    "x" * 5000,
)
"""Short and long (up to and beyond what models read), in many scripts, with what tokenizers treat in special ways.
Their lengths differ, so that padding is put to the test."""

_ALONE = ("", "How do I get a refund?", "как сбросить пароль")
"""Embedded once more by themselves, because that takes another path."""


def verify(embed: Callable[[list[str]], Embeddings], expected: Embeddings) -> Verification:
    """Return how close a way to embed comes to the right embeddings of `TEXTS`.

    Args:
        embed: Returns embeddings of length 1.
        expected: The right ones, of length 1.
    """
    found = np.concatenate([embed([*TEXTS]), *(embed([text]) for text in _ALONE)])
    wanted = np.concatenate([expected, expected[[TEXTS.index(text) for text in _ALONE]]])
    similarities = np.einsum("td,td->t", found, wanted, dtype=np.float64)
    return Verification(len(similarities), float(similarities.min()), float(similarities.mean()))


def find_fault(verification: Verification, precision: Precision) -> str | None:
    """Return why a compiled model may not serve, None if it may."""
    lowest, mean = LOWEST_ALLOWED[precision], MEAN_ALLOWED[precision]
    # Written so that what is no number is refused.
    if verification.lowest >= lowest and verification.mean >= mean:
        return None
    return (
        f"compiled, it embeds differently: cosine similarity to the original {verification.lowest:.4f} at the lowest "
        f"and {verification.mean:.4f} on average, at least {lowest} and {mean} are asked for"
    )
