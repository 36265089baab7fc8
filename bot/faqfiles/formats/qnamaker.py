r"""What QnA Maker and its successor, custom question answering in Azure AI Language, export.

Sources: Microsoft's samples, github.com/Azure-Samples/cognitive-services-sample-data-files, qna-maker/knowledge-bases
(the columns of TSV and XLSX, a line break in an answer written as ``\n``, nothing in quotes); Microsoft's
documentation, "Importing from data sources" (metadata as ``key:value | key:value``), "QnADTO interface" (JSON of QnA
Maker) and the reference of azure-ai-language-questionanswering-authoring, `ImportQnaRecord` (JSON of its successor).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...core.errors import Problem
from ...core.speech import counted, labelled, sentence
from ...yamlfile import show
from ..schema import MAX_FOLLOW_UPS, MAX_TAG
from .model import Draft, Format, Found
from .shapes import as_list, as_mapping, is_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...core.speech import Sentence
    from .tables import Record

COLUMNS = ("question", "answer")
_OWN_METADATA = "system_metadata_"
"""Begins the keys under which the service keeps its own affairs, such as that a pair was edited by hand."""
_ESCAPED_BREAK = re.compile(r"(?:\\r)?\\n")
_EDITORIAL = frozenset({"", "editorial", "custom editorial"})
"""Sources that only say that somebody wrote the pair by hand."""


@dataclass(slots=True)
class _Pair:
    """A pair of questions and an answer, with what belongs to it.

    Attributes:
        draft: Where it stands.
        name: Its id in the service, as a text; empty if it has none.
        questions: The phrasings.
        answer: The answer.
        metadata: Names and values.
        prompts: What leads on from it: order and id.
        lost_prompts: How many lead to nothing that has an id.
        context_only: True if the service offered it only after another.
        suggestions: True if there are phrasings that the service suggests and nobody has accepted.
        source: Where the service found it.
    """

    draft: Draft
    name: str
    questions: list[str]
    answer: object
    metadata: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    prompts: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    lost_prompts: int = 0
    context_only: bool = False
    suggestions: bool = False
    source: str = ""


def find_pairs(value: object) -> list[object] | None:
    """Return the pairs of what a JSON file says, None if it is neither an export nor a response of the services."""
    if items := as_list(value):
        return items if all("questions" in as_mapping(item) for item in items) else None
    mapping = as_mapping(value)
    places = (mapping.get("qnaDocuments"), mapping.get("qnaList"), as_mapping(mapping.get("assets")).get("qnas"))
    return next((as_list(place) for place in (*places, mapping.get("value")) if is_list(place)), None)


def read_qna_document(items: Sequence[object]) -> Found:
    """Return the entries of an export as JSON; the items are what `find_pairs` found."""
    pairs = [_read_item(as_mapping(item), number) for number, item in enumerate(items, start=1)]
    return Found(Format.QNA_MAKER, *_finish(pairs))


def _read_item(item: dict[str, object], number: int) -> _Pair:
    dialog = as_mapping(item.get("dialog")) or as_mapping(item.get("context"))
    metadata = item.get("metadata")
    pair = _Pair(
        Draft({}, label=sentence("pair {number}", number=number)),
        name=_to_name(item.get("id")),
        questions=[question if isinstance(question, str) else "" for question in as_list(item.get("questions"))],
        answer=item.get("answer"),
        metadata=_read_metadata(metadata),
        context_only=dialog.get("isContextOnly") is True,
        suggestions=bool(item.get("activeLearningSuggestions")),
        source=_to_name(item.get("source")),
    )
    _add_prompts(pair, dialog.get("prompts"))
    return pair


def read_qna_records(records: Sequence[Record], name: str) -> tuple[list[Draft], list[Sentence], list[Problem]]:
    """Return the entries of an export as a table, where each phrasing has a row of its own."""
    pairs: dict[tuple[str, str], _Pair] = {}
    problems: list[Problem] = []
    for record in records:
        pair = _read_record(record, name, problems)
        # The simplest files have no ids; there the same answer means the same pair.
        key = ("id", pair.name) if pair.name else ("answer", str(pair.answer))
        first = pairs.setdefault(key, pair)
        if first is pair:
            continue
        if first.answer != pair.answer:
            fault = sentence(
                "QnaId {id} has another answer in line {line}; make them the same",
                id=show(pair.name),
                line=first.draft.line,
            )
            problems.append(Problem(name, record.line, fault))
        first.questions += pair.questions
        first.suggestions = first.suggestions or pair.suggestions
    drafts, notes = _finish(list(pairs.values()))
    return drafts, notes, problems


def _read_record(record: Record, name: str, problems: list[Problem]) -> _Pair:
    pair = _Pair(
        Draft({}, record.line, labels=record.labels),
        name=record.get("qnaid"),
        questions=[_unescape(record.get("question"))],
        answer=_unescape(record.get("answer")),
        context_only=record.get("iscontextonly").casefold() == "true",
        suggestions=record.get("suggestedquestions") not in {"", "[]"},
        source=record.get("source"),
    )
    metadata, prompts = record.get("metadata"), record.get("prompts")
    pair.metadata = _read_metadata(_read_json(metadata) if metadata.startswith("[") else metadata)
    found = _read_json(prompts or "[]")
    if not is_list(found):
        fault = sentence("the prompts are no JSON list; mend them as the service wrote them, or empty the cell")
        label = record.labels.get("prompts")
        problems.append(Problem(name, record.line, labelled(label, fault) if label else fault))
    _add_prompts(pair, found)
    return pair


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unescape(text: str) -> str:
    return _ESCAPED_BREAK.sub("\n", text).replace("\\t", "\t").strip()


def _to_name(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _read_metadata(value: object) -> list[tuple[str, str]]:
    """Return names and values of metadata, which is a text, a mapping, or a list of names and values."""
    if isinstance(value, str):
        parts = (part.partition(":") for part in value.split("|"))
        found = [(key.strip(), text.strip()) for key, _, text in parts]
    elif mapping := as_mapping(value):
        found = [(key.strip(), _to_name(text)) for key, text in mapping.items()]
    else:
        items = [as_mapping(item) for item in as_list(value)]
        found = [(_to_name(item.get("name")), _to_name(item.get("value"))) for item in items]
    return [(key, text) for key, text in found if key and not key.startswith(_OWN_METADATA)]


def _add_prompts(pair: _Pair, value: object) -> None:
    for item in as_list(value):
        # The older exports write DisplayOrder and QnaId, the newer ones displayOrder and qnaId.
        prompt = {key.casefold(): inner for key, inner in as_mapping(item).items()}
        order = prompt.get("displayorder")
        target = _to_name(prompt.get("qnaid"))
        if target:
            pair.prompts.append((order if isinstance(order, int | float) else 0, target))
        else:
            pair.lost_prompts += 1


def _finish(pairs: Sequence[_Pair]) -> tuple[list[Draft], list[Sentence]]:
    """Return the entries that pairs become, and what is to be told about all of them."""
    known = {pair.name for pair in pairs if pair.name}
    lost = sum(pair.lost_prompts for pair in pairs)
    long_tags = 0
    for pair in pairs:
        targets = list(dict.fromkeys(target for _, target in sorted(pair.prompts, key=lambda prompt: prompt[0])))
        kept = [target for target in targets if target in known and target != pair.name]
        lost += len(targets) - len(kept[:MAX_FOLLOW_UPS])
        tags = list(dict.fromkeys(f"{key}:{value}" if value else key for key, value in pair.metadata))
        long_tags += sum(len(tag) > MAX_TAG for tag in tags)
        question, *alternates = pair.questions or [""]
        pair.draft.raw = {
            "question": question,
            "alternates": alternates,
            "answer": pair.answer,
            "tags": [tag for tag in tags if len(tag) <= MAX_TAG],
            "follow_ups": kept[:MAX_FOLLOW_UPS],
        }
        pair.draft.name = pair.name
    return [pair.draft for pair in pairs], list(_tell(pairs, lost, long_tags))


def _tell(pairs: Sequence[_Pair], lost: int, long_tags: int) -> Iterable[Sentence]:
    if lost:
        yield counted(
            "{count} prompt was left out: it leads nowhere, to itself, or is one too many (at most {most}).",
            "{count} prompts were left out: they lead nowhere, to themselves, or are too many (at most {most}).",
            lost,
            most=MAX_FOLLOW_UPS,
        )
    if long_tags:
        yield counted(
            "{count} item of metadata is too long for a tag and was left out.",
            "{count} items of metadata are too long for tags and were left out.",
            long_tags,
        )
    if only := sum(pair.context_only for pair in pairs):
        yield counted(
            "{count} entry was offered only after another. Here it is found like every other.",
            "{count} entries were offered only after another. Here they are found like all others.",
            only,
        )
    if any(pair.suggestions for pair in pairs):
        yield sentence("Suggested phrasings that nobody had accepted were left out.")
    if any(pair.source.casefold() not in _EDITORIAL for pair in pairs):
        yield sentence("Where the answers came from (Source) was left out.")
