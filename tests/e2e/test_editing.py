"""Entries edited from within Discord."""

import pytest

from bot.cogs.admin import texts as admin_texts
from bot.sandbox import Permission
from tests.e2e.conftest import CARD_QUESTION, ROOT, Town
from tests.e2e.office import ANSWER, ASKED, DOG, QUESTION, TYPED, Office, office, text_of

CARD = "replacement-card"


async def test_an_entry_is_added_by_form_and_preview(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        assert await desk.answer_to(ASKED) is None
        preview = await desk.fill_in(await desk.call("add"), TYPED)
        assert preview.ephemeral
        assert preview.embeds[0]["title"] == QUESTION
        assert preview.embeds[0]["description"] == ANSWER
        assert "Add this entry?" in text_of(preview)
        assert await desk.answer_to(ASKED) is None
        saved = await desk.press(preview, "Save")
        assert saved.content == "Saved as change #1. The bot answers by it from now on."
        assert await desk.answer_to(ASKED) == QUESTION
        reply = await ann.reply(await ann.say(town.help.id, "Are dogs allowed at the meetup?"))
        assert reply.embeds[0]["description"] == ANSWER


async def test_what_was_added_is_there_after_a_restart_and_in_this_server_only(town: Town) -> None:
    other = town.world.add_guild("Other", owner=town.ben)
    other.install(town.application)
    elsewhere = other.add_text_channel("general")
    async with office(town) as desk:
        await desk.add()
    async with office(town) as desk, town.seat(town.ben) as ben:
        assert await desk.answer_to(ASKED) == QUESTION
        shown = await ben.response(await ben.slash(elsewhere.id, "ask", {"question": ASKED}))
        assert not shown.embeds


async def test_buttons_and_forms_from_before_a_restart_work(town: Town) -> None:
    async with town.seat(town.guild.owner) as seat:
        desk = Office(town, seat)
        town.settings = {"faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]}}
        async with town.running():
            form = await desk.call("add")
        async with town.running():
            preview = await desk.fill_in(form, TYPED)
        async with town.running():
            preview = await desk.refill(preview, "Edit again", {"answer": "No dogs."})
        async with town.running():
            saved = await desk.press(preview, "Save")
        async with town.running():
            undo = await desk.press(saved, "Undo")
            assert f"Take back change #1: “{DOG}”" in text_of(undo)
            await desk.press(undo, "Save")
            assert await desk.answer_to(ASKED) is None


async def test_an_entry_is_edited_and_its_form_is_filled_with_what_it_is(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        used = await desk.call("edit", entry=DOG)
        assert used.modal
        assert used.modal.prefilled == {
            "question": QUESTION,
            "answer": ANSWER,
            "alternates": "are dogs allowed\nmay my puppy come along",
            "tags": "a, b",
            "links": "",
        }
        links = "Rules | https://example.com/rules\nhttps://example.com/dogs"
        preview = await desk.fill_in(used, {"answer": "Only small dogs.", "links": links})
        assert "Changed: answer, links" in text_of(preview)
        await desk.press(preview, "Save")
        shown = await desk.do("show", entry=DOG)
        assert "Only small dogs." in text_of(shown)
        assert "edited “can-i-bring-my-dog-to-the-meetup”" in text_of(shown)


async def test_an_entry_of_the_files_is_read_only_until_it_is_overridden(town: Town) -> None:
    async with office(town) as desk:
        told = await desk.do("edit", entry=CARD)
        assert "read-only" in told.content
        preview = await desk.refill(told, "Override for this server", {"answer": "Call us."})
        assert admin_texts.BECOMES_OVERRIDE in text_of(preview)
        await desk.press(preview, "Save")
        asked = await desk.seat.slash(town.lounge.id, "ask", {"question": CARD_QUESTION})
        assert (await desk.seat.response(asked)).embeds[0]["description"] == "Call us."
        refused = await desk.do("remove", entry="premiums-and-income")
        assert "stands in a file" in text_of(refused)
        preview = await desk.do("remove", entry=CARD)
        assert admin_texts.FILE_COMES_BACK in text_of(preview)
        await desk.press(preview, "Save")
        asked = await desk.seat.slash(town.lounge.id, "ask", {"question": CARD_QUESTION})
        assert "Call us." not in text_of(await desk.seat.response(asked))


async def test_removing_asks_first_and_can_be_undone(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        preview = await desk.do("remove", entry=DOG)
        assert f"Remove “{DOG}”?" in text_of(preview)
        assert (await desk.press(preview, "Cancel")).content == admin_texts.CANCELLED
        assert await desk.answer_to(ASKED) == QUESTION
        removed = await desk.press(await desk.do("remove", entry=DOG), "Save")
        assert await desk.answer_to(ASKED) is None
        undo = await desk.press(removed, "Undo")
        await desk.press(undo, "Save")
        assert await desk.answer_to(ASKED) == QUESTION
        history = text_of(await desk.do("history"))
        assert [line.split(" ")[0] for line in history.splitlines()[1:]] == ["**#3**", "**#2**", "**#1**"]
        assert f"<@{town.guild.owner.id}>" in history


async def test_disabling_works_for_entries_of_the_files_too(town: Town) -> None:
    async with office(town) as desk:
        await desk.press(await desk.do("disable", entry=CARD), "Save")
        assert await desk.answer_to(CARD_QUESTION) != "How do I get a replacement Medicare card?"
        assert "disabled" in text_of(await desk.do("show", entry=CARD))
        assert "is disabled already" in text_of(await desk.do("disable", entry=CARD))
        await desk.press(await desk.do("enable", entry=CARD), "Save")
        assert await desk.answer_to(CARD_QUESTION) == "How do I get a replacement Medicare card?"
        assert "from a file" in text_of(await desk.do("show", entry=CARD))


async def test_phrasings_come_and_go_one_by_one(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        preview = await desk.do("alternate add", entry=DOG, phrasing="is my hound welcome")
        assert "Changed: other ways to ask" in text_of(preview)
        await desk.press(preview, "Save")
        choices = await desk.seat.autocomplete(
            town.lounge.id, "faq", "phrasing", "hound", others={"entry": DOG}, sub="alternate remove"
        )
        assert [choice.name for choice in choices] == ["is my hound welcome"]
        await desk.press(await desk.do("alternate remove", entry=DOG, phrasing="is my hound welcome"), "Save")
        assert "hound" not in text_of(await desk.do("show", entry=DOG))
        refused = await desk.do("alternate remove", entry=DOG, phrasing="never there")
        assert "none of the other ways" in text_of(refused)


async def test_a_phrasing_of_another_entry_is_refused_and_a_close_one_is_warned_of(town: Town) -> None:
    async with office(town) as desk:
        refused = await desk.fill_in(await desk.call("add"), TYPED | {"alternates": CARD_QUESTION})
        assert f"belongs to “{CARD}” already" in text_of(refused)
        close = await desk.refill(refused, "Edit again", {"alternates": "I lost my Medicare card, what should I do?"})
        assert "the bot may confuse the two" in text_of(close)
        assert "Add this entry?" in text_of(close)


async def test_the_preview_tells_which_past_questions_an_entry_takes(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        for text in ("are dogs allowed?", "may I take my dog with me?", CARD_QUESTION):
            await ann.reply(await ann.say(town.lounge.id, f"{town.mention} {text}"))
        preview = await desk.fill_in(await desk.call("add"), TYPED)
        assert "Of 3 questions of the last 30 days it takes 2." in text_of(preview)
        assert "2 had no answer until now." in text_of(preview)
        await desk.press(preview, "Save")
        gone = await desk.do("remove", entry=DOG)
        assert "2 questions that it answered go elsewhere." in text_of(gone)


async def test_of_two_admins_the_second_sees_the_conflict_and_loses_nothing(town: Town) -> None:
    town.guild.set_permissions(town.guild.everyone, town.guild.everyone.permissions | Permission.MANAGE_GUILD)
    async with office(town) as olga, town.seat() as seat:
        await olga.add()
        ann = Office(town, seat)
        hers, his = await ann.call("edit", entry=DOG), await olga.call("edit", entry=DOG)
        await olga.press(await olga.fill_in(his, {"answer": "Only on a leash."}), "Save")
        conflict = await ann.fill_in(hers, {"answer": "Bring treats."})
        assert f"“{DOG}” was changed meanwhile" in text_of(conflict)
        again = await ann.seat.press(conflict, "Edit again")
        assert again.modal
        assert again.modal.prefilled["answer"] == "Bring treats."
        await ann.seat.submit_modal(again.modal, {})
        preview = await ann.seat.until(lambda each: each.id == conflict.id and each.raw != conflict.raw)
        await ann.press(preview, "Save")
        assert "Bring treats." in text_of(await olga.do("show", entry=DOG))


async def test_a_form_submitted_after_the_entry_was_removed_loses_nothing(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        form = await desk.call("edit", entry=DOG)
        await desk.press(await desk.do("remove", entry=DOG), "Save")
        conflict = await desk.fill_in(form, {"answer": "Still here."})
        assert "was changed meanwhile" in text_of(conflict)
        preview = await desk.refill(conflict, "Edit again", {})
        await desk.press(preview, "Save")
        assert "Still here." in text_of(await desk.do("show", entry=DOG))


async def test_a_draft_that_is_gone_gives_back_what_was_typed(town: Town) -> None:
    async with office(town) as desk:
        form = await desk.call("add")
        # It is refused also before anything has deleted it.
        town.clock.advance(8 * 24 * 3600)
        told = await desk.fill_in(form, TYPED)
        assert "no longer open" in text_of(told)
        assert ANSWER.encode() in await desk.seat.download(told.attachments[0])


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"answer": "```open"}, "opens a code block"),
        ({"links": "nowhere | ftp://x"}, "address that begins with https://"),
        ({"alternates": "https://only.an.address"}, "has nothing to compare with"),
        ({"alternates": "twice\nTwice?"}, "is there twice"),
    ],
)
async def test_what_cannot_be_used_is_told_and_can_be_mended(town: Town, typed: dict[str, str], reason: str) -> None:
    async with office(town) as desk:
        refused = await desk.fill_in(await desk.call("add"), TYPED | typed)
        assert reason in text_of(refused)
        mended = await desk.refill(refused, "Edit again", TYPED | {"links": ""})
        assert "Add this entry?" in text_of(mended)


async def test_a_message_is_added_with_what_it_replies_to(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        question = await ann.say(town.lounge.id, "so <@1>, can dogs come?")
        answer = await desk.seat.say(town.lounge.id, "Yes, **on a leash**.", reply_to=question)
        used = await desk.seat.context_menu(admin_texts.MENU_ADD, town.lounge.id, answer.id)
        assert used.modal
        assert used.modal.prefilled["question"] == "so , can dogs come?"
        assert used.modal.prefilled["answer"] == "Yes, **on a leash**."


async def test_a_message_becomes_a_phrasing_of_the_entry_that_is_chosen(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        said = await ann.say(town.lounge.id, "my card went through the laundry, can I get another one")
        used = await desk.seat.context_menu(admin_texts.MENU_PHRASING, town.lounge.id, said.id)
        menu = await desk.seat.response(used)
        assert menu.selects[0]["options"][0]["value"] == CARD
        await desk.seat.select(menu, [CARD])
        preview = await desk.seat.until(lambda each: each.id == menu.id and bool(each.embeds))
        assert "Changed: other ways to ask" in text_of(preview)
        await desk.press(preview, "Save")
        assert "went through the laundry" in text_of(await desk.do("show", entry=CARD))
