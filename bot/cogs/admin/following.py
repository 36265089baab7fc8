"""Following what happens outside this process: other processes' edits and reloads, and files that change."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...core.errors import FaqtotumError

if TYPE_CHECKING:
    from ...app import App

_log = logging.getLogger(__name__)


class Follower:
    """Puts into service what others changed.

    Args:
        app: The opened Faqtotum.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._told = ""

    async def follow(self) -> None:
        """Look once; a failure is logged once, and tried again the next time."""
        try:
            result = await self._app.knowledge.follow()
            if result is None and self._app.config.faq.watch_files:
                result = await self._app.knowledge.reload_if_changed()
        except FaqtotumError as error:
            if str(error) != self._told:
                _log.error("what was changed elsewhere cannot be put into service; the old FAQ stays:\n%s", error)
            self._told = str(error)
        else:
            # Files with problems are not read again until one of them changes, so silence is not yet success.
            self._told = self._told if result is None else ""
