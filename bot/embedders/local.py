"""A sentence-transformers model in this process, run by whichever engine loads it."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import EmbedderUnavailableError
from .carried import find_carried, true_name
from .library import load_sentence_transformer
from .model import Kind, Model
from .planning import plan
from .thread import ModelThread, Opened, brief
from .weights import DEFAULT_MODEL, find_weights, full_name, hash_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..core.types import Embeddings
    from ..core.vocabulary import Vocabulary
    from .model import Encoder

_log = logging.getLogger(__name__)

BATCH_SIZE = 32
"""Texts that the model takes at once; sentence-transformers' own default. More needs more memory, hardly less time."""


class LocalEmbedder(Opened):
    """An Embedder that runs a sentence-transformers model in a thread of its own.

    There is one thread: the engines spread each batch over the cores themselves, and tokenizers must not be shared. The
    model is loaded by `start`, else by the first text. Each different text is embedded once, in pieces between which
    others have their turn. Use it as an asynchronous context manager, or call `close`.

    Args:
        name: See `find_weights`.
        path: See `find_weights`.
        query_prompt: What goes before each question, None for the model's own prompt.
        corpus_prompt: What goes before each phrasing of the FAQ, None for the model's own prompt.
        threads: How many cores torch may use, None to leave that to torch; it holds for the whole process.
        batch_size: How many texts torch takes at once.
        dimensions: Keep only the first so many of each embedding, for models made for that; None keeps all.
        on_progress: Called in the event loop with different texts done and to do while `embed_corpus` works.
        load: Loads the model from a folder; runs in the thread. By default torch runs it, see `EngineLoader` for more.
            It has to check the weights itself, see `check_weights`.
    """

    def __init__(  # noqa: PLR0913 - settings with defaults, given by name
        self,
        name: str = DEFAULT_MODEL,
        *,
        path: Path | None = None,
        query_prompt: str | None = None,
        corpus_prompt: str | None = None,
        threads: int | None = None,
        batch_size: int = BATCH_SIZE,
        dimensions: int | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        load: Callable[[Path], Encoder] | None = None,
    ) -> None:
        self.on_progress = on_progress
        self._name = full_name(name)
        self._path = path
        self._query_prompt = query_prompt
        self._corpus_prompt = corpus_prompt
        self._batch_size = batch_size
        self._dimensions = dimensions
        self._check = load is None
        self._load_encoder = load or partial(load_sentence_transformer, threads=threads)
        self._thread = ModelThread("embedder")
        # Written in the thread only, which makes a lock needless however many tasks ask for it first.
        self._model: Model | None = None

    @property
    def model_id(self) -> str:
        """See Embedder; known once the model is loaded.

        The name (see `true_name`), and the beginning of a hash over weights, prompts, the length at which texts are cut
        and, where not all are kept, the number of dimensions. Where the weights come from plays no part, and neither
        does the engine: what onnxruntime makes of a text in single precision differs from what torch makes of it by no
        more than what torch makes of it among longer and among shorter ones. In any other precision the model has
        another id.

        Raises:
            EmbedderUnavailableError: The model is not loaded.
        """
        return self._loaded.model_id

    @property
    def dim(self) -> int:
        """See Embedder; known once the model is loaded.

        Raises:
            EmbedderUnavailableError: The model is not loaded.
        """
        return self._loaded.dim

    @property
    def is_symmetric(self) -> bool:
        """See Embedder; known once the model is loaded.

        Raises:
            EmbedderUnavailableError: The model is not loaded.
        """
        return self._loaded.is_symmetric

    @property
    def vocabulary(self) -> Vocabulary:
        """See Embedder; known once the model is loaded.

        Raises:
            EmbedderUnavailableError: The model is not loaded.
        """
        return self._loaded.vocabulary

    async def start(self) -> None:
        """Load the model unless it is loaded.

        Raises:
            EmbedderUnavailableError: The model is missing, altered or broken; the next call tries again.
        """
        if self._model is None:
            await self._thread.call(self._load)

    def begin(self, is_at_hand: Callable[[Path], bool]) -> None:
        """Have the model loaded while something else is done, if that takes a moment only.

        Whatever goes wrong is for `start` to tell, which then tries again.

        Args:
            is_at_hand: Tells whether it takes a moment only, given the model's folder; runs in the thread.
        """
        self._thread.begin(lambda: self._load() if is_at_hand(self._find()) else None)

    async def close(self) -> None:
        """Wait for what the model is doing, fail what waits for it, and let it go."""
        await self._thread.close()
        self._model = None

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        return await self._embed(texts, Kind.QUERY)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder; questions get their turn in between."""
        return await self._embed(texts, Kind.CORPUS, self.on_progress)

    @property
    def _loaded(self) -> Model:
        if self._model is None:
            raise EmbedderUnavailableError("the model is not loaded; await start() first")
        return self._model

    async def _embed(
        self, texts: Sequence[str], kind: Kind, on_progress: Callable[[int, int], None] | None = None
    ) -> Embeddings:
        await self.start()
        model = self._loaded
        if len(texts) == 1:
            part = await self._thread.call(partial(model.embed, list(texts), kind))
            _tell_cut(part.cut, 1, model)
            return part.embeddings
        # A hundred thousand texts are sorted and put together in the thread, too: the event loop would stand still.
        planned = await self._thread.call(partial(plan, texts, model.piece_bytes))
        embeddings = np.empty((len(planned.texts), model.dim), dtype=np.float32)
        cut: list[int] = []
        start = 0
        for end in planned.ends:
            part = await self._thread.call(partial(model.embed, planned.texts[start:end], kind))
            embeddings[start:end] = part.embeddings
            cut += part.cut
            start = end
            if on_progress:
                on_progress(end, len(planned.texts))
        _tell_cut(cut, len(planned.texts), model)
        return await self._thread.call(lambda: embeddings[planned.places])

    def _find(self) -> Path:
        carried = find_carried(self._name) if self._path is None else None
        return carried or find_weights(self._name, self._path, check=self._check)

    def _load(self) -> None:
        if self._model is not None:
            return
        folder = self._find()
        try:
            encoder = self._load_encoder(folder)
            weights = getattr(encoder, "weights", None) or hash_weights(folder)
        except EmbedderUnavailableError:
            raise
        except Exception as error:
            # What a model's files and its library may raise has no common base.
            raise EmbedderUnavailableError(
                f"the model in {folder} cannot be loaded, is it one of sentence-transformers? ({brief(error)})"
            ) from error
        prompts = {Kind.QUERY: self._query_prompt, Kind.CORPUS: self._corpus_prompt}
        name = self._name if self._path is None else true_name(self._name, folder, weights)
        self._model = Model(encoder, name, weights, prompts, self._batch_size, self._dimensions)
        _log.info("Loaded the model %s from %s", self._model.model_id, folder)


def _tell_cut(cut: list[int], count: int, model: Model) -> None:
    if cut:
        told = (len(cut), count, max(cut), model.max_tokens)
        _log.warning("%d of %d texts were cut: the longest from %d tokens to the %s that the model reads", *told)
