import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.entries import Listed, Origin, from_plain, overlay, to_plain, usable
from bot.core.types import Entry, Link

CARD = Entry(
    "card", "A “card”? 🎉", "Like this.", ("card?",), ("a", "b"), (Link("x", "https://x"),), ("fee",), enabled=False
)
FEE = Entry("fee", "Is there a fee?", "No.")
ids = st.sampled_from("abcdef")
entries = st.builds(
    Entry,
    id=ids,
    question=st.text(max_size=5),
    answer=st.text(max_size=5),
    follow_ups=st.lists(ids, max_size=3).map(tuple),
    enabled=st.booleans(),
)
faqs = st.lists(entries, max_size=6, unique_by=lambda entry: entry.id)


def test_an_entry_becomes_json_with_the_keys_of_the_files_and_comes_back() -> None:
    plain = to_plain(CARD)
    assert plain == {
        "id": "card",
        "question": "A “card”? 🎉",
        "alternates": ["card?"],
        "answer": "Like this.",
        "tags": ["a", "b"],
        "links": [{"label": "x", "url": "https://x"}],
        "follow_ups": ["fee"],
        "enabled": False,
    }
    assert from_plain(json.loads(json.dumps(plain))) == CARD
    assert from_plain(json.loads(json.dumps(to_plain(FEE)))) == FEE


@pytest.mark.parametrize("key", list(to_plain(CARD)))
def test_whatever_is_missing_is_told(key: str) -> None:
    plain = to_plain(CARD)
    del plain[key]
    with pytest.raises(KeyError, match=key):
        from_plain(plain)


@pytest.mark.parametrize(
    ("key", "value"), [("alternates", None), ("tags", 5), ("links", [5]), ("links", ["x"]), ("follow_ups", None)]
)
def test_what_is_of_another_kind_is_told(key: str, value: object) -> None:
    with pytest.raises(TypeError):
        from_plain(to_plain(CARD) | {key: value})


def test_without_entries_of_its_own_a_server_has_those_of_the_files() -> None:
    assert overlay([CARD, FEE], {}) == (Listed(CARD, Origin.FILE), Listed(FEE, Origin.FILE))
    assert overlay([], {}) == ()


def test_an_override_stands_in_the_place_of_the_files_entry_and_new_ones_at_the_end() -> None:
    mine, new, newer = replace(CARD, answer="Mine"), replace(FEE, id="new"), replace(FEE, id="newer")
    assert overlay([CARD, FEE], {"newer": newer, "card": mine, "new": new}) == (
        Listed(mine, Origin.OVERRIDE),
        Listed(FEE, Origin.FILE),
        Listed(newer, Origin.OWN),
        Listed(new, Origin.OWN),
    )


def test_an_override_outlives_the_files_entry() -> None:
    mine = replace(CARD, answer="Mine")
    assert overlay([FEE], {"card": mine}) == (Listed(FEE, Origin.FILE), Listed(mine, Origin.OWN))


@given(faqs, faqs)
def test_an_overlay_has_every_entry_once_and_the_servers_own_win(filed: list[Entry], owned: list[Entry]) -> None:
    own = {entry.id: entry for entry in owned}
    listing = overlay(filed, own)
    assert [one.entry.id for one in listing[: len(filed)]] == [entry.id for entry in filed]
    assert {one.entry.id: one.entry for one in listing} == {entry.id: entry for entry in filed} | own
    assert len({one.entry.id for one in listing}) == len(listing)
    for one in listing:
        assert (one.origin is Origin.FILE) == (one.entry.id not in own)
        assert (one.origin is Origin.OWN) == (one.entry.id not in {entry.id for entry in filed})


@given(faqs)
def test_what_is_usable_is_enabled_and_refers_to_what_is_usable(faq: list[Entry]) -> None:
    found = usable(overlay(faq, {}))
    enabled = [entry for entry in faq if entry.enabled]
    known = {entry.id for entry in enabled}
    assert [replace(entry, follow_ups=()) for entry in found] == [replace(entry, follow_ups=()) for entry in enabled]
    for entry, original in zip(found, enabled, strict=True):
        assert entry.follow_ups == tuple(one for one in original.follow_ups if one in known)
        # What needs no change is the same object, and costs nothing.
        assert (entry is original) == (entry.follow_ups == original.follow_ups)
