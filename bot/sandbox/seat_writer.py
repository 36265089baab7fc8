"""The third of a seat that writes: messages, reactions, threads and forum posts."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import aiohttp

from .seat_reader import SeatReader
from .seat_views import SeenMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._json import Json
    from .seat_views import SeatFile


class SeatWriter(SeatReader):
    """What a person writes, and the files that they fetch."""

    async def say(
        self,
        channel_id: int,
        text: str = "",
        *,
        reply_to: SeenMessage | int | None = None,
        files: Sequence[SeatFile] = (),
        ping: bool = True,
    ) -> SeenMessage:
        """Send a message. `ping`: a reply mentions the author of what it replies to.

        Raises:
            SeatError: when the server refuses.
        """
        body: Json = {"content": text, "nonce": self._nonce()}
        if reply_to is not None:
            target = reply_to if isinstance(reply_to, int) else reply_to.id
            body["message_reference"] = {"message_id": str(target)}
            if not ping:
                body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        return SeenMessage(await self.post_files(f"/channels/{channel_id}/messages", body, files))

    async def post_files(self, path: str, body: Json, files: Sequence[SeatFile], key: str | None = None) -> Json:
        """Send a body with files, which are described below its `key`, if there is one; gives the decoded JSON.

        Raises:
            SeatError: when the server refuses.
        """
        if not files:
            return await self.request("POST", path, body)
        message: Json = body[key] if key else body
        message["attachments"] = [
            {"id": str(index), "filename": file.filename}
            | ({"description": file.description} if file.description else {})
            for index, file in enumerate(files)
        ]
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(body), content_type="application/json")
        for index, file in enumerate(files):
            form.add_field(f"files[{index}]", io.BytesIO(file.content), filename=file.filename)
        return await self.request("POST", path, data=form)

    async def edit(self, message: SeenMessage, text: str) -> SeenMessage:
        """Edit one's own message."""
        path = f"/channels/{message.channel_id}/messages/{message.id}"
        return SeenMessage(await self.request("PATCH", path, {"content": text}))

    async def delete(self, message: SeenMessage) -> None:
        """Delete a message."""
        await self.request("DELETE", f"/channels/{message.channel_id}/messages/{message.id}")

    def dismiss(self, message: SeenMessage) -> None:
        """Dismiss an ephemeral message. Only this client knows of it: what the application changes is not shown again.

        Raises:
            ValueError: for a message that others see too.
        """
        if not message.ephemeral:
            raise ValueError("only an ephemeral message can be dismissed")
        self.gateway.dismiss(message.id)

    async def react(self, message: SeenMessage, emoji: str) -> None:
        """React to a message with a Unicode emoji."""
        path = f"/channels/{message.channel_id}/messages/{message.id}/reactions/{emoji}/@me"
        await self.request("PUT", path)

    async def dm(self, user_id: int) -> int:
        """Open the direct-message channel with somebody; gives its id."""
        return int((await self.request("POST", "/users/@me/channels", {"recipient_id": str(user_id)}))["id"])

    async def post(
        self, forum_id: int, title: str, text: str, *, tags: Sequence[int] = (), files: Sequence[SeatFile] = ()
    ) -> SeenMessage:
        """Open a forum post; gives its first message, whose channel is the new thread."""
        body: Json = {"name": title, "message": {"content": text}, "applied_tags": [str(tag) for tag in tags]}
        thread = await self.post_files(f"/channels/{forum_id}/threads", body, files, "message")
        return SeenMessage(thread["message"])

    async def start_thread(self, name: str, *, at: SeenMessage | None = None, channel_id: int = 0) -> int:
        """Start a public thread at a message, or in a channel without one; gives its id."""
        if at is not None:
            path = f"/channels/{at.channel_id}/messages/{at.id}/threads"
            return int((await self.request("POST", path, {"name": name}))["id"])
        body: Json = {"name": name, "type": 11}
        return int((await self.request("POST", f"/channels/{channel_id}/threads", body))["id"])

    async def download(self, attachment: Json) -> bytes:
        """Fetch an attached file."""
        if self._http is None:
            raise RuntimeError("the seat is not taken: use it as an async context manager")
        async with self._http.get(attachment["url"], raise_for_status=True) as response:
            return await response.read()
