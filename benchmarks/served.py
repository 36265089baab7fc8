"""The bot of `traffic.py`, in a process that holds what `faqtotum run` holds and nothing else.

    python benchmarks/served.py ORDER

ORDER is JSON: the addresses of a loopback Discord (`rest_url`, `gateway_url`, `base_url`), the bot's `settings` and its
`token`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.cli.run import serve
from bot.config import Config
from bot.core.memory import expect_little_garbage, limit_heaps


def main() -> None:
    """Be the bot."""
    # As `faqtotum run` does.
    expect_little_garbage()
    limit_heaps(1)
    told = json.loads(sys.argv[1])
    logging.getLogger("discord").setLevel(logging.ERROR)
    # By its path: the package around it holds the loopback Discord, four megabytes that are no part of the bot.
    redirected = runpy.run_path(str(ROOT / "bot" / "sandbox" / "redirect.py"))["redirected"]
    place = SimpleNamespace(**{name: told[name] for name in ("rest_url", "gateway_url", "base_url")})
    with redirected(place):
        asyncio.run(serve(Config.from_mapping(told["settings"]), told["token"]))


if __name__ == "__main__":
    main()
