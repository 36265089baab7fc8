"""Pictures: how good the answers are, and which entries lie close to each other."""

from .evaluation import INCHES, plot_evaluation
from .overlap import plot_overlap
from .style import DPI, write_picture

__all__ = ["DPI", "INCHES", "plot_evaluation", "plot_overlap", "write_picture"]
