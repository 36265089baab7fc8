"""What holds for every test."""

import os

# Read when numpy and torch are imported, here and in the processes that tests start. More threads than cores that are
# free spend their time waiting for each other: on two busy cores, embedding the shipped FAQ takes five times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from tests.discordspec.openapi import OPENAPI_MISSING, openapi_path

# The model comes from its package; nothing may be fetched while testing.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if openapi_path() is None:
        terminalreporter.write_line(
            f"REST exchanges were NOT checked against Discord's own document: this {OPENAPI_MISSING}", yellow=True
        )
