"""Models that cannot be compiled."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .thread import brief

if TYPE_CHECKING:
    from collections.abc import Generator


class NotCompilableError(Exception):
    """The model cannot be compiled; says why."""


class NotExportedError(NotCompilableError):
    """A library failed at it; says how. The libraries say the same where a disk was full."""


@contextmanager
def refusing() -> Generator[None]:
    """Say of whatever goes wrong, but for files and memory, that the model cannot be exported.

    The exporter's warnings are kept from people who can do nothing about them; whether it traced well is verified.
    """
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # Torch, onnx and onnxruntime raise whatever they like about what they cannot express.
        raise NotExportedError(f"it cannot be exported ({brief(error)})") from error
    finally:
        logger.setLevel(level)
