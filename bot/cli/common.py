"""What the commands share: finding the configuration, and showing that something takes a while."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ..config import CONFIG_VARIABLE, Config, config_path_from_environment
from ..core.speech import size_of_faq

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from ..app import App


def load_config(path: Path | None) -> Config:
    """Return the configuration a command works with.

    Args:
        path: The file named on the command line. Without one the environment names it; the file that is meant by
            default may be missing, then the defaults apply.

    Raises:
        ConfigError: The file is named and missing, cannot be read, or has problems.
    """
    is_named = path is not None or bool(os.environ.get(CONFIG_VARIABLE))
    path = path or config_path_from_environment()
    return Config.load(path) if is_named or _is_there(path) else Config()


def _is_there(path: Path) -> bool:
    """Return whether there is a file, also where only its reader can say what is wrong with it."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:  # such as a folder that the user may not enter
        return True
    return True


def readable_name(path: Path) -> str:
    """Return the name of a file as text that can be stored and drawn, whatever bytes it is made of."""
    return path.name.encode(errors="surrogateescape").decode(errors="replace")


@contextmanager
def embedding_progress() -> Generator[Callable[[int, int], None]]:
    """Show, on the error stream, a spinner while the model loads and a bar while texts are embedded.

    Yields:
        What `open_app` takes as `on_progress`.
    """
    with steps_progress() as show:
        yield partial(show, "Embedding the FAQ")


@contextmanager
def steps_progress() -> Generator[Callable[[str, int, int], None]]:
    """Show, on the error stream, a spinner while the model loads and a bar for one step after the other.

    Yields:
        Takes what is being done, how much of it is done and how much there is to do.
    """
    # In a pipe or a service's log there is nobody to watch it, and what draws it takes a while to import.
    if not sys.stderr.isatty():
        yield _show_nothing
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("Loading the model (a new one is compiled first)", total=None)
        now = ""

        def show(step: str, done: int, total: int) -> None:
            nonlocal now
            if step != now:  # or the time that is left would be reckoned by the pace of the step before
                progress.reset(task, total=total)
                now = step
            progress.update(task, description=step, completed=done, total=total)

        yield show


def _show_nothing(_step: str, _done: int, _total: int) -> None:
    pass


def describe(app: App) -> str:
    """Return one line about what an opened app knows."""
    faqs = app.knowledge.current.faqs
    entries = sum(len(faq.entries) for faq in faqs.values())
    phrasings = sum(len(entry.phrasings) for faq in faqs.values() for entry in faq.entries)
    return size_of_faq(entries, phrasings)
