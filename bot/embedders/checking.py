"""Whether what a model returned are embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ..core.types import Embeddings

_LENGTH_TOLERANCE = 1e-3
"""How far a row's length may be from 1: half precision rounds by up to 2**-11, about 0.0005, of each value."""


def to_embeddings(returned: ArrayLike, count: int, dim: int) -> Embeddings:
    """Return what a model returned as embeddings, shape ``(count, dim)``.

    Args:
        returned: What the model returned.
        count: How many texts it was given.
        dim: Length of an embedding, 0 to take what comes.

    Raises:
        EmbedderUnavailableError: It is something else: another shape, not finite, or not of length 1.
    """
    try:
        embeddings = np.ascontiguousarray(returned, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise EmbedderUnavailableError(f"the model returned {type(returned).__name__}, which is no array") from error
    match embeddings.shape:
        case (rows, columns) if rows == count and columns and columns == (dim or columns):
            pass
        case shape:
            raise EmbedderUnavailableError(f"the model returned an array of shape {shape} for {count} texts")
    if not np.isfinite(embeddings).all():
        raise EmbedderUnavailableError("the model returned values that are not finite; its weights are unfit")
    lengths = np.linalg.norm(embeddings, axis=1)
    off = np.abs(lengths - 1)
    if off.max(initial=0) > _LENGTH_TOLERANCE:
        raise EmbedderUnavailableError(f"the model returned an embedding of length {lengths[off.argmax()]:.4f}, not 1")
    return embeddings
