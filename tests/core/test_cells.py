import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cells import read_text, write_text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "'=1", "''@", "＝1"])
def test_what_would_be_a_formula_is_written_as_a_text(text: str) -> None:
    assert write_text(text) == f"'{text}"
    assert read_text(f"'{text}") == text


@pytest.mark.parametrize("text", ["'tis so", "''", "'", "", "a=b", "'a'"])
def test_other_apostrophes_stay(text: str) -> None:
    assert write_text(text) == text == read_text(text)


@given(st.text(alphabet="'=+-@\t\r\nab ＝"))
def test_a_cell_is_read_back_as_it_was_and_never_begins_a_formula(text: str) -> None:
    assert read_text(write_text(text)) == text
    assert not write_text(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))
