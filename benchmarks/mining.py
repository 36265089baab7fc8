"""Measure the mining of duplicates beside the naive way, as a table in Markdown.

    python benchmarks/mining.py FOLDER ... [--rows 10000 50000] [--night 1000 50000] [--cache embeddings.npy]

The FOLDERs hold `phrasings.csv` (entry,phrasing) and `queries.csv` (text,entry), whose texts are embedded with the
default model; encoding takes minutes, so `--cache` keeps the embeddings. Where more rows are asked for than there are
different texts, copies are added whose similarity to their originals is about 0.9. Naive: what
`sentence_transformers.util.paraphrase_mining_embeddings` does with its defaults. Each measurement has a process of its
own, for the sake of the peak memory, which is what it took beyond the imports and the embeddings; naive and ours take
turns. `dropped`: pairs at or above the threshold that the naive way does not return.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.app import build_embedder
from bot.config import Config
from bot.core.memory import peak_memory
from bot.core.text import as_question, clean
from bot.faqfiles import read_phrasings, read_queries
from bot.mining import DEFAULT_THRESHOLD, TIGHT, TOPICS, find_clusters, mine_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.core.types import Embeddings

COPY = 0.9
"""Similarity of a copy to its original."""
SEED = 7
_MEBI = 2**20


async def embed(folders: list[Path]) -> Embeddings:
    """Return the embeddings of the different texts of all folders, in random order."""
    texts = [text for folder in folders for _, text in read_phrasings(folder / "phrasings.csv")]
    texts += [text for folder in folders for text, _ in read_queries(folder / "queries.csv")]
    forms = sorted({as_question(clean(text)) for text in texts}, key=len)
    async with build_embedder(Config()) as embedder:
        embeddings = await embedder.embed_corpus(forms)
    return np.random.default_rng(SEED).permutation(embeddings)


def stretch(embeddings: Embeddings, rows: int) -> Embeddings:
    """Return so many rows: the first ones, or all of them and copies."""
    rng = np.random.default_rng(SEED)
    more = embeddings[np.arange(max(0, rows - len(embeddings))) % len(embeddings)]
    noise = rng.normal(size=more.shape).astype(np.float32)
    noise *= np.float32(np.sqrt(1 / COPY**2 - 1)) / np.linalg.norm(noise, axis=1, keepdims=True)
    copies = (more + noise) / np.linalg.norm(more + noise, axis=1, keepdims=True)
    return np.ascontiguousarray(np.concatenate([embeddings, copies])[:rows])


def mine_naively(embeddings: Embeddings) -> int:
    """Return how many pairs at or above the threshold the library's function finds."""
    import torch  # noqa: PLC0415 - only where it is measured
    from sentence_transformers import util  # noqa: PLC0415

    mine = util.paraphrase_mining_embeddings
    return sum(similarity >= DEFAULT_THRESHOLD for similarity, _, _ in mine(torch.from_numpy(embeddings)))


def mine(embeddings: Embeddings) -> int:
    """Return how many pairs at or above the threshold ours finds."""
    return sum(map(len, mine_pairs(embeddings, DEFAULT_THRESHOLD)))


def cluster(embeddings: Embeddings) -> int:
    """Return how many tight clusters there are."""
    return len(find_clusters(embeddings, grain=TIGHT))


def cluster_topics(embeddings: Embeddings) -> int:
    """Return how many topics there are."""
    return len(find_clusters(embeddings, grain=TOPICS))


def mine_night(embeddings: Embeddings, new: int) -> int:
    """Return how many pairs the last rows add to all before them."""
    rows = len(embeddings) - new
    return sum(map(len, mine_pairs(embeddings[rows:], DEFAULT_THRESHOLD, stored=embeddings[:rows])))


def _forget_peak() -> None:
    """Have the system measure the peak memory of this process from now on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _run(
    pipe: object,
    work: Callable[..., int],
    path: Path,
    arguments: tuple[int, ...],
    prepare: Callable[..., object] | None,
) -> None:
    embeddings = np.load(path)

    def prepared(rows: Embeddings) -> tuple[object, ...]:
        return (prepare(rows, *arguments),) if prepare else ()

    few = embeddings[: 100 + sum(arguments)]
    work(few, *prepared(few), *arguments)  # what is imported and warmed up is not to be measured
    given = prepared(embeddings)
    _forget_peak()
    before, started = peak_memory(), time.perf_counter()
    found = work(embeddings, *given, *arguments)
    pipe.send((time.perf_counter() - started, (peak_memory() - before) / _MEBI, found))  # type: ignore[attr-defined]


def measure(
    work: Callable[..., int], path: Path, *arguments: int, prepare: Callable[..., object] | None = None
) -> tuple[float, float, int]:
    """Return the seconds that some work takes in a process of its own, the MiB, and what it returns.

    Args:
        work: Gets the embeddings, what was prepared, and the arguments.
        path: The embeddings.
        arguments: See above.
        prepare: Makes of the embeddings and the arguments what there is beforehand, which is not measured.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, work, path, arguments, prepare))
    process.start()
    theirs.close()
    told = ours.recv()
    process.join()
    return told


def compare(path: Path, rows: int, repeats: int) -> str:
    """Return the row of the table that compares the two ways at so many rows."""
    turns = [(measure(mine_naively, path), measure(mine, path)) for _ in range(repeats)]
    ratio = statistics.median(naive[0] / ours[0] for naive, ours in turns)
    naive, ours = turns[-1]
    times = [statistics.median(turn[side][0] for turn in turns) for side in (0, 1)]
    return (
        f"| all pairs | {rows:,} | {times[0]:.1f} s | {times[1]:.1f} s | {ratio:.1f} | {naive[1]:.0f} MiB "
        f"| {ours[1]:.0f} MiB | {ours[2]:,} | {100 * (1 - naive[2] / max(1, ours[2])):.1f} % |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--night", type=int, nargs=2, default=[1_000, 50_000], metavar=("NEW", "STORED"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    cache = arguments.cache
    embeddings = np.load(cache) if cache and cache.exists() else asyncio.run(embed(arguments.folders))
    if cache:
        np.save(cache, embeddings)
    part = Path(f"{cache or 'mining'}.part.npy")
    print(f"{len(embeddings):,} different texts; threshold {DEFAULT_THRESHOLD}\n")  # noqa: T201 - the table
    print("| work | rows | naive | ours | naive / ours | naive, memory | ours, memory | pairs | dropped |")  # noqa: T201
    print("|---|---|---|---|---|---|---|---|---|")  # noqa: T201
    for rows in arguments.rows:
        np.save(part, stretch(embeddings, rows))
        print(compare(part, rows, arguments.repeats), flush=True)  # noqa: T201
        for name, work in (("tight clusters", cluster), ("topics", cluster_topics)):
            seconds, memory, found = measure(work, part)
            print(f"| {name} | {rows:,} | | {seconds:.1f} s | | | {memory:.0f} MiB | {found:,} | |", flush=True)  # noqa: T201
    new, stored = arguments.night
    np.save(part, stretch(embeddings, new + stored))
    seconds, memory, found = measure(mine_night, part, new)
    print(f"| a night | {new:,} × {stored:,} | | {seconds:.1f} s | | | {memory:.0f} MiB | {found:,} | |")  # noqa: T201, RUF001
    part.unlink()


if __name__ == "__main__":
    main()
