"""A loaded model at work: prompts, embeddings that are checked, and texts that are too long for it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..core.errors import EmbedderUnavailableError
from .checking import to_embeddings
from .planning import PIECE_BYTES
from .words import whole_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..core.types import Embeddings
    from ..core.vocabulary import Vocabulary

_PROBE = "Is this an embedding?"
_SPECIAL_TOKENS = 4
"""Upper bound for what a tokenizer adds around a text, such as [CLS] and [SEP]."""

_ID_DIGITS = 12
"""48 bits: plenty to tell the few models that one database ever sees."""

_ANY_DIM = 0
"""The length of embeddings before the first is seen."""


class Encoder(Protocol):
    """What we use of a ``sentence_transformers.SentenceTransformer``."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """What the model wants before its texts, by kind of text."""
        ...

    @property
    def max_seq_length(self) -> float | None:
        """Tokens that the model reads of a text, None or infinite where it reads all."""
        ...

    @property
    def tokenizer(self) -> Any:  # noqa: ANN401 - models bring tokenizers of many kinds
        """Turns texts into tokens."""
        ...

    def encode_query(self, inputs: list[str], **options: Any) -> Any:  # noqa: ANN401 - depends on the options
        """Return the embeddings of queries."""
        ...

    def encode_document(self, inputs: list[str], **options: Any) -> Any:  # noqa: ANN401 - depends on the options
        """Return the embeddings of texts to be found."""
        ...


class Kind(Enum):
    """What a text is to the model."""

    QUERY = auto()
    CORPUS = auto()


# Under these names models keep their prompts. The library's `encode_document` would stop at the first: it sets
# "document" to "" in every model, also where the prompt is called "passage".
_PROMPTS = {
    Kind.QUERY: ("query",),
    Kind.CORPUS: ("document", "passage", "corpus"),
}


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the thread hands back.

    Attributes:
        embeddings: One row a text.
        cut: The numbers of tokens, prompt included, of those texts that had more than the model reads.
    """

    embeddings: Embeddings
    cut: list[int]


class Model:
    """A loaded model, put to work once. Its methods block and belong into one thread; its attributes never change.

    Args:
        encoder: The library's model.
        name: Its name.
        weights: The hash of its weights.
        prompts: What goes before each text, None for the model's own prompt.
        batch_size: How many texts it takes at once.
        dimensions: How many of each embedding's numbers to keep, None for all.

    Attributes:
        model_id: See Embedder.
        dim: See Embedder.
        max_tokens: How much of a text it reads, None or infinite where it reads all.
        piece_bytes: How much it may be given at once, see `plan`.
        is_symmetric: See Embedder.
        vocabulary: See Embedder.

    Raises:
        EmbedderUnavailableError: It failed on its first text, returned something that is no embedding, or has fewer
            dimensions than are to be kept.
    """

    def __init__(
        self,
        encoder: Encoder,
        name: str,
        weights: str,
        prompts: Mapping[Kind, str | None],
        batch_size: int,
        dimensions: int | None = None,
    ) -> None:
        self._encoder = encoder
        self._prompts = {kind: _choose_prompt(own, encoder.prompts, _PROMPTS[kind]) for kind, own in prompts.items()}
        self._batch_size = batch_size
        self.max_tokens = encoder.max_seq_length
        self.piece_bytes = cast("int", getattr(encoder, "piece_bytes", PIECE_BYTES))
        settings = [weights, self._prompts[Kind.QUERY], self._prompts[Kind.CORPUS], self.max_tokens]
        # A model may come with a cut of its own, from which the operator's differs or not.
        kept = cast("int | None", getattr(encoder, "truncate_dim", None)) if dimensions is None else dimensions
        settings += [] if kept is None else [kept]
        # Anything but single precision makes other embeddings, which must not be taken for these.
        scheme = cast("str | None", getattr(encoder, "scheme", None))
        settings += [] if scheme is None else [scheme]
        self._dimensions = dimensions
        self.model_id = f"{name}@{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:_ID_DIGITS]}"
        self.is_symmetric = self._prompts[Kind.QUERY] == self._prompts[Kind.CORPUS] and not _has_routes(encoder)
        known = cast("Vocabulary | None", getattr(encoder, "vocabulary", None))
        self.vocabulary = whole_words(encoder.tokenizer) if known is None else known
        self.dim = _ANY_DIM
        # What was compiled has shown that it embeds, and says how many numbers it makes of a text.
        whole = cast("int | None", getattr(encoder, "dim", None))
        if whole is None:
            self.dim = self.embed([_PROBE], Kind.QUERY).embeddings.shape[1]
        else:
            self.dim = whole if kept is None else min(kept, whole)
        if dimensions is not None and self.dim != dimensions:
            raise EmbedderUnavailableError(
                f"the model's embeddings have {self.dim} dimensions, of which {dimensions} cannot be kept; lower "
                "model.dimensions in the config, or leave it out"
            )

    def embed(self, texts: list[str], kind: Kind) -> Embedded:
        """Return the embeddings of texts, one row each, in order.

        Raises:
            EmbedderUnavailableError: The model failed, or returned something that is no embedding.
        """
        try:
            returned = self._encode(texts, kind)
            cut = self._count_cut(texts, kind)
        except Exception as error:
            # The error's own words may quote a text, and this message may be logged.
            raise EmbedderUnavailableError(f"the model failed while embedding ({type(error).__name__})") from error
        return Embedded(to_embeddings(returned, len(texts), self.dim), cut)

    def _encode(self, texts: list[str], kind: Kind) -> Any:  # noqa: ANN401 - to be checked
        encode = self._encoder.encode_query if kind is Kind.QUERY else self._encoder.encode_document
        return encode(
            texts,
            prompt=self._prompts[kind],
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
            truncate_dim=self._dimensions,
        )

    def _count_cut(self, texts: list[str], kind: Kind) -> list[int]:
        """Return the numbers of tokens, prompt included, of those texts that have more than the model reads."""
        limit, tokenizer = self.max_tokens, self._encoder.tokenizer
        if limit is None or not math.isfinite(limit) or not callable(tokenizer):
            return []
        tokenize = cast("Callable[..., Mapping[str, list[list[int]]]]", tokenizer)
        # A token stands for at least one byte, so only texts with more bytes than the limit need counting.
        whole = (self._prompts[kind] + text for text in texts)
        long = [text for text in whole if len(text.encode(errors="replace")) + _SPECIAL_TOKENS > limit]
        if not long:
            return []
        tokens = tokenize(long, truncation=False, padding=False, verbose=False)["input_ids"]
        return [len(ids) for ids in tokens if len(ids) > limit]


def _has_routes(encoder: Encoder) -> bool:
    """Return whether a model sends queries and documents through different modules (sentence-transformers' Router)."""
    modules = cast("Callable[[], Iterable[object]]", getattr(encoder, "modules", list))
    return any(type(module).__name__ == "Router" for module in modules())


def _choose_prompt(own: str | None, prompts: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the operator's prompt, else the model's first that is not empty, else an empty one."""
    return own if own is not None else next((prompts[name] for name in names if prompts.get(name)), "")
