import re
from typing import Any

import discord
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs import limits, texts
from bot.cogs.buttons import EntryButton
from bot.cogs.rendering import Reply, Style, quote, render_answer, render_appended, render_entry
from bot.core.decision import Limits, Odds
from bot.core.types import Answer, Entry, Hit, Link, NoMatch, Query, Suggest, Terms, Verdict
from bot.matching import ADDRESSED, Matcher, build_corpus
from bot.services import Action, Faq, Grounds, Outcome, ReplyRef
from bot.services.faq import EMPTY_FAQ
from tests.fakes.clock import FrozenClock

ASKER = 80351110224678912
CARD = Entry("card", "How do I replace my card?", "Like **this**.", links=(Link("More", "https://a.example/b"),))
COST = Entry("cost", "What does it cost?", "Nothing.", follow_ups=("card",))


def faq_of(*entries: Entry) -> Faq:
    corpus = build_corpus(entries)
    return Faq(Matcher(corpus, np.ones((len(corpus.texts), 1), dtype=np.float32)), EMPTY_FAQ.calibration)


def hit(entry: Entry, similarity: float = 0.5) -> Hit:
    terms = Terms(cosine=similarity, centroid=similarity, head=0.0, spelling=0.0)
    return Hit(entry, entry.question, similarity, relevance=0.1, terms=terms)


def outcome_of(
    verdict: Verdict, *entries: Entry, action: Action = Action.REPLY, text: str = "q", earlier: ReplyRef | None = None
) -> Outcome:
    query = Query(text, ASKER)
    grounds = Grounds(text, 0.1, Odds(0.4, 0.5), Limits(0.6, 0.3), 0.05, ADDRESSED, measured=False)
    now = FrozenClock().now()
    return Outcome(query, faq_of(*entries), text, verdict, action, (), grounds, None, now, 0.0, earlier)


def buttons_of(reply: Reply) -> list[str]:
    """What the buttons do, in reading order: custom ids and addresses."""
    buttons = [plain(button) for row in reply.buttons for button in row]
    return [button.custom_id or button.url or "" for button in buttons]


def plain(button: discord.ui.Item[Any]) -> discord.ui.Button[Any]:
    inner = button.item if isinstance(button, EntryButton) else button
    assert isinstance(inner, discord.ui.Button)
    return inner


# Whatever the FAQ's own rules let through (see bot/faqfiles).
visible = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
entries = st.builds(
    Entry,
    id=st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,24}", fullmatch=True),
    question=st.one_of(st.just("Q" * 256), visible.map(lambda text: text[:256])),
    answer=st.one_of(st.just("a" * 4096), visible.map(lambda text: text[:4096])),
    links=st.lists(
        st.builds(Link, visible.map(lambda text: text[:80]), st.integers(0, 99).map("https://e.example/{}".format)),
        max_size=5,
    ).map(tuple),
)
faqs = st.lists(entries, min_size=1, max_size=12, unique_by=lambda entry: entry.id)
styles = st.builds(Style, st.booleans(), st.sampled_from(["", "Ask the moderators.", "h" * 300]))


def assert_fits_discord(reply: Reply) -> None:
    assert reply.content or reply.embeds
    assert len(reply.content or "") <= 2000
    assert len(reply.embeds) <= limits.EMBEDS
    assert sum(map(len, reply.embeds)) <= limits.EMBED_TOTAL
    for embed in reply.embeds:
        assert 1 <= len(embed.title or "") <= limits.EMBED_TITLE
        assert len(embed.description or "") <= limits.EMBED_DESCRIPTION
        assert all(len(field.value or "") <= limits.EMBED_FIELD_VALUE for field in embed.fields)
    assert len(reply.buttons) <= limits.ROWS
    assert all(1 <= len(row) <= limits.BUTTONS_A_ROW for row in reply.buttons)
    ids = [button for button in buttons_of(reply) if button.startswith("faqtotum:")]
    assert len(ids) == len(set(ids))
    assert all(len(custom_id) <= 100 for custom_id in ids)
    for row in reply.buttons:
        for button in row:
            assert 1 <= len(plain(button).label or "") <= limits.BUTTON_LABEL


def with_follow_ups(faq: list[Entry]) -> list[Entry]:
    ids = tuple(entry.id for entry in faq)
    return [Entry(entry.id, entry.question, entry.answer, links=entry.links, follow_ups=(*ids[1:6],)) for entry in faq]


@given(faqs, styles)
def test_every_reply_fits_discord(faq: list[Entry], style: Style) -> None:
    faq = with_follow_ups(faq)
    hits = [hit(entry) for entry in faq]
    verdicts: list[Verdict] = [Answer(hits[0]), Suggest(tuple(hits[:3])), NoMatch()]
    for verdict in verdicts:
        assert_fits_discord(render_answer(outcome_of(verdict, *faq), style))


@given(faqs, styles)
def test_pressing_follow_up_after_follow_up_fits_discord(faq: list[Entry], style: Style) -> None:
    faq = with_follow_ups(faq)
    known = faq_of(*faq)
    reply = render_entry(faq[0], known, ASKER, style)
    for entry in faq[1:]:
        pressed = EntryButton(entry.id, ASKER, entry.question, replace=False)
        reply = render_appended(pressed, entry, known, style, embeds=reply.embeds, components=as_components(reply))
        assert_fits_discord(reply)
        assert reply.embeds[-1].title == entry.question


def as_components(reply: Reply) -> list[discord.Component]:
    """The buttons as discord.py reads them from a message."""
    rows = [{"type": 1, "components": [button.to_component_dict() for button in row]} for row in reply.buttons]
    return [discord.ActionRow(row) for row in rows]  # type: ignore[arg-type]


async def test_an_answer_shows_question_answer_links_and_follow_ups() -> None:
    entry = Entry("x", "What is x?", "X is *x*.\n", links=CARD.links, follow_ups=("card", "cost"))
    reply = render_answer(outcome_of(Answer(hit(entry, 0.876)), entry, CARD, COST), Style())
    (embed,) = reply.embeds
    assert (embed.title, embed.description) == ("What is x?", "X is *x*.")
    assert embed.footer.text == texts.AUTOMATIC
    assert [len(row) for row in reply.buttons] == [1, 2]
    assert buttons_of(reply) == ["https://a.example/b", f"faqtotum:more:card:{ASKER}", f"faqtotum:more:cost:{ASKER}"]


async def test_similarity_and_hint_are_shown_where_wanted() -> None:
    style = Style(show_similarity=True, help_hint="Ask @mods.")
    reply = render_answer(outcome_of(Answer(hit(CARD, 0.876)), CARD), style)
    (embed,) = reply.embeds
    assert embed.footer.text == f"{texts.AUTOMATIC} · similarity 0.88"
    assert [(field.name, field.value) for field in embed.fields] == [(texts.HINT_TITLE, "Ask @mods.")]


async def test_suggestions_are_numbered_questions_with_a_button_each() -> None:
    reply = render_answer(outcome_of(Suggest((hit(CARD, 0.6), hit(COST, 0.55))), CARD, COST), Style())
    assert reply.embeds[0].description == "1. How do I replace my card?\n2. What does it cost?"
    assert buttons_of(reply) == [f"faqtotum:pick:card:{ASKER}", f"faqtotum:pick:cost:{ASKER}"]
    assert [len(row) for row in reply.buttons] == [1, 1]


async def test_nothing_found_says_so_and_how_to_reach_a_person() -> None:
    assert render_answer(outcome_of(NoMatch()), Style()).content == texts.NO_ANSWER
    assert render_answer(outcome_of(NoMatch()), Style(help_hint="Ping us.")).content == f"{texts.NO_ANSWER}\nPing us."
    assert render_answer(outcome_of(NoMatch(), text=""), Style()).content == texts.ASK_ME


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (None, texts.ALREADY_ANSWERED),
        (ReplyRef(1, 2, 3), "I answered that for you a moment ago: https://discord.com/channels/1/2/3"),
    ],
)
async def test_a_repeated_question_is_pointed_back(earlier: ReplyRef | None, words: str) -> None:
    outcome = outcome_of(Answer(hit(CARD, 0.9)), CARD, action=Action.POINT_BACK, earlier=earlier)
    reply = render_answer(outcome, Style())
    assert (reply.content, reply.embeds, reply.buttons) == (words, (), ())


async def test_a_follow_up_is_added_below_and_needs_no_button_any_more() -> None:
    known = faq_of(COST, CARD)
    first = render_entry(COST, known, ASKER, Style())
    pressed = EntryButton("card", ASKER, "x", replace=False)
    reply = render_appended(pressed, CARD, known, Style(), embeds=first.embeds, components=as_components(first))
    assert [embed.title for embed in reply.embeds] == ["What does it cost?", "How do I replace my card?"]
    assert buttons_of(reply) == ["https://a.example/b"]


async def test_follow_ups_that_left_the_faq_get_no_button() -> None:
    assert buttons_of(render_entry(COST, faq_of(COST), ASKER, Style())) == []


async def test_nothing_that_is_sent_can_ping() -> None:
    reply = render_entry(Entry("x", "@everyone?", "@here <@1>"), faq_of(), ASKER, Style())
    for arguments in (reply.to_send(), reply.to_edit()):
        assert arguments["allowed_mentions"].to_dict() == {"parse": []}


async def test_an_edit_takes_away_what_the_reply_does_not_have() -> None:
    assert Reply("words").to_edit()["view"] is None
    assert render_entry(CARD, faq_of(CARD), ASKER, Style()).to_edit()["content"] is None
    assert "view" not in Reply("words").to_send()


async def test_a_button_carries_what_it_needs_in_its_id() -> None:
    template = EntryButton.__discord_ui_compiled_template__
    for replace in (True, False):
        button = EntryButton("a-1", ASKER, "label " * 30, replace=replace)
        match = re.fullmatch(template, button.custom_id)
        assert match
        again = await EntryButton.from_custom_id(None, button.item, match)  # type: ignore[arg-type]
        assert (again.entry_id, again.asker_id, again.replace) == ("a-1", ASKER, replace)
        assert (again.item.label or "").endswith("…")


def test_shortening_keeps_what_fits() -> None:
    assert limits.shorten("12345", 5) == "12345"
    assert limits.shorten("1234 6", 6) == "1234 6"
    assert limits.shorten("1234 67", 6) == "1234…"


@given(st.text() | st.text("*_`~|>[]()\\ \nab", max_size=300), st.integers(5, 300))
def test_quotes_fit_with_their_escapes(text: str, limit: int) -> None:
    quoted = quote(text, limit)
    assert len(quoted) <= limit
    assert "\n" not in quoted
    whole = discord.utils.escape_markdown(" ".join(text.split()))
    assert quoted == whole if len(whole) <= limit else quoted.endswith("…")


def test_of_a_long_quote_as_much_is_kept_as_fits() -> None:
    assert quote("*" * 300, 100) == r"\*" * 49 + "…"
    assert quote("a " * 300, 100) == "a " * 49 + "a…"
