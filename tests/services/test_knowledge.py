import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import EmbedderUnavailableError, FaqInvalidError, Problem, StoreUnavailableError
from bot.core.types import Entry, FaqScope
from bot.services import Knowledge, ReloadResult
from tests.fakes.clock import FrozenClock
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder

CARD = Entry("card", "How do I replace my card?", "Like this.", ("I lost my card",))
COST = Entry("cost", "What does it cost?", "Nothing.")


def build(*entries: Entry) -> tuple[Knowledge, ListSource, TableEmbedder, MemoryStore]:
    source, embedder, store = ListSource(*entries), TableEmbedder(), MemoryStore()
    return Knowledge(source, embedder, store, FrozenClock()), source, embedder, store


def counts(result: ReloadResult) -> tuple[int, int, int, int, int]:
    return result.added, result.changed, result.removed, result.unchanged, result.embedded


async def test_before_the_first_reload_nothing_is_known() -> None:
    knowledge, *_ = build(CARD)
    assert knowledge.current.faq_of(None).entries == ()
    assert knowledge.current.faq_of(1).find("card") is None


async def test_a_reload_embeds_cleaned_phrasings_and_puts_them_into_service() -> None:
    messy = replace(CARD, alternates=("I **lost** my\ncard",))
    knowledge, _, embedder, _ = build(messy, COST)
    assert counts(await knowledge.reload()) == (2, 0, 0, 0, 3)
    assert embedder.corpus == ["How do I replace my card?", "I lost my card", "What does it cost?"]
    faq = knowledge.current.faq_of(None)
    assert faq.entries == (messy, COST)
    assert faq.find("cost") is COST
    assert faq.find("gone") is None


async def test_a_reload_counts_what_changed_and_embeds_only_that() -> None:
    knowledge, source, embedder, _ = build(CARD, COST, Entry("old", "Old?", "x"))
    await knowledge.reload()
    embedder.corpus.clear()
    source.scopes[None] = [
        replace(CARD, alternates=("My card is gone",)),
        COST,
        Entry("new", "Old?", "Same words, another entry."),
    ]
    assert counts(await knowledge.reload()) == (1, 1, 1, 1, 1)
    assert embedder.corpus == ["My card is gone"]


async def test_starting_again_with_the_same_files_embeds_nothing() -> None:
    _, source, embedder, store = build(CARD, COST)
    await Knowledge(source, embedder, store, FrozenClock()).reload()
    embedder.corpus.clear()
    again = Knowledge(source, embedder, store, FrozenClock())
    assert counts(await again.reload()) == (2, 0, 0, 0, 0)
    assert embedder.corpus == []
    assert len(again.current.faq_of(None).index) == 3


async def test_another_model_shares_no_embeddings() -> None:
    knowledge, source, _embedder, store = build(COST)
    await knowledge.reload()
    other = TableEmbedder()
    other.model_id = "another"
    assert (await Knowledge(source, other, store, FrozenClock()).reload()).embedded == 1


async def test_a_text_in_two_scopes_is_embedded_once() -> None:
    knowledge, source, embedder, _ = build(COST)
    source.scopes[7] = [COST]
    assert counts(await knowledge.reload()) == (2, 0, 0, 0, 1)
    assert embedder.corpus == ["What does it cost?"]


async def test_each_server_has_its_own_faq_and_the_others_the_default() -> None:
    knowledge, source, _, _ = build(COST)
    source.scopes[7] = [CARD]
    await knowledge.reload()
    assert knowledge.current.faq_of(7).entries == (CARD,)
    assert knowledge.current.faq_of(8).entries == (COST,)
    assert knowledge.current.faq_of(None).entries == (COST,)


async def test_an_empty_faq_is_an_faq() -> None:
    knowledge, source, _, _ = build(COST)
    await knowledge.reload()
    source.scopes[None] = []
    assert counts(await knowledge.reload()) == (0, 0, 1, 0, 0)
    assert len(knowledge.current.faq_of(None).index) == 0


@pytest.mark.parametrize("place", ["source", "embedder", "store"])
async def test_whatever_fails_the_old_faq_stays(place: str) -> None:
    knowledge, source, embedder, store = build(COST)
    await knowledge.reload()
    before = knowledge.current
    source.scopes[None] = [CARD]
    errors = {
        "source": FaqInvalidError([Problem("a.yaml", 1, "no")]),
        "embedder": EmbedderUnavailableError("no"),
        "store": StoreUnavailableError("no"),
    }
    {"source": source, "embedder": embedder, "store": store}[place].error = errors[place]
    with pytest.raises(type(errors[place])):
        await knowledge.reload()
    assert knowledge.current is before


class GatedSource(ListSource):
    """Counts how many read at the same time, and lets them go one `gate` at a time."""

    def __init__(self, *entries: Entry) -> None:
        super().__init__(*entries)
        self.reading = self.most = 0

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        self.reading += 1
        self.most = max(self.most, self.reading)
        await asyncio.sleep(0)
        self.reading -= 1
        return await super().read()


async def test_reloads_come_one_at_a_time() -> None:
    source = GatedSource(COST)
    knowledge = Knowledge(source, TableEmbedder(), MemoryStore(), FrozenClock())
    results = await asyncio.gather(*(knowledge.reload() for _ in range(3)))
    assert source.most == 1
    assert [result.added for result in results] == [1, 0, 0]


entries = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(str),
        question=st.text(min_size=1, max_size=20),
        answer=st.text(max_size=20),
        alternates=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    ),
    max_size=5,
    unique_by=lambda entry: entry.id,
)


@given(entries)
def test_reloading_the_same_files_changes_nothing(faq: list[Entry]) -> None:
    async def reload_twice() -> None:
        knowledge, *_ = build(*faq)
        first, second = await knowledge.reload(), await knowledge.reload()
        assert first.added == len(faq)
        assert counts(second) == (0, 0, 0, len(faq), 0)
        assert knowledge.current.faq_of(None).entries == tuple(faq)

    asyncio.run(reload_twice())
