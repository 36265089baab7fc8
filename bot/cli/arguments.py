"""What may stand behind ``faqtotum`` on a command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LAST_PORT = 65535
_LARGEST_ID = (1 << 63) - 1
"""Of Discord's ids, and what a column of the database holds."""
_PRECISIONS = ("float32", "int8")
READABLE = ("yaml", "json", "csv", "xlsx", "markdown", "qna-maker", "kendra", "assistant")
WRITABLE = ("yaml", "json", "csv")
"""The formats once more: to import them from where they are read would load everything that reads them."""


class _Command(NamedTuple):
    """A command.

    Attributes:
        help: A line about it.
        add: Gives a parser its arguments.
        has_config: Whether it takes a configuration.
        description: More than a line, where that is needed.
    """

    help: str
    add: Callable[[argparse.ArgumentParser], None]
    has_config: bool = True
    description: str | None = None


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of one command, and its name as `command`; prints why, and exits, where there is no sense.

    Args:
        argv: The arguments; those of the process by default.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="faqtotum", description="A Discord FAQ bot that answers by meaning when it is sure, and else stays quiet."
    )
    parser.add_argument("--version", action="version", version=f"faqtotum {__version__}")
    # Named, or it would be made up of a whole usage message.
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog=parser.prog)
    for name, command in _COMMANDS.items():
        own = commands.add_parser(name, help=command.help, description=command.description)
        # Nobody asks for the arguments of the others, and to make them all takes longer than to search the FAQ.
        if name in argv:
            if command.has_config:
                own.add_argument(
                    "--config",
                    type=Path,
                    metavar="FILE",
                    help="the configuration (default: $FAQTOTUM_CONFIG, else config.yaml, else the defaults)",
                )
            command.add(own)
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, found {text!r}")
    return int(text)


def _id(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _LARGEST_ID:
        raise argparse.ArgumentTypeError(f"expected a Discord id of 17 to 19 digits, found {text!r}")
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


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verbose", action="store_true", help="log more")
    parser.add_argument("--health-file", type=Path, metavar="FILE", help="touch this file every 20 s while all is well")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--faq", type=Path, metavar="DIR", help="use the FAQ files of this folder (default: the shipped)"
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the page's port (default: any that is free)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen at (default: 127.0.0.1, which nobody else reaches)",
    )
    seat = parser.add_mutually_exclusive_group()
    seat.add_argument("--terminal", action="store_true", help="only the seat in this terminal, no page")
    seat.add_argument("--web-only", action="store_true", help="only the page, no seat in this terminal")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page, only print its address")
    parser.add_argument("--verbose", action="store_true", help="show the bot's log")


def _ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", help="the question; put it in quotes")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("-v", "--verbose", action="store_true", help="say why: every term, probability and limit")
    parser.add_argument("--overheard", action="store_true", help="as if it had been overheard in a channel")


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "faq",
        type=Path,
        metavar="FAQ",
        help="an FAQ file (YAML), or a CSV with entry,phrasing; or the word duplicates, to measure how well questions "
        "with the same entry are found to be the same",
    )
    parser.add_argument(
        "queries", type=Path, metavar="QUERIES", help="a CSV with text,entry; an empty entry: the FAQ has no answer"
    )
    parser.add_argument("--phrasings", type=_positive, metavar="K", help="draw at most K phrasings of each entry")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="for drawing them (default: 7)")
    parser.add_argument(
        "--in-scope",
        type=_share,
        metavar="SHARE",
        help="share of the questions that have an entry, 0 to 1, if it is known (default: what the bot assumes)",
    )
    parser.add_argument("--overheard", action="store_true", help="judge as overheard, not as addressed")
    parser.add_argument("--models", metavar="A,B,…", help="models to use instead, by name or folder, side by side")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write each question's prediction (CSV)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw precision, coverage and reliability (PNG)")


def _overlap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--guild", type=_id, metavar="ID", help="the FAQ of this server (default: the one for all others)"
    )
    parser.add_argument("--top", type=_positive, default=20, metavar="N", help="pairs to show (default: 20)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="draw a map of what lies close to what (PNG)")


def _duplicates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        type=Path,
        required=True,
        metavar="FILE",
        help="the list: .txt (one a line), .csv (column text or question) or .jsonl (objects with text)",
    )
    parser.add_argument(
        "--asker-column",
        metavar="NAME",
        help="the column (CSV) or member (JSON lines) that says who asked (default: asker or author, if it is there; "
        "whoever is not named counts as somebody else each time)",
    )
    parser.add_argument(
        "--threshold", type=_similarity, metavar="X", help="similarity from which two are a pair (default: 0.7)"
    )
    parser.add_argument(
        "--min-size", type=_positive, metavar="N", help="questions that a cluster needs to be shown (default: 3)"
    )
    parser.add_argument(
        "--min-askers",
        type=_positive,
        default=1,
        metavar="N",
        help="people who have to have asked the questions of a cluster for it to be shown (default: 1)",
    )
    parser.add_argument(
        "--cohesion",
        type=_similarity,
        metavar="X",
        help="mean similarity to its representative that a cluster needs to be shown (default: 0.6)",
    )
    parser.add_argument("--topics", action="store_true", help="coarser: what one answer could be enough for")
    parser.add_argument("--top", type=_positive, default=20, metavar="N", help="clusters to print (default: 20)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all clusters and pairs (.csv or .json)")


def _remine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--guild", type=_id, metavar="ID", help="compare those of this server alone")


def _import_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--guild", type=_id, required=True, metavar="ID", help="the server")
    parser.add_argument(
        "--channel",
        type=_id,
        action="append",
        metavar="ID",
        help="a channel or forum to read, with its threads; can be repeated (default: those in which the bot reads "
        "along)",
    )
    parser.add_argument(
        "--days",
        type=_positive,
        metavar="N",
        help="how far back (default, and at most: store.retention_days, after which questions are deleted)",
    )


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--guild", type=_id, metavar="ID", help="the FAQ from which this server is answered")
    parser.add_argument("--format", choices=WRITABLE, default="yaml", help="the format (default: yaml)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the file to write (default: print it)")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the file: YAML, JSON, CSV, XLSX or Markdown")
    parser.add_argument("--format", choices=READABLE, help="its format (default: found from name and content)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the file to write, such as faq_data/ours.yaml")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there already")
    parser.add_argument("--guild", type=_id, metavar="ID", help="make them entries of this server, as /faq import does")
    parser.add_argument("--yes", action="store_true", help="with --guild: save without asking")
    parser.add_argument("--check", action="store_true", help="only say what would come of it")


def _compile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--precision", choices=_PRECISIONS, help="instead of the configuration's")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="also put it there, for machines without torch (FAQTOTUM_MODEL=DIR)"
    )


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept-key",
        action="store_true",
        help="from now on take the key of the askers' pseudonyms for the right one, as the old one is lost",
    )


_COMMANDS = {
    "run": _Command("connect to Discord and answer", _run),
    "demo": _Command("try the bot here, on a Discord of its own, without an account", _demo, has_config=False),
    "ask": _Command("ask the FAQ a question, without Discord", _ask),
    "evaluate": _Command("measure the answers on labelled questions, and compare models", _evaluate),
    "overlap": _Command("find the entries that could be confused", _overlap),
    "duplicates": _Command("find the questions of any list that are the same in other words", _duplicates),
    "remine": _Command("embed and compare all logged questions once more; the bot may be running", _remine),
    "import-history": _Command(
        "read a server's past messages into the question log, for the first report",
        _import_history,
        description="Read a server's past messages into the question log, so that the first report need not wait for "
        "weeks. Nothing is posted. It may run while the bot does, and goes on where it was interrupted.",
    ),
    "export": _Command("write the FAQ into one file, in a format of choice", _export),
    "import": _Command("turn the FAQ of another program into a file of ours, or into entries of a server", _import),
    "compile": _Command("compile the model now, instead of at the first start", _compile),
    "check": _Command("check configuration, FAQ files, model and database", _check),
}
