"""Measure how soon a question is answered after the start of a process, beside the naive way.

    python benchmarks/cold_start.py [--rounds 9] [--precision float32 int8]

The naive way: import sentence-transformers, load the model from its folder, embed the question and look for the closest
phrasings with `util.semantic_search`; the phrasings' embeddings lie in a file. Ours: `faqtotum ask`, with its table or
as JSON, on an FAQ that an earlier start has embedded and a model that it has compiled. Each answer takes a process of
its own, and all ways take turns, so that whoever else uses the machine slows all of them. Printed are the processor
time of the whole process, from its start to its end, the time by the clock and the largest resident memory: medians
over the rounds, the smallest and the largest, and how many times as fast ours is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.embedders import DEFAULT_MODEL, find_weights

ROOT = Path(__file__).parent.parent
QUESTIONS = ("how do I reset my password", "when does the office open", "I lost my card, what now?", "is it free")
KIBIBYTES_A_MEGABYTE = 1000 / 1.024
NAIVE = """
import json, sys
import numpy as np
from sentence_transformers import SentenceTransformer, util
order = json.loads(sys.argv[1])
model = SentenceTransformer(order["model"])
if order["question"] is None:
    np.save(order["embeddings"], model.encode(order["phrasings"]))
else:
    [hits] = util.semantic_search(model.encode([order["question"]]), np.load(order["embeddings"]), top_k=5)
    print(order["phrasings"][hits[0]["corpus_id"]])
"""


class Run(NamedTuple):
    """What one process took: seconds of processor, seconds by the clock, and megabytes at most."""

    processor: float
    clock: float
    memory: float


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - what this program is for


def installed_environment() -> dict[str, str]:
    """Return this process's environment, as far as it does not keep a program from finding its bytecode.

    Installers compile a program, as they have compiled the naive way's libraries; in a checkout its first start does,
    unless `PYTHONDONTWRITEBYTECODE` forbids it. Then every start would compile all of it again.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(command: list[str]) -> Run:
    """Run a process to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, cwd=ROOT, env=installed_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    clock = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / KIBIBYTES_A_MEGABYTE)


def name_ways(folder: Path, precisions: list[str]) -> dict[str, list[str]]:
    """Return the command of each way to answer, all but the question at its end."""
    ways = dict[str, list[str]]()
    for precision in precisions:
        config = folder / f"{precision}.yaml"
        config.write_text(
            f"faq: {{files: [{ROOT}/faq_data/*.yaml]}}\nstore: {{path: {precision}.sqlite3}}\n"
            f"model: {{precision: {precision}}}\n",
            encoding="utf-8",
        )
        ask = [sys.executable, "-m", "bot", "ask", "--config", str(config)]
        ways[f"ours, {precision}"] = ask
        ways[f"ours, {precision}, JSON"] = [*ask, "--json"]
    return ways


def name_naive(folder: Path, question: str | None) -> list[str]:
    """Return the command of the naive way."""
    phrasings = json.loads((folder / "phrasings.json").read_text(encoding="utf-8"))
    model, embeddings = str(find_weights(DEFAULT_MODEL)), str(folder / "naive.npy")
    order = {"model": model, "embeddings": embeddings, "phrasings": phrasings, "question": question}
    return [sys.executable, "-c", NAIVE, json.dumps(order)]


def prepare(folder: Path, ways: dict[str, list[str]]) -> None:
    """Do what an earlier start has done."""
    listed = [sys.executable, "-m", "bot", "export", "--format", "json", "--config", ways["ours, float32"][-1]]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    entries = json.loads(done.stdout)["entries"]
    phrasings = [text for entry in entries for text in (entry["question"], *entry.get("alternates", ()))]
    (folder / "phrasings.json").write_text(json.dumps(phrasings), encoding="utf-8")
    measure(name_naive(folder, None))
    for command in ways.values():
        measure([*command, QUESTIONS[0]])


def spread(values: list[float], digits: int) -> str:
    """Return the median, and the smallest and largest in brackets."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="answers of each way (default: 9)")
    parser.add_argument("--precision", nargs="+", default=["float32", "int8"], choices=["float32", "int8"])
    arguments = parser.parse_args()
    runs: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ways = name_ways(folder, list(dict.fromkeys(["float32", *arguments.precision])))
        prepare(folder, ways)
        for number in range(arguments.rounds):
            question = QUESTIONS[number % len(QUESTIONS)]
            runs.setdefault("naive", []).append(measure(name_naive(folder, question)))
            for name, command in ways.items():
                runs.setdefault(name, []).append(measure([*command, question]))
    naive = statistics.median(run.processor for run in runs["naive"])
    say("| way | processor, s | times as fast | clock, s | resident at most, MB |\n|---|---|---|---|---|")
    for name, own in runs.items():
        processor, clock, memory = (list(values) for values in zip(*own, strict=True))
        times = naive / statistics.median(processor)
        say(f"| {name} | {spread(processor, 2)} | {times:.1f} | {spread(clock, 2)} | {spread(memory, 0)} |")


if __name__ == "__main__":
    main()
