"""The folder with compiled models. All of it can be deleted at any time: it is made anew."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ..core.installed import installed_version
from .bfloat16 import LIBRARY
from .settings import BFLOAT16, EncoderSettings
from .tidying import MANIFEST, at_work, one_at_a_time, remove_left_over, remove_unused
from .weights import hash_file

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from .settings import Precision

CACHE_VARIABLE = "FAQTOTUM_CACHE"
"""Environment variable with the folder for compiled models, for whoever cannot or will not use the user's own."""

_FORMAT = 5
"""Raised when compiled models of an earlier Faqtotum are no longer what this one would make."""

_LIBRARIES = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime", "tokenizers")
"""A model is compiled anew when one of them changes; their names on PyPI."""

_SLOT_DIGITS = 16
"""64 bits, for the few models that one user ever compiles."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What reserving a file's room fails with where there is none; with another number, it cannot be told in that way."""


Stamp: TypeAlias = tuple[int, int]
"""Number of a folder, and when it was put there, in ns."""


class DamagedError(Exception):
    """A compiled model is not what was written; says how."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How close a compiled model came to its source on the texts of `verifying`.

    Attributes:
        texts: How many there were.
        lowest: The lowest cosine similarity between the two embeddings of one text.
        mean: The mean of them.
    """

    texts: int
    lowest: float
    mean: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is written beside a compiled model.

    Attributes:
        source: Size in bytes and time of the last change, in ns, of each file of the model it was compiled from.
        weights: `hash_weights` of that model.
        settings: What it takes over from that model, None if it was refused.
        verification: How close it is, None if it did not come so far.
        files: The SHA-256 of each of its files.
        written: Size and time of the last change of each of them, as of `source`.
        refused: Why the model cannot be compiled, None if it was.
        seconds: How long it took.
    """

    source: Mapping[str, tuple[int, int]]
    weights: str
    settings: EncoderSettings | None
    verification: Verification | None
    files: Mapping[str, str]
    written: Mapping[str, tuple[int, int]]
    refused: str | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Self:
        """Return what `to_json` made.

        Raises:
            KeyError, TypeError: It is something else.
        """
        settings, verification = read["settings"], read["verification"]
        return cls(
            source=_to_stats(read["source"]),
            weights=read["weights"],
            settings=settings and EncoderSettings.from_json(settings),
            verification=verification and Verification(**verification),
            files=dict(read["files"]),
            written=_to_stats(read["written"]),
            refused=read["refused"],
            seconds=read["seconds"],
        )


class CompiledCache:
    """Compiled models, each in a folder named after its source's place, its precision and the libraries' versions.

    Several processes may use it at once: a model appears in it whole or not at all.

    Args:
        root: Where it is; made when the first model is compiled.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def slot(self, folder: Path, precision: Precision) -> Path:
        """Return where the compiled form of a model belongs, whether it is there or not."""
        libraries = [*_LIBRARIES, LIBRARY] if precision == BFLOAT16 else _LIBRARIES
        told = [_FORMAT, str(folder.resolve()), precision, *map(_find_version, libraries)]
        digits = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:_SLOT_DIGITS]
        return self.root / f"{precision}-{digits}"

    def find(self, folder: Path, precision: Precision) -> Manifest | None:
        """Return the manifest of a model's compiled form, None if there is none.

        Files are not read, neither those of the source nor its own: whether they have changed is told from their sizes
        and times. Own files that have others, as copies do, are read and compared with what was written.

        Raises:
            DamagedError: There is one, but it is not what was written.
        """
        slot = self.slot(folder, precision)
        manifest = read_manifest(slot)
        if manifest is None or manifest.source != describe_source(folder):
            return None
        if describe_source(slot, manifest.files) != manifest.written:
            check_files(slot, manifest)
        return manifest

    @contextmanager
    def prepare(self, needed: int) -> Generator[Path]:
        """Yield an empty folder for a model to be compiled into; what is left of it at the end is deleted.

        Args:
            needed: Bytes that must be free. Somebody else may take them meanwhile, see `check_room`.

        Raises:
            OSError: The cache cannot be written to, or has too little room.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            with one_at_a_time(self.root):
                remove_left_over(self.root)
                _check_free(self.root, needed)
                work = Path(tempfile.mkdtemp(prefix="new-", dir=self.root))
                stack.callback(shutil.rmtree, work, ignore_errors=True)
                stack.enter_context(at_work(work))
            yield work

    def check_room(self, work: Path, needed: int, largest: int) -> None:
        """Make sure that there was room left when compiling into a folder failed; to be called before it is emptied.

        The exporters' own errors do not tell a full disk from a model that cannot be exported, which is remembered.

        Args:
            work: The folder, as `prepare` gave it.
            needed: See `prepare`; what the folder holds by now counts as free.
            largest: Bytes of the largest file that is written; without it, quotas and limits to the size of files would
                not be seen.

        Raises:
            OSError: There was too little.
        """
        _check_free(work, needed - sum(file.stat().st_size for file in work.iterdir()))
        if not hasattr(os, "posix_fallocate"):  # macOS has none
            return
        with tempfile.TemporaryFile(dir=work) as file:
            try:
                os.posix_fallocate(file.fileno(), 0, max(largest, 1))
            except OSError as error:
                if error.errno in _NO_ROOM:
                    raise

    def stamp(self, folder: Path, precision: Precision) -> Stamp | None:
        """Return what tells a model's compiled form from one that is put in its place, None if there is none."""
        try:
            found = self.slot(folder, precision).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_ino, found.st_ctime_ns

    def put(self, work: Path, folder: Path, precision: Precision, manifest: Manifest, before: Stamp | None) -> None:
        """Give a folder of `prepare` its manifest and its place, where it replaces what was there.

        What another process has put there meanwhile stays, as it is of the same model and may be in use already. Other
        forms of the model that nobody uses any more are removed, see `remove_unused`.

        Args:
            work: The folder.
            folder: The model's.
            precision: Of the compiled form.
            manifest: What to write beside it.
            before: The `stamp` from before it was compiled.

        Raises:
            OSError: The cache cannot be written to, or is full.
        """
        for file in work.iterdir():
            # Their sizes and times vouch for them, so no power cut may leave those without the content.
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        write_manifest(work, manifest)
        slot = self.slot(folder, precision)
        old = work.with_name(f"{work.name}-old")
        with one_at_a_time(self.root):
            if self.stamp(folder, precision) != before:
                return
            with suppress(FileNotFoundError):
                slot.rename(old)
            try:
                work.rename(slot)
            except OSError:
                # Another process was faster, on a file system without locks.
                if not slot.is_dir():
                    raise
            finally:
                shutil.rmtree(old, ignore_errors=True)
        remove_unused(slot, manifest.weights)


def _check_free(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_manifest(slot: Path) -> Manifest | None:
    """Return the manifest of a compiled model, None if there is none.

    Raises:
        DamagedError: There is one, but it is not what was written.
    """
    try:
        return Manifest.from_json(json.loads((slot / MANIFEST).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{slot / MANIFEST} cannot be read") from error


def check_files(slot: Path, manifest: Manifest) -> None:
    """Read all files of a compiled model.

    Raises:
        DamagedError: One is not what was written.
    """
    for name, expected in manifest.files.items():
        try:
            found = hash_file(slot / name)
        except OSError as error:
            raise DamagedError(f"{slot / name} cannot be read ({error.strerror})") from error
        if found != expected:
            raise DamagedError(f"{slot / name} is not as it was written")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a compiled model's manifest beside it.

    Raises:
        OSError: The folder cannot be written to, or is full.
    """
    (folder / MANIFEST).write_text(json.dumps(manifest.to_json(), indent=1), encoding="utf-8")


def _find_version(library: str) -> str | None:
    """Return which version of a library is installed, None if none is, as of one that is an extra."""
    try:
        return installed_version(library)
    except ModuleNotFoundError:
        return None


def describe_source(folder: Path, names: Iterable[str] | None = None) -> dict[str, tuple[int, int]]:
    """Return size in bytes and time of the last change, in ns, of each file of a model, by its path in the folder.

    Args:
        folder: The model.
        names: Only of these files, as far as they are there; None for all.
    """
    files = sorted(folder.rglob("*")) if names is None else [folder / name for name in names]
    found = {file: file.stat() for file in files if file.is_file()}
    return {file.relative_to(folder).as_posix(): (stat.st_size, stat.st_mtime_ns) for file, stat in found.items()}


def _to_stats(read: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, int]]:
    return {name: (size, changed) for name, (size, changed) in read.items()}


def default_cache_folder() -> Path:
    """Return the folder that the environment names, else where a user's programs keep what they can make anew.

    That is after the XDG Base Directory Specification, on macOS after Apple's File System Programming Guide. For a user
    without a home, as containers may run programs for, it lies in the working folder.
    """
    if named := os.environ.get(CACHE_VARIABLE, ""):
        return Path(named)
    if base := os.environ.get("XDG_CACHE_HOME", ""):
        return Path(base) / "faqtotum"
    try:
        home = Path.home()
    except RuntimeError:
        home = Path.cwd()
    return (home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache") / "faqtotum"
