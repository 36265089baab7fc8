import csv
import math
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError, InvalidInputError
from bot.faqfiles import tables
from bot.faqfiles.tables import check_labels, read_phrasings, read_queries, write_predictions

STRAY_MARK = "is not valid CSV (',' expected after '\"'); inside a text in quotes, write each quotation mark twice"


def write(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems_of(path: Path, read: Callable[[Path], object] = read_phrasings) -> list[str]:
    """The problems, without the folder in front of the file."""
    with pytest.raises(FaqInvalidError) as caught:
        read(path)
    return [str(problem).replace(f"{path.parent}/", "") for problem in caught.value.problems]


def test_phrasings_are_read_in_their_order(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'entry,phrasing\nlost-card,I lost my card\nfees,"What does it cost,\nand when?"\nfees,Fees?\n'
    )
    assert read_phrasings(path) == [
        ("lost-card", "I lost my card"),
        ("fees", "What does it cost,\nand when?"),
        ("fees", "Fees?"),
    ]


def test_a_query_without_an_entry_is_out_of_scope(tmp_path: Path) -> None:
    path = write(tmp_path, "text,entry\nWho am I?,\nFees?,fees\nAnd now?,  \n")
    assert read_queries(path) == [("Who am I?", None), ("Fees?", "fees"), ("And now?", None)]


def test_other_columns_orders_and_line_ends_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffphrasing,note,entry\r\nI lost my card,,lost-card \r\n\r\nFees?,x,fees")
    assert read_phrasings(path) == [("lost-card", "I lost my card"), ("fees", "Fees?")]


def test_all_problems_are_told_at_once_with_the_line_where_the_row_begins(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'entry,phrasing\nfees,"two\nlines"\n,Who?\nfees, \n,\n\nfees\nfees,yes, please\n'
        'fees,"Say ""cheese"" now"\nfees,"Say "cheese" now"\nfees,"And no end\n',
    )
    assert problems_of(path) == [
        "t.csv:4: the entry is empty; fill it in, or remove the row",
        "t.csv:5: the phrasing is empty; fill it in, or remove the row",
        "t.csv:6: the entry is empty; fill it in, or remove the row",
        "t.csv:6: the phrasing is empty; fill it in, or remove the row",
        "t.csv:8: has only 1 field for 2 columns; add what is missing",
        "t.csv:9: has 3 fields for 2 columns; put a text with a comma in it into quotes",
        f"t.csv:11: {STRAY_MARK}",
        "t.csv:12: a quotation mark opens a text here, and none closes it; add it, or remove this one",
    ]


def test_an_empty_query_is_a_problem_and_an_empty_entry_is_none(tmp_path: Path) -> None:
    assert problems_of(write(tmp_path, "text,entry\n ,fees\nFees?,\n"), read_queries) == [
        "t.csv:2: the text is empty; fill it in, or remove the row"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["t.csv: is empty; its first line has to be: entry,phrasing"]),
        ("\n\n", ["t.csv: is empty; its first line has to be: entry,phrasing"]),
        ("entry,phrasing\n", ["t.csv: has no rows below its header; add some"]),
        (
            "\nentry,text\na,b\n",
            ["t.csv:2: there is no column 'phrasing' (found: 'entry', 'text'); the first line has to name it"],
        ),
        (
            "entry|phrasing\na|b\n",
            [
                f"t.csv:1: there is no column {name!r} (found: 'entry|phrasing'); the first line has to name it"
                for name in ("entry", "phrasing")
            ],
        ),
        ("entry,phrasing,entry\na,b,c\n", ["t.csv:1: the column 'entry' is there 2 times; keep one"]),
        (
            "entry,phrasing,entry,x,\n",
            ["t.csv:1: the column 'entry' is there 2 times; keep one"],
        ),
        (
            ",".join("abcdefghijklmnopqrstuvwxyz") + ",entry\n",
            [
                "t.csv:1: there is no column 'phrasing' (found: "
                + ", ".join(repr(name) for name in "abcdefghijklmnopqrst")
                + " and more); the first line has to name it"
            ],
        ),
        (
            '"entry"s,phrasing\na,b\n',
            [f"t.csv:1: {STRAY_MARK}"],
        ),
        (
            '"entry,phrasing\na,b\n',
            ["t.csv:1: a quotation mark opens a text here, and none closes it; add it, or remove this one"],
        ),
        (b"entry,phrasing\na,b\na,caf\xe9\n", ["t.csv:3: is not UTF-8 text; save it as CSV with the encoding UTF-8"]),
        (
            "entry,phrasing\na,b\n".encode("utf-16")[:-1],
            ["t.csv:2: is not UTF-16 text; save it as CSV with the encoding UTF-8"],
        ),
        ("entry,phrasing\na,b\n".encode("utf-32"), ["t.csv: is in UTF-32; save it as CSV with the encoding UTF-8"]),
    ],
)
def test_a_file_that_is_no_such_table_is_explained(content: str | bytes, expected: list[str], tmp_path: Path) -> None:
    assert problems_of(write(tmp_path, content)) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path, "entry\tphrasing\na\tÜber – 日本\n".encode(encoding))
    assert read_phrasings(path) == [("a", "Über – 日本")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("names", [("entry", "phrasing"), ("Entry ", "PHRASING")])
def test_spreadsheets_separate_columns_in_several_ways(
    names: tuple[str, str], mark: str, end: str, tmp_path: Path
) -> None:
    path = write(tmp_path, end.join([mark.join(names), mark.join(("a", '"b, c; d"')), ""]))
    assert read_phrasings(path) == [("a", "b, c; d")]


def test_a_text_beyond_all_measure_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path, f"entry,phrasing\na,{'b' * csv.field_size_limit()}\na,{'b' * 2 * csv.field_size_limit()}\n")
    (problem,) = problems_of(path)
    assert problem.startswith("t.csv:3: has a cell with more than 131,072 characters")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "no.csv") == ["no.csv: there is no such file; mend its name"]
    assert problems_of(tmp_path / "nul\0.csv") == ["nul\0.csv: cannot be read: embedded null byte"]
    (tmp_path / "folder").mkdir()
    assert problems_of(tmp_path / "folder") == ["folder: cannot be read: Is a directory"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 1 << 20)
    fits = "entry,phrasing\n" + "a,b\n" * 100
    path = write(tmp_path, fits + "\n" * ((1 << 20) - len(fits)))
    assert len(read_phrasings(path)) == 100
    path = write(tmp_path, fits + "\n" * ((1 << 20) - len(fits) + 1))
    assert problems_of(path) == ["t.csv: is larger than 1 MiB; leave some rows out"]


def test_labels_that_the_faq_does_not_have_are_told_once_each(tmp_path: Path) -> None:
    queries = read_queries(
        write(tmp_path, 'text,entry\nFees?,fees\n"Two\nlines",lost-crad\nWho?,\nWhy?,lost-crad\nHow?,zzz\n')
    )
    check_labels(queries, {"fees", "lost-crad", "zzz"})
    assert problems_of(tmp_path / "t.csv", lambda _: check_labels(queries, ["fees", "lost-card"])) == [
        "t.csv:3: the FAQ has no entry 'lost-crad' (in 2 rows); did you mean 'lost-card'?",
        "t.csv:7: the FAQ has no entry 'zzz'; mend it, or leave it empty if the FAQ does not answer this",
    ]


texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: bool(text.strip()))
words = st.text("abc-é,\"'", min_size=1)


@given(st.lists(st.tuples(texts, st.none() | words, st.none() | words, st.floats(allow_nan=False)), min_size=1))
def test_predictions_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None, str | None, float]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "predictions.csv"
    write_predictions(path, [(*row, "answer") for row in rows])
    with path.open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    back = [
        (row["text"], row["entry"] or None, row["predicted"] or None, float(row["confidence"]), row["verdict"])
        for row in read
    ]
    assert back == [(*row, "answer") for row in rows]
    # The file is a file of queries, too.
    assert read_queries(path) == [(text, entry) for text, entry, _, _ in rows]


def test_confidences_keep_all_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    write_predictions(
        path, [("t", "a", None, 0.1 + 0.2, "suggest"), ("u", None, "a", float(np.float32(0.1)), "answer")]
    )
    assert path.read_bytes() == (
        b"text,entry,predicted,confidence,verdict\r\n"
        b"t,a,,0.30000000000000004,suggest\r\n"
        b"u,,a,0.10000000149011612,answer\r\n"
    )


def test_writing_replaces_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target, link = write(tmp_path, "old"), tmp_path / "link.csv"
    link.symlink_to(target)
    write_predictions(link, [])
    assert target.read_bytes() == b"text,entry,predicted,confidence,verdict\r\n"
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, target]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o640])
def test_who_may_read_a_file_may_read_what_replaces_it_and_nobody_else(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, "old", "predictions.csv")
    path.chmod(mode)
    write_predictions(path, [])
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() != b"old"


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write(tmp_path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InvalidInputError, match="cannot be written: No space left on device; name a file"):
        write_predictions(target, [("t", "a", "a", 0.5, "answer")])
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["old"]


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_predictions(pipe, [("t", "a", "a", math.inf, "answer")])
        assert os.read(reader, 1000).endswith(b"t,a,a,inf,answer\r\n")
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["missing/p.csv", ".", "nul\0.csv", "circle"])
def test_a_place_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    path = tmp_path / name
    with pytest.raises(InvalidInputError) as caught:
        write_predictions(path, [])
    assert str(caught.value).startswith(f"{path}: cannot be written: ")
    assert [left.name for left in tmp_path.iterdir()] == ["circle"]
