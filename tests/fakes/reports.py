"""The nightly reports, for as long as the test lasts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bot.core.reports import Asked, Done, Ignored, Mining, Posting, Report, ReportState, TextRows
from bot.core.types import Embeddings, QuestionRecord
from tests.fakes.ledger import MemoryLedger
from tests.fakes.store import MemoryStore, frozen, same_text


@dataclass
class Text:
    guild_id: int
    model_id: str
    same: str
    mined: bool = False


@dataclass
class Claim:
    holder: str | None
    until: datetime


class MemoryReports:
    """The port Reports over the questions of a MemoryStore, and what a MemoryLedger took back."""

    def __init__(self, store: MemoryStore, ledger: MemoryLedger | None = None) -> None:
        self._store = store
        self._ledger = ledger or MemoryLedger()
        self._ledger.on_undo = self._turn_deeds
        self._taken_back = set[tuple[int, int]]()
        self._texts: dict[int, Text] = {}
        self._text_of: dict[int, int] = {}
        self._pairs: dict[tuple[int, int], float] = {}
        self._mining: dict[int, Mining] = {}
        self._claims: dict[int, Claim] = {}
        self._extra = set[int]()
        self._text_numbers, self._posting_numbers, self._ignored_numbers = count(1), count(1), count(1)

    async def assign_texts(self, guild_id: int, model_id: str) -> int:
        rows = self._settle()
        new = [
            (number, question)
            for number, question in rows.items()
            if (question.guild_id, question.model_id) == (guild_id, model_id) and number not in self._text_of
        ]
        for number, question in new:
            self._text_of[number] = self._find_or_add(guild_id, model_id, same_text(question.text))
        return len(new)

    async def read_texts(self, guild_id: int, model_id: str, *, mined: bool, after: int = 0, limit: int) -> TextRows:
        rows = self._settle()
        ids = [
            text_id
            for text_id, text in sorted(self._texts.items())
            if (text.guild_id, text.model_id, text.mined) == (guild_id, model_id, mined) and text_id > after
        ][:limit]
        return self._read(ids, rows)

    async def find_texts(self, text_ids: Iterable[int]) -> TextRows:
        rows = self._settle()
        return self._read(sorted(self._texts.keys() & set(text_ids)), rows)

    async def read_mined(self, guild_id: int, model_id: str) -> NDArray[np.int64]:
        self._settle()
        ids = [
            text_id
            for text_id, text in sorted(self._texts.items())
            if (text.guild_id, text.model_id, text.mined) == (guild_id, model_id, True)
        ]
        return np.array([(text_id, self._first(text_id)) for text_id in ids], dtype=np.int64).reshape(-1, 2)

    def _first(self, text_id: int) -> int:
        return min(number for number, own in self._text_of.items() if own == text_id)

    def _read(self, ids: list[int], rows: Mapping[int, QuestionRecord]) -> TextRows:
        embeddings = [rows[self._first(text_id)].embedding for text_id in ids]
        return TextRows(tuple(ids), np.stack(embeddings) if embeddings else np.empty((0, 0), dtype=np.float32))

    async def keep_pairs(
        self, guild_id: int, generation: int, pairs: Iterable[tuple[int, int, float]], mined: Iterable[int]
    ) -> int | None:
        self._settle()
        current = self._mining.get(guild_id)
        if current is None or current.generation != generation:
            return None
        for one, other, similarity in pairs:
            assert one != other
            if one in self._texts and other in self._texts:
                self._pairs[min(one, other), max(one, other)] = float(similarity)
        chosen = set(mined)
        for text_id in self._texts.keys() & chosen:
            self._texts[text_id].mined = True
        self._mining[guild_id] = replace(current, generation=generation + bool(chosen))
        return self._mining[guild_id].generation

    async def read_pairs(self, text_ids: Iterable[int]) -> list[tuple[int, int, float]]:
        self._settle()
        wanted = set(text_ids)
        return sorted((*pair, similarity) for pair, similarity in self._pairs.items() if wanted.issuperset(pair))

    async def find_near(self, text_ids: Iterable[int], among: Iterable[int], *, at_least: float = -1) -> set[int]:
        self._settle()
        near, wanted = set(text_ids), set(among)
        close = [pair for pair, similarity in self._pairs.items() if similarity >= at_least]
        both = {(one, other) for pair in close for one, other in (pair, pair[::-1])}
        return {one for one, other in both if one in wanted and other in near}

    async def read_mining(self, guild_id: int) -> Mining | None:
        self._settle()
        return self._mining.get(guild_id)

    async def restart_mining(self, guild_id: int, mining: Mining, *, anew: bool = True) -> None:
        self._settle()
        before = self._mining.get(guild_id)
        if before and not anew and before.model_id == mining.model_id and before.threshold <= mining.threshold:
            return
        own = {text_id for text_id, text in self._texts.items() if text.guild_id == guild_id}
        self._pairs = {pair: similarity for pair, similarity in self._pairs.items() if not own.intersection(pair)}
        for text_id in own:
            self._texts[text_id].mined = False
        self._mining[guild_id] = replace(mining, generation=before.generation + 1 if before else 1)

    async def count_unmined(self, guild_id: int, model_id: str) -> int:
        self._settle()
        wanted = (guild_id, model_id, False)
        return sum((text.guild_id, text.model_id, text.mined) == wanted for text in self._texts.values())

    async def read_guilds(self) -> list[int]:
        return sorted({one.guild_id for one in self._settle().values() if one.guild_id is not None})

    async def read_outdated(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        outdated = [(one.model_id, number, one.text) for number, one in self._settle().items()]
        return [(number, text) for model, number, text in sorted(outdated) if model != model_id][:limit]

    async def replace_embeddings(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        rows = self._settle()
        there = [number for number in embeddings if number in rows]
        for number in there:
            rows[number] = replace(rows[number], embedding=frozen(embeddings[number]), model_id=model_id)
            if number in self._text_of:
                old = self._texts[self._text_of[number]]
                self._text_of[number] = self._find_or_add(old.guild_id, model_id, old.same)
        return len(there)

    async def read_asked(self, guild_id: int, since: datetime, until: datetime) -> list[Asked]:
        return self._asked(lambda _, one: one.guild_id == guild_id and since <= one.asked_at < until)

    async def find_asked(self, question_ids: Iterable[int]) -> list[Asked]:
        wanted = set(question_ids)
        return self._asked(lambda number, _: number in wanted)

    async def claim_report(
        self, guild_id: int, day: date, holder: str, now: datetime, lease: timedelta
    ) -> Posting | None:
        self._settle()
        nightly = [one for one in self._store.postings.values() if one.id not in self._extra]
        found = next((one for one in nightly if (one.guild_id, one.day) == (guild_id, day)), None)
        if found is None:
            number = next(self._posting_numbers)
            found = Posting(number, guild_id, day, ReportState.CLAIMED, None, None, None)
            self._store.postings[number] = found
        elif found.state is ReportState.POSTED or self._is_anothers(found.id, holder, now):
            return None
        self._claims[found.id] = Claim(holder, now + lease)
        return found

    async def keep_report(self, posting_id: int, holder: str, report: Report) -> bool:
        return self._move(posting_id, holder, state=ReportState.BUILT, report=report)

    async def add_extra_report(self, report: Report, channel_id: int) -> int:
        number = next(self._posting_numbers)
        self._extra.add(number)
        self._store.postings[number] = Posting(
            number, report.guild_id, report.day, ReportState.POSTED, report, channel_id, message_id=0
        )
        return number

    async def place_extra_report(self, posting_id: int, message_id: int) -> None:
        if posting_id in self._extra:
            self._store.postings[posting_id] = replace(self._store.postings[posting_id], message_id=message_id)

    async def finish_report(self, posting_id: int, holder: str, channel_id: int, message_id: int) -> bool:
        self._settle()
        found = self._store.postings.get(posting_id)
        if found is None or found.report is None:
            return False
        return self._move(posting_id, holder, state=ReportState.POSTED, channel_id=channel_id, message_id=message_id)

    async def give_up_report(self, posting_id: int, holder: str) -> None:
        if self._move(posting_id, holder):
            self._claims[posting_id].holder = None

    async def find_posting(self, posting_id: int) -> Posting | None:
        self._settle()
        return self._show(self._store.postings.get(posting_id))

    async def find_last_posting(self, guild_id: int) -> Posting | None:
        own = [one for one in self._posted() if one.guild_id == guild_id and one.id not in self._extra]
        return self._show(max(own, key=lambda one: one.day, default=None))

    async def note_done(self, posting_id: int, number: int, done: Done) -> bool:
        self._settle()
        found = self._store.postings.get(posting_id)
        if found is None or (number in found.done and (posting_id, number) not in self._taken_back):
            return False
        self._store.postings[posting_id] = replace(found, done=dict(sorted({**found.done, number: done}.items())))
        self._taken_back.discard((posting_id, number))
        return True

    def _turn_deeds(self, change_ids: set[int]) -> None:
        for posting in self._store.postings.values():
            for number, done in posting.done.items():
                if done.change_id in change_ids:
                    self._taken_back ^= {(posting.id, number)}
                    self._store.mark_stale(posting.id)

    def _show(self, posting: Posting | None) -> Posting | None:
        if posting is None:
            return None
        done = {one: did for one, did in posting.done.items() if (posting.id, one) not in self._taken_back}
        return replace(posting, done=done)

    async def ignore(self, guild_id: int, ignored: Ignored) -> int | None:
        self._settle()
        same = same_text(ignored.question)
        known = next(
            (n for n, (guild, one) in self._ignored() if (guild, same_text(one.question)) == (guild_id, same)), 0
        )
        if not known and all((text.guild_id, text.same) != (guild_id, same) for text in self._texts.values()):
            return None
        number = known or next(self._ignored_numbers)
        self._store.ignored[number] = guild_id, replace(ignored, id=number, embedding=frozen(ignored.embedding))
        return number

    async def read_ignored(self, guild_id: int) -> list[Ignored]:
        self._settle()
        own = [one for _, (guild, one) in self._ignored() if guild == guild_id]
        return sorted(own, key=lambda one: (one.at, one.id), reverse=True)

    async def stop_ignoring(self, guild_id: int, ignored_id: int) -> bool:
        self._settle()
        if self._store.ignored.get(ignored_id, (None, None))[0] != guild_id:
            return False
        del self._store.ignored[ignored_id]
        return True

    async def count_outdated(self, model_id: str) -> int:
        ignored = [one for _, (_, one) in self._ignored()]
        return sum(one.model_id != model_id for one in (*self._settle().values(), *ignored))

    async def read_outdated_ignored(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        self._settle()
        found = [(number, one.question) for number, (_, one) in self._ignored() if one.model_id != model_id]
        return sorted(found)[:limit]

    async def replace_ignored(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        self._settle()
        there = self._store.ignored.keys() & embeddings.keys()
        for number in there:
            guild_id, one = self._store.ignored[number]
            self._store.ignored[number] = (
                guild_id,
                replace(one, embedding=frozen(embeddings[number]), model_id=model_id),
            )
        return len(there)

    def _settle(self) -> dict[int, QuestionRecord]:
        """Drop what was derived from questions that are gone; return those that are there."""
        self._store.fail_if_told()
        rows = self._store.rows
        self._text_of = {number: text_id for number, text_id in self._text_of.items() if number in rows}
        left = set(self._text_of.values())
        self._texts = {text_id: text for text_id, text in self._texts.items() if text_id in left}
        self._pairs = {pair: similarity for pair, similarity in self._pairs.items() if left.issuperset(pair)}
        return rows

    def _find_or_add(self, guild_id: int, model_id: str, same: str) -> int:
        for text_id, text in self._texts.items():
            if (text.guild_id, text.model_id, text.same) == (guild_id, model_id, same):
                return text_id
        text_id = next(self._text_numbers)
        self._texts[text_id] = Text(guild_id, model_id, same)
        return text_id

    def _asked(self, wanted: Callable[[int, QuestionRecord], bool]) -> list[Asked]:
        found = [
            Asked(
                number,
                self._text_of[number],
                one.text,
                one.asked_at.astimezone(UTC),
                one.channel_id,
                one.message_id,
                one.author_hash,
                one.addressed,
                one.replied,
                one.verdict,
                one.entry_id,
            )
            for number, one in self._settle().items()
            if number in self._text_of and wanted(number, one)
        ]
        return sorted(found, key=lambda one: (one.asked_at, one.id))

    def _is_anothers(self, posting_id: int, holder: str, now: datetime) -> bool:
        claim = self._claims[posting_id]
        return claim.holder not in (None, holder) and claim.until > now

    def _move(self, posting_id: int, holder: str, **changed: object) -> bool:
        self._settle()
        found, claim = self._store.postings.get(posting_id), self._claims.get(posting_id)
        if found is None or claim is None or claim.holder != holder or found.state is ReportState.POSTED:
            return False
        self._store.postings[posting_id] = replace(found, **changed)  # type: ignore[arg-type]
        return True

    def _posted(self) -> list[Posting]:
        self._settle()
        return [one for one in self._store.postings.values() if one.state is ReportState.POSTED]

    def _ignored(self) -> Iterable[tuple[int, tuple[int, Ignored]]]:
        return self._store.ignored.items()
