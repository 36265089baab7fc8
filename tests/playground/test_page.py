"""The page is served from its folder, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yarl
from aiohttp import web

from bot.playground.page import PAGE, is_built, read_asset, read_index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.playground.conftest import Visit


@pytest.fixture
def built(tmp_path: Path) -> Path:
    page = tmp_path / "page"
    (page / "assets" / "deep").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html>")
    (page / "assets" / "page.js").write_text("1")
    (page / "assets" / "deep" / "page.css").write_text("a{}")
    (page / "assets" / "notes.py").write_text("secret = 1")
    (tmp_path / "page-secrets").mkdir()
    (tmp_path / "page-secrets" / "a.js").write_text("2")
    return page


def test_an_unbuilt_page_says_how_to_build_it(tmp_path: Path) -> None:
    assert not is_built(tmp_path)
    answer = read_index(tmp_path)
    assert isinstance(answer, web.Response)
    assert "make page" in (answer.text or "")
    assert "<script" not in (answer.text or "")


def test_a_built_page_is_asked_for_anew_each_time(built: Path) -> None:
    assert is_built(built)
    assert read_index(built).headers["Content-Type"] == "text/html; charset=utf-8"
    script = read_asset("page.js", built)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cache-Control"] == "no-cache"
    assert read_asset("deep/page.css", built).headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["missing.js", "notes.py", "deep", "../index.html", "../../page-secrets/a.js", "deep/../../index.html", "a\0.js"],
)
def test_nothing_else_is_served(built: Path, path: str) -> None:
    with pytest.raises(web.HTTPNotFound):
        read_asset(path, built)


def test_a_link_does_not_lead_out(built: Path, tmp_path: Path) -> None:
    (built / "assets" / "out.js").symlink_to(tmp_path / "page-secrets" / "a.js")
    with pytest.raises(web.HTTPNotFound):
        read_asset("out.js", built)


async def test_no_quoting_leads_out_either(unmanned: Visit) -> None:
    assert PAGE.parent.joinpath("guard.py").exists()
    for path in (
        "/assets/%2e%2e/%2e%2e/guard.py",
        "/assets/..%2f..%2fguard.py",
        "/assets//etc/x.txt",
        "/assets/%00.js",
    ):
        async with unmanned.http.get(yarl.URL(unmanned.base + path, encoded=True)) as response:
            assert response.status == 404, path
