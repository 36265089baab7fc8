"""Fail unless the last test run covered all of `core`, `matching`, `mining` and `services`, and most of the rest.

python tools/coverage_goals.py      (after `pytest --cov`)
"""

from __future__ import annotations

import io
import sys

from coverage import Coverage

GOALS = {
    "bot/core/*,bot/matching/*,bot/mining/*,bot/services/*": 100.0,
    "bot/*": 95.0,
}
"""Per cent of lines and branches, by files."""


def main() -> int:
    """Print each goal and what was reached; return 1 if one was missed."""
    coverage = Coverage()
    coverage.load()
    missed = 0
    for files, goal in GOALS.items():
        report = io.StringIO()
        reached = coverage.report(include=files.split(","), file=report, show_missing=True, skip_covered=True)
        print(f"{files}: {reached:.2f} % covered, {goal:g} % wanted")  # noqa: T201 - the report
        if reached < goal:
            missed += 1
            print(report.getvalue())  # noqa: T201 - the report
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
