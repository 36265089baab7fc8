"""FAQ files of Amazon Kendra.

Source: Amazon Kendra Developer Guide, "Adding frequently asked questions (FAQs) to an index": basic CSV (question,
answer, address, without a header), custom CSV (`_question`, `_answer`, attributes, `_acl_…`) and JSON (`FaqDocuments`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.speech import counted, sentence
from ..schema import MAX_TAG
from .cells import name_site
from .model import Draft, Format, Found, list_names
from .shapes import as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...core.speech import Sentence
    from .tables import Record, Row

COLUMNS = ("_question", "_answer")
BASIC_COLUMNS = ("_question", "_answer", "_source_uri")
_ADDRESS = "_source_uri"
_CATEGORY = "_category"
_QUESTION_MARKS = ("?", "\uff1f", "\u061f")
_ACCESS = ("_acl_user_allow", "_acl_user_deny", "_acl_group_allow", "_acl_group_deny")


def is_basic(rows: Sequence[Row]) -> bool:
    """Return whether rows look like a basic CSV file: a question, an answer and perhaps an address, and no header."""
    return bool(rows) and rows[0].cells[0].strip().endswith(_QUESTION_MARKS) and all(map(_is_basic, rows))


def _is_basic(row: Row) -> bool:
    question, answer, address, *more = (*(cell.strip() for cell in row.cells), "", "", "")
    return bool(question and answer) and (not address or address.startswith("http")) and not any(more)


class _Reader:
    """Gathers entries, and what is to be told about all of them."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._left_out: set[str] = set()
        self._long_tags = 0
        self._restricted = 0

    def add(
        self, draft: Draft, question: object, answer: object, attributes: Mapping[str, object], *, restricted: bool
    ) -> None:
        """Add an entry.

        Args:
            draft: Where it stands.
            question: Its question.
            answer: Its answer.
            attributes: Its attributes, Kendra's own and those of the user.
            restricted: True if not everybody may see it.
        """
        draft.raw.update(question=question, answer=answer, enabled=not restricted)
        address = attributes.get(_ADDRESS)
        if isinstance(address, str) and address.strip():
            draft.raw["links"] = [{"label": name_site(address.strip()), "url": address.strip()}]
        draft.raw["tags"] = list(self._tags(attributes))
        self._restricted += restricted
        self.drafts.append(draft)

    def _tags(self, attributes: Mapping[str, object]) -> Iterable[str]:
        for key, value in attributes.items():
            if key == _ADDRESS:
                continue
            if key.startswith("_") and key != _CATEGORY:
                self._left_out.add(key)
                continue
            for item in as_list(value) or [value]:
                text = "" if item in (None, []) else str(item).strip()
                tag = text if key == _CATEGORY else f"{key}:{text}"
                if len(tag) > MAX_TAG:
                    self._long_tags += 1
                elif text:
                    yield tag

    def notes(self) -> list[Sentence]:
        """Return what is to be told."""
        notes: list[Sentence] = []
        if self._left_out:
            names = list_names(self._left_out)
            notes.append(sentence("The attributes that no entry has were left out: {names}.", names=names))
        if self._long_tags:
            notes.append(
                counted(
                    "{count} attribute is too long for a tag and was left out.",
                    "{count} attributes are too long for tags and were left out.",
                    self._long_tags,
                )
            )
        if self._restricted:
            notes.append(
                counted(
                    "{count} entry was for some people only; it is not enabled, as all would see it here.",
                    "{count} entries were for some people only; they are not enabled, as all would see them here.",
                    self._restricted,
                )
            )
        return notes


def read_kendra_document(value: Mapping[str, Any]) -> Found:
    """Return the entries of a JSON file."""
    reader = _Reader()
    for number, one in enumerate(as_list(value["FaqDocuments"]), start=1):
        document = as_mapping(one)
        attributes = as_mapping(document.get("Attributes"))
        restricted = bool(document.get("AccessControlList")) or any(attributes.get(key) for key in _ACCESS)
        reader.add(
            Draft({}, label=f"FaqDocuments[{number}]"),
            document.get("Question"),
            document.get("Answer"),
            attributes,
            restricted=restricted,
        )
    return Found(Format.KENDRA, reader.drafts, reader.notes())


def read_kendra_records(records: Sequence[Record]) -> tuple[list[Draft], list[Sentence]]:
    """Return the entries of a table."""
    reader = _Reader()
    for record in records:
        attributes: dict[str, object] = {
            key: cell.strip() for key, cell in record.cells.items() if key not in COLUMNS and cell.strip()
        }
        reader.add(
            Draft({}, record.line, labels=_labels(record)),
            record.get("_question"),
            record.get("_answer"),
            attributes,
            restricted=any(key in attributes for key in _ACCESS),
        )
    return reader.drafts, reader.notes()


def _labels(record: Record) -> dict[str, Sentence]:
    keys = {"question": "_question", "answer": "_answer", "links": _ADDRESS}
    return {key: record.labels[column] for key, column in keys.items() if column in record.labels}
