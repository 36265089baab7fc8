"""Measure everything that the README says about speed and memory, against the naive way, in one run.

    make bench                      about an hour
    make bench QUICK=1              under three minutes: fewer questions, fewer turns, no traffic
    python -m benchmarks.bench [--quick] [--only start search mine encode serve jack] [--out DIR]

The naive way is what a few lines with sentence-transformers do: import it, `SentenceTransformer.encode`,
`util.semantic_search`, `util.paraphrase_mining_embeddings`, all with their defaults. Both ways take turns, so that
whoever else uses the machine slows both. Written are DIR/bench.json, DIR/bench.md and DIR/bench.png.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

# Before numpy is imported: one thread for each product, as the bot itself has; the naive way uses torch's own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from bot.embedders.cache import default_cache_folder

from ..encoding import JACKS
from . import encode, mine, search, serve, start
from .figures import Curve, Figure, describe_machine, to_json, to_markdown
from .inputs import make_rows
from .picture import draw

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1_000_000
QUICK_ROWS = 20_200
SECTIONS = ("start", "search", "mine", "encode", "serve", "jack")
NOT_QUICK = frozenset({"serve"})
Section = tuple[list[Figure], list[Curve]]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=SECTIONS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--rows", type=int, help="most embeddings for search and mining (default: a million)")
    parser.add_argument("--jacks", type=int, help="how often jack's sentence is embedded (default: 100,000)")
    arguments = parser.parse_args()
    quick: bool = arguments.quick
    wanted = arguments.only or [name for name in SECTIONS if not (quick and name in NOT_QUICK)]
    # In their own order: what is measured of a process counts what this one held when it started it.
    chosen = [name for name in SECTIONS if name in wanted]
    machine = describe_machine()
    figures, curves = list[Figure](), list[Curve]()
    rows = arguments.rows or (QUICK_ROWS if quick else ROWS)
    jacks = arguments.jacks or (encode.QUICK_JACKS if quick else JACKS)
    sections: dict[str, Callable[[], Section]] = {
        "encode": lambda: encode.measure_encoding(default_cache_folder(), quick=quick),
        "jack": lambda: encode.measure_jack(default_cache_folder(), jacks),
        "start": lambda: start.measure_start(quick=quick),
        "search": lambda: search.measure_search(make_rows(rows), quick=quick),
        "mine": lambda: mine.measure_mining(make_rows(min(rows, mine.SIZES[-1])), quick=quick),
        "serve": serve.measure_serving,
    }
    for name in chosen:
        started = time.monotonic()
        found, grown = sections[name]()
        figures += found
        curves += grown
        for figure in found:
            say(figure.to_row())
        say(f"({name}: {time.monotonic() - started:.0f} s)")
        # After each section, so that nothing is lost when somebody loses patience.
        write(arguments.out, machine, figures, curves)
    say(f"written: {arguments.out}/bench.json, bench.md, bench.png")


def write(folder: Path, machine: dict[str, object], figures: list[Figure], curves: list[Curve]) -> None:
    """Write what is measured so far."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(to_json(machine, figures, curves), indent=1, ensure_ascii=False)
    (folder / "bench.json").write_text(told + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(to_markdown(machine, figures, curves), encoding="utf-8")
    draw(figures, curves, folder / "bench.png")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
