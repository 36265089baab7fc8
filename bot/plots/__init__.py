"""Pictures: how good the answers are, which entries lie close to each other, and what keeps coming back."""

from .evaluation import INCHES, plot_evaluation
from .overlap import OverlapWords, plot_overlap
from .report import plot_report
from .report_words import ReportWords
from .style import DPI, write_picture

__all__ = [
    "DPI",
    "INCHES",
    "OverlapWords",
    "ReportWords",
    "plot_evaluation",
    "plot_overlap",
    "plot_report",
    "write_picture",
]
