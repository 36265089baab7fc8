"""Which logged questions are the same: pairs by similarity, and clusters of them.

Pure functions of embeddings, deterministic, with bounded memory. Beside `matching`, which is made of one FAQ; here is
no FAQ, only what people asked.
"""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .clusters import MIN_COHESION, MIN_SIZE, TIGHT, TOPICS, Cluster, Grain, find_clusters, worth_showing
    from .density import smooth
    from .nights import Chosen, KeptCodes, can_keep_codes, mine_night
    from .pairs import Pairs, Rows, closest_pairs, collect_pairs, mine_pairs, similarity
    from .thresholds import DEFAULT_THRESHOLD, derive_threshold

__all__ = [
    "DEFAULT_THRESHOLD",
    "MIN_COHESION",
    "MIN_SIZE",
    "TIGHT",
    "TOPICS",
    "Chosen",
    "Cluster",
    "Grain",
    "KeptCodes",
    "Pairs",
    "Rows",
    "can_keep_codes",
    "closest_pairs",
    "collect_pairs",
    "derive_threshold",
    "find_clusters",
    "mine_night",
    "mine_pairs",
    "similarity",
    "smooth",
    "worth_showing",
]

__getattr__ = lazily(
    __name__,
    {
        "clusters": (
            "MIN_COHESION",
            "MIN_SIZE",
            "TIGHT",
            "TOPICS",
            "Cluster",
            "Grain",
            "find_clusters",
            "worth_showing",
        ),
        "density": ("smooth",),
        "nights": (
            "Chosen",
            "KeptCodes",
            "can_keep_codes",
            "mine_night",
        ),
        "pairs": (
            "Pairs",
            "Rows",
            "closest_pairs",
            "collect_pairs",
            "mine_pairs",
            "similarity",
        ),
        "thresholds": (
            "DEFAULT_THRESHOLD",
            "derive_threshold",
        ),
    },
)
