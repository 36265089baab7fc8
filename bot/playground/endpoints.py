"""The playground's own addresses: the page, and what it asks beside Discord's interface. See the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ..core.errors import FaqInvalidError, FaqtotumError
from ..core.speech import number_of
from ..faqfiles.formats import MAX_BYTES
from .guard import OWN_PLACES, refuse
from .own_faq import MAX_FILES, Upload
from .page import read_asset, read_index
from .running import NotNowError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.typedefs import Handler

    from .guard import Guard
    from .own_faq import Shelved
    from .passing import Passed, Played
    from .reasons import Reasons

_WRONG_ID = "channel_id and message_id have to be ids, which are whole numbers"
_WRONG_SWITCH = 'send a JSON object: {"running": true} or {"running": false}'
_WRONG_UPLOAD = f"send 1 to {MAX_FILES} files as multipart/form-data, each as a field called files"
_FIELD = "files"


class Actions(Protocol):
    """What the page can have done."""

    reasons: Reasons

    def describe_session(self) -> dict[str, Any]:
        """Return what stays as it is."""
        ...

    def describe_state(self) -> dict[str, Any]:
        """Return how things stand."""
        ...

    async def play_week(self) -> Played:
        """Play the busy week."""
        ...

    async def pass_night(self) -> Passed:
        """Let the night pass."""
        ...

    async def run_bot(self, *, running: bool) -> None:
        """Start or stop the bot."""
        ...

    async def use_faq(self, uploads: Sequence[Upload]) -> Shelved:
        """Have the bot answer from these files."""
        ...

    async def drop_faq(self) -> None:
        """Have it answer from what it began with."""
        ...


class Endpoints:
    """Takes requests in, and says what came of them.

    Args:
        actions: What can be done.
        guard: Says who may.
    """

    def __init__(self, actions: Actions, guard: Guard) -> None:
        self._actions = actions
        self._guard = guard

    def attach(self, app: web.Application) -> None:
        """Add all addresses to an application."""
        self._guard.attach(app)
        app.middlewares.append(_explain)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/assets/{path:.+}", _asset),
                web.get("/playground/session", self._session),
                web.get("/playground/state", self._state),
                web.get("/playground/why", self._why),
                web.post("/playground/week", self._week),
                web.post("/playground/night", self._night),
                web.post("/playground/bot", self._bot),
                web.post("/playground/faq", self._use_faq),
                web.delete("/playground/faq", self._drop_faq),
            ]
        )

    async def _index(self, request: web.Request) -> web.StreamResponse:
        if "key" not in request.query:
            return read_index()
        if not self._guard.opens(request.query["key"]):
            return refuse(403, "this key is of another session: open the address that the demo printed")
        # Away from the address bar, the history and whoever looks over a shoulder.
        response = web.Response(status=303, headers={"Location": "/"})
        self._guard.let_in(response)
        return response

    async def _session(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._actions.describe_session())

    async def _state(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._actions.describe_state())

    async def _why(self, request: web.Request) -> web.StreamResponse:
        ids = [request.query.get(name, "") for name in ("channel_id", "message_id")]
        if not all(each.isascii() and each.isdecimal() for each in ids):
            return refuse(400, _WRONG_ID)
        found = self._actions.reasons.find(*map(int, ids))
        # No 404: the page asks about every message, and browsers complain of each.
        return web.Response(status=204) if found is None else web.json_response(found)

    async def _week(self, _: web.Request) -> web.StreamResponse:
        played = await self._actions.play_week()
        return web.json_response({"messages": played.messages, "questions": played.questions, "people": played.people})

    async def _night(self, _: web.Request) -> web.StreamResponse:
        passed = await self._actions.pass_night()
        report = passed.report and dict(zip(("channel_id", "message_id"), map(str, passed.report), strict=True))
        now = self._actions.describe_state()["now"]
        return web.json_response({"now": now, "report": report, "why": passed.why})

    async def _bot(self, request: web.Request) -> web.StreamResponse:
        try:
            wanted = await request.json()
        except ValueError:
            wanted = None
        match wanted:
            case {"running": bool(running)}:
                await self._actions.run_bot(running=running)
                return await self._state(request)
            case _:
                return refuse(400, _WRONG_SWITCH)

    async def _use_faq(self, request: web.Request) -> web.StreamResponse:
        uploads = await _read_uploads(request)
        if uploads is None:
            return refuse(400, _WRONG_UPLOAD)
        shelved = await self._actions.use_faq(uploads)
        faq = self._actions.describe_state()["faq"]
        return web.json_response(
            {
                "entries": faq["entries"],
                "phrasings": faq["phrasings"],
                "files": list(shelved.names),
                "notes": [{"path": name, "message": note} for name, notes in shelved.notes.items() for note in notes],
            }
        )

    async def _drop_faq(self, request: web.Request) -> web.StreamResponse:
        await self._actions.drop_faq()
        return await self._state(request)


async def _asset(request: web.Request) -> web.StreamResponse:
    return read_asset(request.match_info["path"])


async def _read_uploads(request: web.Request) -> list[Upload] | None:
    """Return the files of a request, None if it holds none, too many, or something else."""
    if request.content_type != "multipart/form-data":
        return None
    try:
        form = await request.post()
    except (ValueError, HttpProcessingError):
        return None
    parts = list(form.items())
    if not 1 <= len(parts) <= MAX_FILES:
        return None
    uploads: list[Upload] = []
    for name, part in parts:
        if name != _FIELD or not isinstance(part, web.FileField):
            return None
        # One byte more than is allowed, so that whoever reads it says that it is too much.
        uploads.append(Upload(part.filename, part.file.read(MAX_BYTES + 1)))
    return uploads


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what went wrong in the words of the errors that are raised for it."""
    try:
        return await handler(request)
    except FaqInvalidError as error:
        told = {
            "error": f"the FAQ cannot be used: {number_of(len(error.problems), 'problem', 'problems')}",
            "problems": [
                {"path": problem.path, "line": problem.line, "message": str(problem.message)}
                for problem in error.problems
            ],
        }
        return web.json_response(told, status=422)
    except NotNowError as error:
        return refuse(409, str(error))
    except FaqtotumError as error:
        return refuse(503, str(error))
    except web.HTTPError as error:
        if request.path.startswith(OWN_PLACES):
            return refuse(error.status, error.text or error.reason)
        raise
