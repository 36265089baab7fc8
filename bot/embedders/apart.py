"""Compiling in processes of their own, so that the bot's own need not hold on to torch until it is restarted.

There are two, one after the other: the first has torch in memory, the second the weights several times. In one process
that would be more than the small machines have for which a model is compiled.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .cache import Verification
from .refusals import NotCompilableError, NotExportedError
from .settings import EncoderSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .settings import Precision

_log = logging.getLogger(__name__)

_MODULE = f"{__package__}.apart"
_IMPORTED_FROM = Path(__file__).parents[_MODULE.count(".")]
"""Whatever this program was started with, the other one finds the package where this one did."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")
"""Source: proc_pid_oom_score_adj(5)."""
_EXPORT: Final = "export"
_COMPILE: Final = "compile"
_ANSWER_FILE = "answer.json"
"""What the other process has to say, in the folder that both know."""
_TOLD: dict[str, type[Exception]] = {
    "failure": NotExportedError,  # of the next kind, too
    "refusal": NotCompilableError,
    "memory": MemoryError,
}
"""What a step may raise that another process would raise as well; anything else is best seen where it is raised."""


class EndedError(Exception):
    """The operating system ended the other process.

    Attributes:
        signal: The number of the signal that it was sent.
    """

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(signal)


def export_apart(into: Path, folder: Path, threads: int | None) -> EncoderSettings | None:
    """Have another process call `export_model`.

    Returns:
        What it returned. None where the other process did not come to an end, be it that none can be started here;
        doing the same in this one shows why.

    Raises:
        NotCompilableError, MemoryError: What it raised.
        EndedError: The process did not end by itself, and neither would this one if it did the same.
    """
    answer = _ask(into, _EXPORT, str(folder), threads)
    return None if answer is None else EncoderSettings.from_json(answer)


def compile_apart(
    folder: Path, settings: EncoderSettings, precision: Precision, threads: int | None
) -> Verification | None:
    """Have another process call `compile_exported`; see `export_apart`."""
    answer = _ask(folder, _COMPILE, settings.to_json(), precision, threads)
    return None if answer is None else Verification(**answer)


def _ask(folder: Path, step: str, *arguments: object) -> dict[str, Any] | None:
    """Return what another process made, None if it did not come to an end."""
    path = os.pathsep.join(filter(None, [str(_IMPORTED_FROM), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            # Without -P it would import whatever lies in the folder in which the bot was started.
            [sys.executable or "python3", "-P", "-m", _MODULE, json.dumps([str(folder), step, *arguments])],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        _log.debug("no process to compile in: %s", error)
        return None
    if done.returncode < 0:
        raise EndedError(-done.returncode)
    try:
        made, raised, reason = json.loads((folder / _ANSWER_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        _log.debug("the process that was to %s ended with %d: %s", step, done.returncode, done.stderr)
        return None
    (folder / _ANSWER_FILE).unlink()
    if raised:
        raise _TOLD[raised](reason)
    return made


def main(arguments: Sequence[str]) -> None:
    """Be the other process.

    Raises:
        Exception: What the step raises, but for what the other side is told.
    """
    # Where memory runs out, Linux is to end this process rather than the bot, or whatever else runs on the machine.
    with contextlib.suppress(OSError):
        _OOM_SCORE.write_text("1000")
    folder, step, *order = json.loads(arguments[0])
    answer: tuple[dict[str, Any] | None, str, str]
    try:
        answer = (_STEPS[step](Path(folder), *order), "", "")
    except tuple(_TOLD.values()) as error:
        answer = (None, next(name for name, kind in _TOLD.items() if isinstance(error, kind)), str(error))
    Path(folder, _ANSWER_FILE).write_text(json.dumps(answer), encoding="utf-8")


def _export(into: Path, folder: str, threads: int | None) -> dict[str, Any]:
    from .exporting import export_model  # noqa: PLC0415 - for the other process only

    return export_model(into, Path(folder), threads).to_json()


def _compile(folder: Path, settings: dict[str, Any], precision: Precision, threads: int | None) -> dict[str, Any]:
    from .compiling import compile_exported  # noqa: PLC0415 - likewise

    return asdict(compile_exported(folder, EncoderSettings.from_json(settings), precision, threads))


_STEPS: dict[str, Callable[..., dict[str, Any]]] = {_EXPORT: _export, _COMPILE: _compile}

if __name__ == "__main__":
    main(sys.argv[1:])
