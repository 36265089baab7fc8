"""Which engine runs a model: onnxruntime where it embeds as torch does, torch everywhere else."""

from __future__ import annotations

import logging
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from ..core.errors import EmbedderUnavailableError
from .apart import EndedError, compile_apart, export_apart
from .bfloat16 import find_obstacle
from .cache import CompiledCache, DamagedError, Manifest, check_files, default_cache_folder, describe_source
from .carried import is_carried, open_carried
from .compiled import CompiledEncoder
from .gpu import has_gpu, load_on_gpu
from .library import load_sentence_transformer
from .refusals import NotCompilableError, NotExportedError
from .settings import BFLOAT16, FLOAT32
from .thread import brief
from .tidying import hold
from .weights import check_weights, hash_file, hash_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .cache import Verification
    from .model import Encoder
    from .settings import EncoderSettings, Engine, Precision

_log = logging.getLogger(__name__)

_COPIES = 3
"""Of the weights, while a model is compiled: as exported, optimised, and as they stay."""

_MEMORY = (
    "the default model takes some 450 MB, once; have it compiled on a larger machine (`faqtotum compile --output DIR`)"
)

_OTHER_CACHE = "name another in model.cache or in the environment variable FAQTOTUM_CACHE"

_REMEDY = "set model.engine to auto or torch in the config"


class UnusableError(EmbedderUnavailableError):
    """A model cannot be had compiled; says why."""


class EngineLoader:
    """Loads a model with the engine that suits it. It is called in the model's thread.

    Args:
        name: The model's full name; None for a folder of the operator's own choice, whose weights are not checked.
        engine: "torch", "onnx", or "auto" to let the loader choose.
        precision: Of the compiled model. Torch knows single precision only, and on a graphics card bfloat16.
        cache: Where compiled models are kept, None for the user's own cache folder.
        threads: How many cores the model may use, None for all.
        apart: Whether other processes compile the model, so that this one need not load torch for it.
        brief: Whether it is to embed few texts, so that starting soon counts for more than embedding fast.
        has_gpu: Tells whether there is a graphics card that torch can use; not asked if it does not matter.
        load_on_gpu: Loads a model on it.
    """

    def __init__(  # noqa: PLR0913 - settings with defaults, given by name
        self,
        name: str | None,
        *,
        engine: Engine = "auto",
        precision: Precision = FLOAT32,
        cache: Path | None = None,
        threads: int | None = 1,
        apart: bool = False,
        brief: bool = False,
        has_gpu: Callable[[], bool] = has_gpu,
        load_on_gpu: Callable[[Path], Encoder] = load_on_gpu,
    ) -> None:
        self._name = name
        self._engine = engine
        self._precision: Precision = precision
        self._threads = threads
        self._apart = apart
        self._brief = brief
        self._has_gpu = has_gpu
        self._load_on_gpu = load_on_gpu
        self.cache = CompiledCache(cache or default_cache_folder())

    def __call__(self, folder: Path) -> Encoder:
        """Return the model of a folder, ready to embed.

        Raises:
            EmbedderUnavailableError: The weights are altered, or the engine that was asked for cannot run the model.
            Exception: Whatever the libraries raise about files that they cannot use.
        """
        if is_carried(folder):
            if self._engine == "torch":
                raise EmbedderUnavailableError(
                    f"the model folder {folder} holds a compiled model, which torch cannot run; "
                    "set model.engine to auto in the config"
                )
            return open_carried(folder, self._precision, self._threads)
        if self._engine != "onnx" and self._precision == FLOAT32 and self._has_gpu():
            self._check(folder)
            _log.info("The model runs on the graphics card, in bfloat16")
            return self._load_on_gpu(folder)
        if self._engine != "torch":
            try:
                return self.load_compiled(folder)
            except UnusableError as error:
                if self._engine == "onnx":
                    raise EmbedderUnavailableError(
                        f"the model in {folder} cannot be run by onnxruntime: {error}; {_REMEDY}"
                    ) from error
                lost = " and in single precision" if self._precision != FLOAT32 else ""
                _log.warning("The model runs on torch%s, slower and in more memory, because %s", lost, error)
        self._check(folder)
        return load_sentence_transformer(folder, threads=self._threads)

    def load_compiled(self, folder: Path) -> CompiledEncoder:
        """Return the compiled form of a model, compiled now if it is not in the cache.

        Raises:
            UnusableError: It cannot be compiled or run in that precision, or the cache cannot be used.
            EmbedderUnavailableError: The weights are altered.
            Exception: Whatever sentence-transformers raises about files that it cannot use.
        """
        self._check_precision()
        manifest = self.find(folder)
        if manifest is not None and manifest.refused is None:
            try:
                return self._open(folder, manifest)
            except Exception as error:  # noqa: BLE001 - onnxruntime and tokenizers raise what they like
                _log.warning("The compiled model cannot be loaded (%s); it is compiled anew", brief(error))
                manifest = None
        manifest = manifest or self.compile(folder)
        if manifest.refused is not None:
            raise UnusableError(manifest.refused)
        try:
            return self._open(folder, manifest)
        except Exception as error:
            raise UnusableError(f"what was compiled cannot be loaded ({brief(error)})") from error

    def is_at_hand(self, folder: Path) -> bool:
        """Tell whether a model's folder holds a compiled model, or the cache what was compiled from it."""
        if self._engine == "torch" or is_carried(folder):
            return is_carried(folder)
        if self._engine == "auto" and self._precision == FLOAT32 and self._has_gpu():
            return False
        try:
            manifest = self.cache.find(folder, self._precision)
        except DamagedError:
            return False
        return manifest is not None and manifest.refused is None

    def find(self, folder: Path, *, thoroughly: bool = False) -> Manifest | None:
        """Return the manifest of a model's compiled form, None if there is none that can be used.

        Args:
            folder: The model.
            thoroughly: True to read all files of the compiled form too, whatever their sizes and times say.
        """
        try:
            manifest = self.cache.find(folder, self._precision)
            if manifest is not None and thoroughly:
                check_files(self.cache.slot(folder, self._precision), manifest)
        except DamagedError as error:
            _log.warning("A compiled model is damaged and is compiled anew: %s", error)
            return None
        return manifest

    def compile(self, folder: Path) -> Manifest:
        """Compile a model into the cache and return its manifest; one that is refused has a manifest too.

        Raises:
            UnusableError: The cache cannot be written to, or is full, or there is too little memory, or nothing runs
                that precision here, or the operating system ended the process that compiled.
            EmbedderUnavailableError: The weights are altered, or Ctrl-C ended that process.
            Exception: Whatever sentence-transformers raises about files that it cannot use.
        """
        self._check_precision()
        self._check(folder)
        started = time.monotonic()
        source, weights = describe_source(folder), hash_weights(folder)
        finished = partial(Manifest, source, weights)
        size = sum(size for size, _ in source.values())
        try:
            before = self.cache.stamp(folder, self._precision)
            with self.cache.prepare(_COPIES * size) as work:
                try:
                    settings, verification = self._compile_into(work, folder, size)
                except NotCompilableError as error:
                    # Remembered, so that not every start tries again.
                    _empty(work)
                    manifest = finished(None, None, {}, {}, str(error), time.monotonic() - started)
                else:
                    files = {file.name: hash_file(file) for file in sorted(work.iterdir())}
                    written = describe_source(work)
                    manifest = finished(settings, verification, files, written, None, time.monotonic() - started)
                self.cache.put(work, folder, self._precision, manifest, before)
        except OSError as error:
            if error.errno is None:  # the model's library: it raises such without a number about what it cannot find
                raise
            raise UnusableError(
                f"the cache folder {self.cache.root} cannot be used ({error.strerror}); {_OTHER_CACHE}"
            ) from error
        except MemoryError as error:
            raise UnusableError("there is too little memory to compile it") from error
        except EndedError as error:
            if error.signal == signal.SIGINT:
                # A terminal's Ctrl-C, which goes to the bot too: nobody waits for another engine.
                raise EmbedderUnavailableError(
                    "the model was being compiled when that was stopped; start again"
                ) from error
            raise UnusableError(_explain(error)) from error
        _tell(manifest)
        return manifest

    def _compile_into(
        self, work: Path, folder: Path, size: int, *, again: bool = True
    ) -> tuple[EncoderSettings, Verification]:
        """Compile a model into an empty folder of the cache.

        Args:
            work: The folder in the cache.
            folder: The model.
            size: Bytes of its files.
            again: Whether to try once more if a library fails at it.

        Raises:
            NotCompilableError: It cannot be compiled, and that is neither for want of room nor of memory.
            EndedError: See `export_apart`.
            OSError: The folder cannot be written to, or the disk is full.
            MemoryError: There is too little memory.
            Exception: As for `compile`.
        """
        try:
            settings = self._export(work, folder)
            return settings, self._compile_exported(work, settings)
        except Exception as error:
            # Some of what the libraries raise when the disk is full looks like a fault of the model.
            self.cache.check_room(work, _COPIES * size, size)
            if not (again and isinstance(error, NotExportedError)):
                raise
        # Another process that was out of room too may have given back its own just now.
        _empty(work)
        return self._compile_into(work, folder, size, again=False)

    def _export(self, work: Path, folder: Path) -> EncoderSettings:
        if self._apart and (settings := export_apart(work, folder, self._threads)):
            return settings
        from .exporting import export_model  # noqa: PLC0415 - it imports torch, which only who compiles has to

        return export_model(work, folder, self._threads)

    def _compile_exported(self, work: Path, settings: EncoderSettings) -> Verification:
        if self._apart and (verification := compile_apart(work, settings, self._precision, self._threads)):
            return verification
        from .compiling import compile_exported  # noqa: PLC0415 - few have to compile

        return compile_exported(work, settings, self._precision, self._threads)

    def _check_precision(self) -> None:
        # Not remembered like what is refused: what is missing may be installed, and caches move to other machines.
        if self._precision == BFLOAT16 and (obstacle := find_obstacle()):
            raise UnusableError(obstacle)

    def _check(self, folder: Path) -> None:
        if self._name is not None:
            check_weights(self._name, folder)

    def _open(self, folder: Path, manifest: Manifest) -> CompiledEncoder:
        if manifest.settings is None:
            raise ValueError("a manifest without settings")
        slot = self.cache.slot(folder, self._precision)
        encoder = CompiledEncoder(
            slot,
            manifest.settings,
            manifest.weights,
            self._precision,
            threads=self._threads,
            brief=self._brief,
        )
        hold(slot, encoder)
        return encoder


def _explain(error: EndedError) -> str:
    if error.signal == signal.SIGKILL:
        return f"the process that compiled it was killed, as happens to those that take too much memory; {_MEMORY}"
    return f"the process that compiled it was ended by signal {error.signal}"


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _tell(manifest: Manifest) -> None:
    if verification := manifest.verification:
        told = (manifest.seconds, verification.lowest, verification.texts)
        _log.info("Compiled the model in %.1f s; lowest cosine to torch's embeddings %.6f of %d texts", *told)
    elif manifest.refused:
        _log.info("The model cannot be compiled: %s", manifest.refused)
