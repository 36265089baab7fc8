import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import StoreUnavailableError
from bot.core.privacy import MIN_KEY_BYTES
from bot.stores import keyfile, read_or_create_key

ROOT = Path(__file__).parents[2]
PROCESSES = 4


def test_a_new_key_is_random_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "author.key"
    key = read_or_create_key(path)
    assert len(key) == 32 >= MIN_KEY_BYTES
    assert read_or_create_key(path) == key
    assert read_or_create_key(tmp_path / "other.key") != key
    assert [file.name for file in path.parent.iterdir()] == ["author.key"]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    read_or_create_key(tmp_path / "author.key")
    assert stat.S_IMODE((tmp_path / "author.key").stat().st_mode) == 0o600


def test_spaces_around_the_key_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "author.key").write_text(f"  {'AB' * 32}\r\n")
    assert read_or_create_key(tmp_path / "author.key") == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "abcd", "g" * 64, "ab" * 33, "not hexadecimal: \N{SNOWMAN}"])
def test_a_garbled_key_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "author.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreUnavailableError, match=r"author\.key holds no key"):
        read_or_create_key(path)
    assert path.read_text(encoding="utf-8") == text


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="cannot be used"):
        read_or_create_key(tmp_path / "file" / "data" / "author.key")


def test_whoever_comes_second_takes_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "author.key"
    key = read_or_create_key(path)
    keyfile._create(path)
    assert read_or_create_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["author.key"]


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bot.stores import read_or_create_key; print('ready', flush=True);"
        " print(read_or_create_key(Path(sys.stdin.readline().strip())).hex())"
    )
    processes = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{tmp_path / 'author.key'}\n")
        process.stdin.flush()
    keys = {process.communicate()[0] for process in processes}
    assert keys == {read_or_create_key(tmp_path / "author.key").hex() + "\n"}
