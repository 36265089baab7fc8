import pytest

from bot.faqfiles.formats import Format
from bot.faqfiles.formats.markup import asks, plain_title, tidy_answer
from tests.faqfiles.formats.helpers import notes_of, only, pairs, problem_of, read

PAGE = """---
title: x
---
# Frequently Asked Questions

Welcome.

- [How do I pay?](#pay)
- [Why?](#why)

## Contents

- [Billing](#billing)
  - [How do I pay?](#pay)

## Billing

### How do I pay? {#pay}

By *card*:

```sh
# not a heading
pay
```

#### Abroad

By [transfer](docs/transfer.md).

[⬆ Back to top](#top)

---

### 2. **Why is it so dear?**
<!-- TODO: shorter -->
Because.<br>Really.

How to do this?
---------------
Like that.
"""


def test_a_page_with_a_title_sections_and_questions() -> None:
    imported = read(PAGE, "FAQ.md")
    pay, why, account = imported.entries
    assert (imported.format, imported.title) == (Format.MARKDOWN, "Frequently Asked Questions")
    assert (pay.question, pay.tags) == ("How do I pay?", ("Billing",))
    assert pay.answer == (
        "By *card*:\n\n```sh\n# not a heading\npay\n```\n\n#### Abroad\n\nBy [transfer](docs/transfer.md)."
    )
    assert (why.question, why.answer) == ("Why is it so dear?", "Because.\nReally.")
    assert (account.question, account.tags) == ("How to do this?", ())
    assert notes_of(imported) == [
        "2 texts that answer no question (introductions, lists of contents) were left out.",
        "1 answer has links to other places of its page or folder, which lead nowhere.",
        "The headings above the questions became tags.",
    ]


def test_problems_name_the_line_of_the_page() -> None:
    text = PAGE.replace("Because.<br>Really.", "")
    assert problem_of(text, "FAQ.md").startswith("FAQ.md:36: answer should not be empty")


def test_headings_of_one_level_are_all_questions() -> None:
    assert pairs(read("# Refunds\nTwo weeks.\n# Returns #\nFour weeks.", "a.md")) == [
        ("Refunds", "Two weeks."),
        ("Returns", "Four weeks."),
    ]
    assert pairs(read("Hello.\n# Refunds\nTwo weeks.", "a.md")) == [("Refunds", "Two weeks.")]


def test_a_question_may_have_parts() -> None:
    text = "## How do I install it?\n\n### On Linux\n\nSo.\n\n### On Windows\n\nSo.\n\n## Who?\n\nWe.\n"
    first, second = read(text, "a.md").entries
    assert first.answer == "### On Linux\n\nSo.\n\n### On Windows\n\nSo."
    assert second.answer == "We."


def test_a_section_may_have_an_introduction() -> None:
    text = "## Money\nAbout money.\n### Where is it?\nHere.\n## Refunds\nFirst this.\n### Exceptions\nNone.\n"
    imported = read(text, "a.md")
    assert pairs(imported) == [("Where is it?", "Here."), ("Refunds", "First this.\n### Exceptions\nNone.")]
    assert imported.entries[0].tags == ("Money",)


def test_a_heading_with_nothing_but_questions_below_is_a_group_even_if_it_asks() -> None:
    imported = read("# FAQ\n## What about money?\n### Where is it?\nHere.\n## Who?\nWe.\n", "a.md")
    assert [entry.question for entry in imported.entries] == ["Where is it?", "Who?"]


def test_details_and_summaries() -> None:
    text = (
        "# FAQ\n\n<details>\n<summary><b>What</b> is &lt;this&gt;?</summary>\n\nA *thing*.\n\n</details>\n\n"
        "<details><summary>Who?</summary> We.</details>\n"
        "<details>\n<summary>Where?\n</summary>\nHere.\n</details>\n"
    )
    assert pairs(read(text, "a.md")) == [("What is <this>?", "A *thing*."), ("Who?", "We."), ("Where?", "Here.")]


def test_summaries_in_an_answer_stay() -> None:
    text = "## How?\n\nSo.\n\n<details><summary>More</summary>\n\nOr so.\n\n</details>\n"
    assert "<details><summary>More</summary>" in only(read(text, "a.md")).answer


def test_bold_questions_and_questions_with_a_q() -> None:
    text = (
        "# FAQ\n\n## Money\n\n**Where is it?**\nHere.\n\n**Not a question**\n\n**Q: Whose?**\n\n**A:** Ours.\n\n"
        "Q2. How much\nA: Much.\n\n> Q: quoted?\n"
    )
    imported = read(text, "a.md")
    assert pairs(imported) == [
        ("Where is it?", "Here.\n\n**Not a question**"),
        ("Whose?", "Ours."),
        ("How much", "Much.\n\n> Q: quoted?"),
    ]
    assert {entry.tags for entry in imported.entries} == {("Money",)}


def test_a_long_heading_is_cut_to_a_tag() -> None:
    text = f"## {'Long ' * 15}\n\n### How?\n\nSo.\n\n## {'x' * 60}\n\n### Why?\n\nSo.\n"
    assert [entry.tags for entry in read(text, "a.md").entries] == [
        (" ".join(["Long"] * 10),),
        ("x" * 50,),
    ]


def test_a_page_without_questions_says_so() -> None:
    assert "has no question with an answer in it" in problem_of("Just text.", "a.md")
    assert "has no question with an answer in it" in problem_of("#\n\ntext", "a.md")


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("How?", "How?"),
        ("**How?**", "How?"),
        ("__How?__", "How?"),
        ("1.2. How?", "How?"),
        ("**3) How?**", "How?"),
        ("Q: How?", "How?"),
        ("**Q1:** How?", "**Q1:** How?"),
        ("[How?](#how)", "How?"),
        ("![Logo](x.png) How?", "Logo How?"),
        ('<a name="x"></a>How do I use <#123>?', "How do I use <#123>?"),
        ("What is `a_b`?", "What is `a_b`?"),
        ("2 questions", "2 questions"),
        ("5.", "5."),
    ],
)
def test_titles_lose_what_stands_around_them(title: str, plain: str) -> None:
    assert plain_title(title) == plain


@pytest.mark.parametrize(
    ("title", "question"), [("Money?", True), ("How to pay", True), ("Howto", False), ("お金？", True)]
)
def test_what_reads_like_a_question(title: str, *, question: bool) -> None:
    assert asks(title) is question


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("\n\ntext\n\n***\n", "text"),
        ("See:\n- [a](#a)", "See:\n- [a](#a)"),
        ("x\n\n[top](#top)\n___", "x"),
        ("---", ""),
        ("Answer: x", "x"),
        ("A cat", "A cat"),
        ("---\n[top](#top)\ntext", "text"),
    ],
)
def test_answers_lose_what_only_divides_the_page(text: str, tidy: str) -> None:
    assert tidy_answer(text) == tidy
