"""Measure how fast texts become embeddings, beside the naive way.

    python benchmarks/encoding.py [--questions 10000] [--threads 1] [--budgets | --busy | --jack]

The naive way is `SentenceTransformer.encode` with its defaults and the same number of threads. All ways take turns, so
that whoever else uses the machine slows all of them; printed are medians over the turns, their smallest and largest,
and the ratios of the medians by the clock and by processor time. The questions are made of the shipped FAQs' phrasings
and of the shipped chatter. Bfloat16 is measured where OpenVINO is installed and the processor multiplies in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.embedders import DEFAULT_MODEL, EngineLoader, LocalEmbedder, find_weights
from bot.embedders.bfloat16 import find_obstacle
from bot.embedders.cache import default_cache_folder
from bot.resources import read_chatter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from sentence_transformers import SentenceTransformer

FAQS = Path(__file__).parent.parent / "faq_data"
BEFORE = [
    "",
    "hey ",
    "hi, ",
    "sorry, ",
    "quick question: ",
    "can anyone tell me: ",
    "again: ",
    "ok so ",
    "guys ",
    "um, ",
]
AFTER = ["", " please", "?", " thanks", " pls", "??", " :)", " anyone?", " I can't find it", " asking for a friend"]
IN_FLIGHT = 64
BLOCK = 500
PROCESSES = 3
KIBIBYTES_A_MEGABYTE = 1000 / 1.024
SINGLES = 200
PAUSE = 0.02
"""Seconds."""
TURNS = 10
JACK = "All work and no play makes Jack a dull boy"
JACKS = 100_000
BUDGETS = (64, 128, 256, 512, 1024, 2048, 4096)


def make_questions(count: int) -> list[str]:
    """Return so many different questions."""
    from bot.faqfiles import FaqFiles  # noqa: PLC0415 - not wanted where the memory of the model alone is measured

    entries = asyncio.run(FaqFiles({None: [str(FAQS / "*.yaml")]}, Path()).read())[None]
    said = [*dict.fromkeys([text for entry in entries for text in entry.phrasings] + [*read_chatter()])]
    rng = random.Random(1)  # noqa: S311 - a repeatable choice, no secret
    made: dict[str, None] = {}
    while len(made) < count:
        made[f"{rng.choice(BEFORE)}{rng.choice(said)}{rng.choice(AFTER)}"] = None
    return [*made]


def repeat(questions: Sequence[str]) -> list[str]:
    """Return as many questions, drawn so that the n-th is asked 1/n as often as the first, as in Zipf's law."""
    rng = random.Random(2)  # noqa: S311 - likewise
    return rng.choices(questions, [1 / rank for rank in range(1, len(questions) + 1)], k=len(questions))


class Took(NamedTuple):
    """Seconds by the clock, and of the processor, which neighbours on busy cores change less."""

    wall: float
    cpu: float


class Naive:
    """`SentenceTransformer.encode` with its defaults."""

    def __init__(self, threads: int | None) -> None:
        import torch  # noqa: PLC0415 - likewise
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - likewise

        if threads is not None:
            torch.set_num_threads(threads)
        self.model: SentenceTransformer = SentenceTransformer(str(find_weights(DEFAULT_MODEL)))

    async def embed(self, texts: Sequence[str]) -> None:
        """Embed texts together."""
        self.model.encode(list(texts))

    async def embed_in_flight(self, texts: Sequence[str]) -> None:
        """Embed each text by itself."""
        for text in texts:
            self.model.encode([text])


class Ours:
    """The bot's embedder."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self.embedder = embedder

    async def embed(self, texts: Sequence[str]) -> None:
        """Embed texts together."""
        await self.embedder.embed_corpus(texts)

    async def embed_in_flight(self, texts: Sequence[str]) -> None:
        """Embed texts that arrive at the same time, each by itself."""
        from bot.services import BatchingEmbedder  # noqa: PLC0415 - likewise

        async with BatchingEmbedder(self.embedder) as batching:
            await asyncio.gather(*(batching.embed_queries([text]) for text in texts))


def list_precisions() -> list[str]:
    """Return what compiled models can be had in here."""
    return ["float32", *([] if find_obstacle() else ["bfloat16"]), "int8"]


def make_embedder(precision: str, threads: int | None, cache: Path) -> LocalEmbedder:
    """Return the bot's embedder, not loaded yet."""
    load = EngineLoader(DEFAULT_MODEL, engine="onnx", precision=precision, cache=cache, threads=threads)
    return LocalEmbedder(load=load)


async def timed(work: Awaitable[object]) -> Took:
    """Return the seconds that something takes."""
    started, cpu = time.perf_counter(), time.process_time()
    await work
    return Took(time.perf_counter() - started, time.process_time() - cpu)


def say(line: str = "") -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell(what: str, took: dict[str, list[Took]], unit: str, figure: Callable[[float], float]) -> None:
    """Print one line a way: median, spread, and how many times faster than the first by either clock."""
    say(f"\n{what}")
    base: tuple[float, ...] = ()
    for name, turns in took.items():
        walls = [turn.wall for turn in turns]
        low, high = sorted(map(figure, (min(walls), max(walls))))
        medians = statistics.median(walls), statistics.median(turn.cpu for turn in turns)
        base = base or medians
        wall, cpu = (first / own for first, own in zip(base, medians, strict=True))
        spread = f"({low:.1f} to {high:.1f})"
        say(f"  {name:<28}{figure(medians[0]):>9.1f} {unit:<12}{spread:<20}{wall:>6.1f} times, cpu {cpu:.1f}")


async def in_turns(
    ways: dict[str, Callable[[Sequence[str]], Awaitable[object]]], blocks: Sequence[Sequence[str]]
) -> dict[str, list[Took]]:
    """Return the seconds of each way for each block, all ways in turns, after one that does not count.

    Between turns there is a pause: threads of the way before may still be waiting for more work by spinning.
    """
    for work in ways.values():
        await work(blocks[0][:32])
    took: dict[str, list[Took]] = {name: [] for name in ways}
    for block in blocks:
        for name, work in ways.items():
            await asyncio.sleep(PAUSE)
            took[name].append(await timed(work(block)))
    return took


async def measure_speed(questions: Sequence[str], threads: int | None, cache: Path) -> None:
    """Print everything that is about speed."""
    async with AsyncExitStack() as stack:
        ours = {
            f"compiled, {precision}": Ours(await stack.enter_async_context(make_embedder(precision, threads, cache)))
            for precision in list_precisions()
        }
        naive = Naive(threads)
        together = {"naive": naive.embed} | {name: way.embed for name, way in ours.items()}
        size = len(questions) // TURNS
        for what, texts in (("different", questions), ("as often as asked", repeat(questions))):
            # Whoever finds doubles has to have them together, so those are not cut into blocks.
            blocks = [texts[at : at + size] for at in range(0, len(texts), size)] if texts is questions else [texts]
            took = await in_turns(together, blocks)
            count = len(blocks[0])
            title = f"{len(texts):,} questions, {what} ({len({*texts}):,} different ones), {len(blocks)} turns"
            tell(title, took, "questions/s", lambda seconds, count=count: count / seconds)
        took = await in_turns(together, [[one] for one in questions[:SINGLES]])
        tell(f"one question, {SINGLES} turns", took, "ms", lambda seconds: 1000 * seconds)
        flight = {"naive, one after the other": naive.embed_in_flight}
        flight |= {name: way.embed_in_flight for name, way in ours.items()}
        took = await in_turns(flight, [questions[at : at + IN_FLIGHT] for at in range(0, TURNS * IN_FLIGHT, IN_FLIGHT)])
        tell(f"{IN_FLIGHT} in flight, {TURNS} turns", took, "questions/s", lambda seconds: IN_FLIGHT / seconds)


def measure_memory(questions: Sequence[str], cache: Path) -> None:
    """Print what a process with nothing but the model takes after some questions, and when it answers the first."""
    say(f"\na process of its own: first embedding after, resident after {len(questions)} questions, at most before")
    for name in ("naive", *list_precisions()):
        told: list[tuple[float, ...]] = []
        for _ in range(PROCESSES):
            command = [sys.executable, __file__, "--alone", name, "--cache", str(cache)]
            done = subprocess.run(command, input=json.dumps(questions), stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - ourselves
            told.append(tuple(json.loads(done.stdout)))
        seconds, resident, peak = (statistics.median(column) for column in zip(*told, strict=True))
        say(f"  {name:<10}{seconds:>8.2f} s{resident:>8.0f} MB{peak:>8.0f} MB")


async def run_alone(name: str, cache: Path) -> None:
    """Be the process of `measure_memory`."""
    questions = json.load(sys.stdin)
    started = time.perf_counter()
    async with AsyncExitStack() as stack:
        way = Naive(1) if name == "naive" else Ours(await stack.enter_async_context(make_embedder(name, 1, cache)))
        await way.embed(questions[:1])
        first = time.perf_counter() - started
        await way.embed(questions)
        say(json.dumps([first, *read_memory()]))


def read_memory() -> tuple[float, float]:
    """Return the megabytes that are resident now, and that were at most."""
    sizes = dict(line.split(":") for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    resident, peak = (int(sizes[key].split()[0]) / KIBIBYTES_A_MEGABYTE for key in ("VmRSS", "VmHWM"))
    return resident, peak


async def measure_budgets(questions: Sequence[str], cache: Path) -> None:
    """Print what the number of tokens that are taken at once makes of the pace."""
    for precision in list_precisions():
        encoder = EngineLoader(DEFAULT_MODEL, engine="onnx", precision=precision, cache=cache)
        compiled = encoder.load_compiled(find_weights(DEFAULT_MODEL))
        took: dict[str, list[Took]] = {f"{precision}, {budget} tokens": [] for budget in BUDGETS}
        for turn in range(TURNS // 2):
            block = list(questions[turn * BLOCK : (turn + 1) * BLOCK])
            for budget, seconds in zip(BUDGETS, took.values(), strict=True):
                compiled._token_budget = budget  # noqa: SLF001 - nobody else has to change it
                seconds.append(await timed(asyncio.to_thread(compiled.encode_query, block)))
        tell(f"batches of so many tokens, {BLOCK} questions at once", took, "questions/s", lambda one: BLOCK / one)


async def measure_threads(questions: Sequence[str], cache: Path) -> None:
    """Print what more threads cost and bring, on free cores and on busy ones."""
    cores = os.cpu_count() or 1
    for busy in (0, cores):
        with neighbours(busy):
            say(f"\n{BLOCK} questions with {busy} other processes at work: wall clock and processor seconds")
            for threads in (1, cores):
                async with make_embedder("float32", threads, cache) as embedder:
                    await say_cost(f"onnxruntime, {threads} threads", Ours(embedder), questions)
                await say_cost(f"naive, {threads} threads", Naive(threads), questions)


async def say_cost(name: str, way: Naive | Ours, questions: Sequence[str]) -> None:
    """Print the medians of what one way takes."""
    took = [await timed(way.embed(questions[at * BLOCK : (at + 1) * BLOCK])) for at in range(PROCESSES + 1)]
    wall, cpu = (statistics.median(column) for column in zip(*took[1:], strict=True))
    say(f"  {name:<28}{wall:>8.2f} s{cpu:>8.2f} s")


@contextmanager
def neighbours(count: int) -> Generator[None]:
    """Have so many other processes that never pause."""
    started = [multiprocessing.get_context("spawn").Process(target=spin, daemon=True) for _ in range(count)]
    for process in started:
        process.start()
    try:
        yield
    finally:
        for process in started:
            process.terminate()
            process.join()


def spin() -> None:
    """Never pause."""
    while True:
        pass


async def measure_jack(cache: Path) -> None:
    """Print what 100,000 texts take, the same ones and different ones; the naive way gets a tenth of them."""
    say(f"\n{JACKS:,} times '{JACK}', and with a number behind it, so that no two are the same; processor time")
    different = [f"{JACK} {number}" for number in range(JACKS)]
    naive = Naive(1)
    for name, texts in (("the same", [JACK] * JACKS), ("different", different)):
        say(f"  naive, {name}, a tenth of them: {(await timed(naive.embed(texts[: JACKS // 10]))).cpu:.1f} s")
    for precision in list_precisions():
        async with make_embedder(precision, 1, cache) as embedder:
            same = (await timed(embedder.embed_corpus([JACK] * JACKS))).cpu
            apart = (await timed(embedder.embed_corpus(different))).cpu
        load = EngineLoader(DEFAULT_MODEL, engine="onnx", precision=precision, cache=cache)
        compiled = load.load_compiled(find_weights(DEFAULT_MODEL))
        started = time.process_time()
        for _ in range(0, JACKS, IN_FLIGHT):
            compiled.encode_query([JACK] * IN_FLIGHT)
        each = time.process_time() - started
        say(f"  {precision}: the same {same:.2f} s, doubles not looked for {each:.0f} s, different {apart:.0f} s")


def describe_machine() -> str:
    """Return processor, cores and versions in one line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    libraries = ("torch", "sentence-transformers", "onnxruntime")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    machine = f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"{machine}; Python {platform.python_version()}, {versions}"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000, metavar="N")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of all ways (default: 1)")
    parser.add_argument("--budgets", action="store_true", help="measure batches of several sizes instead")
    parser.add_argument("--busy", action="store_true", help="measure threads on free and on busy cores instead")
    parser.add_argument("--jack", action="store_true", help="measure 100,000 texts instead")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help="folder for compiled models (default: the bot's)")
    arguments = parser.parse_args()
    cache = arguments.cache or default_cache_folder()
    if arguments.alone:
        asyncio.run(run_alone(arguments.alone, cache))
        return
    questions = make_questions(arguments.questions)
    say(describe_machine())
    if arguments.budgets:
        asyncio.run(measure_budgets(questions, cache))
    elif arguments.busy:
        asyncio.run(measure_threads(questions, cache))
    elif arguments.jack:
        asyncio.run(measure_jack(cache))
    else:
        asyncio.run(measure_speed(questions, arguments.threads, cache))
        measure_memory(questions[:500], cache)


if __name__ == "__main__":
    main()
