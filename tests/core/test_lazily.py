from __future__ import annotations

from importlib import import_module

import pytest

PACKAGES = ["bot.embedders", "bot.faqfiles", "bot.matching", "bot.mining", "bot.services", "bot.yamlfile"]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_has_every_name_that_it_shows(name: str) -> None:
    package = import_module(name)
    for shown in package.__all__:
        found = getattr(package, shown)
        # Also where a module is called like what it is for.
        assert not isinstance(found, type(package)), shown
        assert vars(package)[shown] is found


@pytest.mark.parametrize("name", PACKAGES)
def test_what_a_package_does_not_have_is_an_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        import_module(name).nothing  # noqa: B018
