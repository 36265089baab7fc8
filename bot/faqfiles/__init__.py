"""FAQ files: YAML that people write, read as a whole and reported on as a whole."""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .files import FaqFiles
    from .questions import ListedQuestion, read_questions, write_table
    from .replacing import check_place, write_file
    from .single import parse_entry
    from .tables import LabelledQueries, check_labels, read_phrasings, read_queries, write_predictions

__all__ = [
    "FaqFiles",
    "LabelledQueries",
    "ListedQuestion",
    "check_labels",
    "check_place",
    "parse_entry",
    "read_phrasings",
    "read_queries",
    "read_questions",
    "write_file",
    "write_predictions",
    "write_table",
]

__getattr__ = lazily(
    __name__,
    {
        "files": ("FaqFiles",),
        "questions": (
            "ListedQuestion",
            "read_questions",
            "write_table",
        ),
        "replacing": ("check_place", "write_file"),
        "single": ("parse_entry",),
        "tables": (
            "LabelledQueries",
            "check_labels",
            "read_phrasings",
            "read_queries",
            "write_predictions",
        ),
    },
)
