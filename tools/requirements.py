"""Print the requirements that `pyproject.toml` declares, one a line, for `pip install -r`.

    python tools/requirements.py [--slim] [EXTRA ...]

A checkout runs from its folder, so its environment needs the dependencies but not the package itself. ``--slim`` leaves
out what a machine with a compiled model does without.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

_NAME = re.compile(r"[\w.-]+")


def main() -> None:
    """Print the dependencies and those of the extras named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extras", nargs="*", metavar="EXTRA")
    parser.add_argument("--slim", action="store_true")
    arguments = parser.parse_args()
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        content = tomllib.load(file)
    project = content["project"]
    left_out = content["tool"]["faqtotum"]["not-in-slim"] if arguments.slim else []
    requirements = [one for one in project["dependencies"] if _NAME.match(one)[0] not in left_out]  # type: ignore[index]
    for extra in arguments.extras:
        requirements += project["optional-dependencies"][extra]
    print("\n".join(requirements))  # noqa: T201 - printing is what it is for


if __name__ == "__main__":
    main()
