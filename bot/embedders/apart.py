"""Compiling in a process of its own, so that the bot's own need not hold on to torch until it is restarted."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import Precision

_log = logging.getLogger(__name__)

_MODULE = f"{__package__}.apart"
_IMPORTED_FROM = Path(__file__).parents[_MODULE.count(".")]
"""Whatever this program was started with, the other one finds the package where this one did."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")
"""Source: proc_pid_oom_score_adj(5)."""


class EndedError(Exception):
    """The operating system ended the other process.

    Attributes:
        signal: The number of the signal that it was sent.
    """

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(signal)


def compile_apart(name: str | None, folder: Path, *, precision: Precision, cache: Path, threads: int | None) -> bool:
    """Have another process compile a model into the cache.

    Args:
        name: See `EngineLoader`.
        folder: See `EngineLoader`.
        precision: See `EngineLoader`.
        cache: The folder with compiled models.
        threads: See `EngineLoader`.

    Returns:
        Whether it came to an end, so that the cache knows now whether the model can be compiled. Where it did not, be
        it that no other process can be started here, compiling in this one shows why.

    Raises:
        EndedError: It did not end by itself, and neither would this one if it did the same.
    """
    order = json.dumps([name, str(folder), precision, str(cache), threads])
    path = os.pathsep.join(filter(None, [str(_IMPORTED_FROM), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            # Without -P it would import whatever lies in the folder in which the bot was started.
            [sys.executable or "python3", "-P", "-m", _MODULE, order],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        _log.debug("no process to compile in: %s", error)
        return False
    if done.returncode < 0:
        raise EndedError(-done.returncode)
    if done.returncode:
        _log.debug("compiling in another process ended with %d: %s", done.returncode, done.stderr)
    return done.returncode == 0


def main(arguments: Sequence[str]) -> None:
    """Be the other process.

    Raises:
        Exception: What compiling raises; the caller looks at the exit status alone.
    """
    from .engines import EngineLoader  # noqa: PLC0415 - it imports this module

    # Where memory runs out, Linux is to end this process rather than the bot, or whatever else runs on the machine.
    with contextlib.suppress(OSError):
        _OOM_SCORE.write_text("1000")
    name, folder, precision, cache, threads = json.loads(arguments[0])
    EngineLoader(name, precision=precision, cache=Path(cache), threads=threads).compile(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
