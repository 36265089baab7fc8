import inspect

import pytest

from bot.core import ports
from bot.embedders import LocalEmbedder, LocalReranker
from bot.faqfiles import FaqFiles
from bot.services import BatchingEmbedder
from bot.stores import SqliteStore
from bot.stores.ledger import SqliteLedger
from bot.stores.members import SqliteMembers
from bot.stores.reports import SqliteReports
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.ledger import MemoryLedger
from tests.fakes.members import MemoryMembers
from tests.fakes.reports import MemoryReports
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder
from tests.services.test_reranking import ScriptedReranker


@pytest.mark.parametrize(
    ("port", "adapter"),
    [
        (ports.Embedder, LocalEmbedder),
        (ports.Embedder, BatchingEmbedder),
        (ports.Embedder, HashEmbedder),
        (ports.Embedder, TableEmbedder),
        (ports.Reranker, LocalReranker),
        (ports.Reranker, ScriptedReranker),
        (ports.FaqSource, FaqFiles),
        (ports.FaqSource, ListSource),
        (ports.Store, SqliteStore),
        (ports.Store, MemoryStore),
        (ports.Ledger, SqliteLedger),
        (ports.Ledger, MemoryLedger),
        (ports.Members, SqliteMembers),
        (ports.Members, MemoryMembers),
        (ports.Reports, SqliteReports),
        (ports.Reports, MemoryReports),
        (ports.Clock, FrozenClock),
    ],
)
def test_every_adapter_has_every_method_of_its_port(port: type, adapter: type) -> None:
    for name, method in inspect.getmembers(port, inspect.isfunction):
        if name.startswith("_"):
            continue
        found = getattr(adapter, name)
        assert inspect.iscoroutinefunction(found) == inspect.iscoroutinefunction(method)
        assert list(inspect.signature(found).parameters) == list(inspect.signature(method).parameters)
