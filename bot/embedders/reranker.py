"""A sentence-transformers CrossEncoder in this process: reads a question and a phrasing together."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from ..core.errors import EmbedderUnavailableError
from .library import FULL_PRECISION, quiet_loading
from .thread import ModelThread, Opened, brief
from .weights import find_weights, hash_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

BATCH_SIZE = 32
"""Pairs that the model takes at once; sentence-transformers' own default."""

CHUNK = 128
"""Pairs in one task of the thread: about half a second, the longest that a question waits for a reload."""

_ORGANISATION = "cross-encoder"
_ID_DIGITS = 12
"""As for embeddings, see `Model`."""

_PROBES = [
    ("Is this a pair?", "Yes."),
    ("Is this one, too, and a longer one, so that the other has to be padded?", "Yes."),
]

_LOGITS = 20.0
"""Beyond this a sigmoid is 0 or 1 to eight digits, which is all that single precision holds."""

_ANOTHER = "set rerank.name or rerank.path to a CrossEncoder for relevance, such as cross-encoder/ms-marco-MiniLM-L6-v2"
_LIBRARY_SETTINGS = "config_sentence_transformers.json"
_SCORING = ("ForSequenceClassification", "ForCausalLM")
"""How the names of those architectures end of which the library makes a CrossEncoder without inventing weights."""


class PairScorer(Protocol):
    """What we use of a ``sentence_transformers.CrossEncoder``."""

    @property
    def num_labels(self) -> int:
        """How many numbers it says of a pair."""
        ...

    @property
    def activation_fn(self) -> Callable[..., Any] | None:
        """What the model's author applies to the logits, None for nothing."""
        ...

    @property
    def max_seq_length(self) -> float | None:
        """Tokens that the model reads of a pair, None where it reads all."""
        ...

    @property
    def prompts(self) -> Mapping[str, str | None]:
        """What may be put before a pair, by name."""
        ...

    @property
    def default_prompt_name(self) -> str | None:
        """Which of the prompts is put before each pair, None for none."""
        ...

    def predict(self, inputs: list[tuple[str, str]], **options: Any) -> Any:  # noqa: ANN401 - depends on the options
        """Return what the model says of pairs."""
        ...


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A loaded model. Its methods block and belong into one thread.

    Attributes:
        scorer: The library's model.
        activation: Makes relevances of its logits, in torch.
        model_id: See Reranker.
    """

    scorer: PairScorer
    activation: Callable[..., Any]
    model_id: str

    def score(self, pairs: list[tuple[str, str]]) -> NDArray[np.float32]:
        """Return the relevance of pairs, shape ``(pairs,)``.

        Raises:
            EmbedderUnavailableError: The model failed, or returned something that is no relevance.
        """
        import torch  # noqa: PLC0415 - loaded by now, and slow to load before

        # The bare logits, because an infinite one makes a relevance that looks sound.
        bare = torch.nn.Identity()
        try:
            returned = self.scorer.predict(
                pairs, batch_size=BATCH_SIZE, show_progress_bar=False, activation_fn=bare, convert_to_numpy=True
            )
            logits = np.asarray(returned, dtype=np.float32)
        except Exception as error:
            # The error's own words may quote a text, and this message may be logged.
            raise EmbedderUnavailableError(f"the reranker failed ({type(error).__name__})") from error
        if logits.shape != (len(pairs),):
            raise EmbedderUnavailableError(f"the reranker returned shape {logits.shape} for {len(pairs)} pairs")
        if not np.isfinite(logits).all():
            raise EmbedderUnavailableError(
                f"the reranker returned values that are not finite; its weights are unfit, {_ANOTHER}"
            )
        with torch.inference_mode():
            # As a column, which is how the library hands it to an activation.
            relevance = self.activation(torch.as_tensor(logits).unsqueeze(1))
            return cast("NDArray[np.float32]", relevance.squeeze(1).numpy())


class LocalReranker(Opened):
    """A Reranker that runs a CrossEncoder in a thread of its own.

    The model is loaded by `start`, else by the first pair. Use it as an asynchronous context manager, or call `close`.

    Args:
        name: A model on the Hugging Face hub; without an organisation one of sentence-transformers' cross-encoders.
        path: A folder that holds the model.
        threads: How many cores torch may use, None to leave that to torch; it holds for the whole process.
        load: Loads the model from a folder; runs in the thread.
    """

    def __init__(
        self,
        name: str,
        *,
        path: Path | None = None,
        threads: int | None = None,
        load: Callable[[Path], PairScorer] | None = None,
    ) -> None:
        self._name = name if "/" in name else f"{_ORGANISATION}/{name}"
        self._path = path
        self._load_scorer = load or partial(load_cross_encoder, threads=threads)
        self._thread = ModelThread("reranker")
        # Written in the thread only, which makes a lock needless however many tasks ask for it first.
        self._model: _Loaded | None = None

    @property
    def model_id(self) -> str:
        """See Reranker; known once the model is loaded.

        The name, and the beginning of a hash over weights, prompt, activation and the length at which pairs are cut.

        Raises:
            EmbedderUnavailableError: The model is not loaded.
        """
        return self._loaded.model_id

    async def start(self) -> None:
        """Load the model unless it is loaded.

        Raises:
            EmbedderUnavailableError: The model is missing or broken, or no model that says how relevant a text is; the
                next call tries again.
        """
        if self._model is None:
            await self._thread.call(self._load)

    async def close(self) -> None:
        """Wait for what the model is doing, fail what waits for it, and let it go."""
        await self._thread.close()
        self._model = None

    async def rerank(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how relevant each text is to one query, as `rerank_pairs` does for pairs."""
        return await self.rerank_pairs([(query, text) for text in texts])

    async def rerank_pairs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """See Reranker."""
        await self.start()
        model = self._loaded
        starts = range(0, len(pairs), CHUNK)
        parts = [await self._thread.call(partial(model.score, list(pairs[at : at + CHUNK]))) for at in starts]
        return np.concatenate([np.empty(0, dtype=np.float32), *parts])

    @property
    def _loaded(self) -> _Loaded:
        if self._model is None:
            raise EmbedderUnavailableError("the reranker is not loaded; await start() first")
        return self._model

    def _load(self) -> None:
        if self._model is not None:
            return
        folder = find_weights(self._name, self._path, setting="rerank.path")
        try:
            scorer = self._load_scorer(folder)
            weights = hash_weights(folder)
            activation = _choose_activation(scorer.activation_fn)
        except EmbedderUnavailableError:
            raise
        except Exception as error:
            # What a model's files and its library may raise has no common base.
            raise EmbedderUnavailableError(
                f"the reranker in {folder} cannot be loaded, is it a CrossEncoder of sentence-transformers? "
                f"({brief(error)})"
            ) from error
        if scorer.num_labels != 1:
            raise EmbedderUnavailableError(
                f"the model in {folder} sorts pairs into {scorer.num_labels} labels, so it is no reranker; {_ANOTHER}"
            )
        prompt = scorer.prompts.get(scorer.default_prompt_name or "") or ""
        settings = json.dumps([weights, prompt, scorer.max_seq_length, type(activation).__name__])
        model_id = f"{self._name}@{hashlib.sha256(settings.encode()).hexdigest()[:_ID_DIGITS]}"
        model = _Loaded(scorer, activation, model_id)
        model.score(_PROBES)
        self._model = model
        _log.info("Loaded the reranker %s from %s", model.model_id, folder)


def _choose_activation(own: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return the model's own activation if it makes relevances, 0 to 1 and rising, of logits, else a sigmoid."""
    import torch  # noqa: PLC0415 - loaded by now, and slow to load before

    chosen = own or torch.nn.Identity()
    try:
        with torch.inference_mode():
            relevance = chosen(torch.linspace(-_LOGITS, _LOGITS, steps=101).unsqueeze(1)).squeeze(1)
            within = relevance.min() >= 0 and relevance.max() <= 1
            rising = relevance.diff().min() >= 0 and relevance[0] < relevance[-1]
    except Exception:  # noqa: BLE001 - any function of torch may stand in the settings, also one for other shapes
        return torch.nn.Sigmoid()
    return chosen if within and rising else torch.nn.Sigmoid()


def load_cross_encoder(folder: Path, *, threads: int | None = None) -> PairScorer:
    """Load a model from a folder, without the network.

    Args:
        folder: As `find_weights` found it.
        threads: How many cores torch may use in this process, None to leave that to torch.

    Raises:
        EmbedderUnavailableError: It is another kind of model.
        Exception: Whatever the library raises about files that it cannot use.
    """
    # They take seconds to import, which `faqtotum --help` should not.
    import torch  # noqa: PLC0415
    from sentence_transformers import CrossEncoder  # noqa: PLC0415

    # The library would make up the weights that are missing, at random, and only log it.
    if not _has_scoring_weights(folder):
        raise EmbedderUnavailableError(f"the model in {folder} is no reranker but, say, one that embeds; {_ANOTHER}")
    if threads is not None:
        torch.set_num_threads(threads)
    with quiet_loading():
        return CrossEncoder(str(folder), local_files_only=True, trust_remote_code=False, model_kwargs=FULL_PRECISION)


def _has_scoring_weights(folder: Path) -> bool:
    if (folder / "modules.json").exists():
        settings = json.loads((folder / _LIBRARY_SETTINGS).read_text(encoding="utf-8"))
        return settings.get("model_type") == "CrossEncoder"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return any(name.endswith(_SCORING) for name in config.get("architectures") or ())
