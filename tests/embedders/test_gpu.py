from pathlib import Path

import numpy as np

from bot.embedders import LocalEmbedder
from bot.embedders.gpu import GPU_BATCH, GPU_PIECE_BYTES, has_gpu, load_on_gpu
from tests.embedders.small import save_embedding_model


def test_torch_is_only_asked_where_a_driver_is(tmp_path: Path) -> None:
    asked: list[bool] = []

    def answer(*, seen: bool) -> bool:
        asked.append(seen)
        return seen

    assert not has_gpu([tmp_path / "none"], lambda: answer(seen=True))
    assert not asked
    (tmp_path / "node").touch()
    nodes = [tmp_path / "none", tmp_path / "node"]
    assert has_gpu(nodes, lambda: answer(seen=True))
    assert not has_gpu(nodes, lambda: answer(seen=False))
    assert asked == [True, False]


async def test_in_bfloat16_embeddings_keep_their_contract_and_have_a_name_of_their_own(tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "model", prompts={"query": "query: "})
    texts = ["how do i sign up", "no", ""]
    # The processor stands in for the card: the same library, the same precision.
    card = LocalEmbedder("test/small", path=tmp_path / "model", load=lambda folder: load_on_gpu(folder, "cpu"))
    async with card, LocalEmbedder("test/small", path=tmp_path / "model") as exact:
        assert card.model_id != exact.model_id
        for made, wanted in (
            (await card.embed_queries(texts), await exact.embed_queries(texts)),
            (await card.embed_corpus(texts), await exact.embed_corpus(texts)),
        ):
            assert made.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
            similarities = np.sum(made * wanted, axis=1)
            assert 0.99 < similarities.min() < 0.999999
        assert card.is_symmetric == exact.is_symmetric
        assert [*card.vocabulary] == [*exact.vocabulary]


def test_a_card_gets_large_batches() -> None:
    assert GPU_BATCH > 32
    assert GPU_PIECE_BYTES > 4096
