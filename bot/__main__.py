"""``python -m bot`` in a checkout, ``faqtotum`` once installed."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from .cli import BRIEF
from .cli import main as run_command
from .core.memory import expect_little_garbage


def main() -> None:
    """Run the command line and exit with its status."""
    expect_little_garbage()
    try:
        status = run_command()
    finally:
        # At the end nobody has to look for it.
        gc.freeze()
    if BRIEF.intersection(sys.argv[1:2]):
        leave_at_once(status)
    sys.exit(status)


def leave_at_once(status: int) -> None:
    """Exit without taking the interpreter and its libraries apart, which takes as long as an answer.

    Returns:
        Only where nobody reads what was printed; then the interpreter has something to say about that.
    """
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
