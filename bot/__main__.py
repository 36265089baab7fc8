"""``python -m bot`` in a checkout, ``faqtotum`` once installed."""

from __future__ import annotations

import gc
import sys

from .cli import main as run_command

_MANY_OBJECTS = 10_000
"""Made since the last look for garbage, when the next is due; Python's own 700 cost a start a tenth of its time."""
_LATER = 10
"""Looks of one generation before the next older one is looked through: Python's own."""


def main() -> None:
    """Run the command line and exit with its status."""
    # Next to nothing that a start makes is garbage, and at the end nobody has to look for it.
    gc.set_threshold(_MANY_OBJECTS, _LATER, _LATER)
    try:
        sys.exit(run_command())
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
