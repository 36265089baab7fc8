"""Commands as processes of their own: signals, pipes and exit statuses."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = {"FAQTOTUM_TOKEN": "demo"}
DRIVER = Path(__file__).parent / "run_on_loopback.py"
pytestmark = [pytest.mark.model, pytest.mark.timeout(180)]


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COLUMNS": "100"} | more


def test_run_serves_until_it_is_terminated(tmp_path: Path) -> None:
    health = tmp_path / "alive"
    config = tmp_path / "config.yaml"
    config.write_text(f"faq: {{files: [{ROOT}/faq_data/medicare.yaml]}}\n")
    command = [sys.executable, str(DRIVER), "run", "--config", str(config), "--health-file", str(health)]
    with subprocess.Popen(  # noqa: S603
        command, cwd=tmp_path, env=environment(**TOKEN), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if "ready as Faqtotum" in line:
                break
        process.send_signal(signal.SIGTERM)
        said += process.stderr.read()
        assert process.wait(60) == 0, said
    assert "the FAQ is ready: 5 entries" in said
    assert "stopped" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(tmp_path: Path, closing: str) -> None:
    (tmp_path / "config.yaml").write_text(f"faq: {{files: [{ROOT}/faq_data/medicare.yaml]}}\n")
    for command in ("export --guild 1", "ask hello", "check"):
        call = f"exec {sys.executable} -m bot {command} {closing}"
        done = subprocess.run(  # noqa: S602 - only a shell closes them
            call, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_demo_answers_what_the_readme_types(tmp_path: Path) -> None:
    lines = (
        "/ask Do I need to pay more after a raise?",
        "how do I get a new card?",
        "nice weather today",
        "@Faqtotum who pays",
        "quit",
    )
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo"],
        cwd=ROOT,
        env=environment(TMPDIR=str(tmp_path)),
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^The page: http://127\.0\.0\.1:\d+/\?key=\S{32}$", done.stdout, re.MULTILINE)
    parts = dict(zip(lines, done.stdout.split("#help > ")[1:], strict=True))
    assert "How much are the Medicare premiums" in parts[lines[0]]
    assert "How do I get a replacement Medicare card?" in parts[lines[1]]
    assert "APP" not in parts[lines[2]]
    assert "Did you mean" in parts[lines[3]]
    assert done.stderr == ""
    assert not list(tmp_path.glob("faqtotum-*"))


def test_the_demo_serves_its_page_until_it_is_terminated(tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_text("question,answer\nWhen do you open?,At nine.\n")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "bot", "demo", "--web-only", "--faq", str(tmp_path)]
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("The page:"):
                break
        address = said.splitlines()[-1].removeprefix("The page:").strip()
        with urllib.request.urlopen(address) as response:  # noqa: S310 - our own
            assert response.status == 200
        assert list(temporary.glob("faqtotum-*"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""
    assert "1 entry, 1 phrasing" in said
    assert not list(temporary.glob("faqtotum-*"))


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [(None, 130, ""), ("\x04", 1, "Nothing was changed."), ("y\n", 0, "Saved as change #1")],
    ids=["Ctrl-C", "Ctrl-D", "yes"],
)
def test_whoever_is_asked_whether_to_save_can_answer_or_leave(
    tmp_path: Path, answer: str | None, status: int, words: str
) -> None:
    (tmp_path / "config.yaml").write_text(f"faq: {{files: [{ROOT}/faq_data/medicare.yaml]}}\n")
    (tmp_path / "more.csv").write_text("question,answer\nWhen do you open?,At nine.\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", "import", "more.csv", "--guild", "1234567890123456789"]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=tmp_path, env=environment(TERM="xterm"), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        said = ""
        while "Save? [y/N] " not in said:
            said += os.read(ours, 4096).decode(errors="replace")
        if answer is None:
            while process.poll() is None:
                # One that comes when the question is shown, but no key waited for yet, is only seen with the next.
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
        else:
            os.write(ours, answer.encode())
        assert process.wait(60) == status
        told = ""
        with suppress(OSError):  # how Linux says that nobody holds the other end any more
            while more := os.read(ours, 4096):
                told += more.decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert words in told
    assert "Traceback" not in told
    # Nothing draws over the question.
    assert "Loading" not in said.rpartition("Save?")[2] + told


def test_the_demo_says_when_its_port_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('title: A\nentries:\n  - {id: a, question: "q?", answer: a}\n')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bot", "demo", "--terminal", "--port", port, "--faq", str(tmp_path)],
            cwd=ROOT,
            env=environment(),
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "in use; choose another --port or --host" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_tells_what_is_wrong_with_ones_own_faq(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: A\nentries:\n  - id: a\n    question: q?\n")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bot", "demo", "--faq", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"{tmp_path}/a.yaml:3: the key 'entries[1].answer' is missing; add it" in done.stderr
    assert "Traceback" not in done.stderr
