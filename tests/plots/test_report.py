import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from bot.core.reports import Report, TopicKind
from bot.plots import ReportWords, plot_report
from bot.plots import report as drawing
from bot.plots.page import BACKGROUND, DARK, LIGHT, MUTED, WIDTH
from bot.plots.report import ANSWERED_COLOUR, KIND_COLOURS, MOST_SHOWN, tint
from tests.services.made_reports import made_report

if TYPE_CHECKING:
    from matplotlib.text import Text

LONG = (
    "Why is my order stuck since Tuesday, and why does nobody answer my mails about it?",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurf?",
    "我怎么重置密码？ I never get the mail",
    "كيف يمكنني إعادة تعيين كلمة المرور إذا لم تصل الرسالة إلى صندوق البريد الوارد؟",
    "Z\u0335\u0316\u034e\u0321\u0301\u0350a\u0336\u032b\u030blgo \u01db\u0302\u0302?",
    "costs $x_{$ a day",
)
GERMAN = ReportWords(
    title="Fragen, die immer wiederkehren – die Woche vom 14. bis 21. November",
    kinds={
        TopicKind.NO_ENTRY: "kein Eintrag vorhanden",
        TopicKind.MISSED_PHRASING: "Formulierung nicht erkannt",
        TopicKind.COLLIDING: "Einträge werden verwechselt",
        TopicKind.ASKED_AGAIN: "trotz Antwort erneut gefragt",
        TopicKind.ANSWERED: "zuverlässig beantwortet",
    },
    questions="Fragen",
    askers="Fragestellende",
    answered="davon beantwortet",
    more="und {count} weitere Themen: {questions} Fragen",
    nothing="Keine Frage kam mehr als einmal. Einen ruhigen Tag und eine schöne Woche wünscht der Bot!",
    date="{day}. {month}",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
)
ENDLESS = ReportWords(
    title="word " * 60,
    kinds=dict.fromkeys(TopicKind, "word" * 40),
    questions="questions" * 9,
    askers="askers" * 9,
    answered="answered" * 30,
    more="{count} " * 200,
    nothing="nothing " * 90,
)
SIZES = {0: [], 1: [7], 3: [64, 9, 2], 12: [*range(14, 2, -1)], 60: [*range(90, 30, -1)]}
DAYS = {
    1: [(24, 11)],
    7: [(9, 9), (4, 0), (0, 0), (31, 12), (8, 7), (1, 0), (12, 3)],
    31: [(38, 4), (0, 0), (7, 7)] * 10,
}
DAYS[31].append((1872, 1500))


def titles_of(report: Report, texts: Sequence[str] = LONG) -> dict[int, str]:
    return {topic.number: texts[topic.number % len(texts)] for topic in report.topics}


def pixels(png: bytes) -> Any:  # noqa: ANN401 - matplotlib has no types
    return imread(io.BytesIO(png))


class Drawn:
    """What was drawn, before it became a file."""

    def __init__(self, figure: Figure) -> None:
        FigureCanvasAgg(figure).draw()
        self.height = figure.bbox.height
        (axes,) = figure.axes
        self.texts: list[Text] = [*axes.texts]
        self.said = [text.get_text() for text in axes.texts]
        self.bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]

    def widths(self, colour: str) -> list[float]:
        return [bar.get_width() for bar in self.bars if to_hex(bar.get_facecolor()) == colour]

    def heights(self, colour: str) -> list[float]:
        return [bar.get_height() for bar in self.bars if to_hex(bar.get_facecolor()) == colour]


class Drawer:
    """Draws reports; keeps what was drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._figures = list[Figure]()
        monkeypatch.setattr(drawing, "to_png", lambda figure: self._figures.append(figure) or b"")

    def __call__(self, report: Report, titles: dict[int, str] | None = None, words: ReportWords | None = None) -> Drawn:
        plot_report(report, titles_of(report) if titles is None else titles, words)
        return Drawn(self._figures.pop())


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Drawer:
    return Drawer(monkeypatch)


@pytest.mark.parametrize(
    ("topics", "days", "words"),
    [
        *(pytest.param(topics, days, GERMAN, id=f"{topics} {days} German") for topics in SIZES for days in DAYS),
        *(pytest.param(topics, 7, None, id=f"{topics} 7 English") for topics in SIZES),
        *(pytest.param(topics, 31, ENDLESS, id=f"{topics} 31 endless") for topics in SIZES),
    ],
)
def test_no_text_leaves_the_picture_or_covers_another(
    topics: int, days: int, words: ReportWords | None, draw: Drawer
) -> None:
    drawn = draw(made_report(SIZES[topics], DAYS[days]), words=words)
    boxes = [text.get_window_extent() for text in drawn.texts]
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= WIDTH
        assert box.y1 <= drawn.height
    # By a pixel or two the boxes of lines that are set closely do overlap; their letters do not.
    smaller = [(box.x0 + 2, box.y0 + 2, box.x1 - 2, box.y1 - 2) for box in boxes]
    for at, (left, bottom, right, top) in enumerate(smaller):
        for other_left, other_bottom, other_right, other_top in smaller[at + 1 :]:
            assert left >= other_right or other_left >= right or bottom >= other_top or other_bottom >= top


@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 10**6), max_size=14),
    days=st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**5)).map(lambda pair: (max(pair), min(pair)))),
    texts=st.lists(st.text(), min_size=1),
    title=st.text(),
)
def test_any_report_gives_a_picture(
    sizes: list[int], days: list[tuple[int, int]], texts: list[str], title: str
) -> None:
    report = made_report([min(size, 200) for size in sizes], days)
    topics = tuple(replace(topic, askers=size) for topic, size in zip(report.topics, sizes, strict=True))
    picture = pixels(plot_report(replace(report, topics=topics), titles_of(report, texts), ReportWords(title=title)))
    assert picture.shape[1] == WIDTH


@pytest.mark.parametrize(("topics", "days"), [(0, 7), (1, 1), (3, 7), (60, 31)])
def test_discord_need_not_make_it_much_smaller(topics: int, days: int) -> None:
    # A desktop shows 550 by 350 pixels.
    height, width = pixels(plot_report(made_report(SIZES[topics], DAYS[days]), {})).shape[:2]
    assert width == WIDTH
    assert 200 <= height <= 0.75 * WIDTH


def test_another_run_draws_the_same_picture() -> None:
    report = made_report(SIZES[12], DAYS[7])
    assert plot_report(report, titles_of(report), GERMAN) == plot_report(report, titles_of(report), GERMAN)


def test_the_largest_topics_come_first_with_their_numbers_in_the_report(draw: Drawer) -> None:
    drawn = draw(made_report([3, 20, 3, 11]), {1: "Three?", 2: "Twenty?", 3: "Also three?", 4: "Eleven?"})
    shown = [text for text in drawn.said if text.endswith("?")]
    assert shown == ["Twenty?", "Eleven?", "Three?", "Also three?"]
    rows = {text.get_position()[1]: list[str]() for text in drawn.texts}
    for text in drawn.texts:
        rows[text.get_position()[1]].append(text.get_text())
    assert ["2", "20", "10", "Twenty?"] in rows.values()
    assert ["3", "3", "1", "Also three?"] in rows.values()


def test_bars_are_as_long_as_topics_are_large_and_show_their_kinds(draw: Drawer) -> None:
    drawn = draw(made_report([40, 20, 10, 8, 4]), {})
    kinds = [KIND_COLOURS[kind] for kind in TopicKind]
    lengths = [drawn.widths(tint(colour)) for colour in kinds]
    assert [len(length) for length in lengths] == [1] * 5
    assert [length / lengths[0][0] for (length,) in lengths] == pytest.approx([1, 0.5, 0.25, 0.2, 0.1])
    assert len({*kinds}) == len(TopicKind)
    # Badge, stripe and legend; green are the answered days too.
    assert [len(drawn.widths(colour)) for colour in kinds[:-1]] == [3] * 4


def test_the_legend_has_only_kinds_that_are_shown(draw: Drawer) -> None:
    said = draw(made_report([9, 5]), {}).said
    assert {"no entry", "missed phrasing"} <= {*said}
    assert not {"colliding", "asked again", "answered"} & {*said}


@pytest.mark.parametrize(
    ("sizes", "more"),
    [
        ([5] * MOST_SHOWN, None),
        ([5] * (MOST_SHOWN + 1), None),
        ([5] * MOST_SHOWN + [4, 3], "and 2 more: 7 questions"),
        ([2] * 50 + [5] * MOST_SHOWN, "and 50 more: 100 questions"),
    ],
)
def test_small_topics_are_summed_up(sizes: list[int], more: str | None, draw: Drawer) -> None:
    said = draw(made_report(sizes), {}).said
    assert [text for text in said if text.startswith("and ")] == ([more] if more else [])


def test_a_report_without_topics_says_so_kindly(draw: Drawer) -> None:
    drawn = draw(made_report([]))
    assert ReportWords().nothing in drawn.said
    assert "askers" not in drawn.said
    assert "questions: 63" in drawn.said


@pytest.mark.parametrize("topics", [1, 3])
def test_few_bars_are_no_giants(topics: int, draw: Drawer) -> None:
    drawn = draw(made_report([50] * topics), dict.fromkeys(range(9), "word " * 60))
    for kind in [*TopicKind][:topics]:
        assert drawn.heights(tint(KIND_COLOURS[kind])) == [pytest.approx(64)]
    assert max(draw(made_report([], [(5, 2)]), {}).widths(MUTED)) < WIDTH / 8


def test_questions_have_two_lines_if_there_are_few(draw: Drawer) -> None:
    text = "Why is my order stuck since Tuesday, and why does nobody answer my mails about that?"
    said = draw(made_report([5] * 3), {1: text}).said
    assert any(text.startswith(line) for line in said if line)
    assert any(text.endswith(line) for line in said if "mails" in line)
    (line,) = (line for line in draw(made_report([5] * 9), {1: text}).said if line.startswith("Why"))
    assert line.endswith("…")


def test_what_cannot_be_shown_is_an_ellipsis(draw: Drawer) -> None:
    said = draw(made_report([5, 4, 3]), {1: "密码", 2: "\U0001f525 down?"}).said
    assert said.count("…") == 2
    assert "down?" in said


def test_days_have_bars_of_all_and_of_answered_questions(draw: Drawer) -> None:
    drawn = draw(made_report([], [(40, 10), (0, 0), (20, 20)]))
    tall, *others = drawn.heights(MUTED)[1:]
    assert others == [pytest.approx(tall / 2)]
    assert drawn.heights(ANSWERED_COLOUR)[1:] == pytest.approx([tall / 4, 0, tall / 2])
    assert [text for text in drawn.said if text.isdigit()] == ["40", "0", "20"]
    assert {"questions: 60", "answered: 30"} <= {*drawn.said}


def test_days_are_named_by_weekday_and_date(draw: Drawer) -> None:
    said = draw(made_report([], [(1, 1)] * 7)).said
    assert said[-7:] == [
        f"{day} {number} Nov"
        for day, number in zip(["Sat", "Fri", "Thu", "Wed", "Tue", "Mon", "Sun"], range(21, 14, -1), strict=True)
    ]
    german = draw(made_report([], [(1, 1)] * 7), words=GERMAN).said
    assert german[-14:-10] == ["Samstag", "21. Nov.", "Freitag", "20. Nov."]


@pytest.mark.parametrize(("days", "step"), [(1, 1), (7, 1), (10, 1), (14, 2), (31, 7)])
def test_as_many_days_are_named_as_there_is_room_for(days: int, step: int, draw: Drawer) -> None:
    report = made_report([], [(1, 1)] * days)
    named = [text for text in draw(report).said if text.endswith(("Oct", "Nov"))]
    wanted = [day for day, _, _ in report.by_day][::-1][::step]
    assert [text.split()[-2] for text in named] == [str(day.day) for day in wanted]


def test_numbers_that_do_not_fit_leave_the_highest(draw: Drawer) -> None:
    said = draw(made_report([], [(1000 + day, 0) for day in range(31)])).said
    assert [text for text in said if text.isdigit()] == ["1030"]


def test_a_report_about_no_day_has_none(draw: Drawer) -> None:
    assert not [text for text in draw(made_report([3], [])).said if "answered" in text]


def test_a_year_can_be_drawn(draw: Drawer) -> None:
    report = made_report([], [(1, 0)] * 400)
    assert report.by_day[0][0] < date(2026, 1, 1)
    assert "21 Nov" in draw(report).said


def luminance(colour: str) -> float:
    """Of a colour, as the Web Content Accessibility Guidelines 2.2 define it ("relative luminance")."""
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("kind", TopicKind)
def test_everything_can_be_told_from_what_is_behind_it(kind: TopicKind) -> None:
    # 4.5 for texts, 3 for large texts and for graphics: the same guidelines, 1.4.3 and 1.4.11.
    colour = KIND_COLOURS[kind]
    assert contrast(LIGHT, tint(colour)) >= 4.5
    assert contrast(DARK, colour) >= 4.5
    assert contrast(colour, BACKGROUND) >= 3
    assert contrast(LIGHT, BACKGROUND) >= contrast(MUTED, BACKGROUND) >= 4.5


def test_the_library_is_loaded_only_to_draw() -> None:
    program = "import sys, bot.plots.report; sys.exit('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])  # noqa: S603 - our own interpreter
    assert done.returncode == 0
