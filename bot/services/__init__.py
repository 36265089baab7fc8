"""The use cases: answering questions, keeping the FAQ in memory, batching the model's work.

Services know the ports of `core` and nothing of Discord, the model's library, the database or YAML.
"""

from .answering import Action, Answerer, Budgets, Grounds, GuildRules, Outcome, Rules
from .batching import BatchingEmbedder
from .cooldown import ReplyRef
from .evaluating import Judged, judge
from .explaining import Candidate, Explanation, Share, explain
from .fitting import Faq, Fitter, Priors
from .knowledge import Knowledge, ReloadResult, Snapshot

__all__ = [
    "Action",
    "Answerer",
    "BatchingEmbedder",
    "Budgets",
    "Candidate",
    "Explanation",
    "Faq",
    "Fitter",
    "Grounds",
    "GuildRules",
    "Judged",
    "Knowledge",
    "Outcome",
    "Priors",
    "ReloadResult",
    "ReplyRef",
    "Rules",
    "Share",
    "Snapshot",
    "explain",
    "judge",
]
