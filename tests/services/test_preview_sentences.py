import pytest

from bot.core.edits import ChangeKind
from bot.services import Impact, Near, Preview, Proposal
from tests.services.processes import GUILD

PROPOSAL = Proposal(GUILD, ChangeKind.EDIT, ())


@pytest.mark.parametrize(
    ("impact", "told"),
    [
        (Impact(0, {}, {}), ["No questions of the last 30 days are known to try it out on."]),
        (Impact(1, {}, {}), ["It changes the answer to none of the 1 questions of the last 30 days."]),
        (Impact(9, {}, {}, 1), ["1 other question is answered otherwise than until now."]),
        (
            Impact(9, {"a": 1, "b": 3, "c": 1, "d": 2, None: 1}, {}),
            [
                "Of 9 questions of the last 30 days it takes 8.",
                "3 of them from “b”.",
                "2 of them from “d”.",
                "1 of them from “a”.",
                "1 had no answer until now.",
            ],
        ),
        (
            Impact(9, {"a": 1}, {"b": 2}, 3),
            [
                "Of 9 questions of the last 30 days it takes 1.",
                "1 of them from “a”.",
                "2 questions that it answered go elsewhere.",
                "2 of them to “b”.",
                "3 other questions are answered otherwise than until now.",
            ],
        ),
    ],
)
def test_the_impact_is_said_in_sentences(impact: Impact, told: list[str]) -> None:
    assert list(map(str, Preview(PROPOSAL, (), (), impact).sentences)) == told


def test_collisions_are_said_before_repeats() -> None:
    near = Near("a", "x", "b", "y", 0.856)
    said = list(map(str, Preview(PROPOSAL, (near,), (near,), Impact(0, {}, {})).sentences))
    assert said[:2] == [
        "⚠️ “a” comes close to “b” of “y” (0.86): the bot may confuse the two.",
        "“a” says nearly the same as “b” (0.86), so it helps little.",
    ]
