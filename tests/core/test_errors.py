from bot.core.errors import ConfigError, FaqInvalidError, FaqtotumError, Problem
from bot.core.speech import verbatim


def test_problems_are_told_in_the_order_of_their_places() -> None:
    error = FaqInvalidError(
        [
            Problem("b.yaml", 3, verbatim("third")),
            Problem("a.yaml", 10, verbatim("second")),
            Problem("a.yaml", 0, verbatim("first")),
        ]
    )
    assert str(error) == "a.yaml: first\na.yaml:10: second\nb.yaml:3: third"
    assert [str(problem.message) for problem in error.problems] == ["first", "second", "third"]


def test_one_handler_catches_them_all() -> None:
    assert issubclass(ConfigError, FaqtotumError)
    assert issubclass(FaqInvalidError, FaqtotumError)
