import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font

from bot.plots import lettering
from bot.plots.lettering import ELLIPSIS, MAIN, Lettering

SIZE = 25
LETTERING = Lettering(others=())
BOLD = Lettering(bold=True, others=())
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
    for own in (LETTERING, BOLD):
        font = get_font(own._path)
        line = own.readable(text)
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


FAMILY = "Faqtotum Test Han"
HAN = "密码"


@pytest.fixture
def han(tmp_path: Path) -> Iterator[str]:
    """A font of two characters, and of a letter that is not for it to write, as if the machine had it."""
    pen = TTGlyphPen(None)
    for point in ((0, 0), (0, 1000), (1000, 1000), (1000, 0)):
        (pen.lineTo if point != (0, 0) else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", "one", "other", "r"]
    font = FontBuilder(1000)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(dict(zip(map(ord, f"{HAN}r"), names[1:], strict=True)))
    font.setupGlyf(dict.fromkeys(names, square))
    font.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "han.ttf")
    known = list(fontManager.ttflist)
    fontManager.addfont(tmp_path / "han.ttf")
    lettering.find_others.cache_clear()
    yield FAMILY
    fontManager.ttflist[:] = known
    lettering.find_others.cache_clear()


def count_dark(text: str, lettering: Lettering) -> int:
    """Return how much of a line of 40 pixels is dark, in pixels."""
    figure = Figure(dpi=72, figsize=(4, 2))
    figure.text(0, 0.5, text, fontproperties=lettering.at(40))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return int((255 - np.asarray(canvas.buffer_rgba())[:, :, 0].astype(int)).sum() / 255)


def test_what_the_machine_has_stands_in(han: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "OTHERS", ("No such font", han))
    assert lettering.find_others() == (han,)
    for bold in (False, True):
        own = Lettering(bold=bold)
        assert own.readable(f"reset {HAN}? 重") == f"reset {HAN}? …"
        # As wide as two squares, and as dark.
        assert own.width(HAN, 40) == pytest.approx(80, abs=1)
        assert count_dark(HAN, own) == pytest.approx(2 * 40 * 40, rel=0.05)
        # What the main font has looks as it does without the other.
        assert own.width("reset", 40) == Lettering(bold=bold, others=()).width("reset", 40)
        assert count_dark("reset", own) == count_dark("reset", Lettering(bold=bold, others=()))


def test_only_the_bundled_font_is_the_main_one() -> None:
    for own in (LETTERING, BOLD):
        assert own._fonts[0].family_name == MAIN
        assert "mpl-data" in str(own._path)
