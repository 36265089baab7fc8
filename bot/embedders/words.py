"""The words that a model knows whole: found in its tokenizer, and kept beside a compiled model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..core.vocabulary import NO_WORDS, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

WORDS_FILE, RANKS_FILE = "words.txt", "words.npy"
"""The rows of a `Vocabulary`, a line each, and its places in order of frequency."""
_CONTINUED = "##"
"""WordPiece marks the tokens with which no word begins."""


def whole_words(tokenizer: Any) -> Vocabulary:  # noqa: ANN401 - models bring tokenizers of many kinds
    """Return the words that a WordPiece tokenizer keeps whole, by their frequency, as its vocabulary is ordered.

    Other tokenizers mix words with beginnings of words, from which nothing can be told; for them there are none.
    """
    read = getattr(tokenizer, "get_vocab", None)
    tokens = cast("dict[str, int]", read() if callable(read) else {})
    if not any(token.startswith(_CONTINUED) for token in tokens):
        return NO_WORDS
    ordered = sorted(tokens, key=tokens.__getitem__)
    return Vocabulary.of(token.casefold() for token in ordered if token.isalpha() and len(token) > 1)


def write_words(folder: Path, words: Vocabulary) -> None:
    """Write words into a folder.

    Raises:
        OSError: It cannot be written to, or is full.
    """
    (folder / WORDS_FILE).write_text("\n".join(words.rows), encoding="utf-8")
    np.save(folder / RANKS_FILE, np.array(words.ranks, dtype=np.uint32))


def read_words(folder: Path) -> Vocabulary:
    """Return the words that `write_words` wrote.

    Raises:
        OSError: They cannot be read.
        ValueError: They are something else.
    """
    text = (folder / WORDS_FILE).read_text(encoding="utf-8")
    return Vocabulary(text.split("\n"), np.load(folder / RANKS_FILE))
