"""onnxruntime, without what it would tell its makers; the embedders and mining know no other way to it."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""Environment variable that onnxruntime reads when it is imported."""


def import_onnxruntime() -> Any:  # noqa: ANN401 - it brings no types
    """Return the module ``onnxruntime``, with its telemetry off.

    By default its wheels for Linux note in ``~/.cache/Microsoft`` which program opened which model on which machine,
    and send that to Microsoft some seconds later; but nothing is to leave the machine. To find out what runs it, it
    reads the command line, too, of which a long one crashes it, such as that of ``faqtotum ask`` with a long question.
    Where the variable is set already, whoever set it decides; where something else has imported the library before,
    its telemetry is switched off for the whole process.

    Raises:
        ImportError: It is not installed.
    """
    module = sys.modules.get("onnxruntime")
    if module is None:
        os.environ.setdefault(_TELEMETRY, "1")
        return import_module("onnxruntime")
    if _TELEMETRY not in os.environ and callable(disable := getattr(module, "disable_telemetry_events", None)):
        disable()
    return module
