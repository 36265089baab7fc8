"""A compiled model at work: tokenizers and onnxruntime, neither torch nor transformers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import bfloat16, quantising
from .planning import PIECE_BYTES
from .sessions import open_session
from .settings import BFLOAT16, INT8
from .tokens import TOKENS_FILE, TokenTables
from .words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

    from ..core.types import Embeddings
    from .settings import EncoderSettings, Precision

GRAPH_FILE, WEIGHTS_FILE, TOKENIZER_FILE = "model.onnx", "model.bin", "tokenizer.json"
IDS, MASK, EMBEDDING = "input_ids", "attention_mask", "embedding"
"""Names in the graph: tokens and which of them are not padding, int64 of shape (texts, tokens); what comes of them."""

TOKEN_BUDGET = 512
"""Tokens, padding included, that the model takes at once. Measured with `benchmarks/encoding.py --budgets`: from 128 to
1,024 there is no difference beyond the noise; beyond, the intermediate values leave the processor's cache."""

_SCHEMES: dict[Precision, str] = {BFLOAT16: bfloat16.SCHEME, INT8: quantising.SCHEME}
"""By precision; none in single precision, see `Model`."""

_PARALLELISM = "TOKENIZERS_PARALLELISM"
"""Environment variable that the tokenizers' library obeys."""

_MOST_TOKENS = 2**31
"""Tokenizers of models that read all say some huge number, which the tokenizers' library could not hold."""


class CompiledEncoder:
    """A compiled model, with the face that `Model` expects. It blocks and belongs into one thread.

    Args:
        folder: What `compile_model` wrote.
        settings: What it returned.
        weights: The hash of the weights from which it was compiled.
        precision: How it was compiled.
        threads: How many cores it may use, None for all.
        token_budget: Tokens, padding included, that it takes at once; a longer text is taken alone.
        brief: See `open_session`.

    Attributes:
        prompts: See `EncoderSettings`.
        max_seq_length: See `EncoderSettings`.
        truncate_dim: See `EncoderSettings`.
        tokenizer: Counts tokens and tells the vocabulary.
        vocabulary: What `whole_words` found in it.
        dim: Numbers of an embedding, before any cut; None where the graph does not say.
        piece_bytes: See `Model`.
        weights: As above.
        scheme: Part of the `model_id`, None in single precision.

    Raises:
        Exception: Whatever the libraries raise about files that they cannot use.
    """

    def __init__(
        self,
        folder: Path,
        settings: EncoderSettings,
        weights: str,
        precision: Precision,
        *,
        threads: int | None = 1,
        token_budget: int = TOKEN_BUDGET,
        brief: bool = False,
    ) -> None:
        # Together they take a tenth of a second to import, which `faqtotum --help` should not.
        from tokenizers import Tokenizer  # noqa: PLC0415

        if threads == 1:
            # Else tokenizers take all cores. They ask at each call, and it holds for the whole process.
            os.environ.setdefault(_PARALLELISM, "false")
        self.prompts = settings.prompts
        self.max_seq_length = settings.max_tokens
        self.truncate_dim = settings.truncate_dim
        self.weights = weights
        self.scheme = _SCHEMES.get(precision)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        _cut_at(self._tokenizer, settings)
        self.vocabulary = read_words(folder)
        self.tokenizer = _Counter(self._tokenizer, settings)
        self._pad_id = settings.pad_id
        self.dim: int | None = None
        self._session: Any
        if precision == BFLOAT16:
            self._session = bfloat16.Bfloat16Session(folder / GRAPH_FILE, threads)
        else:
            self._session = open_session(folder / GRAPH_FILE, brief=brief)
            [output] = self._session.get_outputs()
            self.dim = output.shape[-1] if isinstance(output.shape[-1], int) else None
        # What is multiplied has been copied, if it was; of the vocabulary, some rows are read for each text.
        tables = folder / TOKENS_FILE
        self._tables = TokenTables(tables) if tables.exists() else None
        self._token_budget = token_budget
        # A thread has batches of its own. A request of OpenVINO's serves one caller at a time, with threads of its own.
        callers = 1 if precision == BFLOAT16 else threads or os.cpu_count() or 1
        self._callers = ThreadPoolExecutor(callers, "faqtotum-encoder") if callers > 1 else None
        self.piece_bytes = callers * PIECE_BYTES

    def encode_query(self, inputs: list[str], **options: Any) -> Embeddings:  # noqa: ANN401 - the library's
        """Return the embeddings of texts, shape ``(n, dim)``, of length 1.

        Args:
            inputs: The texts.
            options: As for ``SentenceTransformer.encode_query``, of which `prompt` and `truncate_dim` count.
        """
        prompt = options.get("prompt") or ""
        # Unlike `encode` it lets other threads run meanwhile.
        tokens = self._tokenizer.encode_batch_fast([prompt + text for text in inputs])
        embeddings = self._run(tokens) if len(tokens) == 1 else self._run_batches(tokens)
        dim = self.truncate_dim if options.get("truncate_dim") is None else options["truncate_dim"]
        return embeddings if dim is None else _cut(embeddings, dim)

    encode_document = encode_query

    def _run_batches(self, tokens: Sequence[Encoding]) -> Embeddings:
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        ends = split([len(tokens[at]) for at in order], self._token_budget)
        batches = ([tokens[at] for at in order[start:end]] for start, end in pairwise([0, *ends]))
        parts = [*(self._callers.map(self._run, batches) if self._callers else map(self._run, batches))]
        embeddings = np.empty((len(tokens), parts[0].shape[1]), dtype=np.float32)
        embeddings[order] = np.concatenate(parts)
        return embeddings

    def _run(self, tokens: Sequence[Encoding]) -> Embeddings:
        """Embed texts together; the last of them is the longest."""
        shape = len(tokens), len(tokens[-1])
        ids, mask = np.full(shape, self._pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, one in enumerate(tokens):
            ids[row, : len(one)] = one.ids
            mask[row, : len(one)] = 1
        inputs = {IDS: ids, MASK: mask} | (self._tables.look_up(ids) if self._tables else {})
        [embeddings] = self._session.run([EMBEDDING], inputs)
        return cast("Embeddings", embeddings)


class _Counter:
    """The tokenizer without its cut, with the face of transformers' tokenizers.

    A second one would take twenty megabytes to save the few texts that are counted a moment.
    """

    def __init__(self, tokenizer: Tokenizer, settings: EncoderSettings) -> None:
        self._tokenizer = tokenizer
        self._settings = settings

    def get_vocab(self) -> dict[str, int]:
        """Return every token and its number."""
        return self._tokenizer.get_vocab()

    def __call__(self, texts: list[str], **_options: object) -> Mapping[str, list[list[int]]]:
        """Return the numbers of each text's tokens, those that the model adds included."""
        self._tokenizer.no_truncation()
        try:
            return {IDS: [tokens.ids for tokens in self._tokenizer.encode_batch_fast(texts)]}
        finally:
            _cut_at(self._tokenizer, self._settings)


def split(lengths: Sequence[int], budget: int) -> list[int]:
    """Return where each batch ends if texts of rising lengths are put together until their padded tokens fill a budget.

    Args:
        lengths: Tokens of each text, rising.
        budget: Tokens of a batch, its texts padded to its longest; a longer text is a batch by itself.
    """
    ends, start = list[int](), 0
    for at, length in enumerate(lengths):
        if at > start and length * (at + 1 - start) > budget:
            ends.append(at)
            start = at
    return [*ends, len(lengths)] if lengths else ends


def _cut_at(tokenizer: Tokenizer, settings: EncoderSettings) -> None:
    limit = settings.max_tokens
    if limit is None or limit >= _MOST_TOKENS:
        tokenizer.no_truncation()
    else:
        enable = cast("Callable[..., None]", tokenizer.enable_truncation)  # pyright: ignore[reportUnknownMemberType]
        enable(int(limit), direction=settings.cut_side)


def _cut(embeddings: Embeddings, dim: int) -> Embeddings:
    """Return the first dimensions, brought to length 1 again."""
    short = embeddings[:, :dim]
    lengths: NDArray[np.float32] = np.linalg.norm(short, axis=1, keepdims=True)
    return cast("Embeddings", short / np.maximum(lengths, np.finfo(np.float32).tiny))
