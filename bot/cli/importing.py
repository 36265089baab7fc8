"""``faqtotum import``: the FAQ of another program, as a file of ours or as entries of a server."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from rich.console import Console

from ..app import open_app
from ..core.edits import OPERATOR
from ..core.errors import InvalidInputError, Problem
from ..core.speech import verbatim
from ..faqfiles import write_file
from ..faqfiles.formats import MAX_BYTES, Format, read_faq, write_faq
from ..yamlfile import unreadable
from .common import embedding_progress, load_config, readable_name

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from ..config import Config
    from ..core.types import Entry
    from ..faqfiles.formats import Imported


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    if not (arguments.check or arguments.out or arguments.guild):
        message = "name the file to write, such as faq_data/ours.yaml, or --guild or --check"
        raise InvalidInputError([Problem("--out", 0, verbatim(message))])
    imported = read_faq(_read(arguments.file), str(arguments.file), format=arguments.format)
    console = Console(soft_wrap=True, highlight=False)
    _tell(imported, console)
    if arguments.out and not arguments.check:
        title = imported.title or "FAQ"
        write_file(arguments.out, write_faq(imported.entries, Format.YAML, title=title), replace=arguments.force)
        console.print(f"Written to {arguments.out}", markup=False)
    if arguments.guild:
        config = load_config(arguments.config)
        return asyncio.run(_bring_in(imported.entries, config, arguments, console))
    return 0


async def _bring_in(entries: Sequence[Entry], config: Config, arguments: Namespace, console: Console) -> int:
    """Make them entries of a server, on top of its files; bots that run on the database follow within seconds."""
    async with AsyncExitStack() as stack:
        with embedding_progress() as on_progress:
            app = await stack.enter_async_context(open_app(config, on_progress=on_progress))
            proposal = await app.editor.propose_import(arguments.guild, entries, readable_name(arguments.file))
            preview = await app.previewer.preview(proposal) if proposal.edits and not arguments.check else None
        # Only now, or what shows the progress would draw over the question.
        console.print(f"{len(proposal.edits)} entries of server {arguments.guild} would be added or changed")
        if preview is None:
            return 0
        for sentence in preview.sentences:
            console.print(f"  - {sentence}", markup=False)
        if not arguments.yes and not _confirm():
            console.print("Nothing was changed.")
            return 1
        saved = await app.editor.save(proposal, OPERATOR)
        console.print(f"Saved as change #{saved.change_id}; /faq undo takes it back")
        return 0


def _confirm() -> bool:
    if not sys.stdin.isatty():
        fault = verbatim("nobody can be asked here; say --yes to save without asking")
        raise InvalidInputError([Problem("--yes", 0, fault)])
    # The event loop's own handler would only cancel what is waited for, and nothing is while somebody thinks.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input("Save? [y/N] ").strip().casefold() in {"y", "yes"}
    except EOFError:
        print()  # noqa: T201 - ends the line of the question
        return False
    finally:
        signal.signal(signal.SIGINT, handler)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        raise InvalidInputError([Problem(str(path), 0, unreadable(error))]) from error


def _tell(imported: Imported, console: Console) -> None:
    phrasings = sum(len(entry.phrasings) for entry in imported.entries)
    disabled = sum(not entry.enabled for entry in imported.entries)
    told = f"{len(imported.entries)} entries with {phrasings} phrasings, read as {imported.format}"
    console.print(f"{told}; {disabled} not enabled" if disabled else told, markup=False)
    for note in imported.notes:
        console.print(f"  - {note}", markup=False)
