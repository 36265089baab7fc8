import json

import pytest

from bot.core.types import Link
from bot.faqfiles.formats import Format
from tests.faqfiles.formats.helpers import notes_of, only, pairs, problem_of, read

BASIC = (
    "How many clinics are free?, 13, https://clinics.example.org/faq.csv\n"
    'Which ones?, "The first, the second", \n'
    "Really free?, Yes.\n"
)


def test_the_basic_form_has_no_header() -> None:
    imported = read(BASIC, "faq.csv")
    assert imported.format is Format.KENDRA
    assert pairs(imported) == [
        ("How many clinics are free?", "13"),
        ("Which ones?", "The first, the second"),
        ("Really free?", "Yes."),
    ]
    assert imported.entries[0].links == (Link("clinics.example.org", "https://clinics.example.org/faq.csv"),)
    assert imported.entries[1].links == ()


@pytest.mark.parametrize(
    "text", ["Free clinics,13\nOthers?,7\n", "How many?,13,nowhere\n", "How many?,13,https://a.org,x\n", "How many?,\n"]
)
def test_what_looks_like_something_else_is_read_when_it_is_named(text: str) -> None:
    assert "has no columns 'question' and 'answer'" in problem_of(text, "faq.csv")
    if text.startswith("Free"):
        assert read(text, "faq.csv", "kendra").entries[0].question == "Free clinics"


def test_the_custom_form_has_attributes() -> None:
    text = (
        "_question, _answer, _source_uri, _category, _last_updated_at, department, size\n"
        f"How many?, 13, https://a.example.org/x, Clinics, 2012-03-25T12:30:10+01:00, HR, {'x' * 60}\n"
        "Which?, All, , , , Finance,\n"
    )
    imported = read(text, "faq.csv")
    first, second = imported.entries
    assert first.tags == ("Clinics", "department:HR")
    assert first.links == (Link("a.example.org", "https://a.example.org/x"),)
    assert (second.tags, second.links) == (("department:Finance",), ())
    assert notes_of(imported) == [
        "The attributes that no entry has were left out: _last_updated_at.",
        "1 attribute is too long for a tag and was left out.",
    ]


def test_what_was_for_some_people_is_not_shown_to_all() -> None:
    text = '_question,_answer,_acl_group_allow\nHow many?,13,"staff,board"\nWhich?,All,\n'
    imported = read(text, "faq.csv")
    assert [entry.enabled for entry in imported.entries] == [False, True]
    assert "1 entry was for some people only; it is not enabled, as all would see it here." in notes_of(imported)


def test_json() -> None:
    document = {
        "SchemaVersion": 1,
        "FaqDocuments": [
            {"Question": "How many?", "Answer": "13"},
            {
                "Question": "Which?",
                "Answer": "All",
                "Attributes": {
                    "_source_uri": "https://a.example.org",
                    "_category": "Clinics",
                    "towns": ["Here", "There"],
                    "rank": 3,
                    "none": None,
                    "nothing": [],
                },
                "AccessControlList": [{"Name": "Admin", "Type": "GROUP", "Access": "ALLOW"}],
            },
            {"Question": "Who?", "Answer": "You", "Attributes": {"_acl_user_deny": "me"}},
        ],
    }
    imported = read(json.dumps(document), "faq.json")
    first, second, third = imported.entries
    assert (imported.format, first.enabled, second.enabled, third.enabled) == (Format.KENDRA, True, False, False)
    assert second.tags == ("Clinics", "towns:Here", "towns:There", "rank:3")
    assert second.links == (Link("a.example.org", "https://a.example.org"),)


def test_places_are_paths() -> None:
    text = json.dumps({"FaqDocuments": [{"Question": "How?", "Answer": 5}]})
    assert problem_of(text, "faq.json").startswith("faq.json: FaqDocuments[1]: answer should be a text")
    text = json.dumps({"FaqDocuments": [{"Question": "How?", "Answer": "a"}, {"Question": "how", "Answer": "b"}]})
    assert "entry 'how' at FaqDocuments[1]; the bot" in problem_of(text, "faq.json")


def test_an_address_that_is_none_is_told() -> None:
    text = "_question,_answer,_source_uri\nHow?,So,somewhere\n"
    assert problem_of(text, "faq.csv").startswith("faq.csv:2: links[1].url: should be an address")
    assert only(read(text.replace("somewhere", "http://a.org"), "faq.csv")).links == (Link("a.org", "http://a.org"),)


def test_a_table_of_which_nothing_can_be_read_says_why_and_no_more() -> None:
    problem = problem_of('"', "a.csv", "kendra")
    assert problem == ("a.csv:1: a quotation mark opens a text here, and none closes it; add it, or remove this one")
