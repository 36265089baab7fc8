"""The page itself, as it was built, from the folder beside this module; without it, a word on how to build it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = Path(__file__).parent / "page"
"""Where the build puts the page (`make page`); empty in a checkout, filled in a wheel."""
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
"""What the page is made of. Written down because the machine's own table may say otherwise."""
UNBUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Faqtotum: the page is not built</title>
<h1>The page is not built</h1>
<p>The bot runs, and the terminal has its seat. For the page, install Node 20 or newer and run
<code>make page</code>, then reload this.</p>
</html>
"""


def is_built(folder: Path = PAGE) -> bool:
    """Return whether there is a page to show."""
    return (folder / "index.html").is_file()


def read_index(folder: Path = PAGE) -> web.StreamResponse:
    """Return the page, or how to get it."""
    if not is_built(folder):
        return web.Response(text=UNBUILT, content_type="text/html")
    return _serve(folder / "index.html")


def read_asset(path: str, folder: Path = PAGE) -> web.StreamResponse:
    """Return a file that belongs to the page.

    Raises:
        HTTPNotFound: There is no such file.
    """
    try:
        file = (folder / "assets" / path).resolve()
    except ValueError as error:  # no file can have that name
        raise web.HTTPNotFound from error
    if not file.is_relative_to((folder / "assets").resolve()) or file.suffix not in _TYPES or not file.is_file():
        raise web.HTTPNotFound
    return _serve(file)


def _serve(file: Path) -> web.StreamResponse:
    # A page that was built anew should be seen at the next look.
    headers = {"Content-Type": _TYPES[file.suffix], "Cache-Control": "no-cache"}
    return web.FileResponse(file, headers=headers)
