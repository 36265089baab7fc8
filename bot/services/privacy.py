"""What is kept of the people who ask, and how they get rid of it."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from ..core.edits import DRAFT_KEPT
from ..core.privacy import MAX_RETENTION_DAYS, author_hash, key_fingerprint
from .report_lists import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..core.members import Holding, Retracted
    from ..core.ports import Clock, Ledger, Members, Store
    from ..core.types import QuestionRecord

_log = logging.getLogger(__name__)

REMEMBERED = 1_000
"""Deleted messages of which is remembered that they were: many more than can be deleted while one is answered."""


DECISIONS_KEPT = timedelta(days=MAX_RETENTION_DAYS)
"""How long it is remembered that somebody had everything deleted, which is not to come back from the server's past. Not
only for as long as questions are kept now: they may be kept for longer one day, and the past be read once more."""
REPORTS_FOLLOW = timedelta(days=1)
"""How long a report may still show what has grown too old. Every hour some of its questions do, for a week: it would be
drawn and sent anew 168 times, of which Discord takes but few once a message is an hour old."""


_ABOUT = (
    "Everything that is kept of you, oldest first. The values of an embedding are base64 of 32-bit floating point "
    "numbers (IEEE 754), little-endian."
)
_START = f'{{\n"about": {json.dumps(_ABOUT)},\n"questions": [\n'.encode()
_BETWEEN, _END = b",\n", b"\n]\n}\n"


_KEY_NOTE = "author key"


async def find_key_problem(store: Store, members: Members, author_key: bytes) -> str | None:
    """Return what is wrong with the key of the members' pseudonyms, None if nothing is.

    With another key nobody is recognised any more, and what members have decided counts for nobody. Where nobody has
    decided anything, the key in use is taken for the right one from then on.

    Args:
        store: Keeps the fingerprint of the key.
        members: Knows whether anybody has decided anything.
        author_key: The key in use.
    """
    found, known = key_fingerprint(author_key), await store.read_note(_KEY_NOTE)
    if found == known:
        return None
    if known is not None and await members.has_decisions():
        return (
            "the key of the askers' pseudonyms is not the one under which members opted out or had their questions "
            "deleted: the bot does not recognise them and logs what they ask; put the old key back (author.key beside "
            "the database, FAQTOTUM_AUTHOR_KEY or store.author_key); if it is lost, run `faqtotum check "
            "--accept-key` and have them opt out again"
        )
    await accept_key(store, author_key)
    return None


async def is_known_key(store: Store, author_key: bytes) -> bool:
    """Return whether a key of the members' pseudonyms was taken for the right one last, or is the first."""
    return await store.read_note(_KEY_NOTE) in {None, key_fingerprint(author_key)}


async def accept_key(store: Store, author_key: bytes) -> None:
    """Take a key of the members' pseudonyms for the right one from now on, whoever is not recognised with it."""
    await store.write_note(_KEY_NOTE, key_fingerprint(author_key))


class Privacy:
    """Tells members what is kept of them, and deletes it.

    Members are given by their Discord ids; those are hashed here and go no further.

    Args:
        members: Keeps the questions.
        clock: Tells the time.
        author_key: Key of the hashes.
        retention: How long a question is kept.
        ledger: Has the admins' drafts, which may quote questions; without it there are none.
        store: Keeps the fingerprint of the key, see `find_key_problem`; without it nobody looks for that.
    """

    def __init__(
        self,
        members: Members,
        clock: Clock,
        author_key: bytes,
        retention: timedelta,
        ledger: Ledger | None = None,
        store: Store | None = None,
    ) -> None:
        self.retention = retention
        self._members = members
        self._clock = clock
        self._author_key = author_key
        self._ledger = ledger
        self._store = store
        self._deleted = deque[int](maxlen=REMEMBERED)

    async def describe(self, user_id: int) -> Holding:
        """Return how much is kept of a member."""
        return await self._members.read_holding(self._hash(user_id))

    async def export(self, user_id: int, *, max_bytes: int = MAX_BYTES) -> list[bytes]:
        """Return everything that is kept of a member, oldest first, as JSON files; none if it is nothing.

        Args:
            user_id: The member.
            max_bytes: How large a file may be; one that holds a single question may be larger.
        """
        own = await self._members.read_own_questions(self._hash(user_id))
        # Thousands of embeddings take a while to write, and the event loop has questions to answer.
        return await asyncio.to_thread(lambda: list(_to_files(own, max_bytes)))

    async def forget(self, user_id: int) -> int:
        """Delete everything that a member asked; return how many questions it was."""
        await self._note_key()
        return await self._members.forget_author(self._hash(user_id), self._clock.now())

    async def opt_out(self, user_id: int) -> int:
        """Delete everything that a member asked and keep nothing from now on; return how many questions it was."""
        await self._note_key()
        return await self._members.opt_out(self._hash(user_id), self._clock.now())

    async def opt_in(self, user_id: int) -> bool:
        """Keep what a member asks from now on; return False if that was so already."""
        return await self._members.opt_in(self._hash(user_id), self._clock.now())

    async def retract(self, message_ids: Collection[int]) -> Sequence[Retracted]:
        """Forget what was asked in messages that were deleted; return where the bot replied to them."""
        self._deleted.extend(message_ids)
        return await self._members.forget_messages(message_ids)

    def was_deleted(self, message_id: int | None) -> bool:
        """Return whether a message was deleted a moment ago, perhaps while it was being answered."""
        return message_id in self._deleted

    async def forget_expired(self) -> int:
        """Delete what was asked too long ago, and drafts that nobody came back to; return how many questions it was."""
        now = self._clock.now()
        if self._ledger:
            await self._ledger.drop_drafts(before=now - DRAFT_KEPT)
        deleted = await self._members.forget_before(
            now - self.retention, now + REPORTS_FOLLOW, decided_before=now - DECISIONS_KEPT
        )
        if deleted:
            _log.info("deleted %d questions older than %d days", deleted, self.retention.days)
        return deleted

    async def _note_key(self) -> None:
        """Note under which key the first member decides: a command may have come with another one since the start."""
        if self._store and not await self._members.has_decisions():
            await accept_key(self._store, self._author_key)

    def _hash(self, user_id: int) -> bytes:
        return author_hash(self._author_key, user_id)


def _to_files(questions: Iterable[QuestionRecord], max_bytes: int) -> Iterator[bytes]:
    """Yield JSON documents with one question a line, which people can read and which is small."""
    lines: list[bytes] = []
    size = empty = len(_START) + len(_END)
    for question in questions:
        line = json.dumps(_to_plain(question), ensure_ascii=False).encode()
        if lines and size + len(_BETWEEN) + len(line) > max_bytes:
            yield _START + _BETWEEN.join(lines) + _END
            lines, size = [], empty
        lines.append(line)
        size += len(_BETWEEN) + len(line)
    if lines:
        yield _START + _BETWEEN.join(lines) + _END


def _to_plain(question: QuestionRecord) -> dict[str, object]:
    return {
        "asked_at": question.asked_at.isoformat(),
        "server": _to_text(question.guild_id),
        "channel": _to_text(question.channel_id),
        "message": _to_text(question.message_id),
        "reply": _to_text(question.reply_id),
        "text": question.text,
        "addressed": question.addressed,
        "replied": question.replied,
        "verdict": question.verdict.value,
        "entry": question.entry_id,
        "similarity": question.similarity,
        "your_name_in_the_log": question.author_hash.hex(),
        "embedding": {
            "model": question.model_id,
            "values": b64encode(question.embedding.astype("<f4").tobytes()).decode(),
        },
    }


def _to_text(discord_id: int | None) -> str | None:
    # Ids have more digits than a number in JavaScript holds.
    return None if discord_id is None else str(discord_id)
