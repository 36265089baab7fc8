"""Arguments in, exit status out. The commands are imported when they are called, so that `--help` is instant."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .._version import __version__
from ..core.errors import FaqtotumError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OK = 0
FAILED = 1
"""Something could not be done or has to be mended; argparse itself exits with 2 on unusable arguments."""
_LAST_PORT = 65535
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
_BRIEF = {"ask"}
"""Commands that have no large matrices to multiply."""
_PRECISIONS = ("float32", "int8")
_MODULES = {"import": "importing", "export": "exporting", "import-history": "import_history", "compile": "compiling"}
"""Commands whose modules have other names: `import` is a keyword, `compile` a function, a hyphen stands in no name."""
_DUPLICATES = "find the questions of any list that are the same in other words"
_READABLE = ("yaml", "json", "csv", "xlsx", "markdown", "qna-maker", "kendra", "assistant")
_WRITABLE = ("yaml", "json", "csv")
"""The formats once more: to import them from where they are read would load everything that reads them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status.

    Args:
        argv: The arguments; those of the process by default.
    """
    arguments = _parser().parse_args(argv)
    if argv is None and arguments.command in _BRIEF:
        # Read when numpy is imported. Its threads would be made, and wait for work by spinning, for nothing.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    command = import_module(f".{_MODULES.get(arguments.command, arguments.command)}", __package__)
    try:
        return command.run(arguments)
    except FaqtotumError as error:
        print(f"faqtotum: {error}", file=sys.stderr)  # noqa: T201 - the terminal is what a command line writes to
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, found {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a port, a number from 0 to {_LAST_PORT}, found {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"expected a share above 0 and at most 1, such as 0.45, found {text!r}")
    return share


def _similarity(text: str) -> float:
    try:
        similarity = float(text)
    except ValueError:
        similarity = -1.0
    if not 0 <= similarity <= 1:
        raise argparse.ArgumentTypeError(f"expected a similarity from 0 to 1, such as 0.75, found {text!r}")
    return similarity


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="faqtotum", description="A Discord FAQ bot that answers by meaning when it is sure, and else stays quiet."
    )
    parser.add_argument("--version", action="version", version=f"faqtotum {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (default: $FAQTOTUM_CONFIG, else config.yaml, else the defaults)",
    )

    run = commands.add_parser("run", parents=[config], help="connect to Discord and answer")
    run.add_argument("--verbose", action="store_true", help="log more")
    run.add_argument("--health-file", type=Path, metavar="FILE", help="touch this file every 20 s while all is well")

    _add_demo(commands.add_parser("demo", help="try the bot here, on a Discord of its own, without an account"))

    ask = commands.add_parser("ask", parents=[config], help="ask the FAQ a question, without Discord")
    ask.add_argument("question", help="the question; put it in quotes")
    ask.add_argument("--json", action="store_true", help="print one JSON object, for scripts")

    ask.add_argument("-v", "--verbose", action="store_true", help="say why: every term, probability and limit")
    ask.add_argument("--overheard", action="store_true", help="as if it had been overheard in a channel")

    evaluate = commands.add_parser(
        "evaluate", parents=[config], help="measure the answers on labelled questions, and compare models"
    )
    evaluate.add_argument(
        "faq",
        type=Path,
        metavar="FAQ",
        help="an FAQ file (YAML), or a CSV with entry,phrasing; or the word duplicates, to measure how well questions "
        "with the same entry are found to be the same",
    )
    evaluate.add_argument(
        "queries", type=Path, metavar="QUERIES", help="a CSV with text,entry; an empty entry: the FAQ has no answer"
    )
    evaluate.add_argument("--phrasings", type=_positive, metavar="K", help="draw at most K phrasings of each entry")
    evaluate.add_argument("--seed", type=int, default=7, metavar="N", help="for drawing them (default: 7)")
    evaluate.add_argument(
        "--in-scope",
        type=_share,
        metavar="SHARE",
        help="share of the questions that have an entry, 0 to 1, if it is known (default: what the bot assumes)",
    )
    evaluate.add_argument("--overheard", action="store_true", help="judge as overheard, not as addressed")
    evaluate.add_argument("--models", metavar="A,B,…", help="models to use instead, by name or folder, side by side")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    evaluate.add_argument("--predictions", type=Path, metavar="FILE", help="write each question's prediction (CSV)")
    evaluate.add_argument("--plot", type=Path, metavar="FILE", help="draw precision, coverage and reliability (PNG)")

    overlap = commands.add_parser("overlap", parents=[config], help="find the entries that could be confused")
    overlap.add_argument(
        "--guild", type=_positive, metavar="ID", help="the FAQ of this server (default: the one for all others)"
    )
    overlap.add_argument("--top", type=_positive, default=20, metavar="N", help="pairs to show (default: 20)")
    overlap.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    overlap.add_argument("--out", type=Path, metavar="FILE", help="draw a map of what lies close to what (PNG)")

    _add_duplicates(commands.add_parser("duplicates", parents=[config], help=_DUPLICATES))
    _add_log_commands(commands.add_parser, config)

    export = commands.add_parser("export", parents=[config], help="write the FAQ into one file, in a format of choice")
    export.add_argument("--guild", type=_positive, metavar="ID", help="the FAQ from which this server is answered")
    export.add_argument("--format", choices=_WRITABLE, default="yaml", help="the format (default: yaml)")
    export.add_argument("--out", type=Path, metavar="FILE", help="the file to write (default: print it)")

    convert = commands.add_parser(
        "import",
        parents=[config],
        help="turn the FAQ of another program into a file of ours, or into entries of a server",
    )
    convert.add_argument("file", type=Path, metavar="FILE", help="the file: YAML, JSON, CSV, XLSX or Markdown")
    convert.add_argument("--format", choices=_READABLE, help="its format (default: found from name and content)")
    convert.add_argument("--out", type=Path, metavar="FILE", help="the file to write, such as faq_data/ours.yaml")
    convert.add_argument("--force", action="store_true", help="replace the file if it is there already")
    convert.add_argument(
        "--guild", type=_positive, metavar="ID", help="make them entries of this server, as /faq import does"
    )
    convert.add_argument("--yes", action="store_true", help="with --guild: save without asking")
    convert.add_argument("--check", action="store_true", help="only say what would come of it")

    compiling = commands.add_parser(
        "compile", parents=[config], help="compile the model now, instead of at the first start"
    )
    compiling.add_argument("--precision", choices=_PRECISIONS, help="instead of the configuration's")
    compiling.add_argument(
        "--output", type=Path, metavar="DIR", help="also put it there, for machines without torch (FAQTOTUM_MODEL=DIR)"
    )
    commands.add_parser("check", parents=[config], help="check configuration, FAQ files, model and database")
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--faq", type=Path, metavar="DIR", help="use the FAQ files of this folder (default: the shipped)")
    demo.add_argument("--port", type=_port, default=0, metavar="N", help="the page's port (default: any that is free)")
    demo.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen at (default: 127.0.0.1, which nobody else reaches)",
    )
    seat = demo.add_mutually_exclusive_group()
    seat.add_argument("--terminal", action="store_true", help="only the seat in this terminal, no page")
    seat.add_argument("--web-only", action="store_true", help="only the page, no seat in this terminal")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page, only print its address")
    demo.add_argument("--verbose", action="store_true", help="show the bot's log")


def _add_log_commands(add: Callable[..., argparse.ArgumentParser], config: argparse.ArgumentParser) -> None:
    remine = add(
        "remine", parents=[config], help="embed and compare all logged questions once more; the bot may be running"
    )
    remine.add_argument("--guild", type=_positive, metavar="ID", help="compare those of this server alone")

    history = add(
        "import-history",
        parents=[config],
        help="read a server's past messages into the question log, for the first report",
        description="Read a server's past messages into the question log, so that the first report need not wait for "
        "weeks. Nothing is posted. It may run while the bot does, and goes on where it was interrupted.",
    )
    history.add_argument("--guild", type=_positive, required=True, metavar="ID", help="the server")
    history.add_argument(
        "--channel",
        type=_positive,
        action="append",
        metavar="ID",
        help="a channel or forum to read, with its threads; can be repeated (default: those in which the bot reads "
        "along)",
    )
    history.add_argument(
        "--days",
        type=_positive,
        metavar="N",
        help="how far back (default, and at most: store.retention_days, after which questions are deleted)",
    )


def _add_duplicates(duplicates: argparse.ArgumentParser) -> None:
    duplicates.add_argument(
        "--input",
        type=Path,
        required=True,
        metavar="FILE",
        help="the list: .txt (one a line), .csv (column text or question) or .jsonl (objects with text)",
    )
    duplicates.add_argument(
        "--asker-column",
        metavar="NAME",
        help="the column (CSV) or member (JSON lines) that says who asked (default: asker or author, if it is there; "
        "whoever is not named counts as somebody else each time)",
    )
    duplicates.add_argument(
        "--threshold", type=_similarity, metavar="X", help="similarity from which two are a pair (default: 0.7)"
    )
    duplicates.add_argument(
        "--min-size", type=_positive, metavar="N", help="questions that a cluster needs to be shown (default: 3)"
    )
    duplicates.add_argument(
        "--min-askers",
        type=_positive,
        default=1,
        metavar="N",
        help="people who have to have asked the questions of a cluster for it to be shown (default: 1)",
    )
    duplicates.add_argument(
        "--cohesion",
        type=_similarity,
        metavar="X",
        help="mean similarity to its representative that a cluster needs to be shown (default: 0.6)",
    )
    duplicates.add_argument("--topics", action="store_true", help="coarser: what one answer could be enough for")
    duplicates.add_argument("--top", type=_positive, default=20, metavar="N", help="clusters to print (default: 20)")
    duplicates.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    duplicates.add_argument("--out", type=Path, metavar="FILE", help="write all clusters and pairs (.csv or .json)")
