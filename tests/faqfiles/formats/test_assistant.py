import json

from bot.faqfiles.formats import Format
from tests.faqfiles.formats.helpers import notes_of, pairs, problem_of, read

TITLES = "The names became the questions; where a name is none, write the question that people ask."


def test_csv() -> None:
    imported = read('name,text\nrules,"Be nice,\nalways."\nHow to join?,Press the button.\n', "embeddings_export.csv")
    assert imported.format is Format.ASSISTANT
    assert pairs(imported) == [("rules", "Be nice,\nalways."), ("How to join?", "Press the button.")]
    assert notes_of(imported) == [TITLES]


def test_json_without_the_embeddings() -> None:
    one = {"text": "Be nice.", "embedding": [0.5, -1e-3], "ai_created": False, "model": "text-embedding-3-small"}
    imported = read(json.dumps({"rules": one}), "embeddings_export.json")
    assert (imported.format, pairs(imported)) == (Format.ASSISTANT, [("rules", "Be nice.")])
    assert notes_of(imported) == [
        "The embeddings were left out: they belong to another model, and are made anew by the bot's own.",
        TITLES,
    ]
    assert notes_of(read('{"rules": {"text": "Be nice."}}', "a.json")) == [TITLES]


def test_problems_name_the_place() -> None:
    assert problem_of("name,text\nrules,\n", "a.csv").startswith("a.csv:2: answer should not be empty")
    assert problem_of('{"rules": {"text": ""}}', "a.json").startswith("a.json: embedding 1: answer should not be empty")
