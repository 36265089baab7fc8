"""Files that admins bring in and take out, reloads, and the picture of what could be confused."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.app import open_app
from bot.cogs.admin import texts as admin_texts
from bot.cogs.admin.following import Follower
from bot.sandbox import SeatFile, SeenMessage
from tests.e2e.conftest import CARD_QUESTION, ROOT, Town
from tests.e2e.office import ALL, ANSWER, ASKED, DOG, QUESTION, Office, office, text_of
from tests.e2e.test_reload import said

CSV = b"question,answer\nAre cats allowed?,No.\nWhen does the meetup start?,At eight.\n"
YAML = """title: Mine
entries:
  - id: dogs
    question: Are dogs allowed?
    answer: Yes.
"""


async def bring_in(desk: Office, name: str, content: bytes) -> SeenMessage:
    used = await desk.seat.slash(desk.town.lounge.id, "faq", {"file": SeatFile(name, content)}, sub="import")
    # A large file takes a while to be read where every line is traced.
    return await desk.seat.response(used, seconds=60)


async def test_an_import_is_previewed_confirmed_and_undone(town: Town) -> None:
    async with office(town) as desk:
        preview = await bring_in(desk, "ours.csv", CSV)
        assert "Import ours.csv?" in text_of(preview)
        assert "2 to add, 0 to change, 0 unchanged" in text_of(preview)
        assert "no answer" not in text_of(await desk.do("history"))
        saved = await desk.press(preview, "Save")
        assert await desk.answer_to("are cats allowed?") == "Are cats allowed?"
        assert "imported ours.csv: “are-cats-allowed”" in text_of(await desk.do("history"))
        again = await bring_in(desk, "ours.csv", CSV.replace(b"At eight", b"At nine"))
        assert "0 to add, 1 to change, 1 unchanged" in text_of(again)
        await desk.press(await desk.press(saved, "Undo"), "Save")
        assert await desk.answer_to("are cats allowed?") != "Are cats allowed?"


async def test_what_is_exported_is_what_is_imported(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        before = text_of(await desk.do("show", entry=DOG)).split("Last change")[0]
        for kind in ("yaml", "json", "csv"):
            exported = await desk.do("export", format=kind)
            assert exported.content == "6 entries"
            assert exported.attachments[0]["filename"] == f"faq.{kind}"
            content = await desk.seat.download(exported.attachments[0])
            same = await bring_in(desk, f"faq.{kind}", content)
            assert "That would change nothing." in text_of(same)
            await desk.press(await desk.do("remove", entry=DOG), "Save")
            back = await bring_in(desk, f"faq.{kind}", content)
            assert "1 to add, 0 to change, 5 unchanged" in text_of(back)
            await desk.press(back, "Save")
            assert text_of(await desk.do("show", entry=DOG)).split("Last change")[0] == before


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("latin.csv", "question,answer\nWhere is the café?,There.\n".encode("latin-1"), "UTF-8"),
        ("empty.yaml", b"", "empty"),
        ("bad.yaml", b"title: x\nentries:\n  - id: A B\n    question: q\n", "bad.yaml:3"),
        ("bomb.yaml", b"a: &a [x,x]\nb: &b [*a,*a]\nentries: [*b,*b]\n", "bomb.yaml"),
        ("long.csv", b"question,answer\nWhy?," + b"x" * 5000 + b"\n", "4096"),
        ("many.csv", b"question,answer\n" + b"".join(b"Q%d?,A\n" % i for i in range(100_000)), "5,000"),
        ("zip.xlsx", b"PK\x03\x04 this is no workbook", "zip.xlsx"),
        ("card.csv", f'question,answer\n"{CARD_QUESTION}",No.\n'.encode(), "belongs"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
async def test_a_file_that_cannot_be_used_changes_nothing(town: Town, name: str, content: bytes, reason: str) -> None:
    async with office(town) as desk:
        told = await bring_in(desk, name, content)
        assert told.ephemeral
        assert reason in text_of(told)
        assert text_of(await desk.do("history")) == admin_texts.HISTORY_EMPTY


async def test_a_file_of_nine_megabytes_is_refused_before_it_is_read(town: Town) -> None:
    async with office(town) as desk:
        told = await bring_in(desk, "huge.csv", b"x" * (9 * 2**20))
        assert "has 9.0 MB; at most 8 MB are read" in text_of(told)


async def test_a_reload_serves_what_the_files_say_now_and_says_who_did_it(town: Town) -> None:
    folder = town.folder / "faq"
    folder.mkdir()
    shutil.copy(ROOT / "faq_data" / "medicare.yaml", folder)
    town.settings = {"faq": {"files": [str(folder / "*.yaml")]}}
    async with office(town) as desk:
        write(
            folder / "mine.yaml",
            f"title: Mine\nentries:\n  - id: dogs\n    question: {QUESTION}\n    answer: {ANSWER}\n",
        )
        reloaded = text_of(await desk.do("reload"))
        assert "1 added, 0 changed, 0 removed, 5 unchanged" in reloaded
        assert "2 texts were encoded" in reloaded
        assert await desk.answer_to(ASKED) == QUESTION
        history = text_of(await desk.do("history"))
        assert f"<@{town.guild.owner.id}> reloaded the files" in history
        write(folder / "mine.yaml", "title: Mine\nentries:\n  - id: Dogs\n    question: x\n\n  - id: y\n")
        refused = text_of(await desk.do("reload"))
        assert admin_texts.FILE_PROBLEMS in refused
        assert "mine.yaml:3" in refused
        assert "mine.yaml:6" in refused
        assert await desk.answer_to(ASKED) == QUESTION
        # Edits do not wait for the files to be mended.
        saved = await desk.add({"question": "Is there parking?", "answer": "Behind the house."})
        assert "Saved as change #2" in saved.content
        assert await desk.answer_to("is there parking?") == "Is there parking?"


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def test_other_processes_follow(town: Town) -> None:
    async with office(town) as desk, open_app(town.config(), clock=town.clock, embedder=town.embedder) as other:
        follower = Follower(other)
        await desk.add()
        await follower.follow()
        assert said(await other.ask(ASKED, guild_id=town.guild.id)) == DOG
        await desk.press(await desk.do("remove", entry=DOG), "Save")
        await desk.do("reload")
        await follower.follow()
        assert said(await other.ask(ASKED, guild_id=town.guild.id)) is None
        assert await other.knowledge.follow() is None


async def test_an_id_that_is_a_path_becomes_one_of_ours(town: Town) -> None:
    async with office(town) as desk:
        preview = await bring_in(desk, "path.yaml", YAML.replace("id: dogs", "id: ../../dogs").encode())
        assert "1 id was made from its question." in text_of(preview)
        await desk.press(preview, "Save")
        assert "Are dogs allowed?" in text_of(await desk.do("show", entry="are-dogs-allowed"))


async def test_watched_files_are_read_again_when_they_change(town: Town) -> None:
    folder = town.folder / "faq"
    folder.mkdir()
    write(folder / "mine.yaml", YAML)
    town.settings = {"faq": {"files": [str(folder / "*.yaml")], "watch_files": True}}
    async with town.running() as app:
        knowledge = app.knowledge
        write(folder / "mine.yaml", YAML.replace("Yes.", "No."))
        await until(lambda: knowledge.current.faq_of(None).entries[0].answer == "No.")
        write(folder / "mine.yaml", YAML.replace("Yes.", "[oops"))
        write(folder / "mine.yaml", YAML.replace("Yes.", "Maybe."))
        await until(lambda: knowledge.current.faq_of(None).entries[0].answer == "Maybe.")


async def until(condition) -> None:  # noqa: ANN001
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - it looks every two seconds of real time, and tells nobody
            await asyncio.sleep(0.05)


async def test_overlap_shows_a_picture_and_the_pairs(town: Town) -> None:
    async with office(town, *ALL) as desk:
        shown = await desk.do("overlap")
        assert shown.ephemeral
        assert shown.attachments[0]["filename"] == "overlap.png"
        assert (await desk.seat.download(shown.attachments[0])).startswith(b"\x89PNG")
        assert "**1.**" in text_of(shown)
