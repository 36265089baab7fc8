import sqlite3
from pathlib import Path

import pytest

from bot.stores import connecting
from bot.stores.schema import read_migrations


class Time:
    """Passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps = 0
        self.on_nap = lambda: None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.naps += 1
        self.on_nap()


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Time:
    frozen = Time()
    monkeypatch.setattr(connecting, "time", frozen)
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.1)
    return frozen


def hold(path: Path) -> sqlite3.Connection:
    """Keep a read lock on a database, which lets nobody switch it to write-ahead logging."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE held (x)")
    holder.execute("BEGIN")
    holder.execute("SELECT * FROM held").fetchall()
    return holder


def test_the_switch_to_wal_waits_for_others(tmp_path: Path, frozen: Time) -> None:
    holder = hold(tmp_path / "x.db")
    frozen.on_nap = holder.close
    connecting.connect(str(tmp_path / "x.db"), read_migrations()).close()
    assert frozen.naps == 1


def test_the_switch_to_wal_does_not_wait_for_ever(tmp_path: Path, frozen: Time) -> None:
    holder = hold(tmp_path / "x.db")
    try:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connecting.connect(str(tmp_path / "x.db"), read_migrations())
    finally:
        holder.close()
    assert frozen.naps > 1
