import io
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread

from bot.cogs.admin.exchange import say_overlap_words
from bot.cogs.speech import speech_in
from bot.core.speech import LANGUAGES
from bot.core.types import Entry
from bot.matching import Confusable, Side
from bot.plots import OverlapWords, plot_overlap
from bot.plots import overlap as drawing
from bot.plots.overlap import _MARGIN as MARGIN
from bot.plots.overlap import HEIGHT, MOST_LABELS, MOST_LISTED, MOST_VALUES, WIDTH
from bot.services import Overlap
from tests.matching.made import clustered_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DISCORDS_LIMIT = 10 * 1024 * 1024
"""Bytes a file; Discord's documentation, "Uploading Files"."""


def made(ids: Sequence[str], pairs: int, seed: int = 0) -> Overlap:
    """An overlap of entries in groups of five, in which the first neighbours could be confused."""
    entries = tuple(Entry(name, "q?", "a") for name in ids)
    groups = [5] * (len(ids) // 5) + [len(ids) % 5] * (len(ids) % 5 > 0)
    rows = clustered_rows(groups, 16, 0.9, seed) if groups else np.zeros((0, 0), dtype=np.float32)
    similarities = rows @ rows.T
    found = [
        Confusable(Side(a, "one", (), 3), Side(b, "other", ("one",), 3), 0.8, risk=1 / (2 + at))
        for at, (a, b) in enumerate(pairwise(entries[: pairs + 1]))
    ]
    return Overlap(entries, similarities, similarities, tuple(found), asked=1)


def names(count: int, letters: int = 0) -> list[str]:
    return [f"entry-{number}{'-long' * letters}"[:70] for number in range(count)]


def pixels(png: bytes) -> Any:  # noqa: ANN401 - matplotlib has no types
    return imread(io.BytesIO(png))


CASES = [
    pytest.param(made(names(count, letters), pairs), id=f"{count} entries, {pairs} pairs, {letters} more syllables")
    for count in (1, 2, 5, MOST_VALUES, MOST_VALUES + 1, 53, MOST_LABELS, MOST_LABELS + 1, 200)
    for pairs, letters in ((0, 0), (MOST_LISTED, 0), (count, 15))
]


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list["Figure"]:
    """The figures that are drawn, as they were."""
    drawn = list["Figure"]()

    def keep(figure: "Figure") -> bytes:
        FigureCanvasAgg(figure).draw()
        drawn.append(figure)
        return b""

    monkeypatch.setattr(drawing, "to_png", keep)
    return drawn


@pytest.mark.parametrize("overlap", CASES[::3] + CASES[2::3])
def test_any_overlap_gives_a_picture_that_discord_takes(overlap: Overlap) -> None:
    png = plot_overlap(overlap, OverlapWords(title="A title"))
    assert len(png) < DISCORDS_LIMIT
    assert pixels(png).shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize("overlap", CASES)
def test_no_text_leaves_the_picture_or_covers_another(overlap: Overlap, figures: list["Figure"]) -> None:
    plot_overlap(overlap, OverlapWords(title="A title that says a lot " * 5))
    assert_tidy(figures)


@pytest.mark.parametrize("pairs", [0, 30])
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_texts_have_room(language: str, pairs: int, figures: list["Figure"]) -> None:
    plot_overlap(made(names(40), pairs), say_overlap_words(speech_in(language)))
    assert_tidy(figures)
    # Beside the list nothing is that could be covered, so its right margin has to be looked at by itself.
    right = max(text.get_window_extent().x1 for axes in figures[0].axes for text in axes.texts)
    assert right <= WIDTH - MARGIN / 2


def assert_tidy(figures: list["Figure"]) -> None:
    (figure,) = figures
    texts = [text for axes in figure.axes for text in axes.texts if text.get_text()] + figure.texts
    boxes = [text.get_window_extent() for text in texts]
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= WIDTH
        assert box.y1 <= HEIGHT
    # By a pixel or two the boxes of lines that are set closely do overlap; their letters do not.
    smaller = [(box.x0 + 2, box.y0 + 2, box.x1 - 2, box.y1 - 2) for box in boxes]
    for at, (left, bottom, right, top) in enumerate(smaller):
        for other_left, other_bottom, other_right, other_top in smaller[at + 1 :]:
            assert left >= other_right or other_left >= right or bottom >= other_top or other_bottom >= top


def labels(figure: "Figure") -> set[str]:
    return {text.get_text() for axes in figure.axes for text in axes.texts}


def test_all_entries_are_labelled_where_there_is_room(figures: list["Figure"]) -> None:
    plot_overlap(made(names(MOST_LABELS), 2), OverlapWords(title="T"))
    assert set(names(MOST_LABELS)) <= labels(figures[0])


def test_of_many_entries_those_are_labelled_that_could_be_confused(figures: list["Figure"]) -> None:
    plot_overlap(made(names(200), MOST_LISTED + 3), OverlapWords(title="T"))
    shown = labels(figures[0])
    assert {name for name in names(200) if name in shown} == set(names(MOST_LISTED + 1))
    assert "and 3 more" in shown


def test_values_stand_in_the_cells_of_few_entries_only(figures: list["Figure"]) -> None:
    few, more = made(names(MOST_VALUES), 0), made(names(MOST_VALUES + 1), 0)
    for overlap in (few, more):
        plot_overlap(overlap, OverlapWords(title="T"))
    values = {f"{value:.2f}" for value in few.similarities[np.triu_indices(MOST_VALUES, 1)]}
    assert values <= labels(figures[0])
    assert not values & labels(figures[1])
    assert "No two entries could be confused" in labels(figures[0])


@pytest.mark.parametrize("count", [5, 53, 200])
def test_every_pair_is_outlined_twice(count: int, figures: list["Figure"]) -> None:
    plot_overlap(made(names(count), 4), OverlapWords(title="T"))
    assert sum(len(axes.patches) for axes in figures[0].axes if axes.texts) == 2 * 4


def test_a_long_id_keeps_its_beginning_and_its_end(figures: list["Figure"]) -> None:
    plot_overlap(made([f"{'long-' * 13}{number}" for number in range(5)], 5), OverlapWords(title="T"))
    assert any(label.startswith("long-") and "…" in label and label.endswith("-4") for label in labels(figures[0]))


def test_another_run_draws_the_same_picture() -> None:
    overlap = made(names(7), 3)
    assert plot_overlap(overlap, OverlapWords(title="T")) == plot_overlap(overlap, OverlapWords(title="T"))


@pytest.mark.parametrize("title", ["", "costs $5 or $x_{$"])
def test_any_title_is_drawn_as_it_is(title: str, figures: list["Figure"]) -> None:
    plot_overlap(made(names(2), 0), OverlapWords(title=title))
    assert [text.get_text() for text in figures[0].texts] == [title]


def test_without_entries_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no entries"):
        plot_overlap(made([], 0), OverlapWords(title="T"))


@given(
    wanted=st.lists(st.floats(0, 1000), max_size=20).map(lambda heights: sorted(heights, reverse=True)),
    gap=st.floats(1, 40),
)
def test_labels_keep_their_distance_their_order_and_their_bounds(wanted: list[float], gap: float) -> None:
    placed = drawing._spread(wanted, gap, 0, 1000)
    assert len(placed) == len(wanted)
    for one, below in pairwise(placed):
        assert one - below >= gap - 1e-6
    for y in placed:
        assert -1e-6 <= y <= 1000 + 1e-6
    if all(one - below >= gap for one, below in pairwise(wanted)):
        assert placed == pytest.approx(wanted)


def test_the_library_is_loaded_only_to_draw() -> None:
    program = "import sys, bot.plots.overlap; sys.exit('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])  # noqa: S603 - our own interpreter
    assert done.returncode == 0
