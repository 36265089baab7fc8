import pytest

from bot.core.types import Link
from bot.faqfiles.formats.cells import read_lines, read_links, read_switch, read_words
from tests.faqfiles.formats.helpers import notes_of, only, problem_of, read


def test_lists_are_read_as_people_write_them() -> None:
    assert read_lines(" How?\r\n\nWhy, then? \n") == ["How?", "Why, then?"]
    assert read_lines("[solved] How?\nWhy?") == ["[solved] How?", "Why?"]
    assert read_lines("[1, 2]") == ["[1, 2]"]
    assert read_lines('["a\\nb", "c"]') == ["a\nb", "c"]
    assert read_words("a, b\nc,,") == ["a", "b", "c"]
    assert read_words("[" * 100_000) == ["[" * 100_000]


def test_links_are_read_as_people_write_them() -> None:
    assert read_links("[Home](https://a.org)\n https://b.org/x \n[c") == [
        ("Home", "https://a.org"),
        ("b.org", "https://b.org/x"),
        ("[c", "[c"),
    ]
    assert read_links("https://[x") == [("https://[x", "https://[x")]
    assert read_links('[["a", "b"], "c"]') == [('[["a", "b"], "c"]', '[["a", "b"], "c"]')]


@pytest.mark.parametrize(
    ("cell", "value"), [("", True), (" TRUE ", True), ("yes", True), ("0", False), ("False", False), ("x", "x")]
)
def test_switches(cell: str, value: object) -> None:
    assert read_switch(cell) == value


def test_a_table_may_have_all_columns_in_any_order_and_others() -> None:
    imported = read(
        "Answer;Question;Follow ups;Notes;ID;Tags;Links;Alternates;Enabled\n"
        'So.;How?;;internal;how;a, b;https://a.org/x;"how then\nin what way";no\n',
        "a.csv",
    )
    entry = only(imported)
    assert (entry.id, entry.alternates, entry.tags) == ("how", ("how then", "in what way"), ("a", "b"))
    assert entry.links == (Link("a.org", "https://a.org/x"),)
    assert not entry.enabled
    assert [str(note) for note in imported.notes] == [
        "The columns that no entry has were left out: notes.",
        "1 link without a label got the name of its site.",
    ]


def test_links_without_labels_are_told_in_a_table_of_known_columns_too() -> None:
    imported = read("question,answer,links\nHow?,So.,https://a.org\n", "a.csv")
    assert notes_of(imported) == ["1 link without a label got the name of its site."]


def test_a_column_that_is_there_twice_is_told() -> None:
    told = problem_of("question,answer,Answer,\nHow?,So,No\n", "a.csv")
    assert told == "a.csv:1: the column 'answer' is there 2 times; keep one"


def test_columns_without_a_name_are_not_looked_at() -> None:
    assert only(read(",question,answer,,\n0,How?,So.,,\n", "a.csv")).answer == "So."
