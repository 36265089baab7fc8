"""What was fitted and measured at one start is neither fitted nor measured again at the next."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.matching import calibration, relevance
from bot.services import Fitter
from tests.fakes.embedder import HashEmbedder
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every FAQ that is measured."""
    times: list[int] = []
    collect = calibration.collect_samples

    def counting(*arguments, **options):  # noqa: ANN002, ANN003, ANN202
        times.append(len(times))
        return collect(*arguments, **options)

    monkeypatch.setattr(calibration, "collect_samples", counting)
    return times


async def test_a_head_that_was_kept_is_not_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    first, _ = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    monkeypatch.delattr(relevance, "fit_head")
    again, _ = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    query, text = (await HashEmbedder().embed_queries(["a question?"]))[0], "a question"
    assert first[None].matcher.head is not None
    assert again[None].matcher.rank(text, query, 3) == first[None].matcher.rank(text, query, 3)


async def test_an_faq_that_did_not_change_is_measured_once(measured: list[int]) -> None:
    store = MemoryStore()
    first, _ = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    again, embedded = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG, 7: BIG[:-1]})
    assert len(measured) == 2
    assert embedded == 0
    one, other = first[None].calibration.samples, again[None].calibration.samples
    assert one.held_out.tolist() == other.held_out.tolist()
    assert again[None].calibration.measured


async def test_what_is_damaged_is_measured_again(measured: list[int]) -> None:
    store = MemoryStore()
    await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    (name,) = store.kept
    store.kept[name] = b"damaged"
    await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    assert len(measured) == 2
    assert store.kept[name] != b"damaged"


async def test_without_a_cache_and_for_small_faqs_nothing_is_kept(measured: list[int]) -> None:
    store = MemoryStore()
    await Fitter(HashEmbedder(), CHATTER).fit({None: BIG})
    await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG[:1]})
    assert store.kept == {}
    assert len(measured) == 1


async def test_an_faq_that_did_not_change_is_not_embedded_again_whatever_became_of_its_texts() -> None:
    store, embedder = MemoryStore(), HashEmbedder()
    first, embedded = await Fitter(embedder, CHATTER, store).fit({None: BIG})
    assert embedded > 0
    store.embeddings.clear()
    embedder.error = EmbedderUnavailableError("not to be asked")
    again, embedded = await Fitter(embedder, CHATTER, store).fit({None: BIG})
    assert embedded == 0
    assert np.array_equal(first[None].matcher.embeddings, again[None].matcher.embeddings)
    assert again[None].calibration.measured


async def test_embeddings_of_another_number_of_texts_are_made_again() -> None:
    store = MemoryStore()
    first, _ = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    (name,) = store.matrices
    rows = store.matrices[name]
    store.matrices[name] = rows[:-1]
    again, _ = await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    assert np.array_equal(first[None].matcher.embeddings, again[None].matcher.embeddings)
    assert np.array_equal(store.matrices[name], rows)


async def test_one_changed_entry_is_all_that_is_embedded() -> None:
    store = MemoryStore()
    await Fitter(HashEmbedder(), CHATTER, store).fit({None: BIG})
    changed = replace(BIG[0], question="Something else altogether?")
    _, embedded = await Fitter(HashEmbedder(), CHATTER, store).fit({None: (changed, *BIG[1:])})
    assert embedded == 1
    assert len(store.matrices) == 2


@pytest.mark.parametrize("symmetric", [True, False])
async def test_a_trial_leaves_nothing_of_itself_until_it_is_put_into_service(symmetric: bool) -> None:  # noqa: FBT001
    store, embedder = MemoryStore(), HashEmbedder()
    embedder.is_symmetric = symmetric
    fitter = Fitter(embedder, CHATTER, store)
    trial = await fitter.try_out(BIG)
    assert trial.faq.calibration.measured
    assert (store.kept, store.matrices) == ({}, {})
    # Everyday chatter is nobody's.
    assert len(store.embeddings) == len(CHATTER)
    await fitter.keep(trial)
    embedder.error = EmbedderUnavailableError("not to be asked")
    again, embedded = await Fitter(embedder, CHATTER, store).fit({None: BIG})
    assert embedded == 0
    assert np.array_equal(again[None].matcher.embeddings, trial.faq.matcher.embeddings)
    # Its texts count as in use, however they were embedded.
    assert {key for _, key in store.embeddings} <= set(fitter.list_used(again.values()))
    # It is kept once, and what is kept already needs no keeping.
    store.kept.clear()
    await fitter.keep(trial)
    assert store.kept == {}


async def test_a_trial_of_what_was_kept_writes_nothing() -> None:
    store, embedder = MemoryStore(), HashEmbedder()
    await Fitter(embedder, CHATTER, store).fit({None: BIG})
    store.embeddings.clear()
    fitter = Fitter(embedder, CHATTER, store)
    matrices, kept = dict(store.matrices), dict(store.kept)
    await fitter.keep(await fitter.try_out(BIG))
    assert (store.embeddings, store.matrices, store.kept) == ({}, matrices, kept)
