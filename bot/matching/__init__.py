"""What the bot makes of an FAQ: how relevant each entry is to a query, and how sure that makes it.

Everything here is fitted to one FAQ when it is loaded, from its phrasings alone, never changes afterwards, and is
deterministic: the same FAQ gives the same answers. It stands between the services, which decide when to load and what
to do, and the core, which knows no library beside numpy.
"""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .calibration import Calibration, calibrate
    from .keeping import Fit, name_embeddings, name_fit, pack_fit, unpack_fit
    from .matcher import Corpus, Matcher, build_corpus, rank_hits
    from .overlap import CLOSE, Closeness, Confusable, Side, cluster_order, find_confusable, measure_closeness
    from .priors import ADDRESSED, OVERHEARD, Prior, learn_prior
    from .relevance import WEIGHTS, weigh_terms
    from .reranking import Rerank, rerank_hits
    from .samples import KEPT, MIN_ENTRIES, MIN_PHRASINGS, MOST_RERANKED, Samples, Taken, hold_out, is_too_small
    from .threads import one_thread

__all__ = [
    "ADDRESSED",
    "CLOSE",
    "KEPT",
    "MIN_ENTRIES",
    "MIN_PHRASINGS",
    "MOST_RERANKED",
    "OVERHEARD",
    "WEIGHTS",
    "Calibration",
    "Closeness",
    "Confusable",
    "Corpus",
    "Fit",
    "Matcher",
    "Prior",
    "Rerank",
    "Samples",
    "Side",
    "Taken",
    "build_corpus",
    "calibrate",
    "cluster_order",
    "find_confusable",
    "hold_out",
    "is_too_small",
    "learn_prior",
    "measure_closeness",
    "name_embeddings",
    "name_fit",
    "one_thread",
    "pack_fit",
    "rank_hits",
    "rerank_hits",
    "unpack_fit",
    "weigh_terms",
]

__getattr__ = lazily(
    __name__,
    {
        "calibration": (
            "Calibration",
            "calibrate",
        ),
        "keeping": (
            "Fit",
            "name_embeddings",
            "name_fit",
            "pack_fit",
            "unpack_fit",
        ),
        "matcher": (
            "Corpus",
            "Matcher",
            "build_corpus",
            "rank_hits",
        ),
        "overlap": (
            "CLOSE",
            "Closeness",
            "Confusable",
            "Side",
            "cluster_order",
            "find_confusable",
            "measure_closeness",
        ),
        "priors": (
            "ADDRESSED",
            "OVERHEARD",
            "Prior",
            "learn_prior",
        ),
        "relevance": (
            "WEIGHTS",
            "weigh_terms",
        ),
        "reranking": (
            "Rerank",
            "rerank_hits",
        ),
        "samples": (
            "KEPT",
            "MIN_ENTRIES",
            "MIN_PHRASINGS",
            "MOST_RERANKED",
            "Samples",
            "Taken",
            "hold_out",
            "is_too_small",
        ),
        "threads": ("one_thread",),
    },
)
