"""What is not imported costs no start its time, and no bot its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HEAVY = (
    *("torch", "transformers", "sentence_transformers", "onnx", "scipy", "sklearn", "matplotlib", "PIL", "openpyxl"),
    *("markdown_it", "pygments", "polib", "prompt_toolkit", "unittest", "numpy.f2py", "rich.progress", "pydantic"),
)
"""What a bot that serves an FAQ that did not change has no use for."""
FOR_DISCORD = ("discord", "aiohttp", "bot.client", "bot.cogs")
FOR_REPORTS = ("bot.services.reporting", "bot.services.mining", "bot.services.previewing", "bot.core.reports")
FOR_FILES = ("bot.faqfiles.parsing", "bot.faqfiles.schema", "rapidfuzz", "rich")
NOW_AND_THEN = ("threadpoolctl", "difflib", "uuid", "secrets", "bot.embedders.reranker")
"""For who multiplies large matrices, mistypes, posts reports, starts for the first time, has a second model."""

TELL = "\nimport json, sys\nprint(json.dumps([*sys.modules]))"


def imported(script: str, *arguments: str, expected: int = 0) -> tuple[set[str], str]:
    """Run a script in a process of its own; return the modules that it imported and what else it printed."""
    command = [sys.executable, "-c", script + TELL, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(  # noqa: S603 - our own script
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == expected, done.stderr
    *printed, modules = done.stdout.splitlines()
    return set(json.loads(modules)), "\n".join(printed)


@pytest.mark.model
@pytest.mark.parametrize("options", [["--json"], []])
def test_a_question_in_a_terminal_imports_what_answers_it_and_no_more(
    config_of_before: Path, options: list[str]
) -> None:
    script = f"import sys; from bot.cli.main import main\nsys.argv[1:1] = {['ask', *options]}\nassert not main()"
    arguments = "--config", str(config_of_before), "how do i reset my password"
    imported(script, *arguments)
    modules, printed = imported(script, *arguments)
    assert json.loads(printed)["hits"] if options else "relevance  similarity" in printed
    assert {"onnxruntime", "bot.services.answering"} <= modules
    assert modules & {*HEAVY, *FOR_DISCORD, *FOR_REPORTS, *FOR_FILES, *NOW_AND_THEN} == set()


def test_the_bot_imports_nothing_that_it_only_needs_now_and_then() -> None:
    modules, _ = imported("import bot.cli.run, bot.cogs")
    assert {"discord", "bot.cogs.answers", "bot.client"} <= modules
    unused = {*HEAVY, "onnxruntime", "tokenizers", "bot.embedders.compiling", "bot.faqfiles.formats.workbook"}
    assert modules & unused == set()


def test_help_imports_next_to_nothing() -> None:
    modules, printed = imported("from bot.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass")
    assert "faqtotum" in printed
    assert modules & {*HEAVY, *FOR_DISCORD, "numpy", "pydantic", "asyncio", "yaml", "rich"} == set()
