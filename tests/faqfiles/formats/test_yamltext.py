import yaml

from bot.core.types import Entry, Link
from bot.faqfiles.formats import Format, write_faq
from bot.yamlfile import parse_document

FAQ = [
    Entry(
        "pay",
        "How do I pay?",
        "By card:\n\n- one\n    code\n- two  \n# three",
        ("payment", "no", "12:30", "a: b", "two\nlines"),
        ("money", "zwei Wörter"),
        (Link("Home", "https://a.org/x#y"),),
        ("who",),
    ),
    Entry("who", "Who?", "We.", tags=("a", "b-c"), enabled=False),
    Entry("123", "\u201cQuoted\u201d: yes?", "bell\u2028next", tags=("no",)),
]
WRITTEN = """title: "Ours: all of it"
entries:
  - id: pay
    question: How do I pay?
    alternates:
      - payment
      - "no"
      - "12:30"
      - "a: b"
      - |
        two
        lines
    answer: |
      By card:

      - one
          code
      - two  
      # three
    tags:
      - money
      - zwei Wörter
    links:
      - label: Home
        url: https://a.org/x#y
    follow_ups: [who]

  - id: who
    question: Who?
    answer: We.
    tags: [a, b-c]
    enabled: false

  - id: "123"
    question: "\u201cQuoted\u201d: yes?"
    answer: "bell\\u2028next"
    tags:
      - "no"
"""  # noqa: W291 - a space at a line's end is part of the answer


def test_it_looks_as_people_write_it() -> None:
    assert write_faq(FAQ, Format.YAML, title="Ours: all of it").decode() == WRITTEN


def test_other_readers_read_the_same() -> None:
    ours, problems = parse_document(WRITTEN, "a.yaml")
    assert not problems
    assert ours is not None
    assert yaml.safe_load(WRITTEN) == ours.value


def test_an_empty_faq_can_be_written() -> None:
    assert write_faq([], Format.YAML).decode() == "title: FAQ\nentries: []\n"
