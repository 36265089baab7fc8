"""Measure matching and calibration on labelled questions, beside the naive way, as a table in Markdown.

    python benchmarks/matching.py FOLDER ... [--phrasings 1 3 5 10 all] [--seeds 7]
        [--entries 25] [--in-scope 0.3]

Each FOLDER holds `phrasings.csv` (entry,phrasing) and `queries.csv` (text,entry; an empty entry: the FAQ has no
answer). The naive way: the entry of the phrasing with the highest cosine, which is also the confidence. The model is
the default one. `known` tells the bot the share of questions that have an entry, `assumed` does not; 5 % false answers
are asked for. `reached` is the coverage there, in per cent of what the best threshold would give.

With `--entries` so many drawn at random make the FAQ, and what the others would answer is out of scope: near misses,
the nearer the finer the entries are cut. With `--in-scope` as many questions in scope, or out of scope, are left out
at random as that share takes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.app import build_embedder
from bot.config import Config
from bot.core.evaluation import Prediction, evaluate, sample
from bot.core.text import clean
from bot.core.types import Entry
from bot.faqfiles import read_phrasings, read_queries
from bot.matching import ADDRESSED, Prior
from bot.resources import read_chatter
from bot.services import Fitter, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.core.ports import Embedder
    from bot.core.types import Embeddings

    Phrasing = tuple[str, str]
    Query = tuple[str, str | None]

BUDGET = 0.05
HEADER = (
    "| set | phrasings | top-1 naive | top-1 | cov@5 naive | cov@5 | cov@1 naive | cov@1 | false, known | reached "
    "| ECE | false, assumed | reached | calibrated in |"
)


class RememberingEmbedder:
    """Embeds every text once, however often it is asked for."""

    is_symmetric = True

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Embeddings] = {}
        self.model_id = embedder.model_id
        self.dim = embedder.dim
        self.vocabulary = embedder.vocabulary

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        return await self.embed_corpus(texts)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        # By length, so that texts of a batch need little padding.
        missing = sorted(set(texts) - self._known.keys(), key=len)
        if missing:
            self._known |= zip(missing, await self._embedder.embed_corpus(missing), strict=True)
        return np.stack([self._known[text] for text in texts])


def thin_out(queries: list[Query], share: float, seed: int) -> list[Query]:
    """Return as many labelled questions as there can be of which such a share is in scope, drawn at random."""
    sides = [[query for query in queries if (query[1] is not None) is inside] for inside in (True, False)]
    most = min(len(sides[0]) / share, len(sides[1]) / (1 - share))
    rng = np.random.default_rng(seed)
    counts = (round(most * share), round(most * (1 - share)))
    return [side[at] for side, count in zip(sides, counts, strict=True) for at in rng.permutation(len(side))[:count]]


def read(folder: Path, seed: int, entries: int | None, in_scope: float | None) -> tuple[list[Phrasing], list[Query]]:
    """Return the phrasings and the questions; see the options of the same names."""
    rows, queries = read_phrasings(folder / "phrasings.csv"), read_queries(folder / "queries.csv")
    if entries is not None:
        names = sorted({entry for entry, _ in rows})
        chosen = {names[at] for at in np.random.default_rng(seed).permutation(len(names))[:entries]}
        rows = [(entry, text) for entry, text in rows if entry in chosen]
        queries = [(text, entry if entry in chosen else None) for text, entry in queries]
    return rows, queries if in_scope is None else thin_out(queries, in_scope, seed)


async def measure(
    folder: Path, k: int | None, seed: int, data: tuple[list[Phrasing], list[Query]], embedder: Embedder
) -> str:
    """Return a row of the table."""
    rows, queries = data
    kept: dict[str, list[str]] = {}
    for row in sample([entry for entry, _ in rows], k, seed):
        kept.setdefault(rows[row][0], []).append(rows[row][1])
    naive = evaluate(await judge_naively(kept, queries, embedder))
    entries = [Entry(entry, own[0], "", tuple(own[1:])) for entry, own in kept.items()]
    fitter = Fitter(embedder, read_chatter())
    await fitter.fit({None: entries})  # embeds, which is not to be measured
    started = time.monotonic()
    faq = (await fitter.fit({None: entries}))[0][None]
    seconds = time.monotonic() - started
    share = sum(entry is not None for _, entry in queries) / len(queries)
    found = {}
    for name, prior in (("known", Prior.of(share)), ("assumed", ADDRESSED)):
        judged = await judge(faq, embedder, queries, budget=BUDGET, prior=prior)
        found[name] = evaluate([one.prediction for one in judged])
    known, assumed = found["known"], found["assumed"]
    cells = [folder.name, str(k or "all")]
    cells += [f"{value:.1f}" for value in (naive.top1, known.top1, naive.cov5, known.cov5, naive.cov1, known.cov1)]
    cells += [f"{known.false_answers:.1f}", f"{100 * known.coverage / known.cov5:.0f}", f"{known.ece:.1f}"]
    cells += [f"{assumed.false_answers:.1f}", f"{100 * assumed.coverage / known.cov5:.0f}", f"{seconds:.1f} s"]
    return f"| {' | '.join(cells)} |"


async def judge_naively(
    faq: dict[str, list[str]], queries: Sequence[tuple[str, str | None]], embedder: Embedder
) -> list[Prediction]:
    """Return predictions by the highest cosine."""
    labels = [entry for entry, own in faq.items() for _ in own]
    corpus = await embedder.embed_corpus([phrasing for own in faq.values() for phrasing in own])
    asked = await embedder.embed_queries([clean(text) for text, _ in queries])
    similarities = asked @ corpus.T
    return [
        Prediction(entry, labels[row.argmax()], float(np.clip(row.max(), 0, 1)), answered=False)
        for (_, entry), row in zip(queries, similarities, strict=True)
    ]


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--phrasings", nargs="+", default=["1", "3", "5", "10", "all"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[7])
    parser.add_argument("--entries", type=int)
    parser.add_argument("--in-scope", type=float)
    arguments = parser.parse_args()
    print(HEADER)  # noqa: T201 - the table
    print("|---" * HEADER.count(" | ") + "|---|")  # noqa: T201
    async with build_embedder(Config()) as embedder:
        remembering = RememberingEmbedder(embedder)
        for folder in arguments.folders:
            for k in arguments.phrasings:
                for seed in arguments.seeds:
                    count = None if k == "all" else int(k)
                    data = read(folder, seed, arguments.entries, arguments.in_scope)
                    row = await measure(folder, count, seed, data, remembering)
                    print(row, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
