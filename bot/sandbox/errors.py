"""How the sandbox says no, in Discord's own words.

Source: Discord's documentation, topic "Opcodes and Status Codes", table "JSON Error Codes".
"""

from ._json import Json


class ApiError(Exception):
    """A refusal that reaches the client as JSON: HTTP status, Discord's error code and text, and form errors if any."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorized() -> ApiError:
    """401: no token, or one that nobody has."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found(what: str) -> ApiError:
    """404 for an unknown thing: "Channel", "Message", "Interaction", ..."""
    return ApiError(404, _UNKNOWN[what], f"Unknown {what}")


_UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Role": 10011,
    "User": 10013,
    "Webhook": 10015,
    "Interaction": 10062,
    "Application Command": 10063,
    "application command permissions": 10066,
}


def missing_access() -> ApiError:
    """403, 50001: the channel or guild is not for this account's eyes."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """403, 50013: seen, but not allowed."""
    return ApiError(403, 50013, "Missing Permissions")


def not_the_author() -> ApiError:
    """403, 50005: only its author may edit a message."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    """400, 50006: a message needs content, embeds, files or components."""
    return ApiError(400, 50006, "Cannot send an empty message")


def wrong_channel_type() -> ApiError:
    """400, 50024: not in this kind of channel (a message in a forum or category, say)."""
    return ApiError(400, 50024, "Cannot execute action on this channel type")


def already_acknowledged() -> ApiError:
    """400, 40060: an interaction takes one first response."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def thread_exists() -> ApiError:
    """400, 160004: one thread a message."""
    return ApiError(400, 160004, "A thread has already been created for this message")


def thread_archived() -> ApiError:
    """400, 50083: an archived thread takes no messages."""
    return ApiError(400, 50083, "Thread is archived")


def starter_missing() -> ApiError:
    """403, 40058: the first message of a forum post is its author's, and it has not come yet."""
    return ApiError(403, 40058, "Cannot message this thread until after the post author has sent an initial message.")


def cannot_dm() -> ApiError:
    """403, 50007: this user takes no direct messages from this account."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def too_large() -> ApiError:
    """413, 40005: a file, or the whole request, is larger than the sender may upload."""
    return ApiError(413, 40005, "Request entity too large")
