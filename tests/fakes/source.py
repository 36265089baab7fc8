"""An FAQ that a test holds in its hands."""

from collections.abc import Mapping, Sequence

from bot.core.types import Entry, FaqScope


class ListSource:
    """Returns what `scopes` holds at the moment, or raises `error` if a test set one."""

    def __init__(self, *entries: Entry) -> None:
        self.scopes: dict[FaqScope, Sequence[Entry]] = {None: entries}
        self.error: Exception | None = None

    async def read_stamp(self) -> str:
        return str(self.scopes)

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        if self.error:
            raise self.error
        return dict(self.scopes)
