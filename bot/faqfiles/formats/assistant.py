"""What the Assistant cog for Red-DiscordBot exports: a name and a text for each of its "embeddings".

Source: github.com/vertyco/vrt-cogs, assistant/commands/admin.py: `exportcsv` (columns name, text), `exportexcel` (the
sheet "embeddings": name, text, created, ai_created), `exportjson` (by name: text, embedding, model and more).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.speech import sentence
from .model import Draft, Format, Found
from .shapes import as_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...core.speech import Sentence
    from .tables import Record

COLUMNS = ("name", "text")


def is_assistant_export(value: Mapping[str, Any]) -> bool:
    """Return whether what a JSON file says is an export of the cog."""
    return bool(value) and all("text" in as_mapping(one) for one in value.values())


def read_assistant_document(value: Mapping[str, Mapping[str, Any]]) -> Found:
    """Return the entries of an export as JSON."""
    found = Found(Format.ASSISTANT)
    for number, (name, one) in enumerate(value.items(), start=1):
        raw: dict[str, object] = {"question": name, "answer": one["text"]}
        found.drafts.append(Draft(raw, label=sentence("embedding {number}", number=number)))
    if any("embedding" in one for one in value.values()):
        found.notes.append(
            sentence("The embeddings were left out: they belong to another model, and are made anew by the bot's own.")
        )
    found.notes.append(_titles())
    return found


def read_assistant_records(records: Sequence[Record]) -> tuple[list[Draft], list[Sentence]]:
    """Return the entries of an export as a table."""
    drafts = [
        Draft({"question": record.get("name"), "answer": record.get("text")}, record.line, labels=_labels(record))
        for record in records
    ]
    return drafts, [_titles()]


def _labels(record: Record) -> dict[str, Sentence]:
    keys = {"question": "name", "answer": "text"}
    return {key: record.labels[column] for key, column in keys.items() if column in record.labels}


def _titles() -> Sentence:
    return sentence("The names became the questions; where a name is none, write the question that people ask.")
