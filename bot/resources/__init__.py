"""Small data files that the program brings along, written by us."""

from __future__ import annotations

from importlib.resources import files


def read_chatter() -> list[str]:
    """Return some hundred lines of what people write in channels all day, none of which an FAQ answers.

    Greetings, thanks, jokes, opinions and questions about everything else. Against it the bot measures how sure it
    may be that a message is for it.
    """
    return files(__name__).joinpath("chatter.txt").read_text(encoding="utf-8").splitlines()
