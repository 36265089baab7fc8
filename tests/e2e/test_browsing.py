"""Admins look at the FAQ, and try questions out."""

import json

from bot.cogs import texts
from bot.cogs.admin import texts as admin_texts
from bot.sandbox import Permission
from tests.e2e.conftest import CARD_QUESTION, Town
from tests.e2e.office import ALL, ANSWER, DOG, TYPED, Office, office, text_of

CARD_TITLE = "How do I get a replacement Medicare card?"


async def test_the_list_is_leafed_through_with_buttons_also_after_a_restart(town: Town) -> None:
    async with town.seat(town.guild.owner) as seat:
        desk = Office(town, seat)
        async with town.running():
            first = await desk.do("list")
            assert "FAQ: 53 entries" in text_of(first)
            assert "Page 1 of 6" in text_of(first)
            assert first.buttons[0]["disabled"]
        async with town.running():
            second = await desk.press(first, "Next")
            assert "Page 2 of 6" in text_of(second)
            assert "Page 1 of 6" in text_of(await desk.press(second, "Previous"))


async def test_the_list_can_be_narrowed_to_a_tag(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        tags = await desk.seat.autocomplete(town.lounge.id, "faq", "tag", "a", sub="list")
        assert "a" in [tag.value for tag in tags]
        shown = text_of(await desk.do("list", tag="a"))
        assert DOG in shown
        assert "of this server" in shown
        assert "1 entry" in shown
        assert text_of(await desk.do("list", tag="no such tag")) == admin_texts.LIST_EMPTY


async def test_search_finds_by_meaning(town: Town) -> None:
    async with office(town, *ALL) as desk:
        shown = await desk.do("search", text="my card is gone")
        assert CARD_TITLE in text_of(shown).splitlines()[1]
        assert "similarity 0." in text_of(shown)


async def test_test_shows_what_a_member_gets_and_why(town: Town) -> None:
    async with office(town, *ALL) as desk:
        shown = await desk.do("test", question=CARD_QUESTION)
        assert shown.ephemeral
        answer, why = shown.embeds
        assert answer["title"] == CARD_TITLE
        for words in ("It answers.", "Closest phrasing", "Runner-up", "probably right", "answers from", "relevance"):
            assert words in why["description"]
        shown = await desk.do("test", question="sing me a song")
        assert shown.content == texts.NO_ANSWER
        assert "It says that it found nothing." in text_of(shown)
        shown = await desk.do("test", question="sing me a song", overheard=True)
        assert "It stays quiet." in text_of(shown)
        assert admin_texts.TEST_NO_QUESTION in text_of(shown)
        assert len(shown.embeds) == 1
        shown = await desk.do("test", question=CARD_QUESTION, overheard=True)
        assert "It answers." in text_of(shown)


async def test_a_reply_is_explained_by_its_context_menu(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        asked = await ann.slash(town.lounge.id, "ask", {"question": CARD_QUESTION})
        reply = await ann.response(asked)
        await town.decisions.logged(reply)
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, town.lounge.id, reply.id)
        why = text_of(await desk.seat.response(used))
        assert f"Question: “{CARD_QUESTION}”" in why
        assert "When it replied, it answered" in why
        other = await ann.say(town.lounge.id, "hello")
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, town.lounge.id, other.id)
        assert text_of(await desk.seat.response(used)) == admin_texts.TEST_NOT_OURS


async def test_the_title_of_a_forum_post_counts_where_its_answer_is_explained(town: Town) -> None:
    forum = town.guild.add_forum("questions")
    town.settings = {"discord": {"watch": [forum.id]}, "store": {"log_questions": False}}
    async with office(town) as desk, town.seat() as ann:
        post = await ann.post(forum.id, CARD_QUESTION, "see above")
        reply = await ann.reply(post)
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, post.channel_id, reply.id)
        why = text_of(await desk.seat.response(used))
        assert f"Question: “{CARD_QUESTION} see above”" in why


async def test_a_forum_post_that_asks_without_a_question_is_explained_as_it_was_answered(town: Town) -> None:
    forum = town.guild.add_forum("questions")
    town.settings = {"discord": {"watch": [forum.id]}}
    async with office(town) as desk, town.seat() as ann:
        post = await ann.post(forum.id, "Medicare card replacement", "thanks in advance everybody")
        reply = await ann.reply(post)
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, post.channel_id, reply.id)
        why = text_of(await desk.seat.response(used))
        assert "When it replied, it answered" in why
        assert admin_texts.TEST_NO_QUESTION not in why
        assert "It answers." in why


async def test_a_reply_that_was_not_logged_is_explained_by_what_it_replies_to(town: Town) -> None:
    town.settings = {"store": {"log_questions": False}}
    async with office(town) as desk, town.seat() as ann:
        reply = await ann.reply(await ann.say(town.lounge.id, f"{town.mention} {CARD_QUESTION}"))
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, town.lounge.id, reply.id)
        assert "It answers." in text_of(await desk.seat.response(used))
        asked = await ann.response(await ann.slash(town.lounge.id, "ask", {"question": CARD_QUESTION}))
        used = await desk.seat.context_menu(admin_texts.MENU_WHY, town.lounge.id, asked.id)
        assert text_of(await desk.seat.response(used)) == admin_texts.TEST_UNKNOWN


async def test_history_is_paged_and_undo_goes_back_step_by_step(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        for number in range(11):
            await desk.press(await desk.do("alternate add", entry=DOG, phrasing=f"hound number {number}"), "Save")
        first = await desk.do("history")
        assert "**#12**" in text_of(first)
        assert "**#2**" not in text_of(first)
        second = await desk.press(first, "Next")
        assert "**#2**" in text_of(second)
        assert "**#3**" not in text_of(second)
        for number in (12, 11):
            asked = await desk.do("undo")
            assert f"Take back change #{number}" in text_of(asked)
            await desk.press(asked, "Save")
        shown = text_of(await desk.do("show", entry=DOG))
        assert "hound number 8" in shown
        assert "hound number 9" not in shown
        assert "take back the later change first" in text_of(await desk.do("undo", change=3))
        assert "There is no change #99" in text_of(await desk.do("undo", change=99))
        assert "There is no change #99." in text_of(await desk.do("history", change=99))


async def test_a_change_is_shown_with_what_was_before_and_after(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
        preview = await desk.fill_in(await desk.call("edit", entry=DOG), {"answer": "Only small dogs."})
        await desk.press(preview, "Save")
        shown = await desk.do("history", change=2)
        assert f"− {ANSWER}\n+ Only small dogs." in text_of(shown)
        kept = json.loads(await desk.seat.download(shown.attachments[0]))
        assert [(one["before"]["answer"], one["after"]["answer"]) for one in kept["edits"]] == [
            (ANSWER, "Only small dogs.")
        ]
        await desk.press(await desk.press(shown, "Undo"), "Save")
        assert ANSWER in text_of(await desk.do("show", entry=DOG))


async def test_entries_are_completed_by_id_and_by_words(town: Town) -> None:
    async with office(town) as desk:
        for typed in ("replacement-c", "replacement"):
            choices = await desk.seat.autocomplete(town.lounge.id, "faq", "entry", typed, sub="show")
            assert choices[0].value == "replacement-card"
        missing = await desk.do("show", entry="../../etc/passwd")
        assert "There is no entry “../../etc/passwd”" in text_of(missing)


async def test_members_are_refused_everything(town: Town) -> None:
    commands: dict[str, dict[str, str | int | bool]] = {
        "reload": {},
        "add": {},
        "edit": {"entry": "replacement-card"},
        "remove": {"entry": "replacement-card"},
        "enable": {"entry": "replacement-card"},
        "disable": {"entry": "replacement-card"},
        "alternate add": {"entry": "replacement-card", "phrasing": "x"},
        "alternate remove": {"entry": "replacement-card", "phrasing": "x"},
        "list": {},
        "show": {"entry": "replacement-card"},
        "search": {"text": "x"},
        "test": {"question": "x"},
        "history": {},
        "undo": {},
        "export": {},
        "overlap": {},
    }
    menus = admin_texts.MENU_ADD, admin_texts.MENU_PHRASING, admin_texts.MENU_WHY
    # Whatever Discord hides, a server's own rules for commands can show again.
    town.guild.open_commands.update({"faq", *menus})
    async with office(town), town.seat() as seat:
        for sub, options in commands.items():
            used = await seat.slash(town.lounge.id, "faq", options, sub=sub)
            shown = await seat.response(used)
            assert (sub, shown.content, shown.ephemeral) == (sub, admin_texts.NOT_ALLOWED, True)
        said = await seat.say(town.lounge.id, "hello there")
        for menu in menus:
            used = await seat.context_menu(menu, town.lounge.id, said.id)
            assert (await seat.response(used)).content == admin_texts.NOT_ALLOWED
        choices = await seat.autocomplete(town.lounge.id, "faq", "entry", "card", sub="show")
        assert choices == []


async def test_members_do_not_even_see_the_commands(town: Town) -> None:
    async with office(town) as desk, town.seat() as ann:
        assert {command["name"] for command in await ann.commands(town.lounge.id)} == {
            "ask",
            "privacy",
            "Answer from FAQ",
        }
        assert "faq" in {command["name"] for command in await desk.seat.commands(town.lounge.id)}


async def test_a_role_of_the_configuration_may_administer(town: Town) -> None:
    helpers = town.guild.add_role("helpers")
    town.guild.set_roles(town.guild.members[town.ann.id], [helpers])
    town.settings = {"discord": {"admin_roles": [helpers.id]}}
    async with office(town), town.seat() as ann, town.seat(town.ben) as ben:
        saved = await Office(town, ann).add(TYPED)
        assert "Saved as change #1" in saved.content
        used = await ben.slash(town.lounge.id, "faq", {}, sub="list")
        assert (await ben.response(used)).content == admin_texts.NOT_ALLOWED


async def test_who_lost_the_right_meanwhile_saves_nothing(town: Town) -> None:
    everyone = town.guild.everyone
    town.guild.set_permissions(everyone, everyone.permissions | Permission.MANAGE_GUILD)
    async with office(town) as olga, town.seat() as seat:
        ann = Office(town, seat)
        preview = await ann.fill_in(await ann.call("add"), TYPED)
        town.guild.set_permissions(everyone, everyone.permissions & ~Permission.MANAGE_GUILD)
        used = await seat.press(preview, "Save")
        assert (await seat.response(used)).content == admin_texts.NOT_ALLOWED
        assert text_of(await olga.do("history")) == admin_texts.HISTORY_EMPTY
