"""What takes long to make is made once for a test run, also where several processes share the tests."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that all processes of a test run share; the first that asks for it fills it, the others wait.

    Args:
        factory: The run's.
        name: The folder's, one for each thing that is made.
        make: Fills the folder that it is given. If it fails, the next that asks begins anew.
    """
    # Each process of a run has a folder of its own in the run's folder.
    base = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    folder, done = base / name, base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
