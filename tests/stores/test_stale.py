"""What every keeper of stale reports must do."""

from datetime import timedelta

from bot.core.reports import Stale
from tests.stores.records import START
from tests.stores.test_reports import BEFORE, GUILD, Place, make_report, place

__all__ = ["place"]

LEASE = timedelta(minutes=5)
LATER = START + LEASE


async def post(place: Place) -> int:
    return await place.post(make_report(await place.ask("who?")))


async def test_one_at_a_time_has_the_right_to_show_it(place: Place) -> None:
    number = await post(place)
    assert await place.stale.claim_stale(number, "me", START, LEASE) is None
    await place.members.forget_author(b"a" * 32, BEFORE)
    stale = await place.stale.claim_stale(number, "me", START, LEASE)
    assert stale == Stale(number, 1, 0)
    assert await place.stale.find_stale(START) == []
    assert await place.stale.claim_stale(number, "other", LATER - timedelta.resolution, LEASE) is None
    # Whoever has it already has it for another lease.
    assert await place.stale.claim_stale(number, "me", START, LEASE) == stale
    assert await place.stale.find_stale(LATER) == [(number, GUILD)]
    assert await place.stale.claim_stale(number, "other", LATER, LEASE) == stale


async def test_who_comes_too_late_may_have_spoilt_it(place: Place) -> None:
    number = await post(place)
    await place.stale.mark_stale(number)
    slow = await place.stale.claim_stale(number, "slow", START, LEASE)
    quick = await place.stale.claim_stale(number, "quick", LATER, LEASE)
    assert slow
    assert quick
    assert await place.stale.settle_stale(quick, "quick") is True
    assert await place.stale.find_stale(LATER) == []
    assert await place.stale.settle_stale(slow, "slow") is False
    assert await place.stale.find_stale(LATER) == [(number, GUILD)]


async def test_what_happens_while_it_is_shown_has_it_shown_again(place: Place) -> None:
    number = await post(place)
    await place.stale.mark_stale(number)
    stale = await place.stale.claim_stale(number, "me", START, LEASE)
    assert stale
    await place.members.forget_author(b"a" * 32, BEFORE)
    assert await place.stale.settle_stale(stale, "me") is False
    assert await place.stale.find_stale(START) == [(number, GUILD)]


async def test_who_has_no_claim_changes_nothing(place: Place) -> None:
    number = await post(place)
    await place.stale.mark_stale(number)
    mine = await place.stale.claim_stale(number, "me", START, LEASE)
    assert mine
    await place.stale.put_off_stale(mine, "other", LATER)
    await place.stale.drop_stale(mine, "other")
    assert await place.stale.settle_stale(mine, "me") is True


async def test_what_was_put_off_waits_and_knows_how_often(place: Place) -> None:
    number = await post(place)
    await place.stale.mark_stale(number)
    for tries in range(3):
        at = START + tries * LEASE
        stale = await place.stale.claim_stale(number, "me", at, LEASE)
        assert stale
        assert stale == Stale(number, 1, tries)
        await place.stale.put_off_stale(stale, "me", at + LEASE)
        assert await place.stale.find_stale(at + LEASE - timedelta.resolution) == []
        assert await place.stale.claim_stale(number, "me", at, LEASE) is None
    await place.stale.mark_stale(number)
    assert await place.stale.find_stale(START) == [(number, GUILD)]


async def test_a_report_that_is_not_there_is_not_stale(place: Place) -> None:
    await place.stale.mark_stale(99)
    assert await place.stale.find_stale(START) == []
    assert await place.stale.claim_stale(99, "me", START, LEASE) is None
    assert await place.stale.settle_stale(Stale(99, 1, 0), "me") is False
    assert await place.stale.find_stale(START) == []
