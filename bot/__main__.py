"""``python -m bot`` in a checkout, ``faqtotum`` once installed."""

from __future__ import annotations

import sys

from .cli import main as run_command


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(run_command())


if __name__ == "__main__":
    main()
