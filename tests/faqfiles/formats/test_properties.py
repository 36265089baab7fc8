"""What holds for every FAQ and every file."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError, Problem
from bot.core.speech import verbatim
from bot.core.text import clean, phrasing_key
from bot.core.types import Entry, Link
from bot.faqfiles.formats import WRITABLE, Format, read_faq, write_faq
from bot.faqfiles.schema import EntryModel, LinkModel
from bot.yamlfile import Misfit

# What a file cannot hold (control characters, halves of characters) is not in a valid entry either.
shown = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t'\"=+-@,;:#[]{}|>&*!%`\\ \u2028\ufeff")
texts = st.text(shown, min_size=1, max_size=60)


def is_phrasing(text: str) -> bool:
    return bool(text) and bool(clean(text))


phrasings = texts.map(str.strip).filter(is_phrasing)
words = texts.map(str.strip).filter(lambda text: 0 < len(text) <= 50)
urls = st.from_regex(r"https://[a-z]{1,8}\.org/[!-~]{0,20}", fullmatch=True)
ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True).filter(lambda text: len(text) <= 50)


def is_link(link: Link) -> bool:
    try:
        LinkModel(label=link.label, url=link.url)
    except Misfit:
        return False
    return True


entries = st.builds(
    Entry,
    id=ids | st.sampled_from(["no", "null", "1e3", "0", "123"]),
    question=phrasings,
    answer=phrasings.filter(lambda text: "```" not in text),
    alternates=st.lists(phrasings, max_size=3).map(tuple),
    tags=st.lists(words, max_size=3).map(tuple),
    links=st.lists(st.builds(Link, words, urls).filter(is_link), max_size=3).map(tuple),
    enabled=st.booleans(),
)


def model_of(entry: Entry) -> EntryModel:
    return EntryModel(
        id=entry.id,
        question=entry.question,
        alternates=entry.alternates,
        answer=entry.answer,
        tags=entry.tags,
        links=tuple(LinkModel(label=link.label, url=link.url) for link in entry.links),
        follow_ups=entry.follow_ups,
        enabled=entry.enabled,
    )


@st.composite
def faqs(draw: st.DrawFn) -> list[Entry]:
    found = draw(st.lists(entries, min_size=1, max_size=4, unique_by=lambda entry: entry.id))
    taken = set[str]()
    kept = list[Entry]()
    for entry in found:
        # No phrasing twice, whether in an entry or in two.
        free = list[str]()
        for phrasing in entry.phrasings:
            key = phrasing_key(phrasing) or clean(phrasing)
            if key not in taken:
                taken.add(key)
                free.append(phrasing)
        if free:
            kept.append(model_of(replace(entry, question=free[0], alternates=tuple(free[1:]))).to_core())
    enabled = [entry.id for entry in kept if entry.enabled]
    return [replace(entry, follow_ups=tuple(one for one in enabled if one != entry.id)) for entry in kept]


HARD = Entry(
    id="no",
    question="=1+1",
    answer="'@x\n\n  - a: b # c\n\ttab \nlast: line",
    alternates=("'=x", "-5", "[1]", '["a"]', "a\nb", "@\r\nx", "''+1", "a: b", "no", "# x", "é\u2028e", "\u0301x"),
    tags=("a, b", "c", "no", "[x]", '["y"]', "=1"),
    links=(Link("a](b) [c", "https://example.org/)"), Link("a\nb", "https://example.org"), Link("=x", "http://a:1/")),
    enabled=False,
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(faqs(), st.sampled_from(WRITABLE))
@example([HARD], Format.YAML)
@example([HARD], Format.JSON)
@example([HARD], Format.CSV)
@example([Entry("a", "Why?", "x", tags=("'t",)), Entry("b", "How?", "y", ("[a](b)",), follow_ups=("a",))], Format.CSV)
def test_what_is_written_is_read_back(faq: list[Entry], format_: Format) -> None:
    imported = read_faq(write_faq(faq, format_), f"faq.{format_}")
    assert list(imported.entries) == faq
    assert imported.format is format_
    assert imported.notes == ()


@settings(deadline=None)
@given(faqs(), st.sampled_from(WRITABLE))
def test_the_content_alone_says_what_it_is(faq: list[Entry], format_: Format) -> None:
    assert list(read_faq(write_faq(faq, format_), "attachment").entries) == faq


@settings(deadline=None)
@given(faqs())
def test_no_cell_is_a_formula(faq: list[Entry]) -> None:
    text = write_faq(faq, Format.CSV).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n"))]


@settings(deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(["a.yaml", "a.json", "a.csv", "a.tsv", "a.md", "a.xlsx", "a"]),
    st.sampled_from([None, *Format]),
)
@example(b'"', "a.csv", Format.KENDRA)
def test_whatever_comes_in_is_an_faq_or_a_list_of_problems(content: bytes, name: str, format_: Format | None) -> None:
    try:
        told = [Problem(name, 0, verbatim("")) for _ in read_faq(content, name, format=format_).entries]
    except FaqInvalidError as error:
        told = error.problems
    assert told
    assert all(problem.path == name and "\n" not in str(problem.message) for problem in told)


def test_what_can_only_be_read_is_not_written() -> None:
    with pytest.raises(ValueError, match="can be read only"):
        write_faq([], Format.KENDRA)
