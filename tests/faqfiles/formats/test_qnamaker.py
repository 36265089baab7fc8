import json

from bot.faqfiles.formats import Format
from tests.faqfiles.formats.helpers import notes_of, only, pairs, problem_of, problems_of, read

HEADER = "Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId\tSourceDisplayName"


def row(question: str, answer: str, name: object, **cells: str) -> str:
    fields = [
        question,
        answer,
        cells.get("source", "Editorial"),
        cells.get("metadata", ""),
        cells.get("suggested", "[]"),
        cells.get("only", "False"),
        cells.get("prompts", "[]"),
        str(name),
        "Editorial",
    ]
    return "\t".join(fields)


def export(*rows: str) -> str:
    return "\r\n".join([HEADER, *rows, ""])


def prompts(*targets: tuple[int, object]) -> str:
    return json.dumps(
        [{"DisplayOrder": order, "QnaId": name, "Qna": None, "DisplayText": "x"} for order, name in targets]
    )


def test_rows_with_one_id_are_one_entry() -> None:
    imported = read(
        export(
            row("How do I pay?", 'By card:\\n\\n1. "Pay"\\n2. Done', 7, metadata="area:money | vip:yes"),
            row("payment", 'By card:\\n\\n1. "Pay"\\n2. Done', 7, metadata="area:money | vip:yes"),
            row("Who?", "Us.", 8, metadata="system_metadata_qna_edited_manually:true"),
        ),
        "kb.tsv",
    )
    first, second = imported.entries
    assert imported.format is Format.QNA_MAKER
    assert (first.question, first.alternates) == ("How do I pay?", ("payment",))
    assert first.answer == 'By card:\n\n1. "Pay"\n2. Done'
    assert first.tags == ("area:money", "vip:yes")
    assert (second.tags, notes_of(imported)) == ((), [])


def test_prompts_become_follow_ups_in_their_order() -> None:
    imported = read(
        export(
            row("A?", "a", 1, prompts=prompts((2, 2), (1, 3), (0, 1), (3, 99), (4, 2))),
            row("B?", "b", 2, only="True"),
            row("C?", "c", 3, prompts=prompts(*((n, n) for n in (1, 2, 4, 5, 6, 7)))),
            *(row(f"Number {n}?", str(n), n) for n in (4, 5, 6, 7)),
        ),
        "kb.tsv",
    )
    assert imported.entries[0].follow_ups == ("c", "b")
    assert imported.entries[2].follow_ups == ("a", "b", "number-4", "number-5", "number-6")
    assert notes_of(imported) == [
        "3 prompts were left out: they lead nowhere, to themselves, or are too many (at most 5).",
        "1 entry was offered only after another. Here it is found like every other.",
    ]


def test_what_has_no_place_here_is_told() -> None:
    imported = read(
        export(row("A?", "a", 1, metadata=f"key:{'x' * 60}", suggested='[{"ClusterHead":"b"}]', source="x.pdf")),
        "kb.tsv",
    )
    assert notes_of(imported) == [
        "1 item of metadata is too long for a tag and was left out.",
        "Suggested phrasings that nobody had accepted were left out.",
        "Where the answers came from (Source) was left out.",
    ]


def test_one_id_with_two_answers_is_told() -> None:
    text = export(row("A?", "a", 1), row("B?", "b", 1))
    assert problem_of(text, "kb.tsv") == "kb.tsv:3: QnaId '1' has another answer in line 2; make them the same"


def test_prompts_that_are_none_are_told() -> None:
    text = export(row("A?", "a", 1, prompts="[{"))
    assert problem_of(text, "kb.tsv").startswith("kb.tsv:2: the prompts are no JSON list")


def test_a_spreadsheet_may_have_put_it_into_quotes() -> None:
    quoted = '"' + prompts((0, 2)).replace('"', '""') + '"'
    imported = read(export(row("A?", '"Say ""a"""', 1, prompts=quoted), row("B?", "b", 2)), "kb.tsv")
    assert imported.entries[0].answer == 'Say "a"'
    assert imported.entries[0].follow_ups == ("b",)


def test_the_simplest_files_have_no_ids() -> None:
    text = "Question\tAnswer\tSource\tMetadata\nA?\tYes.\tEditorial\tk:v\nOr A?\tYes.\tEditorial\tk:v\nB?\tNo.\t\t\n"
    first, second = read(text, "kb.tsv").entries
    assert (first.alternates, first.tags, second.question) == (("Or A?",), ("k:v",), "B?")
    assert pairs(read("Question\tAnswer\nA?\tx\\ny\n", "kb.tsv", "qna-maker")) == [("A?", "x\ny")]


def test_metadata_may_be_a_list() -> None:
    text = export(
        row("A?", "a", 1, metadata='[{"name": "k", "value": "v"}, {"name": "system_metadata_x", "value": "y"}]')
    )
    assert only(read(text, "kb.tsv")).tags == ("k:v",)


def test_json_of_qna_maker() -> None:
    document = {
        "qnaDocuments": [
            {
                "id": 1,
                "answer": "a",
                "source": "Custom Editorial",
                "questions": ["A?", "a or b"],
                "metadata": [{"name": "k", "value": "v"}],
                "context": {
                    "isContextOnly": False,
                    "prompts": [
                        {"displayOrder": 1, "qnaId": 2, "displayText": "B"},
                        {"displayOrder": 0, "qna": {"answer": "x"}, "displayText": "new"},
                    ],
                },
            },
            {"id": 2, "answer": "b", "questions": ["B?"], "metadata": []},
        ]
    }
    imported = read(json.dumps(document), "kb.json")
    first = imported.entries[0]
    assert (first.alternates, first.tags, first.follow_ups) == (("a or b",), ("k:v",), ("b",))
    assert notes_of(imported) == ["1 prompt was left out: it leads nowhere, to itself, or is one too many (at most 5)."]


def test_json_of_custom_question_answering() -> None:
    pair = {
        "id": 1,
        "answer": "a",
        "questions": ["A?"],
        "metadata": {"k": "v", "flag": ""},
        "dialog": {"isContextOnly": True, "prompts": []},
        "activeLearningSuggestions": [{"clusterHead": "x"}],
    }
    for document in ({"metadata": {}, "assets": {"qnas": [pair]}}, {"value": [pair]}, {"qnaList": [pair]}, [pair]):
        imported = read(json.dumps(document), "kb.json")
        assert only(imported).tags == ("k:v", "flag")
        assert notes_of(imported) == [
            "1 entry was offered only after another. Here it is found like every other.",
            "Suggested phrasings that nobody had accepted were left out.",
        ]


def test_json_that_is_not_as_it_should_be_is_told() -> None:
    document = {"qnaDocuments": [{"questions": [5], "answer": "a"}, {"questions": ["B?"]}]}
    first, second = problems_of(json.dumps(document), "kb.json")
    assert first.startswith("kb.json: pair 1: question should not be empty")
    assert second.startswith("kb.json: pair 2: ")
