"""At whatever step of a report's life the bot is killed: once somebody else has taken over, one report stands there."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.core.reports import Deed, ReportState
from bot.sandbox import Seat, SeenMessage
from bot.services.nightly import LEASE
from tests.e2e.mortal import STEPS
from tests.e2e.street import HOUR, IN_DISCORD, Above, Street, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

DUE = datetime(2026, 5, 11, HOUR, tzinfo=UTC)
LATER = LEASE + timedelta(seconds=1)
"""Until somebody may take over."""
BEFORE_DISCORD, BEHIND_DISCORD = STEPS[:6], STEPS[6:]
ALL = (*BEFORE_DISCORD, IN_DISCORD, *BEHIND_DISCORD)


@pytest.fixture(scope="module")
def above() -> Iterator[Above]:
    one = Above()
    yield one
    one.close()


@pytest.fixture
async def street(above: Above, tmp_path: Path) -> AsyncIterator[Street]:
    async with opened(above, tmp_path) as one:
        yield one


def labels(message: SeenMessage) -> list[str]:
    return [item["label"] for row in message.raw["components"] for item in row["components"]]


async def assert_one_that_works(street: Street, olga: Seat, ann: Seat) -> None:
    """Show that one report stands in the channel, whole, and that its buttons do what they say: once, for admins."""
    [message_id] = street.reports()
    posting = await street.read()
    assert posting
    assert (posting.state, posting.message_id) == (ReportState.POSTED, message_id)
    report = await olga.until(lambda each: each.id == message_id)
    assert "**8 questions** in 7 days" in report.embeds[0]["description"]
    assert [embed["title"] for embed in report.embeds[1:]] == ["1 · no entry yet", "2 · no entry yet"]
    assert len(report.raw["attachments"]) == 3
    refused = await ann.response(await ann.press(report, "1 · Ignore for good"))
    assert "may manage this server" in (refused.content or "")
    done = await olga.response(await olga.press(report, "1 · Ignore for good"))
    assert "🔕" in (done.content or "")
    changed = await olga.until(lambda each: each.id == message_id and "1 · Ignore for good" not in labels(each))
    assert f"<@{street.guild.owner.id}> wants it ignored" in changed.embeds[1]["description"]
    assert [label for label in labels(changed) if label.startswith("1")] == ["1 · Show all"]
    noted = await street.read()
    assert noted
    assert {number: one.deed for number, one in noted.done.items()} == {1: Deed.IGNORED}


@pytest.mark.parametrize("step", ALL)
async def test_whoever_takes_over_from_a_process_that_was_killed_posts_one_report(street: Street, step: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        await street.die(DUE, step)
        assert len(street.reports()) == (step not in BEFORE_DISCORD)
        heir = await street.start(DUE + LATER)
        # It posts, or finds what was posted; only of what was finished there is nothing left to do.
        assert await heir.has_posted() == (step != "after it is finished")
        await assert_one_that_works(street, olga, ann)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("in the middle of mining", "in the middle of mining"),
        ("after the claim", IN_DISCORD),
        (IN_DISCORD, "before it is finished"),
        ("after the report is kept", "before it is posted"),
    ],
)
async def test_even_if_its_heir_is_killed_too(street: Street, first: str, second: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        await street.die(DUE, first)
        await street.die(DUE + LATER, second)
        assert await (await street.start(DUE + 2 * LATER)).has_posted()
        await assert_one_that_works(street, olga, ann)


async def test_two_that_look_at_the_same_hour_post_one_report(street: Street) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        bots = [await street.start(DUE) for _ in range(2)]
        posted = [await bot.has_posted() for bot in bots]
        assert sorted(posted) == [False, True]
        # Both of a token's processes hear of a press, which Discord lets only one of them answer.
        idle = bots[posted.index(False)]
        idle.send(signal.SIGKILL)
        await idle.dead()
        await assert_one_that_works(street, olga, ann)


@pytest.mark.parametrize("step", STEPS)
async def test_who_stands_still_for_longer_than_a_lease_leaves_it_to_who_took_over(street: Street, step: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        slow = await street.start(DUE, step, signal.SIGSTOP)
        await slow.at_its_step()
        heir = await street.start(DUE + LATER)
        assert await heir.has_posted() == (step != "after it is finished")
        slow.send(signal.SIGCONT)
        assert await slow.has_posted() == (step == "after it is finished")
        slow.send(signal.SIGKILL)
        await slow.dead()
        await assert_one_that_works(street, olga, ann)


async def test_who_was_offline_at_the_hour_posts_it_when_back(street: Street) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        assert not await (await street.start(DUE - timedelta(minutes=1))).has_posted()
        await street.kill_all()
        assert await (await street.start(DUE + timedelta(hours=5))).has_posted()
        await assert_one_that_works(street, olga, ann)
