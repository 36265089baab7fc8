"""``python -m bot`` in a checkout, ``faqtotum`` once installed."""

from __future__ import annotations

import gc
import sys

from .cli import main as run_command
from .core.memory import expect_little_garbage


def main() -> None:
    """Run the command line and exit with its status."""
    expect_little_garbage()
    try:
        sys.exit(run_command())
    finally:
        # At the end nobody has to look for it.
        gc.freeze()


if __name__ == "__main__":
    main()
