import json

import pytest

from tests.faqfiles.formats.helpers import notes_of, only, problem_of, problems_of, read


def entry(**keys: object) -> dict[str, object]:
    return {"question": "How?", "answer": "So.", **keys}


def as_json(*entries: object) -> str:
    return json.dumps(entries)


def table(**cells: str) -> str:
    cells = {"question": "How?", "answer": "So.", **cells}
    fields = (f'"{cell}"' for cell in cells.values())
    return f"{','.join(cells)}\n{','.join(fields)}\n"


def test_ids_are_kept_where_they_can_be_and_made_where_not() -> None:
    imported = read(
        as_json(
            entry(id="why", question="What?"),
            entry(id="../../etc", question="Why?", follow_ups=["why", "Some Thing"]),
            entry(id="Some Thing", question="Who?"),
            entry(question="Where?"),
        ),
        "a.json",
    )
    assert [one.id for one in imported.entries] == ["why", "why-2", "who", "where"]
    assert imported.entries[1].follow_ups == ("why", "who")
    assert [str(note) for note in imported.notes] == ["3 ids were made from the questions."]


def test_an_id_that_is_a_number_is_a_slip() -> None:
    assert "entries[1].id should be a text" in problem_of(as_json(entry(id=5)), "a.json")


def test_an_id_that_two_entries_have_is_told() -> None:
    text = "question,answer,id\nHow?,So,x\nWhy?,So,x\n"
    assert problem_of(text, "a.csv") == "a.csv:3: the id 'x' is taken at a.csv:2; choose another"


def test_phrasings_that_stand_twice_in_an_entry_are_left_out_once() -> None:
    imported = read(as_json(entry(alternates=["how", "In what way?", "HOW?!", "in what way", "???"])), "a.json")
    assert only(imported).alternates == ("In what way?", "???")
    assert notes_of(imported) == ["3 phrasings stood twice in their entries and were left out once."]


def test_what_stands_behind_one_that_was_left_out_keeps_its_line() -> None:
    text = "entries:\n- question: How?\n  answer: So.\n  alternates:\n  - how\n  - 5\n  - HOW\n  - ''\n"
    assert [problem.partition(" should")[0] for problem in problems_of(text, "a.yaml")] == [
        "a.yaml:6: entries[1].alternates[1]",
        "a.yaml:8: entries[1].alternates[2]",
    ]


def test_follow_ups_to_other_files_are_left_out() -> None:
    imported = read(as_json(entry(id="a", follow_ups=["b", "elsewhere"]), entry(id="b", question="Why?")), "a.json")
    assert imported.entries[0].follow_ups == ("b",)
    assert notes_of(imported) == ["1 follow-up was left out: there is no such entry in this file."]


@pytest.mark.parametrize("value", [5, "b", [5]])
def test_follow_ups_that_are_none_are_told(value: object) -> None:
    assert "entries[1].follow_ups" in problem_of(as_json(entry(follow_ups=value)), "a.json")


def test_a_question_of_another_program_may_be_longer() -> None:
    question = f"How {'very ' * 60}long?"
    imported = read(table(question=question), "a.csv")
    assert only(imported).question == f"How {'very ' * 49}very…"
    assert only(imported).alternates == (question,)
    assert notes_of(imported) == [
        "1 question has more than 256 characters: it was shortened, and is kept as another phrasing."
    ]
    assert only(read(table(question="x" * 300), "a.csv")).question == "x" * 255 + "…"
    assert problem_of(table(question="x" * 1001), "a.csv").startswith("a.csv:2: question should have at most 256")
    assert "at most 256 characters" in problem_of(as_json(entry(question=question)), "a.json")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"answer": "x" * 4097}, "a.csv:2: answer should have at most 4096 characters"),
        ({"answer": "```x"}, "a.csv:2: answer: opens a code block"),
        ({"question": "<@123>"}, "a.csv:2: question: has nothing to compare with"),
        ({"tags": "x" * 51}, "a.csv:2: tags[1] should have at most 50 characters"),
        ({"links": "[a](ftp://x)"}, "a.csv:2: links[1].url: should be an address"),
        ({"enabled": "maybe"}, "a.csv:2: enabled should be true or false, found 'maybe'"),
        ({"alternates": "\n".join(f"how {n}" for n in range(2001))}, "a.csv:2: alternates should have at most 2000"),
        ({"question": "How\x0b?"}, "a.csv:2: holds a control character or half of a character (U+000B); remove it"),
        ({"links": "[a\x07](https://x.org)"}, "(U+0007); remove it"),
    ],
)
def test_the_limits_are_those_of_our_files(cells: dict[str, str], words: str) -> None:
    assert words in problem_of(table(**cells), "a.csv")


def test_places_in_json_are_spelled_out() -> None:
    text = as_json(entry(), entry(question="how"))
    assert problem_of(text, "a.json").startswith(
        "a.json: the same phrasing belongs to entry 'how' at entries[1]; the bot could not tell them apart"
    )


def test_a_title_that_is_too_long_is_told_and_a_file_without_one_is_fine() -> None:
    assert "title should have at most 100" in problem_of(
        json.dumps({"title": "x" * 101, "entries": [entry()]}), "a.json"
    )
    assert read(json.dumps({"title": "T", "entries": [entry()]}), "a.json").title == "T"
    assert read(json.dumps({"entries": [entry()]}), "a.json").title is None
    assert read(as_json(entry()), "a.json").title is None


def test_a_language_is_told() -> None:
    text = json.dumps({"title": "T", "language": "de", "entries": [entry()]})
    assert notes_of(read(text, "a.json")) == ["The file's language (de) was left out."]
    assert "language: should be a language tag" in problem_of(text.replace('"de"', '"german!"'), "a.json")


def test_a_file_that_is_no_mapping_is_told() -> None:
    assert "the file should have keys below it" in problem_of("just a text", "a.yaml")
