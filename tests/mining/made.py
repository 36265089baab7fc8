"""Embeddings made up for tests."""

import numpy as np

from bot.core.types import Embeddings


def unit(rows: object) -> Embeddings:
    """Return rows as embeddings."""
    array = np.asarray(rows, dtype=np.float64)
    return np.ascontiguousarray(array / np.linalg.norm(array, axis=1, keepdims=True), dtype=np.float32)


def random_rows(count: int, dim: int = 16, seed: int = 0, grid: int | None = None) -> Embeddings:
    """Return random embeddings; on a coarse grid many are the same or equally similar."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, dim)) if grid is None else rng.integers(-grid, grid + 1, size=(count, dim))
    rows[~rows.any(axis=1), 0] = 1
    return unit(rows)


def groups(sizes: list[int], dim: int = 32, spread: float = 0.2, seed: int = 0) -> tuple[Embeddings, list[int]]:
    """Return embeddings around one random centre each, and the number of each row's centre."""
    rng = np.random.default_rng(seed)
    labels = [number for number, size in enumerate(sizes) for _ in range(size)]
    centres = unit(rng.normal(size=(len(sizes), dim)))
    noise = rng.normal(size=(len(labels), dim)) * spread / np.sqrt(dim)
    return unit(centres[labels] + noise), labels
