"""Edits an FAQ in a database at random until it is killed: ``python -m tests.services.edit_forever DATABASE SEED``.

Each change that was saved is told in a line: its number.
"""

import asyncio
import random
import sys
from dataclasses import replace

from bot.core.edits import ChangeKind
from bot.core.errors import EditRefusedError
from bot.core.types import Entry
from bot.services import Editor, Knowledge, Proposal
from bot.stores import open_sqlite
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource

GUILD = 7
FILED = [Entry(f"filed-{number}", f"Filed question {number}?", "Answer.") for number in range(3)]
IDS = [*(entry.id for entry in FILED), *(f"own-{number}" for number in range(4))]


async def propose(editor: Editor, knowledge: Knowledge, rng: random.Random) -> Proposal:
    entry_id = rng.choice(IDS)
    listed = knowledge.current.find_listed(GUILD, entry_id)
    match rng.choice(["put", "put", "remove", "switch", "undo", "import"]):
        case "remove":
            return await editor.propose_removal(GUILD, entry_id)
        case "switch":
            return await editor.propose_switch(GUILD, entry_id, enabled=rng.random() < 0.5)
        case "undo":
            return (await editor.propose_undo(GUILD))[0]
        case "import":
            entries = [Entry(one, f"Imported {rng.random()} {one}?", "New.") for one in rng.sample(IDS, 3)]
            return await editor.propose_import(GUILD, entries, "some.csv")
        case _:
            seen = listed.entry if listed else None
            new = seen or Entry(entry_id, f"Own question {entry_id}?", "")
            put = replace(new, answer=f"Answer {rng.random()}", alternates=(f"another {rng.random()}",))
            return await editor.propose(GUILD, put, seen=seen, kind=ChangeKind.EDIT if seen else ChangeKind.ADD)


async def main(path: str, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    async with open_sqlite(path) as store:
        knowledge = Knowledge(ListSource(*FILED), HashEmbedder(), store, FrozenClock(), ledger=store.ledger)
        editor = Editor(knowledge, store.ledger, FrozenClock())
        await knowledge.reload()
        while True:
            if rng.random() < 0.1:
                await editor.reload(GUILD, 1)
            try:
                saved = await editor.save(await propose(editor, knowledge, rng), 1)
            except EditRefusedError:
                continue
            print(saved.change_id, flush=True)  # noqa: T201 - the parent listens


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
