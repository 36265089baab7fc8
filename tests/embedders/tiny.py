"""A real model of the real library that knows nothing: random weights, letters for tokens."""

import string
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

DIM = 16
MAX_TOKENS = 32
PROMPTS = {"query": "query: ", "passage": "passage: "}

_SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation


def save_tiny_model(folder: Path, *, seed: int = 1, prompts: dict[str, str] | None = None) -> None:
    """Make a model and save it; another seed makes other weights."""
    tokens = [*_SPECIAL.values(), *_CHARACTERS, *(f"##{character}" for character in _CHARACTERS)]
    torch.manual_seed(seed)
    bert = BertModel(
        BertConfig(
            vocab_size=len(tokens),
            hidden_size=DIM,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=2 * DIM,
            max_position_embeddings=4 * MAX_TOKENS,
        )
    )
    parts = folder.with_name(f"{folder.name}-parts")
    bert.save_pretrained(parts)
    _make_tokenizer(tokens).save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=MAX_TOKENS)
    model = SentenceTransformer(modules=[transformer, Pooling(DIM)], prompts=PROMPTS if prompts is None else prompts)
    model.save(str(folder), create_model_card=False)


def _make_tokenizer(tokens: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(
        WordPiece({token: number for number, token in enumerate(tokens)}, unk_token=_SPECIAL["unk_token"])
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, tokens.index(token)) for token in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)
