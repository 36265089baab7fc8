"""The command line: ``faqtotum run | demo | ask | check``."""

from .main import main

__all__ = ["main"]
