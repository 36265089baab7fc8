"""What outlives the process: the FAQ's files, the log, and what people change from within Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from ..edits import Change, Draft, Ownings, Version
    from ..members import Count, Holding, Retracted
    from ..types import Embeddings, Entry, FaqScope, QuestionRecord


class FaqSource(Protocol):
    """Where the curated entries come from."""

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        """Return the entries by scope, those that are not enabled too; the scope None is always there.

        Raises:
            FaqInvalidError: With every problem of every file.
        """
        ...

    async def read_stamp(self) -> str:
        """Return something that differs once something was changed, without reading it all."""
        ...


class Store(Protocol):
    """Keeps what must outlive the process. Every method raises StoreUnavailableError when the database fails."""

    async def add_question(self, question: QuestionRecord, *, once: bool = False) -> int | None:
        """Log a question; return its row number, None if its asker wants it not to be kept.

        That is so if he opted out, or if he had everything deleted that he had asked by then (see `Members`).
        A number is never used again, also when its question is deleted.

        Args:
            question: The question.
            once: Also return None, and log nothing, where a question of the same message is in the log already. (A
                message may well be there twice otherwise: overheard, and shown to the bot later by the context menu.)
        """
        ...

    async def find_logged(self, message_ids: Iterable[int]) -> set[int]:
        """Return those of some messages of which a question is in the log."""
        ...

    async def note_replies(self, replies: Mapping[int, int]) -> int:
        """Note where the bot's replies to logged questions stand; return how many questions got one.

        What is known to have been replied to stays as it is, and so does everything where the reply itself is known.

        Args:
            replies: The bot's messages, by the messages that they reply to.
        """
        ...

    async def read_questions(
        self, *, guild_id: int | None = None, since: datetime | None = None, newest: int | None = None
    ) -> list[QuestionRecord]:
        """Return logged questions, oldest first.

        Args:
            guild_id: Only this server's; None for all.
            since: Only those asked at or after this time.
            newest: Of these only so many, the last ones; None for all.
        """
        ...

    async def find_question(self, reply_id: int) -> QuestionRecord | None:
        """Return the logged question that one of the bot's messages replies to, None if none is known."""
        ...

    async def read_cached_embeddings(self, model_id: str, hashes: Iterable[str]) -> dict[str, Embeddings]:
        """Return the cached embeddings of one model by content hash; those it does not hold are left out."""
        ...

    async def cache_embeddings(self, model_id: str, embeddings: Mapping[str, Embeddings]) -> None:
        """Keep embeddings (shape ``(dim,)``) of one model by content hash; what is there already is replaced."""
        ...

    async def prune_embeddings(self, model_id: str, used: Iterable[str], now: datetime, unused_since: datetime) -> int:
        """Delete cached embeddings that have been of no use for a while; return how many there were.

        Several processes with other FAQs or models may each say what they use: a use counts whoever has it.

        Args:
            model_id: The model in use.
            used: The content hashes that are in use with it; no others are in use here.
            now: The time.
            unused_since: What has been in use nowhere since before this time goes.
        """
        ...

    async def read_kept(self, name: str) -> bytes | None:
        """Return what was kept under a name, None if nothing was, or not any more."""
        ...

    async def keep(self, name: str, content: bytes) -> None:
        """Keep something that can be made again, but not in a moment; what was not asked for for long may go."""
        ...

    async def read_matrix(self, name: str) -> Embeddings | None:
        """Return the embeddings that were kept under a name, read-only; None if none were, or not any more.

        They may lie in a file of which only what is looked at is in memory.
        """
        ...

    async def keep_matrix(self, name: str, embeddings: Embeddings) -> Embeddings:
        """Keep embeddings, shape ``(n, dim)``, that can be made again; return them as `read_matrix` would.

        Where they cannot be kept they are returned as they are.
        """
        ...

    async def read_note(self, key: str) -> str | None:
        """Return a small value that the program keeps for itself, None if it was never written."""
        ...

    async def write_note(self, key: str, value: str) -> None:
        """Keep a small value for the program itself, such as the hash of the commands last synced."""
        ...

    async def find_damage(self) -> list[str]:
        """Return what the database's own integrity check complains about; empty when it is sound."""
        ...


class Ledger(Protocol):
    """Keeps what people change from within Discord, and its history; raises StoreUnavailableError as Store does."""

    async def read_version(self) -> Version:
        """Return how far the history has come; cheap enough to be asked every second."""
        ...

    async def read_ownings(self) -> Ownings:
        """Return what the servers have of their own, all of it at one moment."""
        ...

    async def add_change(self, change: Change, check: Callable[[Mapping[str, Entry]], None] | None = None) -> int:
        """Keep a change and what it leads to, all of it or nothing; return its number.

        With an undo, what was done about a report's topic by the change that it takes back is taken back too, and
        with the undo of an undo it is done again; the report is stale from then on, see StaleReports.

        Args:
            change: What is to be kept.
            check: Called with the entries that the server has of its own, by id, before the change; until that is kept
                nobody else changes them, in no other process either. What it raises is raised, and nothing is kept.

        Raises:
            EditConflictError: Something is not as the change takes it to have been before.
        """
        ...

    async def read_change(self, guild_id: int, change_id: int) -> Change | None:
        """Return one change of a server, None if it has none of that number."""
        ...

    async def read_changes(
        self, guild_id: int, *, entry_id: str | None = None, before: int | None = None, limit: int
    ) -> list[Change]:
        """Return changes of a server, newest first.

        Args:
            guild_id: The server.
            entry_id: Only those that touch this entry; None for all.
            before: Only those with a smaller number; None begins with the newest.
            limit: How many at most.
        """
        ...

    async def keep_draft(self, draft: Draft) -> int:
        """Keep what somebody has typed, in place of the draft of the same number; return the number."""
        ...

    async def read_draft(self, draft_id: int) -> Draft | None:
        """Return a draft, None if there is none (any more)."""
        ...

    async def drop_drafts(self, *, draft_id: int | None = None, before: datetime | None = None) -> int:
        """Forget one draft, or all that were last written before a time; return how many there were."""
        ...


class Members(Protocol):
    """Keeps what members decide about their own questions; raises StoreUnavailableError as Store does.

    Members are known by the keyed hashes of their ids alone. What is deleted is overwritten, not only forgotten; how
    many questions there were, by server and day, stays. Deleting works in steps.

    What somebody had deleted never comes back: until when that was is kept for as long as a question asked before would
    be, and `Store.add_question` keeps to it.

    A posted report that names deleted questions is stale from the moment of their deletion, see StaleReports. Drafts
    that quote what somebody had deleted, and nobody else asked in that server, go with it.
    """

    async def read_holding(self, author_hash: bytes) -> Holding:
        """Return how much is kept of somebody."""
        ...

    async def read_own_questions(self, author_hash: bytes) -> list[QuestionRecord]:
        """Return everything that somebody asked and that is still kept, oldest first."""
        ...

    async def forget_author(self, author_hash: bytes, at: datetime) -> int:
        """Delete everything that somebody asked, and keep nothing that he asked by then; return how many it was."""
        ...

    async def opt_out(self, author_hash: bytes, at: datetime) -> int:
        """Delete everything that somebody asked and keep nothing from now on; return how many questions it was."""
        ...

    async def opt_in(self, author_hash: bytes, at: datetime) -> bool:
        """Keep what somebody asks from now on, and nothing from before; return False if he had not opted out.

        Who opts in again has not taken back that his questions were deleted, or were not to be kept.
        """
        ...

    async def has_decisions(self) -> bool:
        """Return whether anybody has opted out, or had everything deleted not longer ago than questions are kept."""
        ...

    async def forget_messages(self, message_ids: Iterable[int]) -> list[Retracted]:
        """Delete the questions that were asked in some messages; return where the bot replied to them."""
        ...

    async def forget_before(
        self, time: datetime, reports_until: datetime | None = None, *, decided_before: datetime | None = None
    ) -> int:
        """Delete all questions asked before a time; return how many it was.

        Args:
            time: The time.
            reports_until: Until when reports may show them, so that not each of many small deletions has them shown
                anew; None for at once.
            decided_before: What members wanted forgotten before this time need not be refused any more, because nobody
                could bring it back; None for the time itself.
        """
        ...

    async def read_counts(self, guild_id: int | None) -> list[Count]:
        """Return how many questions of a server, or of direct messages (None), were deleted, oldest first."""
        ...
