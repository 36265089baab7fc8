import numpy as np
import pytest
from numpy.typing import ArrayLike

from bot.core.errors import EmbedderUnavailableError
from bot.embedders.checking import to_embeddings

GOOD = [[0.6, 0.8], [1.0, 0.0]]


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param(GOOD, id="lists"),
        pytest.param(np.array(GOOD), id="float64"),
        pytest.param(np.array(GOOD, dtype=np.float16), id="float16"),
        pytest.param(np.asfortranarray(GOOD), id="Fortran order"),
    ],
)
def test_good_ones_become_contiguous_float32(returned: ArrayLike) -> None:
    embeddings = to_embeddings(returned, 2, 2)
    assert embeddings.dtype == np.float32
    assert embeddings.flags.c_contiguous
    np.testing.assert_allclose(embeddings, GOOD, atol=1e-3)


def test_before_the_first_any_length_will_do() -> None:
    assert to_embeddings(GOOD, 2, 0).shape == (2, 2)


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        pytest.param(GOOD[0], "shape", id="flat"),
        pytest.param([GOOD], "shape", id="deep"),
        pytest.param(GOOD[:1], "shape", id="a row is missing"),
        pytest.param([[1.0], [1.0]], "shape", id="too short"),
        pytest.param([[], []], "shape", id="empty"),
        pytest.param([[0.6, 0.8], [np.nan, 0.0]], "not finite", id="NaN"),
        pytest.param([[0.6, 0.8], [np.inf, 0.0]], "not finite", id="infinite"),
        pytest.param([[0.6, 0.8], [0.0, 0.0]], "of length 0.0000", id="zero"),
        pytest.param([[0.6, 0.8], [1.01, 0.0]], "of length 1.0100", id="not normalised"),
        pytest.param([[0.6, 0.8], [1.0]], "list, which is no array", id="ragged"),
        pytest.param("text", "str, which is no array", id="text"),
    ],
)
def test_everything_else_is_refused(returned: ArrayLike, says: str) -> None:
    with pytest.raises(EmbedderUnavailableError, match=rf"^the model returned .*{says}"):
        to_embeddings(returned, 2, 2)
