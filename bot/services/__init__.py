"""The use cases: answering questions, keeping the FAQ in memory, batching the model's work.

Services know the ports of `core` and nothing of Discord, the model's library, the database or YAML.
"""

from .answering import Action, Answerer, GuildRules, Outcome, Rules
from .batching import BatchingEmbedder
from .cooldown import ReplyRef
from .knowledge import Faq, Knowledge, ReloadResult, Snapshot

__all__ = [
    "Action",
    "Answerer",
    "BatchingEmbedder",
    "Faq",
    "GuildRules",
    "Knowledge",
    "Outcome",
    "ReloadResult",
    "ReplyRef",
    "Rules",
    "Snapshot",
]
