"""Small real models with random weights and words of several scripts, in the layouts that model folders have."""

import json
import string
import unicodedata
from pathlib import Path
from typing import Any, Literal

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedModel, PreTrainedTokenizerFast

DIM = 32
MAX_TOKENS = 64

SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
FOREIGN = {
    "Russian": "как сбросить пароль",
    "Chinese": "密码在哪里",
    "Japanese": "かきはおいしいのか",
    "Greek": "ξέχασα τον κωδικό",
    "Arabic": "كيف أسترد كلمة السر",
    "Hindi": "पासवर्ड कहाँ है",
    "Thai": "รหัสผ่านอยู่ที่ไหน",
    "several": "привет 你好 hello नमस्ते \N{WAVING HAND SIGN}",
}
SCRIPTS = sorted({character for text in FOREIGN.values() for character in text.lower() if character.isalpha()})
_MARKS = sorted(
    {character for text in FOREIGN.values() for character in text if unicodedata.category(character)[0] == "M"}
)
_CHARACTERS = [*string.ascii_lowercase, *string.digits, *string.punctuation, *SCRIPTS, *_MARKS]
_WORDS = [
    "how",
    "do",
    "sign",
    "up",
    "what",
    "does",
    "it",
    "cost",
    "the",
    "my",
    "password",
    "привет",
    "query",
    "passage",
]
VOCABULARY = list(dict.fromkeys([*SPECIAL.values(), *_CHARACTERS, *_WORDS, *(f"##{one}" for one in _CHARACTERS)]))


def save_transformer(folder: Path, model: PreTrainedModel) -> None:
    """Save a model with its tokenizer as transformers does, without any file of sentence-transformers."""
    model.save_pretrained(folder)
    _make_tokenizer().save_pretrained(folder)


def make_bert(*, seed: int = 1) -> BertModel:
    """Make a model without a head."""
    torch.manual_seed(seed)
    return BertModel(_configure())


def make_classifier(*, labels: int = 1, seed: int = 1) -> BertForSequenceClassification:
    """Make a model with a head that gives pairs so many labels."""
    torch.manual_seed(seed)
    return BertForSequenceClassification(_configure(num_labels=labels))


def save_embedding_model(
    folder: Path,
    *,
    pooling: Literal["mean", "cls"] = "mean",
    more: list[torch.nn.Module] | None = None,
    prompts: dict[str, str] | None = None,
    seed: int = 1,
    **options: Any,  # noqa: ANN401 - the library's
) -> None:
    """Make a model that embeds and save it with sentence-transformers.

    Args:
        folder: Where to.
        pooling: How the tokens become one embedding.
        more: What comes after the pooling.
        prompts: What is written into its settings.
        seed: Another one makes other weights.
        options: For SentenceTransformer.
    """
    parts = folder.with_name(f"{folder.name}-parts")
    save_transformer(parts, make_bert(seed=seed))
    modules = [Transformer(str(parts), max_seq_length=MAX_TOKENS), Pooling(DIM, pooling_mode=pooling), *(more or [])]
    SentenceTransformer(modules=modules, prompts=prompts, **options).save(str(folder), create_model_card=False)


def edit_json(file: Path, **changes: object) -> None:
    """Change what a JSON file says."""
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def _configure(**options: Any) -> BertConfig:  # noqa: ANN401 - the library's
    return BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=DIM,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=2 * DIM,
        max_position_embeddings=MAX_TOKENS,
        pad_token_id=0,
        initializer_range=0.5,  # the usual 0.02 makes nearly the same of every text
        **options,
    )


def _make_tokenizer() -> PreTrainedTokenizerFast:
    ids = {token: number for number, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token=SPECIAL["unk_token"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, ids[token]) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **SPECIAL)
