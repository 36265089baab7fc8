"""``faqtotum evaluate``: how good the answers of an FAQ are, on questions of which somebody said what answers them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..app import build_embedder, build_reranker
from ..core.errors import InvalidInputError, Problem
from ..core.evaluation import evaluate, sample
from ..core.memory import peak_memory
from ..core.speech import verbatim
from ..core.text import phrasing_key
from ..core.types import Entry
from ..embedders import DEFAULT_MODEL
from ..faqfiles import FaqFiles, check_labels, check_place, read_phrasings, read_queries, write_predictions
from ..matching import ADDRESSED, OVERHEARD, Prior
from ..plots import plot_evaluation
from ..resources import read_chatter
from ..services import Fitter, Judged, judge
from . import evaluate_duplicates
from .common import embedding_progress, load_config, readable_name

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from ..config import Config
    from ..core.evaluation import Figures
    from ..services import Faq

SEED = 7
_MEBI = 1024 * 1024

_NAMES = {
    "top1": "top-1",
    "recall3": "recall@3",
    "auroc": "AUROC",
    "cov1": "cov@1",
    "cov2": "cov@2",
    "cov5": "cov@5",
    "cov10": "cov@10",
    "answered": "answered",
    "precision": "precision",
    "false_answers": "false answers",
    "coverage": "coverage",
    "ece": "ECE",
    "mcc": "MCC",
}
_MEANINGS = {
    "top1": "in-scope questions whose best entry is right",
    "recall3": "in-scope questions whose entry is among the first three",
    "auroc": "how well confidence tells in scope from out of scope",
    "cov1": "in-scope questions answered rightly with at most 1 % false answers, at the best threshold",
    "cov2": "the same at 2 %",
    "cov5": "the same at 5 %",
    "cov10": "the same at 10 %",
    "answered": "questions answered, as configured",
    "precision": "answers that are right",
    "false_answers": "of all questions",
    "coverage": "in-scope questions answered rightly",
    "ece": "expected calibration error",
    "mcc": "Matthews correlation of answering and being right, -1 to 1",
}


@dataclass(frozen=True, slots=True)
class _Result:
    """What one model came to."""

    model: str
    faq: Faq
    judged: list[Judged]
    figures: Figures
    limit: float
    prior: Prior
    embed_seconds: float
    texts: int


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    if str(arguments.faq) == evaluate_duplicates.WORD:
        return evaluate_duplicates.run(arguments)
    config = load_config(arguments.config)
    models = [name.strip() for name in (arguments.models or "").split(",") if name.strip()]
    if len(models) > 1:
        return _compare(models, arguments)
    if models:
        config = _with_model(config, models[0])
    for path in filter(None, (arguments.predictions, arguments.plot)):
        check_place(path)
    result = asyncio.run(_evaluate(config, arguments))
    if arguments.predictions:
        write_predictions(arguments.predictions, [_to_row(one) for one in result.judged])
    if arguments.plot:
        predictions = [one.prediction for one in result.judged]
        title = f"{readable_name(arguments.faq)} asked {readable_name(arguments.queries)}"
        plot_evaluation(predictions, arguments.plot, title=title)
    if arguments.json:
        print(json.dumps(_to_json(result), ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show(result, Console())
    return 0


def _with_model(config: Config, name: str) -> Config:
    """Return a configuration with another model: a folder, or a name."""
    chosen = {"path": Path(name), "name": DEFAULT_MODEL} if Path(name).is_dir() else {"path": None, "name": name}
    return config.replace(model=config.model.replace(**chosen))


async def _evaluate(config: Config, arguments: Namespace) -> _Result:
    entries = _drop_twins(_thin_out(await _read_entries(arguments.faq), arguments.phrasings, arguments.seed))
    queries = read_queries(arguments.queries)
    check_labels(queries, {entry.id for entry in entries})
    if not any(entry for _, entry in queries):
        message = "no query has an entry; at least one has to be answerable, or there is nothing to measure"
        raise InvalidInputError([Problem(str(arguments.queries), 0, verbatim(message))])
    budgets = config.false_answers
    budget = (budgets.overheard if arguments.overheard else budgets.addressed) / 100
    assumed = OVERHEARD if arguments.overheard else ADDRESSED
    prior = assumed if arguments.in_scope is None else Prior.of(arguments.in_scope)
    with embedding_progress() as on_progress:
        # What compiling takes would be counted as memory of the model that is measured.
        own = build_embedder(config, on_progress=on_progress, apart=True)
        async with own as embedder, AsyncExitStack() as stack:
            reranker = build_reranker(config)
            if reranker:
                await stack.enter_async_context(reranker)
            started = time.monotonic()
            faqs, texts = await Fitter(embedder, read_chatter(), reranker=reranker).fit({None: entries})
            judged = await judge(
                faqs[None],
                embedder,
                queries,
                budget=budget,
                prior=prior,
                reranker=reranker,
                on_progress=on_progress,
            )
            seconds = time.monotonic() - started
            return _Result(
                model=embedder.model_id,
                faq=faqs[None],
                judged=judged,
                figures=evaluate([one.prediction for one in judged]),
                limit=faqs[None].calibration.limits(budget, prior).answer,
                prior=prior,
                embed_seconds=seconds,
                texts=texts + len(queries),
            )


async def _read_entries(path: Path) -> list[Entry]:
    if path.suffix.casefold() != ".csv":
        scopes = await FaqFiles({None: (path.name,)}, path.parent).read()
        return [entry for entry in scopes[None] if entry.enabled]
    phrasings = dict[str, list[str]]()
    for entry, phrasing in read_phrasings(path):
        phrasings.setdefault(entry, []).append(phrasing)
    return [_to_entry(entry, own) for entry, own in phrasings.items()]


def _to_entry(entry_id: str, phrasings: Sequence[str]) -> Entry:
    return Entry(entry_id, phrasings[0], answer="", alternates=tuple(phrasings[1:]))


def _thin_out(entries: list[Entry], k: int | None, seed: int) -> list[Entry]:
    """Return the entries with at most k phrasings each, drawn at random, but always the same ones."""
    if k is None:
        return entries
    rows = [(entry.id, phrasing) for entry in entries for phrasing in entry.phrasings]
    kept = dict[str, list[str]]()
    for row in sample([entry for entry, _ in rows], k, seed):
        kept.setdefault(rows[row][0], []).append(rows[row][1])
    return [_to_entry(entry, own) for entry, own in kept.items()]


def _drop_twins(entries: list[Entry]) -> list[Entry]:
    """Return the entries with each phrasing once, and say how many were left out.

    The bot takes no file in which an entry says the same twice; measured with one, each phrasing that is held out would
    find its twin, and the FAQ pass for easier than it is.
    """
    kept, twins = list[Entry](), 0
    for entry in entries:
        different = dict[str, str]()
        for phrasing in entry.phrasings:
            different.setdefault(phrasing_key(phrasing) or phrasing, phrasing)
        more = len(entry.phrasings) - len(different)
        kept.append(_to_entry(entry.id, [*different.values()]) if more else entry)
        twins += more
    if twins:
        said = f"{twins} phrasing{'s' if twins > 1 else ''} that an entry has twice, but for spelling, count once"
        print(f"faqtotum: {said}", file=sys.stderr)  # noqa: T201 - the terminal is what a command line writes to
    return kept


def _to_row(judged: Judged) -> tuple[str, str | None, str | None, float, str]:
    prediction = judged.prediction
    return judged.text, prediction.entry, prediction.predicted, prediction.confidence, judged.verdict.value


def _to_json(result: _Result) -> dict[str, object]:
    figures = {name: getattr(result.figures, key) for key, name in _NAMES.items()}
    return {
        "model": result.model,
        "entries": len(result.faq.entries),
        "phrasings": sum(len(entry.phrasings) for entry in result.faq.entries),
        "queries": result.figures.queries,
        "in_scope": result.figures.in_scope,
        **{name.replace(" ", "_"): None if value is None else round(value, 4) for name, value in figures.items()},
        "answers_from": round(result.limit, 4),
        "assumed_in_scope": result.prior.in_scope,
        "calibrated": result.faq.calibration.measured,
        "texts": result.texts,
        "seconds": round(result.embed_seconds, 3),
        "peak_memory_mb": round(peak_memory() / _MEBI, 1),
    }


def _show(result: _Result, console: Console) -> None:
    figures = result.figures
    phrasings = sum(len(entry.phrasings) for entry in result.faq.entries)
    console.print(
        f"{len(result.faq.entries)} entries with {phrasings} phrasings, {figures.queries} questions of which "
        f"{figures.in_scope} have an entry, {result.model}",
        markup=False,
        highlight=False,
    )
    table = Table(box=None, header_style="bold")
    table.add_column("figure")
    table.add_column("", justify="right")
    table.add_column("meaning", style="dim")
    for key, name in _NAMES.items():
        if key == "answered":
            table.add_section()
        table.add_row(name, _format(key, getattr(figures, key)), _MEANINGS[key])
    console.print(table)
    console.print(
        f"\nIt answers from {result.limit:.0%} on, taking {result.prior.in_scope:.0%} of the questions for answerable.",
        highlight=False,
    )
    if not result.faq.calibration.measured:
        console.print("The FAQ is too small to be calibrated: safe values are used.", highlight=False)


def _format(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if key == "mcc" else f"{value:.1f} %"


def _compare(models: list[str], arguments: Namespace) -> int:
    """Evaluate each model in a process of its own, so that its memory and its time are its own, and show a table."""
    if arguments.predictions or arguments.plot:
        message = "--predictions and --plot take one model; leave them out to compare several"
        raise InvalidInputError([Problem("--models", 0, verbatim(message))])
    results = list[dict[str, object]]()
    for model in models:
        told = subprocess.run(  # noqa: S603 - ourselves, with the arguments that we were given
            [sys.executable, "-m", __name__.split(".", maxsplit=1)[0], *_child_arguments(model, arguments)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            text=True,
            check=False,
        )
        if told.returncode:
            return told.returncode
        results.append(json.loads(told.stdout) | {"name": model})
    if arguments.json:
        print(json.dumps(results, ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show_comparison(results, Console())
    return 0


def _child_arguments(model: str, arguments: Namespace) -> list[str]:
    options: dict[str, object] = {
        "--phrasings": arguments.phrasings,
        "--seed": arguments.seed,
        "--in-scope": arguments.in_scope,
        "--config": arguments.config,
    }
    given = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    flags = ["--json", *(["--overheard"] if arguments.overheard else [])]
    return ["evaluate", str(arguments.faq), str(arguments.queries), "--models", model, *given, *flags]


def _show_comparison(results: list[dict[str, object]], console: Console) -> None:
    columns = {
        "top-1": "top-1",
        "AUROC": "AUROC",
        "cov@1": "cov@1",
        "cov@5": "cov@5",
        "coverage": "cover",
        "false_answers": "false",
        "ECE": "ECE",
    }
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("model", overflow="fold", min_width=20)
    for header in (*columns.values(), "time", "memory"):
        table.add_column(header, justify="right", no_wrap=True)
    for result in results:
        shown = ["-" if (value := result[name]) is None else f"{value:.1f}" for name in columns]
        costs = f"{result['seconds']:.0f} s", f"{result['peak_memory_mb']:.0f} MB"
        table.add_row(escape(str(result["name"])), *shown, *costs)
    console.print(table)
    console.print(
        "\nPer cent; cover: answered rightly, false: answered falsely; time for the FAQ and all questions.",
        highlight=False,
    )
