"""Arguments in, exit status out. The commands are imported when they are called, so that `--help` is instant."""

from __future__ import annotations

import errno
import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import FaqtotumError
from .arguments import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

OK = 0
FAILED = 1
"""Something could not be done or has to be mended; argparse itself exits with 2 on unusable arguments."""
UNREAD = 141
"""128 + SIGPIPE, likewise: whoever was to read what is printed has gone."""
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
BRIEF = frozenset({"ask"})
"""Commands that have no large matrices to multiply, and nothing to leave behind."""
_MODULES = {"import": "importing", "export": "exporting", "import-history": "import_history", "compile": "compiling"}
"""Commands whose modules have other names: `import` is a keyword, `compile` a function, a hyphen stands in no name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status.

    Args:
        argv: The arguments; those of the process by default.
    """
    arguments = parse(argv)
    if argv is None and arguments.command in BRIEF:
        # Read when numpy is imported. Its threads would be made, and wait for work by spinning, for nothing.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _prepare_streams()
    try:
        command = import_module(f".{_MODULES.get(arguments.command, arguments.command)}", __package__)
        status = command.run(arguments)
        # Here, where there is something to say about it, rather than when the interpreter ends.
        sys.stdout.flush()
    except BrokenPipeError:
        _print_no_more()
        return UNREAD
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _print_no_more()
        print(f"faqtotum: what it says cannot be written: {error.strerror}", file=sys.stderr)  # noqa: T201 - likewise
        return FAILED
    except FaqtotumError as error:
        print(f"faqtotum: {error}", file=sys.stderr)  # noqa: T201 - the terminal is what a command line writes to
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _prepare_streams() -> None:
    """Let the standard streams be there, and take every character."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # Closed, as some supervisors start what they watch over.
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A check mark that a terminal does not know is no reason to say nothing at all.
            stream.reconfigure(errors="replace")


def _print_no_more() -> None:
    """Let the rest of what would be printed go nowhere, or the interpreter would try again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
