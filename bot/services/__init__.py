"""The use cases: answering questions, keeping the FAQ in memory, batching the model's work.

Services know the ports of `core` and nothing of Discord, the model's library, the database or YAML.
"""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .answering import Answerer
    from .batching import BatchingEmbedder
    from .cooldown import ReplyRef
    from .editing import Editor, Proposal, Saved
    from .evaluating import Judged, judge
    from .explaining import Candidate, Explanation, Share, explain
    from .faq import Faq, Priors
    from .fitting import Fitter
    from .history import HistoryImporter, Imported, Tally, require_log
    from .knowledge import Knowledge, ReloadResult, Snapshot
    from .mining import Miner
    from .nightly import Board, BoardError, Nightly
    from .outcomes import Action, Grounds, Observer, Outcome
    from .overlapping import Overlap, advise, find_overlap
    from .past import History, HistoryError, Page, PastMessage, Place, PlaceError
    from .previewing import Impact, Near, Preview, Previewer
    from .privacy import Privacy, accept_key, find_key_problem, is_known_key
    from .refreshing import Refresher
    from .renewing import Renewer
    from .reporting import Reporter
    from .rules import Budgets, GuildRules, RuleBook, Rules
    from .settings import NO_CHANNEL, SETTABLE, GuildSettings, Settings
    from .topics import leave_out_deleted

__all__ = [
    "NO_CHANNEL",
    "SETTABLE",
    "Action",
    "Answerer",
    "BatchingEmbedder",
    "Board",
    "BoardError",
    "Budgets",
    "Candidate",
    "Editor",
    "Explanation",
    "Faq",
    "Fitter",
    "Grounds",
    "GuildRules",
    "GuildSettings",
    "History",
    "HistoryError",
    "HistoryImporter",
    "Impact",
    "Imported",
    "Judged",
    "Knowledge",
    "Miner",
    "Near",
    "Nightly",
    "Observer",
    "Outcome",
    "Overlap",
    "Page",
    "PastMessage",
    "Place",
    "PlaceError",
    "Preview",
    "Previewer",
    "Priors",
    "Privacy",
    "Proposal",
    "Refresher",
    "ReloadResult",
    "Renewer",
    "ReplyRef",
    "Reporter",
    "RuleBook",
    "Rules",
    "Saved",
    "Settings",
    "Share",
    "Snapshot",
    "Tally",
    "accept_key",
    "advise",
    "explain",
    "find_key_problem",
    "find_overlap",
    "is_known_key",
    "judge",
    "leave_out_deleted",
    "require_log",
]

__getattr__ = lazily(
    __name__,
    {
        "answering": ("Answerer",),
        "batching": ("BatchingEmbedder",),
        "cooldown": ("ReplyRef",),
        "editing": (
            "Editor",
            "Proposal",
            "Saved",
        ),
        "evaluating": (
            "Judged",
            "judge",
        ),
        "explaining": (
            "Candidate",
            "Explanation",
            "Share",
            "explain",
        ),
        "faq": ("Faq", "Priors"),
        "fitting": ("Fitter",),
        "history": (
            "HistoryImporter",
            "Imported",
            "Tally",
            "require_log",
        ),
        "knowledge": (
            "Knowledge",
            "ReloadResult",
            "Snapshot",
        ),
        "mining": ("Miner",),
        "nightly": (
            "Board",
            "BoardError",
            "Nightly",
        ),
        "outcomes": (
            "Action",
            "Grounds",
            "Observer",
            "Outcome",
        ),
        "overlapping": (
            "Overlap",
            "advise",
            "find_overlap",
        ),
        "past": (
            "History",
            "HistoryError",
            "Page",
            "PastMessage",
            "Place",
            "PlaceError",
        ),
        "previewing": (
            "Impact",
            "Near",
            "Preview",
            "Previewer",
        ),
        "privacy": ("Privacy", "accept_key", "find_key_problem", "is_known_key"),
        "refreshing": ("Refresher",),
        "renewing": ("Renewer",),
        "reporting": ("Reporter",),
        "rules": (
            "Budgets",
            "GuildRules",
            "RuleBook",
            "Rules",
        ),
        "settings": (
            "NO_CHANNEL",
            "SETTABLE",
            "GuildSettings",
            "Settings",
        ),
        "topics": ("leave_out_deleted",),
    },
)
