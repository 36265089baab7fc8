"""Real models of the real library that know nothing: random weights, letters for tokens."""

import string
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

DIM = 16
MAX_TOKENS = 32
PROMPTS = {"query": "query: ", "passage": "passage: "}

_SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation
_TOKENS = [*_SPECIAL.values(), *_CHARACTERS, *(f"##{character}" for character in _CHARACTERS)]
_BERTS_SPREAD = 0.02
_WIDE_SPREAD = 0.5
"""Of random weights, so that logits differ from pair to pair; with BERT's own all are next to 0."""


def save_tiny_model(folder: Path, *, seed: int = 1, prompts: dict[str, str] | None = None) -> None:
    """Make a model and save it; another seed makes other weights."""
    torch.manual_seed(seed)
    bert = BertModel(_make_config())
    parts = folder.with_name(f"{folder.name}-parts")
    bert.save_pretrained(parts)
    _make_tokenizer().save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=MAX_TOKENS)
    model = SentenceTransformer(modules=[transformer, Pooling(DIM)], prompts=PROMPTS if prompts is None else prompts)
    model.save(str(folder), create_model_card=False)


def save_tiny_cross_encoder(
    folder: Path,
    *,
    seed: int = 1,
    labels: int = 1,
    half: bool = False,
    activation: torch.nn.Module | None = None,
    prompt: str | None = None,
) -> None:
    """Make a model that reads two texts together and save it, as transformers does it or as sentence-transformers.

    Args:
        folder: Where to; in sentence-transformers' form if there is an activation or a prompt.
        seed: For the weights.
        labels: How many numbers it says of a pair.
        half: Whether its weights are in half precision.
        activation: What it applies to its logits, None for the library's choice.
        prompt: What it wants before each pair, None for nothing.
    """
    torch.manual_seed(seed)
    bert = BertForSequenceClassification(_make_config(labels, _WIDE_SPREAD))
    as_library = activation is not None or prompt is not None
    plain = folder.with_name(f"{folder.name}-parts") if as_library else folder
    (bert.half() if half else bert).save_pretrained(plain)
    _make_tokenizer().save_pretrained(plain)
    if as_library:
        prompts = {} if prompt is None else {"pair": prompt}
        chosen = None if prompt is None else "pair"
        model = CrossEncoder(str(plain), activation_fn=activation, prompts=prompts, default_prompt_name=chosen)
        model.save_pretrained(str(folder), create_model_card=False)


def _make_config(labels: int = 1, spread: float = _BERTS_SPREAD) -> BertConfig:
    return BertConfig(
        vocab_size=len(_TOKENS),
        hidden_size=DIM,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * DIM,
        max_position_embeddings=4 * MAX_TOKENS,
        initializer_range=spread,
        id2label={number: str(number) for number in range(labels)},
    )


def _make_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(
        WordPiece({token: number for number, token in enumerate(_TOKENS)}, unk_token=_SPECIAL["unk_token"])
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, _TOKENS.index(token)) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)
