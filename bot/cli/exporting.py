"""``faqtotum export``: the FAQ of the configuration, as one file."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from ..app import read_listing
from ..faqfiles import write_file
from ..faqfiles.formats import Format, write_faq
from .common import load_config

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    config = load_config(arguments.config)
    entries = [listed.entry for listed in asyncio.run(read_listing(config, arguments.guild))]
    content = write_faq(entries, Format(arguments.format))
    if arguments.out:
        write_file(arguments.out, content, replace=True)
        print(f"{len(entries)} entries written to {arguments.out}")  # noqa: T201 - the terminal is the output
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    return 0
