"""The one fixture of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.house import open_house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.sandbox.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house
