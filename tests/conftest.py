"""What holds for every test."""

import os

import pytest

from tests.discordspec.openapi import OPENAPI_MISSING, openapi_path

# The model comes from its package; nothing may be fetched while testing.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if openapi_path() is None:
        terminalreporter.write_line(
            f"REST exchanges were NOT checked against Discord's own document: this {OPENAPI_MISSING}", yellow=True
        )
