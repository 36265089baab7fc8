"""Reports with their questions, made up."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle, islice

from bot.core.reports import Asked, Report, Topic, TopicKind
from bot.core.types import VerdictName

GUILD = 812345678901234567
CHANNEL = 912345678901234567
LAST = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def made_report(sizes: Sequence[int], days: Sequence[tuple[int, int]] = ((9, 4),) * 7) -> Report:
    """A report of topics of some sizes, with questions numbered from 1 on, and of days with questions and answers."""
    ids = count(1)
    topics = tuple(
        Topic(
            number=number,
            kind=kind,
            question_ids=(questions := tuple(islice(ids, size))),
            medoid_id=questions[0] if questions else 0,
            entry_id=None if kind == TopicKind.NO_ENTRY else f"entry-{number}",
            other_entry_id="other" if kind == TopicKind.COLLIDING else None,
            askers=max(1, size // 2),
            before=0,
            answered=0,
        )
        for number, (size, kind) in enumerate(zip(sizes, cycle(TopicKind), strict=False), start=1)
    )
    by_day = tuple(
        (LAST - timedelta(days=back), asked, answered)
        for back, (asked, answered) in zip(reversed(range(len(days))), days, strict=True)
    )
    return Report(
        guild_id=GUILD,
        day=LAST,
        since=NOON - timedelta(days=len(days)),
        until=NOON,
        questions=sum(asked for asked, _ in days),
        answered=sum(answered for _, answered in days),
        askers=sum(topic.askers for topic in topics),
        by_day=by_day,
        topics=topics,
    )


def made_question(number: int, text: str = "How?", asker: str = "zoe", **changes: object) -> Asked:
    """A question in a server, answered, asked the later the higher its number."""
    values: dict[str, object] = {
        "id": number,
        "text_id": number,
        "text": text,
        "asked_at": NOON - timedelta(days=7) + timedelta(seconds=number),
        "channel_id": CHANNEL,
        "message_id": CHANNEL + number,
        "author_hash": asker.encode(),
        "addressed": False,
        "replied": True,
        "verdict": VerdictName.ANSWER,
        "entry_id": None,
    }
    return Asked(**(values | changes))  # pyright: ignore[reportArgumentType]
