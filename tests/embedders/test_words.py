from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.vocabulary import Vocabulary
from bot.embedders.words import RANKS_FILE, WORDS_FILE, read_words, write_words

words = st.lists(st.text(st.characters(categories=["L"]), max_size=6), max_size=30)


@given(words)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, given: list[str]) -> None:
    folder = tmp_path_factory.mktemp("words")
    write_words(folder, Vocabulary.of(given))
    assert [*read_words(folder)] == [*Vocabulary.of(given)]


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    write_words(tmp_path, Vocabulary.of(["house", "card"]))
    np.save(tmp_path / RANKS_FILE, np.zeros(3, dtype=np.uint32))
    with pytest.raises(ValueError, match="3 places for 2 words"):
        read_words(tmp_path)
    (tmp_path / WORDS_FILE).unlink()
    with pytest.raises(FileNotFoundError):
        read_words(tmp_path)
