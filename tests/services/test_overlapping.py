import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from bot.core.types import Embeddings, Entry
from bot.matching import CLOSE, Confusable, Side
from bot.services import Faq, Fitter, advise, find_overlap
from bot.services.faq import EMPTY_FAQ
from tests.fakes.embedder import HashEmbedder
from tests.services.faqs import BIG, CHATTER

CLOSE_PAIR = (
    Entry("reimbursement", "Can I be paid back?", "a", ("Who pays for lost parcels?",)),
    Entry("lost", "What about snow?", "a", ("Who pays for a lost parcel?",)),
)


def faq_of(*entries: Entry) -> Faq:
    return asyncio.run(Fitter(HashEmbedder(), CHATTER).fit({None: entries}))[0][None]


@pytest.mark.parametrize("entries", [BIG, BIG[::-1], (*BIG, *CLOSE_PAIR), BIG[:3], CLOSE_PAIR, BIG[:1], ()])
def test_entries_similarities_and_pairs_belong_together(entries: tuple[Entry, ...]) -> None:
    faq = faq_of(*entries)
    overlap = find_overlap(faq)
    assert sorted(entry.id for entry in overlap.entries) == sorted(entry.id for entry in entries)
    assert overlap.similarities.shape == overlap.questions.shape == (len(entries), len(entries))
    place = {entry.id: at for at, entry in enumerate(overlap.entries)}
    for pair in overlap.pairs:
        at = place[pair.a.entry.id], place[pair.b.entry.id]
        assert overlap.similarities[at] == pair.similarity
        assert overlap.questions[at] <= pair.similarity
    phrasings = sum(len(entry.phrasings) for entry in entries)
    assert overlap.asked <= phrasings
    assert (overlap.asked == phrasings) == (phrasings != 0 or not entries)


def test_what_lies_closest_stands_first_in_a_small_faq_too() -> None:
    for entries in (CLOSE_PAIR, (*BIG[:2], *CLOSE_PAIR), (*BIG[3:], *CLOSE_PAIR)):
        first = find_overlap(faq_of(*entries)).pairs[0]
        assert (first.a.entry.id, first.b.entry.id) == ("lost", "reimbursement")
        assert (first.a.phrasing, first.b.phrasing) == ("Who pays for a lost parcel?", "Who pays for lost parcels?")
        assert first.is_close


def test_a_calibrated_faq_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    big, small = faq_of(*BIG), faq_of(*BIG[:3])
    asked = list[int]()

    def count(_: object, queries: Embeddings) -> object:
        asked.append(len(queries))
        return big.calibration.samples.taken

    monkeypatch.setattr("bot.services.overlapping.hold_out", count)
    overlap = find_overlap(big)
    assert asked == []
    assert overlap.asked == len(np.unique(big.calibration.samples.taken.rows)) > 0
    monkeypatch.undo()
    assert find_overlap(small).asked == sum(len(entry.phrasings) for entry in BIG[:3])


def test_entries_of_one_phrasing_are_compared_but_cannot_be_asked() -> None:
    overlap = find_overlap(faq_of(Entry("q1", "Can I get a refund?", "a"), Entry("q2", "Can I get refunds?", "a")))
    assert overlap.asked == 0
    (pair,) = overlap.pairs
    assert (pair.a.asked, pair.b.asked) == (0, 0)


def test_nothing_overlaps_in_an_empty_faq() -> None:
    overlap = find_overlap(EMPTY_FAQ)
    assert (overlap.entries, overlap.pairs, overlap.asked) == ((), (), 0)
    assert overlap.similarities.shape == (0, 0)


def pair_of(similarity: float, astray_a: Sequence[str] = (), astray_b: Sequence[str] = ()) -> Confusable:
    a = Side(Entry("card", "My card?", "a"), "my {card}", tuple(astray_a), 3)
    b = Side(Entry("lost", "Lost it?", "a"), "lost card", tuple(astray_b), 1)
    return Confusable(a, b, similarity, risk=0.1)


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (
            pair_of(0.914),
            [
                "“card” and “lost” lie close (0.91): “my {card}” / “lost card”.",
                "Merge them, or make the phrasings differ.",
            ],
        ),
        (
            pair_of(CLOSE, ["one"]),
            [
                "“card” and “lost” lie close (0.75): “my {card}” / “lost card”.",
                "Without it in the FAQ, the bot would take 1 of 3 phrasings of “card” for “lost”: “one”.",
                "Merge them, or make the phrasings differ.",
            ],
        ),
        (
            pair_of(0.5, ["one", "two"]),
            [
                "Without them in the FAQ, the bot would take 2 of 3 phrasings of “card” for “lost”, such as “one”.",
                "Give “card” more phrasings of that kind.",
            ],
        ),
        (
            pair_of(0.5, [], ["one"]),
            [
                "Without it in the FAQ, the bot would take 1 of 1 phrasings of “lost” for “card”: “one”.",
                "Give “lost” more phrasings of that kind.",
            ],
        ),
        (
            pair_of(0.5, ["one", "two"], ["three"]),
            [
                "Without them in the FAQ, the bot would take 2 of 3 phrasings of “card” for “lost”, such as “one”.",
                "Without it in the FAQ, the bot would take 1 of 1 phrasings of “lost” for “card”: “three”.",
                "Give both more phrasings like those.",
            ],
        ),
    ],
)
def test_advice_says_why_and_what_to_do(pair: Confusable, told: list[str]) -> None:
    assert list(map(str, advise(pair))) == told
