"""Whatever admins are shown fits into Discord, and a form gives back what it was filled with."""

import json
from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cogs import limits
from bot.cogs.admin.browsing import render_list, render_listed, render_search, render_test
from bot.cogs.admin.buttons import AdminButton
from bot.cogs.admin.changes import CHANGES_A_PAGE, render_change, render_history
from bot.cogs.admin.forms import build_form, fill_in, read_form
from bot.cogs.admin.rendering import (
    render_file_entry,
    render_preview,
    render_problems,
    render_refusal,
    render_reload,
    render_saved,
)
from bot.cogs.rendering import Reply, Style
from bot.cogs.speech import ENGLISH, speech_in
from bot.core.edits import OPERATOR, Change, ChangeKind, Draft, Edit, SettingEdit
from bot.core.entries import Listed, Origin, to_plain
from bot.core.errors import EditRefusedError, FaqInvalidError, Problem
from bot.core.speech import sentence, verbatim
from bot.core.types import Answer, Entry, NoMatch, Suggest
from bot.services import Impact, Near, Preview, Proposal, ReloadResult
from tests.cogs.test_rendering import entries, hit, outcome_of

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
long = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(lambda text: text * 40)
listed = st.builds(Listed, entries, st.sampled_from(Origin))


def assert_fits(reply: Reply) -> None:
    assert reply.content or reply.embeds
    assert len(reply.content or "") <= 2000
    assert sum(map(len, reply.embeds)) <= limits.EMBED_TOTAL
    for embed in reply.embeds:
        assert len(embed.title or "") <= limits.EMBED_TITLE
        assert len(embed.description or "") <= limits.EMBED_DESCRIPTION
        assert all(1 <= len(field.value or "") <= limits.EMBED_FIELD_VALUE for field in embed.fields)
    for row in reply.buttons:
        for item in row:
            button: Any = item.item if isinstance(item, AdminButton) else item
            if isinstance(item, AdminButton):
                assert AdminButton.__discord_ui_compiled_template__.fullmatch(button.custom_id)
            assert len(button.custom_id or "") <= 100


def draft(does: str, **content: object) -> Draft:
    return Draft(1, 2, START, {"does": does, **content}, id=2**53)


@given(st.lists(long, min_size=1, max_size=30))
def test_refusals_and_problems_fit(reasons: list[str]) -> None:
    refused = EditRefusedError(*(sentence("{what}", what=reason) for reason in reasons))
    assert_fits(render_refusal(refused, ENGLISH, draft=draft("put")))
    assert_fits(render_refusal(refused, ENGLISH, draft=draft("undo")))
    invalid = FaqInvalidError([Problem("faq.yaml", line, verbatim(reason)) for line, reason in enumerate(reasons)])
    reply = render_problems(invalid, ENGLISH, "Title")
    assert_fits(reply)
    shown = reply.embeds[0].description or ""
    if reply.files:
        assert reply.files[0][1].decode().count("faq.yaml") >= len(reasons)
    else:
        assert shown.count("faq.yaml") >= len(reasons)


@pytest.mark.parametrize("length", [900, 3000])
def test_a_long_reason_is_cut_and_not_hidden(length: int) -> None:
    reasons = ("a" * length, "short", "b" * length, "c" * length, "never shown")
    reply = render_refusal(EditRefusedError(*map(verbatim, reasons)), ENGLISH)
    first, second, third, *rest = (reply.embeds[0].description or "").split("\n")
    assert first.startswith("• aaa")
    assert second == "• short"
    assert third.startswith("• bbb")
    assert third.endswith("…" if length > limits.EMBED_FIELD_VALUE else "b")
    assert all(line.startswith("• ccc") and line.endswith("…") for line in rest)
    assert len(rest) == (length < limits.EMBED_FIELD_VALUE)


def test_all_reasons_that_fit_are_told() -> None:
    reasons = tuple(letter * 509 for letter in "abcd")
    reply = render_refusal(EditRefusedError(*map(verbatim, reasons)), ENGLISH)
    assert reply.embeds[0].description == "\n".join(f"• {reason}" for reason in reasons)
    reply = render_refusal(EditRefusedError(*map(verbatim, (*reasons, "e"))), ENGLISH)
    assert (reply.embeds[0].description or "").split("\n")[4:] == ["…"]


def test_problems_are_told_in_the_readers_language() -> None:
    fault = sentence("is larger than {most} MiB; split it into several files", most=4)
    reply = render_problems(FaqInvalidError([Problem("faq.yaml", 0, fault)]), speech_in("de"), "Title")
    assert reply.embeds[0].description == "• faq.yaml: ist größer als 4 MiB; teile die Datei in mehrere auf"


@given(entries, st.lists(long, max_size=9), st.lists(long, max_size=30), st.sampled_from(ChangeKind), st.booleans())
def test_previews_fit(entry: Entry, phrasings: list[str], notes: list[str], kind: ChangeKind, new: bool) -> None:  # noqa: FBT001
    if kind in {ChangeKind.RELOAD, ChangeKind.SETTINGS}:
        return
    near = tuple(Near(phrasing, entry.id, phrasing, "other", 0.9) for phrasing in phrasings)
    impact = Impact(99, {None: 3, entry.id: 4}, {None: 1, "x": 2})
    proposal = Proposal(1, kind, tuple(Edit(f"e{number}", None, entry) for number in range(9)), undoes=3)
    does = "put" if kind in {ChangeKind.ADD, ChangeKind.EDIT} else kind.value
    content = draft(does, name="n" * 300, entries=[], notes=notes)
    before = None if new else Listed(entry, Origin.FILE)
    preview = Preview(proposal, near, near, impact)
    assert_fits(render_preview(content, preview, ENGLISH, before=before, after=entry, remarks=notes))


@given(st.lists(listed, max_size=25), st.integers(0, 4))
def test_lists_and_entries_fit(listing: list[Listed], page: int) -> None:
    assert_fits(render_list(listing, page, "", ENGLISH))
    change = Change(1, ChangeKind.EDIT, 7, START, tuple(Edit(one.entry.id, None, one.entry) for one in listing))
    for one in listing[:3]:
        assert_fits(render_listed(one, change, ENGLISH))
        assert_fits(render_file_entry(one.entry, ENGLISH))
    assert_fits(render_search("q" * 4000, [hit(one.entry) for one in listing[:10]], ENGLISH))


@settings(deadline=None)  # the first FAQ that is fitted loads scipy
@given(st.lists(entries, min_size=1, max_size=6), st.sampled_from(["answer", "suggest", "nothing"]), st.booleans())
def test_tests_fit(faq: list[Entry], verdict: str, is_question: bool) -> None:  # noqa: FBT001
    hits = tuple(hit(entry) for entry in faq)
    verdicts = {"answer": Answer(hits[0]), "suggest": Suggest(hits[:3]), "nothing": NoMatch()}
    outcome = outcome_of(verdicts[verdict], *faq, text="word " * 800)
    assert_fits(render_test(outcome, Style(help_hint="h" * 300), is_question=is_question))


@given(st.lists(st.sampled_from(ChangeKind), max_size=CHANGES_A_PAGE + 1), long)
def test_histories_fit(kinds: list[ChangeKind], note: str) -> None:
    edits = tuple(Edit("i" * 50, None, None) for _ in range(9))
    changes = [Change(1, kind, OPERATOR, START, edits, undoes=4, note=note, id=9) for kind in kinds]
    assert_fits(render_history(changes, "i" * 50, newest=False, speech=ENGLISH))


@given(st.lists(st.tuples(st.none() | entries, st.none() | entries), max_size=9), st.sampled_from(ChangeKind))
def test_changes_fit_and_are_whole_in_a_file(pairs: list[tuple[Entry | None, Entry | None]], kind: ChangeKind) -> None:
    edits = tuple(Edit("i" * 50, before, after) for before, after in pairs)
    settings_ = (SettingEdit("watch", None, [1] * 500), SettingEdit("unknown", "x" * 3000, None))
    for change in (Change(1, kind, 7, START, edits, id=3, undoes=2), Change(1, kind, 7, START, (), settings_, id=3)):
        reply = render_change(change, ENGLISH)
        assert_fits(reply)
        if change.edits or change.settings:
            kept = json.loads(reply.files[0][1])
            assert [one["after"] for one in kept["edits"]] == [
                one.after and to_plain(one.after) for one in change.edits
            ]
            assert [one["before"] for one in kept["settings"]] == [one.before for one in change.settings]


def test_reloads_and_savings_fit() -> None:
    assert_fits(render_reload(ReloadResult(1, 2, 3, 4, 5, (), 6.0), ENGLISH))
    assert_fits(render_saved(12, ENGLISH, "x" * 5000))


lines = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)
formed = st.builds(
    Entry,
    id=st.just("card"),
    question=lines,
    answer=lines,
    alternates=st.lists(lines, max_size=5).map(tuple),
    tags=st.lists(lines, max_size=4).map(tuple),
)


def submission(form: discord.ui.Modal) -> dict[str, Any]:
    """What Discord sends when a form is submitted as it was opened."""
    fields = [child.to_component_dict()["component"] for child in form.children]
    return {
        "components": [
            {"type": 18, "component": {"custom_id": field["custom_id"], "value": field.get("value") or ""}}
            for field in fields
        ]
    }


@given(formed)
async def test_a_form_submitted_as_it_was_opened_changes_nothing(entry: Entry) -> None:
    raw = to_plain(entry)
    form = build_form(1, raw, ENGLISH, "Edit")
    assert len(form.to_components()) <= 5
    assert fill_in(raw, read_form(submission(form))) == raw


async def test_what_does_not_fit_into_a_form_is_left_out_of_it_and_stays() -> None:
    raw = to_plain(Entry("card", "Q?", "A", tuple(f"phrasing number {number}" for number in range(400)), ("a, b",)))
    form = build_form(1, raw, ENGLISH, "Edit")
    assert [field["component"]["custom_id"] for field in form.to_components()] == ["question", "answer", "links"]
    assert fill_in(raw, read_form(submission(form))) == raw


async def test_an_answer_that_no_form_holds_is_refused() -> None:
    with pytest.raises(EditRefusedError, match="4096 characters"):
        build_form(1, {"question": "Q?", "answer": "a" * 4096}, ENGLISH, "Edit")


def test_what_is_typed_is_taken_apart() -> None:
    typed = {
        "question": " Q? ",
        "answer": " A\n",
        "alternates": "one\n\n two ",
        "tags": "a,, b",
        "links": "Terms | https://a.example\nhttps://b.example\nno address\na | b | https://c.example",
    }
    assert fill_in({"id": "x"}, typed) == {
        "id": "x",
        "question": "Q?",
        "answer": "A",
        "alternates": ["one", "two"],
        "tags": ["a", "b"],
        "links": [
            {"label": "Terms", "url": "https://a.example"},
            {"label": "https://b.example", "url": "https://b.example"},
            {"label": "no address", "url": ""},
            {"label": "a | b", "url": "https://c.example"},
        ],
    }


def test_fields_in_rows_are_read_too() -> None:
    data = {"components": [{"type": 1, "components": [{"type": 4, "custom_id": "question", "value": "Q?"}]}]}
    assert read_form(data) == {"question": "Q?"}
