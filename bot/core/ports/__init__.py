"""What the services need from the outside world; the adapters on the floor above provide it."""

from .clock import Clock
from .keeping import FaqSource, Ledger, Members, Store
from .models import Embedder, Reranker
from .reports import Reports, StaleReports

__all__ = [
    "Clock",
    "Embedder",
    "FaqSource",
    "Ledger",
    "Members",
    "Reports",
    "Reranker",
    "StaleReports",
    "Store",
]
