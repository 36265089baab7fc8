"""stub"""

from __future__ import annotations


def measure_serving():
    return [], []
