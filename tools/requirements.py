"""Print the requirements that `pyproject.toml` declares, one a line, for `pip install -r`.

    python tools/requirements.py [EXTRA ...]

A checkout runs from its folder, so its environment needs the dependencies but not the package itself.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Print the dependencies and those of the extras named on the command line."""
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    requirements = [*project["dependencies"]]
    for extra in sys.argv[1:]:
        requirements += project["optional-dependencies"][extra]
    print("\n".join(requirements))  # noqa: T201 - printing is what it is for


if __name__ == "__main__":
    main()
