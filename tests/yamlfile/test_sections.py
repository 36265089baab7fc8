import pickle

import pytest

from bot.yamlfile import Misfit, Section, key, rules


class Inner(Section):
    size: int = key(rules.whole(at_least=1, at_most=9))
    tags: tuple[str, ...] = key(rules.listed(rules.text()), default=())


class Outer(Section):
    inner: Inner | None = key(rules.optional(Inner.read), default=None)
    name: str = key(rules.text(at_least=1), default="x")


def test_a_section_has_an_attribute_for_each_key() -> None:
    outer = Outer.read({"inner": {"size": 3, "tags": ["a"]}})
    assert outer == Outer(inner=Inner(size=3, tags=("a",)))
    assert outer.inner is not None
    assert (outer.inner.size, outer.inner.tags, outer.name) == (3, ("a",), "x")
    assert Outer.key_names() == ("inner", "name")
    assert repr(outer) == "Outer(inner=Inner(size=3, tags=('a',)), name='x')"


def test_what_is_made_in_code_is_checked_too() -> None:
    with pytest.raises(Misfit, match="size should be at least 1, found 0"):
        Inner(size=0)
    with pytest.raises(Misfit, match="the key 'size' is missing; add it"):
        Inner.read({})
    with pytest.raises(Misfit, match="unknown key 'nam'; did you mean 'name'"):
        Outer.read({"nam": "y"})


def test_faults_are_told_in_the_order_of_the_class_and_unknown_keys_last() -> None:
    with pytest.raises(Misfit) as caught:
        Outer.read({"zzz": 1, "name": "", "inner": {"tags": 5}})
    assert [fault.location for fault in caught.value.faults] == [
        ("inner", "size"),
        ("inner", "tags"),
        ("name",),
        ("zzz",),
    ]
    assert [fault.absent for fault in caught.value.faults] == [True, False, False, False]


def test_it_cannot_be_changed_but_copied() -> None:
    inner = Inner(size=1)
    with pytest.raises(AttributeError, match="cannot be changed"):
        inner.size = 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError, match="cannot be changed"):
        del inner.size  # pyright: ignore[reportAttributeAccessIssue]
    copy = inner.replace(size=2)
    assert (inner.size, copy.size, copy.tags) == (1, 2, ())


def test_equal_sections_are_equal_keys_and_survive_pickling() -> None:
    one, same, other = Inner(size=1), Inner.read({"size": 1, "tags": []}), Inner(size=2)
    assert len({one, same, other}) == 2
    assert one != other
    assert one != Outer()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own


def test_as_a_mapping_it_can_be_read_again() -> None:
    outer = Outer(inner=Inner(size=3, tags=("a", "b")))
    assert outer.as_mapping() == {"inner": {"size": 3, "tags": ["a", "b"]}, "name": "x"}
    assert Outer.read(outer.as_mapping()) == outer
    assert Outer.read(outer) is outer
