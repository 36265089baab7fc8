"""What has to be known of a model, beside its weights, to embed as it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

Engine = Literal["auto", "torch", "onnx"]
"""What runs the model: torch, onnxruntime, or onnxruntime wherever that gives the same embeddings."""

Precision = Literal["float32", "bfloat16", "int8"]
"""In what the compiled model multiplies."""

FLOAT32: Final = "float32"
BFLOAT16: Final = "bfloat16"
INT8: Final = "int8"


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The settings that a compiled model takes over from its source.

    Attributes:
        prompts: What the model wants before its texts, by kind of text.
        max_tokens: Tokens that it reads of a text, None or infinite where it reads all.
        truncate_dim: The number of dimensions at which the model itself cuts, None if it keeps all.
        pad_id: The token that fills shorter texts up.
        cut_side: From which end of a text tokens are dropped, "right" or "left".
    """

    prompts: Mapping[str, str]
    max_tokens: float | None
    truncate_dim: int | None
    pad_id: int
    cut_side: str

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON has them."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Self:
        """Return what `to_json` made.

        Raises:
            TypeError: It is something else.
        """
        return cls(**read)
