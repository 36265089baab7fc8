"""What members decide, for as long as the test lasts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from bot.core.members import Count, Holding, Retracted
from bot.core.types import QuestionRecord
from tests.fakes.ledger import MemoryLedger
from tests.fakes.store import MemoryStore, same_text


class MemoryMembers:
    """The port Members over the questions of a MemoryStore and the drafts of a MemoryLedger, if there is one."""

    def __init__(self, store: MemoryStore, ledger: MemoryLedger | None = None) -> None:
        self._store = store
        self._ledger = ledger

    async def read_holding(self, author_hash: bytes) -> Holding:
        own = await self.read_own_questions(author_hash)
        return Holding(len(own), own[0].asked_at if own else None, author_hash in self._store.opted_out)

    async def read_own_questions(self, author_hash: bytes) -> list[QuestionRecord]:
        self._store.fail_if_told()
        own = [question for question in self._store.questions if question.author_hash == author_hash]
        return sorted(own, key=lambda question: question.asked_at)

    async def forget_author(self, author_hash: bytes, at: datetime) -> int:
        self._note_forgotten(author_hash, at)
        return len(self._forget(lambda question: question.author_hash == author_hash))

    async def opt_out(self, author_hash: bytes, at: datetime) -> int:
        self._store.fail_if_told()
        self._store.opted_out.setdefault(author_hash, at)
        return await self.forget_author(author_hash, at)

    async def opt_in(self, author_hash: bytes, at: datetime) -> bool:
        self._store.fail_if_told()
        if self._store.opted_out.pop(author_hash, None) is None:
            return False
        self._note_forgotten(author_hash, at)
        return True

    def _note_forgotten(self, author_hash: bytes, at: datetime) -> None:
        self._store.fail_if_told()
        self._store.forgotten[author_hash] = max(at, self._store.forgotten.get(author_hash, at))

    async def has_decisions(self) -> bool:
        self._store.fail_if_told()
        return bool(self._store.opted_out or self._store.forgotten)

    async def forget_messages(self, message_ids: Iterable[int]) -> list[Retracted]:
        wanted = set(message_ids)
        gone = self._forget(lambda question: question.message_id in wanted)
        replies = [(one.channel_id, one.reply_id) for one in gone if one.reply_id is not None]
        return [Retracted(channel or 0, reply) for channel, reply in dict.fromkeys(replies)]

    async def forget_before(
        self, time: datetime, reports_until: datetime | None = None, *, decided_before: datetime | None = None
    ) -> int:
        gone = self._forget(lambda question: question.asked_at < time, for_good=False, due=reports_until)
        first = decided_before or time
        self._store.forgotten = {author: until for author, until in self._store.forgotten.items() if until >= first}
        return len(gone)

    async def read_counts(self, guild_id: int | None) -> list[Count]:
        self._store.fail_if_told()
        return [
            Count(day, verdict, replied, number)
            for (guild, day, verdict, replied), number in sorted(self._store.counts.items(), key=str)
            if guild == guild_id
        ]

    def _forget(
        self, unwanted: Callable[[QuestionRecord], bool], *, for_good: bool = True, due: datetime | None = None
    ) -> list[QuestionRecord]:
        self._store.fail_if_told()
        rows = self._store.rows
        gone = {number: question for number, question in rows.items() if unwanted(question)}
        self._store.drop(gone, for_good=for_good, due=due)
        self._store.counts += Counter(
            (one.guild_id, one.asked_at.astimezone(UTC).date(), one.verdict, one.replied) for one in gone.values()
        )
        if for_good:
            left = {_place(one) for one in rows.values()}
            self._stop_ignoring({_place(one) for one in gone.values()} - left)
            self._drop_drafts([one for one in gone.values() if _place(one) not in left])
        return list(gone.values())

    def _drop_drafts(self, gone: Collection[QuestionRecord]) -> None:
        drafts = self._ledger.drafts if self._ledger else {}
        for number, draft in list(drafts.items()):
            if draft.find_quoted(one.text for one in gone if one.guild_id == draft.guild_id):
                del drafts[number]

    def _stop_ignoring(self, places: Collection[tuple[int | None, str]]) -> None:
        ignored = self._store.ignored
        for number, (guild_id, one) in list(ignored.items()):
            if (guild_id, same_text(one.question)) in places:
                del ignored[number]


def _place(question: QuestionRecord) -> tuple[int | None, str]:
    return question.guild_id, same_text(question.text)
