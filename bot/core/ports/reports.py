"""What the nightly reports need and come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, timedelta

    import numpy as np
    from numpy.typing import NDArray

    from ..reports import Asked, Done, Ignored, Mining, Posting, Report, Stale, TextRows
    from ..types import Embeddings


class Reports(Protocol):
    """Keeps what the nightly reports need and come to; raises StoreUnavailableError as Store does.

    Nothing here holds a text of its own but what an admin wants ignored: a report names questions by their rows in the
    log, so that deleting a question deletes it from the reports too. A text of which no question is left is gone at
    once, with its pairs, and its id is never used again.
    """

    async def assign_texts(self, guild_id: int, model_id: str) -> int:
        """Give every question of a server that has none yet its text; return how many there were.

        Questions with the same `phrasing_key` (the cleaned text where that is empty) and the same model share one;
        those of other models are left alone. It works in steps; one that was broken off is gone on with the next time.
        """
        ...

    async def read_texts(self, guild_id: int, model_id: str, *, mined: bool, after: int = 0, limit: int) -> TextRows:
        """Return texts with the embedding of the first question of each, in the order of their ids.

        Args:
            guild_id: The server.
            model_id: The model.
            mined: True for those whose pairs are kept, False for the others.
            after: Only those with a larger id.
            limit: How many at most.
        """
        ...

    async def find_texts(self, text_ids: Iterable[int]) -> TextRows:
        """Return those of some texts that are still there, as `read_texts` does; they have to be of one model."""
        ...

    async def read_mined(self, guild_id: int, model_id: str) -> NDArray[np.int64]:
        """Return which texts' pairs are kept, and of which questions their embeddings are, without reading these.

        A text's embedding is that of the first of its questions that is still there.

        Args:
            guild_id: The server.
            model_id: The model.

        Returns:
            The id of each text and the row of its question, shape ``(texts, 2)``, in ascending order.
        """
        ...

    async def keep_pairs(
        self, guild_id: int, generation: int, pairs: Iterable[tuple[int, int, float]], mined: Iterable[int]
    ) -> int | None:
        """Keep pairs of texts (ids and similarity), and note that texts were mined; all of it or nothing.

        A pair of which a text is gone meanwhile is left out. Nothing else can be written until all of it is kept, so
        some thousand pairs a call are enough.

        Args:
            guild_id: The server.
            generation: That of the mining before it was read which texts are mined and which are not.
            pairs: The pairs.
            mined: The texts; no pair of one of them and of another that is mined may be missing.

        Returns:
            The generation to go on with, another one if texts were mined; None if nothing was kept, because by now
            the mining is of another generation or begins anew: somebody else may have mined what this one did not see.
        """
        ...

    async def read_pairs(self, text_ids: Iterable[int]) -> list[tuple[int, int, float]]:
        """Return the kept pairs of which both are among some texts, smaller id first, in ascending order."""
        ...

    async def find_near(self, text_ids: Iterable[int], among: Iterable[int], *, at_least: float = -1) -> set[int]:
        """Return those of the texts `among` that have a kept pair with one of some texts, be these among them or not.

        What is popular may have thousands of pairs; they are looked through where they are kept, not read.

        Args:
            text_ids: The texts.
            among: The other ones, or some of them.
            at_least: The lowest similarity of such a pair; kept are also those of a lower threshold than today's.
        """
        ...

    async def read_mining(self, guild_id: int) -> Mining | None:
        """Return by which model and threshold a server's pairs were mined, None if none were (or are to be again)."""
        ...

    async def restart_mining(self, guild_id: int, mining: Mining, *, anew: bool = True) -> None:
        """Drop a server's pairs, take all its texts for not mined, and note model and threshold of the next time.

        It works in steps; after one that was broken off `read_mining` returns None. Who does so while somebody else
        does it helps, if the other's model and threshold will do, and else takes over; the other ends then. So
        afterwards `read_mining` tells how it is to go on.

        Args:
            guild_id: The server.
            mining: Model and threshold; its generation does not count.
            anew: Whether to do so even where somebody else has just ended with a model and a threshold that will do.
        """
        ...

    async def count_unmined(self, guild_id: int, model_id: str) -> int:
        """Return how many texts there are whose pairs are not kept yet."""
        ...

    async def read_guilds(self) -> list[int]:
        """Return the servers of which questions are logged, ascending."""
        ...

    async def read_outdated(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        """Return questions (row and text) that were embedded by other models, model by model, oldest first."""
        ...

    async def replace_embeddings(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        """Give questions new embeddings, by row; return how many are still there.

        Those that have a text get one of the new model, so that they are found all the time.
        """
        ...

    async def read_outdated_ignored(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        """Return what is to be ignored (row and text) and was embedded by other models, of all servers."""
        ...

    async def replace_ignored(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        """Give what is to be ignored new embeddings, by row; return how many are still there."""
        ...

    async def count_outdated(self, model_id: str) -> int:
        """Return how many questions, and texts to be ignored, were embedded by other models."""
        ...

    async def read_asked(self, guild_id: int, since: datetime, until: datetime) -> list[Asked]:
        """Return the questions of a server that have a text, asked from `since` to before `until`, oldest first."""
        ...

    async def find_asked(self, question_ids: Iterable[int]) -> list[Asked]:
        """Return those of some questions that are still there and have a text, oldest first."""
        ...

    async def claim_report(
        self, guild_id: int, day: date, holder: str, now: datetime, lease: timedelta
    ) -> Posting | None:
        """Take the right to make and post a server's report of one day; None if it is posted, or another has it.

        A claim ends with its lease; whoever comes then takes over what was built. Who has it already has it for another
        lease, so a holder is whatever does one thing at a time, not a process with many tasks.
        """
        ...

    async def keep_report(self, posting_id: int, holder: str, report: Report) -> bool:
        """Keep what was built; return False, and keep nothing, if the claim is another's by now."""
        ...

    async def add_extra_report(self, report: Report, channel_id: int) -> int:
        """Keep a report that somebody asked for; return its row. Its day has a nightly one all the same."""
        ...

    async def place_extra_report(self, posting_id: int, message_id: int) -> None:
        """Note in which message such a report stands."""
        ...

    async def finish_report(self, posting_id: int, holder: str, channel_id: int, message_id: int) -> bool:
        """Note where a report that was built stands; return False if the claim is another's by now."""
        ...

    async def give_up_report(self, posting_id: int, holder: str) -> None:
        """End a claim at once, so that the next try needs not wait for its lease."""
        ...

    async def find_posting(self, posting_id: int) -> Posting | None:
        """Return a report with its life and what was done about its topics."""
        ...

    async def find_last_posting(self, guild_id: int) -> Posting | None:
        """Return a server's newest report that was posted, None if there is none."""
        ...

    async def note_done(self, posting_id: int, number: int, done: Done) -> bool:
        """Note what was done about a topic; return False, and note nothing, if something was done about it already.

        A deed counts no more once its change is undone, see `Ledger.add_change`.
        """
        ...

    async def ignore(self, guild_id: int, ignored: Ignored) -> int | None:
        """Keep a topic that is to be ignored, in place of what has the same text; return its row.

        The row in what is given does not count.

        Returns:
            The row, or None if nothing was kept: the topic is not ignored already, and no question has this text (any
            more), see `assign_texts`. What an asker had deleted must not stay here.
        """
        ...

    async def read_ignored(self, guild_id: int) -> list[Ignored]:
        """Return what a server wants ignored, newest first."""
        ...

    async def stop_ignoring(self, guild_id: int, ignored_id: int) -> bool:
        """Drop a topic from those to be ignored; return False if it was none."""
        ...


class StaleReports(Protocol):
    """Keeps which posted reports have to be shown anew; raises StoreUnavailableError as Store does.

    Whatever deletes questions, or takes deeds back, makes the reports that name them stale in the same transaction,
    so that none is forgotten, whoever dies when. Of several processes one at a time shows a report anew.
    """

    async def mark_stale(self, posting_id: int) -> None:
        """Have a report shown anew at once."""
        ...

    async def find_stale(self, now: datetime) -> list[tuple[int, int]]:
        """Return the posted reports (row and server) that are due to be shown anew and that nobody has claimed."""
        ...

    async def claim_stale(self, posting_id: int, holder: str, now: datetime, lease: timedelta) -> Stale | None:
        """Take the right to show a report anew, until the lease ends; None if another has it, or it is not due."""
        ...

    async def settle_stale(self, stale: Stale, holder: str) -> bool:
        """Note that a report was shown as it was after it was claimed, and end the claim.

        Returns:
            False if it is stale all the same: something happened since, or the claim is no longer the holder's, and
            then another one may have shown it before the holder did.
        """
        ...

    async def put_off_stale(self, stale: Stale, holder: str, until: datetime) -> None:
        """Note that it failed, when to try again, and end the claim."""
        ...

    async def drop_stale(self, stale: Stale, holder: str) -> None:
        """Note that there is nothing to show anew, because the message is gone, and end the claim."""
        ...
