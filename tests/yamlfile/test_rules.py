from collections.abc import Callable
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.speech import sentence
from bot.yamlfile import Misfit, UnfitError, rules


def told(rule: Callable[[object], object], value: object) -> list[str]:
    """Return what a rule has against a value, told of the place `x`."""
    with pytest.raises(Misfit) as caught:
        rule(value)
    return [str(fault.tell("x" + "".join(f".{step}" for step in fault.location))) for fault in caught.value.faults]


def refuse_b(text: str) -> None:
    if text == "b":
        raise UnfitError(sentence("is a b"))


@pytest.mark.parametrize(
    ("rule", "value", "meant"),
    [
        (rules.text(), "", ""),
        (rules.text(), "a\ud800", "a\ud800"),
        (rules.text(at_least=1, at_most=3, stripped=True), "  abc\n", "abc"),
        (rules.whole(at_least=1, at_most=3), 3, 3),
        (rules.number(above=0.0, at_most=50.0), 50, 50.0),
        (rules.number(at_least=0.0), 0, 0.0),
        (rules.one_of("a", "b"), "b", "b"),
        (rules.file_path, "a/b", Path("a/b")),
        (rules.file_path, Path("a"), Path("a")),
        (rules.optional(rules.text(at_least=1)), None, None),
        (rules.listed(rules.text(), at_least=1, at_most=2), ["a", "b"], ("a", "b")),
        (rules.collected(rules.text()), frozenset({"a"}), ("a",)),
        (rules.mapping(rules.text(), rules.true_or_false), {"a": True}, {"a": True}),
    ],
)
def test_what_fits_is_returned_as_what_it_means(rule: Callable[[object], object], value: object, meant: object) -> None:
    found = rule(value)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [
        (rules.text(), 5, "x should be a text (put it into quotes), found 5"),
        (rules.text(at_least=1, stripped=True), " \n", "x should not be empty, found ' \\n'"),
        (rules.text(at_most=2), "abc", "x should have at most 2 characters, found 'abc'"),
        (rules.text(at_most=9), "\ud800", r"x Input should be a valid string, unable to parse raw data as a unicode "),
        (rules.whole(at_least=1, at_most=3), True, "x should be a whole number, found true"),
        (rules.whole(at_least=1, at_most=3), 2.0, "x should be a whole number, found 2.0"),
        (rules.whole(at_least=1, at_most=3), 0, "x should be at least 1, found 0"),
        (rules.whole(at_least=1, at_most=3), 4, "x should be at most 3, found 4"),
        (rules.number(above=0.0, at_most=50.0), 0, "x should be above 0, found 0"),
        (rules.number(above=0.0, at_most=50.0), nan, "x should be at most 50.0, found nan"),
        (rules.number(at_least=0.0), inf, "x should be a finite number, found inf"),
        (rules.number(at_least=0.0), nan, "x should be a finite number, found nan"),
        (rules.number(at_least=0.0), 10**400, "x should be a number, found 1000"),
        (rules.number(at_least=0.0), False, "x should be a number, found false"),
        (rules.true_or_false, 1, "x should be true or false, found 1"),
        (rules.one_of("a", "b", "c"), "d", "x Input should be 'a', 'b' or 'c', found 'd'"),
        (rules.one_of("a", "b"), [], "x Input should be 'a' or 'b', found a list"),
        (rules.file_path, 5, "x should be the path of a file or folder, found 5"),
        (rules.listed(rules.text()), "ab", "x should be a list, found 'ab'"),
        (rules.listed(rules.text()), {"a"}, "x should be a list, found {'a'}"),
        (rules.listed(rules.text(), at_least=1), [], "x should have at least 1 in it, found a list"),
        (rules.collected(rules.text()), {"a": 1}, "x should be a list, found keys and values"),
        (rules.collected(rules.text()), "ab", "x should be a list, found 'ab'"),
        (rules.mapping(rules.text(), rules.text()), [], "x should have keys below it, found a list"),
    ],
)
def test_what_does_not_fit_is_told_once(rule: Callable[[object], object], value: object, message: str) -> None:
    [found] = told(rule, value)
    assert found.startswith(message)


def test_everything_that_is_wrong_is_told_with_its_place() -> None:
    assert told(rules.listed(rules.checked(rules.text(), refuse_b), at_most=3), ["a", "b", 5]) == [
        "x.1: is a b",
        "x.2 should be a text (put it into quotes), found 5",
    ]
    assert told(rules.mapping(rules.checked(rules.text(), refuse_b), rules.text()), {"b": 1, "c": 2}) == [
        "x.b: is a b",
        "x.b should be a text (put it into quotes), found 1",
        "x.c should be a text (put it into quotes), found 2",
    ]


def test_of_too_many_items_none_is_checked() -> None:
    def never(value: object) -> object:
        raise AssertionError(f"{value} was checked")

    assert told(rules.listed(never, at_most=1), [1, 2]) == ["x should have at most 1 items, found a list"]


@given(st.floats() | st.integers(), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_number_is_within_its_bounds_or_refused(value: float, first: float, second: float) -> None:
    lowest, highest = sorted((first, second))
    try:
        found = rules.number(at_least=lowest, at_most=highest)(value)
    except Misfit as misfit:
        assert not lowest <= value <= highest
        assert len(misfit.faults) == 1  # noqa: PT017
    else:
        assert lowest <= found <= highest
