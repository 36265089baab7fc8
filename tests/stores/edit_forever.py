"""Edit FAQs in databases, each in a process of its own, until somebody kills that.

Usage: python -m tests.stores.edit_forever

What it prints once a change is kept are the change's number and what names it; see `killing` for the rest.
"""

import importlib
import json
import random
from dataclasses import replace

from bot.core.edits import ChangeKind
from bot.core.entries import to_plain
from bot.core.errors import EditRefusedError
from bot.core.text import content_hash
from bot.core.types import Entry
from bot.services import Proposal
from bot.stores import open_sqlite
from tests.fakes.clock import FrozenClock
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, CARD, COST, GUILD, PETS, Process
from tests.stores.killing import BEGIN, say, work_when_told

FILES = ((CARD, COST, PETS), (CARD, COST), (replace(CARD, answer="Otherwise."), COST))
NAMES = ("a", "b", "c", "card")
OTHER_GUILD = 2


def draw_entry(chance: random.Random) -> Entry:
    name = chance.choice(NAMES)
    alternates = tuple(f"And {name} with {number}?" for number in range(chance.randrange(4)))
    return Entry(name, f"What is {name}?", "Long answer. " * chance.randrange(200), alternates)


async def propose(process: Process, chance: random.Random) -> Proposal:
    """Propose something at random.

    Raises:
        EditRefusedError: That cannot be done now.
    """
    editor, guild_id = process.editor, chance.choice((GUILD, GUILD, OTHER_GUILD))
    match chance.choice(("put", "put", "remove", "switch", "import", "settings", "undo", "undo", "undo one")):
        case "put":
            entry = draw_entry(chance)
            seen = process.see(entry.id, guild_id)
            kind = ChangeKind.EDIT if seen else ChangeKind.ADD
            return await editor.propose(guild_id, entry, seen=seen, kind=kind)
        case "remove":
            return await editor.propose_removal(guild_id, chance.choice(NAMES))
        case "switch":
            return await editor.propose_switch(guild_id, chance.choice(NAMES), enabled=chance.choice((True, False)))
        case "import":
            return await editor.propose_import(guild_id, [draw_entry(chance) for _ in range(9)], "faq.csv")
        case "settings":
            values = {"language": chance.choice(("de", None)), "watch": [chance.randrange(3)]}
            return process.settings.propose(guild_id, values)
        case how:
            number = chance.randrange(1, 40) if how == "undo one" else None
            return (await editor.propose_undo(guild_id, number))[0]


async def edit(path: str, seed: int) -> None:
    chance, source = random.Random(seed), ListSource(*FILES[0])  # noqa: S311 - nothing to keep secret
    async with open_sqlite(path) as store:
        process = Process(source, store.ledger, store, FrozenClock())
        await process.knowledge.reload()
        while True:
            await process.knowledge.follow()
            try:
                if chance.random() < 0.1:
                    source.scopes[None] = chance.choice(FILES)
                    say(BEGIN)
                    await process.editor.reload(GUILD, ADMIN)
                    continue
                proposal = await propose(process, chance)
                say(BEGIN)
                saved = await process.editor.save(proposal, ADMIN)
            except EditRefusedError:
                continue
            say(f"{saved.change_id} {name_change(proposal)}")


def name_change(proposal: Proposal) -> str:
    """Return what names a change: short, because who prints much waits for its reader."""
    edits = [
        (one.entry_id, one.before and to_plain(one.before), one.after and to_plain(one.after)) for one in proposal.edits
    ]
    settings = [(one.name, one.before, one.after) for one in proposal.settings]
    what = proposal.guild_id, proposal.kind, edits, settings, proposal.undoes, proposal.note
    return content_hash(json.dumps(what))


def main() -> None:
    # What takes long to import is imported once, so that a process to kill is there in no time.
    importlib.import_module("scipy.sparse")
    importlib.import_module("scipy.optimize")
    work_when_told(edit)


if __name__ == "__main__":
    main()
