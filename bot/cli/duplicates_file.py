"""What was found to be the same, as a file: JSON or CSV."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import InvalidInputError, Problem
from ..core.speech import verbatim
from ..faqfiles import check_place, write_file, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..mining import Cluster, Pairs
    from .embedding import Asked

COLUMNS = ("kind", "cluster", "text", "other", "count", "similarity", "askers", "cluster_askers")
"""Of the CSV file.

A row of the kind `question` is a text in a cluster: the cluster's number from 1, the text, the cluster's representative
question, how often the text was asked, the similarity of the two, and how many people asked the text, and any of the
cluster. A row of the kind `pair` is a pair at or above the threshold: the number of the cluster if both are in the
same, the two texts, nothing, and their similarity.
"""
_DECIMALS = 6


@dataclass(frozen=True)
class Duplicates:
    """What was found in a list of questions.

    Attributes:
        questions: How many it holds.
        names_askers: Whether it says of any who asked.
        asked: The different ones of them, as far as they can be read.
        model: The id of the model that embedded them.
        threshold: Similarity from which two are a pair.
        clusters: Those worth showing, largest first; their rows are places in `asked`.
        nearness: For each cluster, the similarity of each of its rows to its medoid.
        pairs: The closest pairs, closest first.
        pair_count: How many there are in all.
    """

    questions: int
    names_askers: bool
    asked: Sequence[Asked]
    model: str
    threshold: float
    clusters: Sequence[Cluster]
    nearness: Sequence[Sequence[float]]
    pairs: Pairs
    pair_count: int

    def members(self, number: int) -> list[tuple[Asked, float]]:
        """Return the texts of a cluster but for its medoid, with their similarity to it, most frequent first."""
        cluster = self.clusters[number]
        found = zip(cluster.rows, self.nearness[number], strict=True)
        others = [(self.asked[row], near) for row, near in found if row != cluster.medoid]
        return sorted(others, key=lambda one: (-one[0].count, -one[1], one[0].text))


def askers_of(asked: Sequence[Asked], cluster: Cluster) -> frozenset[str | int]:
    """Return who asked any question of a cluster; see `Asked`."""
    return frozenset[str | int]().union(*(asked[row].askers for row in cluster.rows))


def check_name(path: Path) -> None:
    """Make sure that a file can be written, before minutes are spent on what goes into it.

    Raises:
        InvalidInputError: Its name is neither .csv nor .json, or it cannot be written there.
    """
    if path.suffix.casefold() not in {".csv", ".json"}:
        fault = verbatim("is neither .csv nor .json; name it after what it shall be")
        raise InvalidInputError([Problem(str(path), 0, fault)])
    check_place(path)


def write_duplicates(path: Path, found: Duplicates) -> None:
    """Write clusters and pairs, as JSON (see `describe`) or as CSV (see `COLUMNS`); the file is whole or not there.

    Raises:
        InvalidInputError: It cannot be written.
    """
    if path.suffix.casefold() == ".json":
        write_file(path, json.dumps(describe(found), ensure_ascii=False, indent=1).encode() + b"\n")
    else:
        write_table(path, COLUMNS, _rows(found))


def describe(found: Duplicates) -> dict[str, object]:
    """Return everything as an object for JSON."""
    return {
        "model": found.model,
        "questions": found.questions,
        "readable": sum(one.count for one in found.asked),
        "different": len(found.asked),
        "askers": len(frozenset[str | int]().union(*(one.askers for one in found.asked))),
        "threshold": found.threshold,
        "clusters": [
            {
                "size": cluster.size,
                "askers": len(askers_of(found.asked, cluster)),
                "cohesion": round(cluster.cohesion, _DECIMALS),
                "representative": found.asked[cluster.medoid].text,
                "count": found.asked[cluster.medoid].count,
                "representative_askers": len(found.asked[cluster.medoid].askers),
                "others": [
                    {
                        "text": one.text,
                        "count": one.count,
                        "askers": len(one.askers),
                        "similarity": round(near, _DECIMALS),
                    }
                    for one, near in found.members(number)
                ],
            }
            for number, cluster in enumerate(found.clusters)
        ],
        "pairs": [{"a": a, "b": b, "similarity": near} for a, b, near, _ in _pairs(found)],
        "pair_count": found.pair_count,
    }


def _pairs(found: Duplicates) -> Iterator[tuple[str, str, float, int]]:
    """Yield the texts of each pair, their similarity, and the number of the cluster in which both are, 0 for none."""
    cluster_of = {row: number for number, cluster in enumerate(found.clusters, start=1) for row in cluster.rows}
    first: list[int] = found.pairs.first.tolist()
    second: list[int] = found.pairs.second.tolist()
    for a, b, near in zip(first, second, found.pairs.similarity.tolist(), strict=True):
        cluster = cluster_of.get(a, 0)
        together = cluster if cluster == cluster_of.get(b, 0) else 0
        yield found.asked[a].text, found.asked[b].text, round(near, _DECIMALS), together


def _rows(found: Duplicates) -> Iterator[tuple[str, ...]]:
    for number, cluster in enumerate(found.clusters, start=1):
        medoid, askers = found.asked[cluster.medoid], str(len(askers_of(found.asked, cluster)))
        members: list[tuple[Asked, float]] = [(medoid, 1.0), *found.members(number - 1)]
        for one, near in members:
            similarity = str(round(near, _DECIMALS))
            own = str(len(one.askers))
            yield "question", str(number), one.text, medoid.text, str(one.count), similarity, own, askers
    for a, b, near, cluster in _pairs(found):
        yield "pair", str(cluster or ""), a, b, "", str(near), "", ""
