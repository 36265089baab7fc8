"""The command line: ``faqtotum run | demo | ask | evaluate | overlap | duplicates | export | import | check``."""

from .main import BRIEF, main

__all__ = ["BRIEF", "main"]
