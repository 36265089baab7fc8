import struct
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import InvalidInputError
from bot.core.evaluation import Prediction
from bot.plots import DPI, INCHES, plot_evaluation

RIGHT = Prediction("a", "a", 0.9, answered=True, rank=0)
WRONG = Prediction("a", "b", 0.4, answered=False, rank=1)
OUT_OF_SCOPE = Prediction(None, "a", 0.2, answered=False)


def size_of(png: Path) -> tuple[int, int]:
    """Width and height, from the chunk that every PNG begins with."""
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert head[12:16] == b"IHDR"
    width, height = struct.unpack(">II", head[16:])
    return width, height


@pytest.mark.parametrize(
    "predictions",
    [
        pytest.param([RIGHT, WRONG, OUT_OF_SCOPE], id="a bit of everything"),
        pytest.param([WRONG, OUT_OF_SCOPE], id="nothing answered, nothing right"),
        pytest.param([RIGHT, WRONG], id="only in scope"),
        pytest.param([RIGHT], id="one query"),
        pytest.param([Prediction("a", None, 0.0, answered=False)], id="nothing found"),
        pytest.param([Prediction("a", "a", number / 99, answered=number > 50) for number in range(100)], id="many"),
    ],
)
def test_whatever_was_predicted_gives_a_picture_of_one_size(predictions: list[Prediction], tmp_path: Path) -> None:
    target = tmp_path / "evaluation.png"
    plot_evaluation(predictions, target, title="A title")
    assert size_of(target) == (round(INCHES[0] * DPI), round(INCHES[1] * DPI))


@pytest.mark.parametrize("title", ["", "costs $5 or $x_{$", "long " * 100])
def test_any_title_is_drawn_as_it_is(title: str, tmp_path: Path) -> None:
    plot_evaluation([RIGHT], tmp_path / "evaluation.png", title=title)
    size_of(tmp_path / "evaluation.png")


def test_another_run_draws_the_same_picture(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        plot_evaluation([RIGHT, WRONG, OUT_OF_SCOPE], tmp_path / name, title="T")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.parametrize("name", ["missing/evaluation.png", ".", "nul\0.png"])
def test_a_file_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be written"):
        plot_evaluation([RIGHT], tmp_path / name, title="T")


def test_nothing_to_draw_leaves_the_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "evaluation.png"
    target.write_text("as it was", encoding="utf-8")
    with pytest.raises(ValueError, match="no predictions"):
        plot_evaluation([], target, title="T")
    assert target.read_text(encoding="utf-8") == "as it was"


def test_the_library_is_loaded_only_to_draw() -> None:
    program = "import sys, bot.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2]).returncode == 0  # noqa: S603 - our own interpreter
