"""Markdown: a page of questions, as projects keep it in a FAQ.md.

A heading is a question, and what follows until the next heading of its level or above is the answer, in Markdown as it
stands there. A heading that only groups others becomes their tag; the title of the page is neither. In place of
headings there can be ``<summary>`` (with ``<details>`` around it), paragraphs that begin with a bold question, or with
``Q:``. Headings are found as CommonMark has them (https://spec.commonmark.org/0.31.2/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from ...core.speech import counted, sentence
from ...yamlfile import too_large
from ..schema import MAX_TAG
from .markup import asks, is_contents, plain_title, tidy_answer, without_details
from .model import Draft, Format, Found, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

MAX_MARKDOWN = 2**20
"""Bytes. The longest FAQ.md that we have seen has 200 kB, and nested lists of this size take ten seconds."""
_LOWEST = 7
"""The level of questions that are no headings: below all of those."""
_LINE_BREAK = re.compile(r"\r\n?|\n")
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)", re.DOTALL)
"""What site generators keep before the page. Source: Jekyll's documentation, "Front Matter"."""
_COMMENT = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)
_SUMMARY = re.compile(r"<summary\b[^<>]*>((?:(?!<summary).)*?)</summary\s*>", re.DOTALL | re.IGNORECASE)
"""One that is not closed ends at the next, or each would be searched to the end of the page."""
_BOLD_LINE = re.compile(r"(\*\*|__)(?P<text>.+)\1:?[ \t]*")
_MARKED_LINE = re.compile(r"(\*\*|__)?(?:Q|Question)[ \t]*\d*[ \t]*[:.)].*", re.IGNORECASE)
_FOREIGN_LINK = re.compile(r"(?<!!)\[[^\[\]]*\]\((?!https?://|mailto:|<https?://)[^()\s]+\)")
"""A link to another place on the page or in the repository, which leads nowhere in Discord."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """Something that may be a question.

    Attributes:
        level: 1 to 6 for headings, 7 for everything else.
        title: Its text without markup.
        question: True if it reads like a question.
        start: Its first line, from 0.
        end: The line below it.
        rest: What stands behind it in its last line, and belongs to the answer.
    """

    level: int
    title: str
    question: bool
    start: int
    end: int
    rest: str = ""


def read_markdown(text: str, name: str) -> Found:
    """Return the questions and answers of a page.

    Raises:
        FaqInvalidError: It is too large.
    """
    if len(text.encode("utf-8", "replace")) > MAX_MARKDOWN:
        raise invalid(name, too_large(MAX_MARKDOWN))
    text = _LINE_BREAK.sub("\n", text)
    if front := _FRONT_MATTER.match(text):
        text = "\n" * front[0].count("\n") + text[front.end() :]
    lines = text.split("\n")
    # Only where blocks begin and end is of interest, so nothing inside of them is parsed.
    tokens = MarkdownIt("commonmark").disable("inline").parse(text)
    _blank_comments(tokens, lines)
    page = _Page(lines, list(_find_headings(tokens, lines)))
    page.walk()
    return page.found


def _blank_comments(tokens: Sequence[Token], lines: list[str]) -> None:
    for token in tokens:
        if token.type == "html_block" and token.map and _COMMENT.fullmatch(token.content):
            start, end = token.map
            lines[start:end] = [""] * (end - start)


def _find_headings(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[_Heading]:
    for token, inner in zip(tokens, [*tokens[1:], None], strict=True):
        # What stands in a list or a quotation is part of an answer.
        if token.level or not token.map:
            continue
        start, end = token.map
        if token.type == "heading_open" and inner:
            title, question = plain_title(inner.content), asks(inner.content)
            if title:
                yield _Heading(int(token.tag[1]), title, question, start, end)
        elif token.type == "paragraph_open":
            line = lines[start].strip()
            bold = _BOLD_LINE.fullmatch(line)
            if _MARKED_LINE.fullmatch(line) or (bold and asks(bold["text"])):
                yield _Heading(_LOWEST, plain_title(line), question=True, start=start, end=start + 1)
        elif token.type == "html_block":
            yield from _find_summaries("\n".join(lines[start:end]), start)


def _find_summaries(block: str, start: int) -> Iterator[_Heading]:
    before = 0
    for found in _SUMMARY.finditer(block):
        opened = block.find("<details", before, found.start())
        first = start + block.count("\n", 0, found.start() if opened < 0 else opened)
        end = start + block.count("\n", 0, found.end()) + 1
        rest = block[found.end() :].partition("\n")[0]
        before = found.end()
        if title := plain_title(found[1]):
            yield _Heading(_LOWEST, title, question=True, start=first, end=end, rest=rest)


class _Page:
    """A page on its way to drafts."""

    def __init__(self, lines: Sequence[str], headings: Sequence[_Heading]) -> None:
        self.found = Found(Format.MARKDOWN)
        self._lines = lines
        self._headings = headings
        self._passed_over = 0

    def walk(self) -> None:
        """Make drafts of the questions, and notes of everything that is none."""
        headings = self._headings
        self._pass_over(self._text(0, headings[0].start if headings else len(self._lines)))
        first = 0
        if self._has_title():
            self.found.title = headings[0].title
            self._pass_over(self._text(headings[0].end, headings[1].start))
            first = 1
        self._walk(first, len(headings), ())
        if self._passed_over:
            self.found.notes.append(
                counted(
                    "{count} text that answers no question (an introduction, a list of contents) was left out.",
                    "{count} texts that answer no question (introductions, lists of contents) were left out.",
                    self._passed_over,
                )
            )
        answers = (str(draft.raw["answer"]) for draft in self.found.drafts)
        if broken := sum(_FOREIGN_LINK.search(answer) is not None for answer in answers):
            self.found.notes.append(
                counted(
                    "{count} answer has links to other places of its page or folder, which lead nowhere.",
                    "{count} answers have links to other places of their pages or folders, which lead nowhere.",
                    broken,
                )
            )
        if any(draft.raw["tags"] for draft in self.found.drafts):
            self.found.notes.append(sentence("The headings above the questions became tags."))

    def _has_title(self) -> bool:
        if len(self._headings) <= 1:
            return False
        title, *others = self._headings
        return not title.question and all(other.level > title.level for other in others)

    def _walk(self, first: int, end: int, tags: Sequence[str]) -> None:
        """Go through some of the headings.

        Args:
            first: The first one.
            end: The one behind the last one.
            tags: The headings above them.
        """
        at = first
        while at < end:
            heading = self._headings[at]
            after = next((n for n in range(at + 1, end) if self._headings[n].level <= heading.level), end)
            below = self._headings[at + 1 : after]
            introduction = heading.rest + self._text(heading.end, below[0].start) if below else ""
            if below and _groups(heading, introduction, below):
                self._pass_over(introduction)
                self._walk(at + 1, after, (*tags, _to_tag(heading.title)))
            else:
                self._add(heading, after, tags)
            at = after

    def _add(self, heading: _Heading, after: int, tags: Sequence[str]) -> None:
        end = self._headings[after].start if after < len(self._headings) else len(self._lines)
        answer = f"{heading.rest}\n{self._text(heading.end, end)}"
        if heading.level == _LOWEST:
            answer = without_details(answer)
        if not heading.question and is_contents(answer):
            self._passed_over += 1
            return
        raw: dict[str, object] = {
            "question": heading.title,
            "answer": tidy_answer(answer),
            "tags": list(dict.fromkeys(tags)),
        }
        line = heading.start + 1
        self.found.drafts.append(Draft(raw, line, lines={("answer",): min(heading.end + 1, len(self._lines))}))

    def _text(self, start: int, end: int) -> str:
        return "\n".join(self._lines[start:end])

    def _pass_over(self, text: str) -> None:
        self._passed_over += bool(tidy_answer(without_details(text)))


def _groups(heading: _Heading, introduction: str, below: Sequence[_Heading]) -> bool:
    """Return whether a heading only holds others together, or is a question whose answer has headings."""
    bare = not tidy_answer(without_details(introduction))
    questions = any(one.question for one in below)
    return (bare and questions) if heading.question else (bare or questions)


def _to_tag(title: str) -> str:
    return title if len(title) <= MAX_TAG else title[:MAX_TAG].rpartition(" ")[0] or title[:MAX_TAG]
