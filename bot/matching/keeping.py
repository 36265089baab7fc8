"""What was fitted to an FAQ as bytes, so that one that did not change need be neither fitted nor measured again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from ..core.installed import installed_version
from .head import Head
from .lexicon import Lexicon
from .samples import Samples, Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .matcher import Corpus

_SAMPLES = ("held_out", "right", "found", "near", "near_weights", "chatter")
_LEXICON = "lexicon_"
_HEAD = ("centre", "weights", "bias")


@dataclass(frozen=True)
class Fit:
    """What takes its time to find out about an FAQ.

    Attributes:
        head: Its linear head, None where it has none.
        samples: What was measured.
        lexicon: How its phrasings are spelt.
    """

    head: Head | None
    samples: Samples
    lexicon: Lexicon


def name_embeddings(corpus: Corpus, model_id: str) -> str:
    """Return a name that differs wherever the embeddings of an FAQ's texts do.

    Args:
        corpus: The FAQ.
        model_id: The model.
    """
    return _digest(["", model_id, *corpus.to_embed])


def name_fit(corpus: Corpus, model_id: str, chatter: Sequence[str], reranker_id: str | None) -> str:
    """Return a name that differs wherever anything that a fit depends on differs: FAQ, models, chatter, program.

    Args:
        corpus: The FAQ.
        model_id: The model that embeds its texts.
        chatter: What people write all day.
        reranker_id: The reranking model, if one takes part.
    """
    ids = [entry.id for entry in corpus.entries]
    texts = [_program(), model_id, reranker_id or "", "", *corpus.texts, "", *chatter, "", *ids]
    return _digest(texts, corpus.labels, corpus.titles)


def _digest(texts: Iterable[str], *arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        # No text of an FAQ holds a zero byte: where one ends and the next begins is part of the digest.
        digest.update(text.encode(errors="surrogatepass") + b"\0")
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@cache
def _program() -> str:
    """Return a digest of everything that makes a fit: nobody has to remember to raise a number."""
    digest = hashlib.sha256(f"{np.__version__} {installed_version('scipy')}".encode())
    own = Path(__file__).parent
    # What texts are compared in decides the room above.
    for file in (own.with_name("core") / "text.py", *sorted(own.glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def pack_fit(fit: Fit) -> bytes:
    """Return a fit as bytes."""
    arrays = {name: getattr(fit.samples, name) for name in _SAMPLES}
    arrays |= {f"{_LEXICON}{name}": array for name, array in fit.lexicon.to_arrays().items()}
    arrays |= {"taken_rows": fit.samples.taken.rows, "taken_entries": fit.samples.taken.entries}
    if fit.head is not None:
        arrays |= {f"head_{name}": getattr(fit.head, name) for name in _HEAD}
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def unpack_fit(content: bytes) -> Fit | None:
    """Return the fit that `pack_fit` was given, None if the bytes are damaged."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            taken = Taken(file["taken_rows"], file["taken_entries"])
            samples = Samples(**{name: file[name] for name in _SAMPLES}, taken=taken)
            head = Head(*(file[f"head_{name}"] for name in _HEAD)) if "head_centre" in file else None
            spelt = {name.removeprefix(_LEXICON): file[name] for name in file if name.startswith(_LEXICON)}
            return Fit(head, samples, Lexicon.from_arrays(spelt))
    except (BadZipFile, EOFError, KeyError, OSError, ValueError):
        return None
