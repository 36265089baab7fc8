"""The command line: ``faqtotum run | demo | ask | evaluate | overlap | duplicates | export | import | check``."""

from .main import main

__all__ = ["main"]
