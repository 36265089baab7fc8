"""Drafts: what an admin is about to do, kept until he saves or cancels it, also over a restart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...core.edits import DRAFT_KEPT, ChangeKind, Draft
from ...core.entries import from_plain, to_plain
from ...core.errors import EditRefusedError, FaqInvalidError
from ...core.ids import make_id
from ...core.speech import sentence
from ...faqfiles import parse_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...app import App
    from ...core.types import Entry
    from ...services import Proposal
    from .forms import Raw

About = dict[str, Any]
"""What a draft was begun from, as JSON can hold it."""


class Drafts:
    """Keeps what admins are about to do, and turns it into proposals.

    A draft's content is one of

    - ``{"does": "put", "raw": …, "seen": … or None}``: put an entry in place of the one that was seen,
    - ``{"does": "remove" | "enable" | "disable", "id": …}``,
    - ``{"does": "undo", "change": …}``,
    - ``{"does": "import", "entries": […], "name": …, "notes": […]}``,
    - ``{"does": "merge", "into": …, "other": …}``,
    - ``{"does": "pick", "text": …}``: a phrasing of which the entry is still to be chosen.

    Any of them may have an ``"about"``: what it was begun from, for whoever hears that it was saved.

    Args:
        app: The opened Faqtotum.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def put(self, guild_id: int, by: int, raw: Raw, seen: Entry | None, about: About | None = None) -> Draft:
        """Keep a new draft that puts an entry in place of the one that was seen."""
        content: dict[str, Any] = {"does": "put", "raw": raw, "seen": seen and to_plain(seen)}
        return await self.keep(guild_id, by, content | ({"about": about} if about else {}))

    async def bring_in(
        self, guild_id: int, by: int, entries: Iterable[Entry], name: str, notes: Sequence[str]
    ) -> Draft:
        """Keep a new draft that imports entries."""
        plain = [to_plain(entry) for entry in entries]
        return await self.keep(guild_id, by, {"does": "import", "entries": plain, "name": name, "notes": list(notes)})

    async def keep(self, guild_id: int, by: int, content: Mapping[str, Any]) -> Draft:
        """Keep a new draft, and forget those that nobody came back to."""
        now = self._app.clock.now()
        await self._app.ledger.drop_drafts(before=now - DRAFT_KEPT)
        draft = Draft(guild_id, by, now, content)
        return replace(draft, id=await self._app.ledger.keep_draft(draft))

    async def change(self, draft: Draft, **content: object) -> Draft:
        """Keep a draft with other content."""
        changed = replace(draft, content={**draft.content, **content}, at=self._app.clock.now())
        await self._app.ledger.keep_draft(changed)
        return changed

    async def find(self, draft_id: int, guild_id: int, by: int) -> Draft:
        """Return somebody's own draft.

        Raises:
            EditRefusedError: There is none (any more), or it is somebody else's.
        """
        draft = await self._app.ledger.read_draft(draft_id)
        oldest = self._app.clock.now() - DRAFT_KEPT
        if draft is None or draft.guild_id != guild_id or draft.at < oldest:
            raise EditRefusedError(
                sentence(
                    "That is no longer open: it was saved or cancelled already, or lay for more than a week. "
                    "Begin anew."
                )
            )
        if draft.by != by:
            raise EditRefusedError(sentence("Somebody else began that; begin your own with `/faq`."))
        return draft

    async def drop(self, draft: Draft) -> bool:
        """Forget a draft; return whether it was still there, which of two who press at once only one sees."""
        return bool(await self._app.ledger.drop_drafts(draft_id=draft.id))

    async def look_again(self, draft: Draft) -> Draft:
        """Return a draft of an entry that is to be put in place of what is there now."""
        listed = self._app.knowledge.current.find_listed(draft.guild_id, raw_of(draft).get("id", ""))
        return await self.change(draft, seen=listed and to_plain(listed.entry))

    async def propose(self, draft: Draft) -> Proposal:
        """Return what a draft would do.

        Raises:
            EditRefusedError: It cannot be done; with all reasons.
        """
        editor, content = self._app.editor, draft.content
        match content["does"]:
            case "remove":
                return await editor.propose_removal(draft.guild_id, str(content["id"]))
            case "enable" | "disable" as does:
                return await editor.propose_switch(draft.guild_id, str(content["id"]), enabled=does == "enable")
            case "undo":
                return (await editor.propose_undo(draft.guild_id, _number(content["change"])))[0]
            case "merge":
                return await editor.propose_merge(draft.guild_id, str(content["into"]), str(content["other"]))
            case "import":
                return await editor.propose_import(draft.guild_id, imported(draft), str(content["name"]))
            case _:
                return await self._propose_entry(draft)

    async def _propose_entry(self, draft: Draft) -> Proposal:
        seen = seen_of(draft)
        kind = ChangeKind.ADD if seen is None else ChangeKind.EDIT
        return await self._app.editor.propose(draft.guild_id, self.entry_of(draft), seen=seen, kind=kind)

    def entry_of(self, draft: Draft) -> Entry:
        """Return the entry that a draft puts.

        Raises:
            EditRefusedError: It cannot be used as it was typed; with all reasons.
        """
        raw = raw_of(draft)
        if not raw.get("id"):
            taken = {listed.entry.id for listed in self._app.knowledge.current.listing_of(draft.guild_id)}
            raw = raw | {"id": make_id(str(raw.get("question", "")), taken)}
        try:
            return parse_entry(raw)
        except FaqInvalidError as error:
            reasons = [sentence("{problem}.", problem=problem.message) for problem in error.problems]
            raise EditRefusedError(*reasons) from error


def about_of(draft: Draft) -> About | None:
    """Return what a draft was begun from, None if that is of no interest."""
    about: Any = draft.content.get("about")
    return dict(about) if about else None


def raw_of(draft: Draft) -> Raw:
    """Return the entry that a draft puts, as it was typed."""
    raw: Any = draft.content.get("raw")
    return dict(raw or {})


def seen_of(draft: Draft) -> Entry | None:
    """Return the entry that a draft puts another in place of, as it was seen; None if there was none."""
    seen: Any = draft.content.get("seen")
    return from_plain(seen) if seen else None


def imported(draft: Draft) -> list[Entry]:
    """Return the entries that a draft imports."""
    entries: Any = draft.content["entries"]
    return [from_plain(entry) for entry in entries]


def notes_of(draft: Draft) -> list[str]:
    """Return what there is to say about the file of an import."""
    notes: Any = draft.content["notes"]
    return list(notes)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
