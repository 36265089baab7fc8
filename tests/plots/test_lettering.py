import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font

from bot.plots.lettering import ELLIPSIS, Lettering

SIZE = 25
LETTERING = Lettering()
BOLD = Lettering(bold=True)
# Letters, marks and signs that the font has and that it has not.
TEXTS = st.text() | st.text(
    alphabet="aW .-_…密码؟مשل\u0301\u0323\u20e3\U0001f525\u200d\ufe0f\u202e\n①ﬁ？$", max_size=80
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("How do I get in?", "How do I get in?"),
        ("  two\nlines\tand\u2003spaces ", "two lines and spaces"),
        ("我怎么重置密码？ help", "…? help"),
        ("help 重置, 密码", "help …"),
        ("我怎么重置密码？", "…"),
        ("ไม่สามารถเข้าสู่ระบบได้", "…"),
        ("\U0001f525 is it down\U0001f525?? \U0001f468\u200d\U0001f4bb", "is it down??"),
        ("\U0001f525", "…"),
        ("?!", "…"),
        ("", "…"),
        ("full-width？ ﬁne 𝓱𝓮𝓵𝓵𝓸", "full-width? ﬁne hello"),
        ("cafe\u0301", "café"),
        ("x\u0301\u0301\u0301\u0301\u0301", "x\u0301\u0301"),
        ("密\u0301", "…"),
        ("\u0301a", "a"),
        ("\u202edlrow\u0000 \ufeffhello", "dlrow hello"),
        ("كيف يمكنني؟", "كيف يمكنني؟"),
        ("איך נכנסים?", "איך נכנסים?"),
        ("costs $5 or $x_{$", "costs $5 or $x_{$"),
    ],
)
def test_what_the_font_lacks_is_replaced_or_left_out(text: str, shown: str) -> None:
    assert LETTERING.readable(text) == shown


@given(TEXTS)
def test_every_character_of_a_readable_text_is_in_the_font(text: str) -> None:
    for lettering in (LETTERING, BOLD):
        font = get_font(lettering._path)
        line = lettering.readable(text)
        assert line == line.strip() != ""
        for char in line:
            assert font.get_char_index(ord(char)) != 0
            assert unicodedata.category(char)[0] != "C"


@given(text=TEXTS.map(LETTERING.readable), room=st.integers(60, 400), most=st.integers(1, 3))
def test_lines_fit_and_lose_nothing_but_the_end(text: str, room: int, most: int) -> None:
    lines = LETTERING.wrap(text, SIZE, room, most)
    assert 1 <= len(lines) <= most
    for line in lines:
        assert LETTERING.width(line, SIZE) <= room
        assert line == line.strip()
    joined, whole = "".join(lines).replace(" ", ""), text.replace(" ", "")
    assert joined == whole or (joined.endswith(ELLIPSIS) and whole.startswith(joined.removesuffix(ELLIPSIS)))
    assert joined == whole or len(lines) == most


def test_lines_end_between_words_unless_a_word_is_very_long() -> None:
    assert LETTERING.wrap("one two three", SIZE, LETTERING.width("one two thr", SIZE), 2) == ["one two", "three"]
    room = LETTERING.width("it Donaudampf", SIZE)
    first, second = LETTERING.wrap("it Donaudampfschiff", SIZE, room, 2)
    assert first == "it Donaudampf"
    assert second == "schiff"


def test_a_mark_stays_with_its_letter() -> None:
    text = "x\u0323\u0307" * 40
    for room in range(60, 90):
        for line in LETTERING.wrap(text, SIZE, room, 3)[:-1]:
            assert line.endswith("x\u0323\u0307")


def test_letters_that_join_are_joined() -> None:
    word = "سلام"
    assert LETTERING.width(word, SIZE) < sum(LETTERING.width(char, SIZE) for char in word)


def test_texts_from_right_to_left_begin_at_the_right() -> None:
    figure = Figure(dpi=72, figsize=(1, 1))
    figure.text(0, 0.5, "שיי", fontproperties=LETTERING.at(SIZE))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    darkness = 255 - np.asarray(canvas.buffer_rgba())[:, :, 0].astype(int)
    columns = darkness.sum(axis=0)[: round(LETTERING.width("שיי", SIZE))]
    middle = len(columns) // 2
    assert columns[middle:].sum() > columns[:middle].sum() > 0
