"""What was deleted or undone goes from posted reports, too: message, buttons, picture and lists."""

from __future__ import annotations

import json
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.core.errors import StoreUnavailableError
from bot.core.privacy import author_hash
from bot.core.types import VerdictName
from bot.sandbox import Permission
from bot.services import refreshing
from bot.stores import open_sqlite
from bot.stores.reports import SqliteReports
from tests.e2e.conftest import DATABASE, Town
from tests.e2e.office import text_of
from tests.e2e.test_doctor import examine
from tests.e2e.test_report import DOGS, PARKING, Reading, labels, reading, until, until_logged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.core.reports import Asked
    from bot.sandbox import Seat, SeatEvent, SeenMessage

HERS = "can I bring my dog marmalade to the meetup?"
OTHERS = "can I bring my dog?", "can I bring a cat called Jam to the meetup?"
"""Alike enough to hers, and not to each other, that hers stands for all of them."""
EDIT = "PATCH", "/channels/{channel_id}/messages/{message_id}"


@dataclass
class People:
    """Members who have asked about their dogs, and what was reported of it."""

    desk: Reading
    ann: Seat
    ben: Seat
    asked: SeenMessage
    report: SeenMessage

    async def forget(self, seat: Seat | None = None) -> None:
        """Have somebody delete his data, Ann by default."""
        seat = seat or self.ann
        said = await seat.response(await seat.slash(self.desk.town.lounge.id, "privacy", {}, sub="delete"))
        assert "Deleted" in text_of(said) or "nothing" in text_of(said)

    async def until_without(self, words: str = "marmalade") -> SeenMessage:
        """Wait until the report is shown anew without some words, and with new files or none."""
        old = {file["id"] for file in self.report.raw["attachments"]}
        return await self.desk.olga.until(
            lambda each: (
                each.id == self.report.id
                and words not in text_of(each)
                and not old & {file["id"] for file in each.raw["attachments"]}
            )
        )


@asynccontextmanager
async def people(town: Town, **settings: Any) -> AsyncIterator[People]:  # noqa: ANN401 - of the configuration
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(reading(town, **settings))
        ann = await stack.enter_async_context(town.seat())
        ben = await stack.enter_async_context(town.seat(town.ben))
        asked = await ann.say(town.help.id, HERS)
        for seat, text in zip((ben, desk.olga), OTHERS, strict=True):
            await seat.say(town.help.id, text)
        # Whoever is answered after them finds all of them logged.
        await ben.reply(await ben.say(town.help.id, f"{town.mention} hello there"))
        town.clock.advance(1)
        yield People(desk, ann, ben, asked, await desk.now())


async def files_of(seat: Seat, message: SeenMessage) -> dict[str, bytes]:
    return {file["filename"]: await seat.download(file) for file in message.raw["attachments"]}


async def test_nothing_is_left_of_a_member_who_had_his_data_deleted(town: Town) -> None:
    async with people(town) as there:
        before = await files_of(there.desk.olga, there.report)
        assert all(b"marmalade" in before[name] for name in ("questions.csv", "questions.json"))
        assert "3 times by 3 people" in text_of(there.report)
        assert "marmalade" in text_of(there.report)
        await there.forget()
        shown = await there.until_without()
        assert "asked 2 times by 2 people" in text_of(shown)
        after = await files_of(there.desk.olga, shown)
        assert after.keys() == before.keys()
        assert not any(b"marmalade" in content for content in after.values())
        assert all(text.encode() in after["questions.csv"] for text in OTHERS)
        assert after["report.png"][:4] == b"\x89PNG"
        assert after["report.png"] != before["report.png"]
        assert labels(shown) == labels(there.report)
        for file in there.report.raw["attachments"]:
            with pytest.raises(aiohttp.ClientResponseError, match="404"):
                await there.desk.olga.download(file)
        everything = b"".join(path.read_bytes() for path in town.folder.iterdir() if path.name.startswith(DATABASE))
        assert b"marmalade" not in everything
        # Turning pages and pressing buttons brings nothing back.
        assert "marmalade" not in text_of(await there.desk.press(shown, "1 · Show all"))


async def test_a_report_of_which_nothing_is_left_says_so_in_a_line(town: Town) -> None:
    async with people(town, replies={"language": "de"}) as there:
        await there.ann.delete(there.asked)
        await there.until_without()
        for seat in (there.ben, there.desk.olga):
            await there.desk.app.privacy.forget(seat.user.id)
        # What happened elsewhere is seen with the next look; a deletion here is one.
        await there.ann.delete(await there.ann.say(town.lounge.id, "never mind"))
        shown = await there.until_without("Frage(n)")
        shown = await there.desk.changed(shown, "Die Fragen dieses Berichts wurden gelöscht.")
        [embed] = shown.embeds
        assert embed.get("title") is None
        assert (shown.raw["attachments"], shown.raw["components"]) == ([], [])
        assert text_of(shown).splitlines() == ["Die Fragen dieses Berichts wurden gelöscht.", "Bericht 1"]


async def test_what_was_deleted_while_the_bot_was_away_goes_when_it_is_back(town: Town) -> None:
    async with people(town) as there:
        report = there.report
    async with open_sqlite(town.folder / DATABASE) as store:
        await store._database.fetch("DELETE FROM questions WHERE text LIKE '%marmalade%'")
    async with reading(town) as desk:
        shown = await desk.changed(report, "2 people")
        assert "marmalade" not in text_of(shown)
        assert not any(b"marmalade" in content for content in (await files_of(desk.olga, shown)).values())


@pytest.mark.parametrize("refusal", ["server error", "too many edits"])
async def test_what_discord_refuses_is_tried_again_also_after_a_restart(
    town: Town, refusal: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.may_be_refused = True
    async with people(town) as there:
        if refusal == "server error":
            town.sandbox.faults.status(*EDIT, 503)
        else:
            # As for a message that is older than an hour: try again later.
            town.sandbox.faults.rate_limit(*EDIT, retry_after=600, times=9)
            monkeypatch.setattr(refreshing, "SHOW_SECONDS", 1.0)
        await there.forget()
        await until_logged(there.desk, caplog, "report 1 cannot be brought up to date, which is tried again")
    town.sandbox.faults.orders.clear()
    monkeypatch.undo()
    town.clock.advance(refreshing.FIRST_WAIT.total_seconds())
    async with reading(town) as desk:
        shown = await desk.changed(there.report, "2 people")
        assert "marmalade" not in text_of(shown)


async def test_a_report_that_was_deleted_by_hand_is_given_up_without_a_word(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.may_be_refused = True
    caplog.set_level(logging.INFO, logger="bot")
    async with people(town) as there:
        await there.desk.olga.delete(there.report)
        caplog.clear()
        await there.forget()

        async def given_up() -> bool:
            rows = await there.desk.app.store._database.fetch("SELECT count(*) FROM stale_reports")  # type: ignore[attr-defined]
            return rows[0][0] == 0

        await until(there.desk, given_up)
    assert caplog.messages == []


async def test_an_undo_gives_the_buttons_back(town: Town) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
        await desk.log(PARKING, hours=50)
        report = await desk.now()
        used = await desk.olga.press(report, "2 · Create an entry")
        assert used.modal
        preview = await desk.olga.response(await desk.olga.submit_modal(used.modal, {"answer": "Over there."}))
        await desk.office.press(preview, "Save")
        changed = await desk.changed(report, "made an entry of it")
        assert "2 · Create an entry" not in labels(changed)
        # Who takes the undo back has made the entry again.
        for change, undone in ((1, True), (2, False)):
            await desk.office.press(await desk.office.do("undo", change=change), "Save")
            changed = await desk.olga.until(
                lambda each: each.id == report.id and ("made an entry of it" in text_of(each)) != undone  # noqa: B023 - awaited here
            )
            assert labels(changed) == (labels(report) if undone else [*labels(report)[:4], "2 · Show all"])
            posting = await desk.app.reports.find_posting(1)
            assert posting
            assert list(posting.done) == ([] if undone else [2])


async def test_who_shows_a_report_meanwhile_brings_nothing_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async with people(town) as there:
        find, calls = SqliteReports.find_asked, 0

        async def find_and_lose(self: SqliteReports, ids: Iterable[int]) -> list[Asked]:
            """Delete something, and show the report anew, between what somebody reads and what he then shows."""
            nonlocal calls
            found = await find(self, ids)
            calls += 1
            if calls == 2:  # the first finds the topic, the second what is then shown of it
                await there.forget()
                await there.until_without()
            return found

        monkeypatch.setattr(SqliteReports, "find_asked", find_and_lose)
        await there.desk.press(there.report, "1 · Ignore for good")
        await there.desk.olga.next(lambda event: _shows(event, "ignored for good") and _shows(event, "marmalade"))
        # The earliest that was not awaited yet may be the one before.
        for _ in range(2):
            await there.desk.olga.next(
                lambda event: _shows(event, "ignored for good") and not _shows(event, "marmalade")
            )
        await there.until_without()


def _shows(event: SeatEvent, words: str) -> bool:
    return event.name == "MESSAGE_UPDATE" and words in json.dumps(event.data["embeds"])


async def test_a_changed_model_is_caught_up_with_in_the_background(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot.services.renewing")
    async with reading(town) as desk:
        await desk.log((*DOGS, *PARKING))
        assert caplog.messages == []
    async with open_sqlite(town.folder / DATABASE) as store:
        await store._database.fetch("UPDATE questions SET model_id = 'old', embedding = x'0000803f'")
    async with reading(town) as desk:
        await until_logged(desk, caplog, "7 questions were embedded again")
        assert "questions were embedded by another model" not in await examine(town, desk.olga)
        assert len((await desk.now()).embeds) == 3
    assert caplog.messages == [
        "7 questions were embedded by another model and are embedded again",
        "7 questions were embedded again",
    ]


async def test_what_the_report_may_not_do_is_told_once_in_the_log_and_by_the_doctor(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with reading(town) as desk:
        await desk.log(DOGS)
    town.may_be_refused = True
    town.clock.advance(timedelta(hours=20).total_seconds())
    town.guild.set_overwrite(town.lounge, town.application.user, deny=Permission.SEND_MESSAGES)
    async with reading(town) as desk:
        await until_logged(desk, caplog, "the report of server")
        town.clock.advance(timedelta(hours=1).total_seconds())
        town.lounge = town.help
        said = await examine(town, desk.olga)
    assert "I may not: Send Messages." in said
    assert caplog.text.count("Discord refuses it in channel") == 1


async def test_where_the_bot_cannot_look_a_report_is_not_posted_twice(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object) -> bool:
        raise StoreUnavailableError("the process ends here")

    async with reading(town) as desk:
        await desk.log(DOGS)
    town.clock.advance(timedelta(hours=20).total_seconds())
    with monkeypatch.context() as patch:
        patch.setattr(SqliteReports, "finish_report", die)
        async with reading(town) as desk:
            await desk.olga.until(lambda each: "keep coming back" in text_of(each))
    town.clock.advance(timedelta(hours=1).total_seconds())
    town.guild.set_overwrite(town.lounge, town.application.user, deny=Permission.READ_MESSAGE_HISTORY)
    async with reading(town) as desk:
        await until_logged(desk, caplog, "lacks Read Message History")
        assert "I may not: Read Message History." in await examine(town, desk.olga)
        assert [each for each in desk.olga.messages if "keep coming back" in text_of(each)] == []
        assert await desk.app.reports.find_last_posting(town.guild.id) is None


async def test_what_grew_too_old_goes_from_reports_a_day_later(town: Town) -> None:
    async with people(town, store={"retention_days": 7}) as there:
        report = there.report
    town.clock.advance(timedelta(days=7, seconds=1).total_seconds())
    async with reading(town, store={"retention_days": 7}) as desk:
        stale = "SELECT due_at FROM stale_reports"
        while not (await desk.app.store._database.fetch(stale)):  # type: ignore[attr-defined]
            await desk.olga.response(await desk.olga.slash(town.help.id, "report", {}, sub="schedule"))
        assert await desk.app.store.read_questions() == []
        assert await desk.app.store.stale.find_stale(town.clock.now()) == []  # type: ignore[attr-defined]
    town.clock.advance(timedelta(days=1).total_seconds())
    async with reading(town, store={"retention_days": 7}) as desk:
        shown = await desk.changed(report, "The questions of this report were deleted.")
        assert shown.raw["attachments"] == []


async def test_a_question_in_flight_does_not_outlive_the_deletion(town: Town) -> None:
    async with people(town) as there:
        kept = await there.desk.app.store.read_questions()
        hers = next(one for one in kept if "marmalade" in one.text)
        town.clock.advance(1)
        await there.forget()
        store = there.desk.app.store
        assert await store.add_question(hers) is None
        assert hers.author_hash != author_hash(b"k" * 32, town.ann.id)
        later = replace(hers, asked_at=town.clock.now() + timedelta(seconds=1), verdict=VerdictName.NO_MATCH)
        assert await store.add_question(later) is not None
        [exported] = await there.desk.app.privacy.export(town.ann.id)
        assert len(json.loads(exported)["questions"]) == 1
