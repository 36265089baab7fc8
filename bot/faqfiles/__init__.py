"""FAQ files: YAML that people write, read as a whole and reported on as a whole."""

from .files import FaqFiles

__all__ = ["FaqFiles"]
