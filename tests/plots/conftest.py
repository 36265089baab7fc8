"""Pictures that are the same on every machine."""

import pytest

from bot.plots import lettering


@pytest.fixture(autouse=True)
def only_the_bundled_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "OTHERS", ())
    lettering.find_others.cache_clear()
