"""Arguments in, exit status out. The commands are imported when they are called, so that `--help` is instant."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from ..core.errors import FaqtotumError
from .arguments import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

OK = 0
FAILED = 1
"""Something could not be done or has to be mended; argparse itself exits with 2 on unusable arguments."""
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
    command = import_module(f".{_MODULES.get(arguments.command, arguments.command)}", __package__)
    try:
        return command.run(arguments)
    except FaqtotumError as error:
        print(f"faqtotum: {error}", file=sys.stderr)  # noqa: T201 - the terminal is what a command line writes to
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
