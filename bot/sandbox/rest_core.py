"""Routes about the account itself, the gateway, guilds and their members."""

from __future__ import annotations

from . import payloads
from .errors import missing_access, not_found
from .routing import Call, Reply, Routes

SESSION_STARTS = 1000
SESSION_RESET_MS = 14_400_000
DEFAULT_MEMBERS, MAX_MEMBERS = 1, 1000

routes = Routes()


@routes.add("GET", "/gateway")
def gateway(call: Call) -> Reply:
    """Where the gateway is."""
    return Reply(body={"url": call.gateway_url})


@routes.add("GET", "/gateway/bot")
def gateway_bot(call: Call) -> Reply:
    """Where the gateway is, and how many shards to use."""
    limit = {
        "total": SESSION_STARTS,
        "remaining": SESSION_STARTS,
        "reset_after": SESSION_RESET_MS,
        "max_concurrency": 1,
    }
    return Reply(
        body={"url": call.gateway_url, "shards": call.application.shards, "session_start_limit": limit},
    )


@routes.add("GET", "/users/@me")
def own_user(call: Call) -> Reply:
    """The account itself."""
    return Reply(body=payloads.own_user(call.user))


@routes.add("GET", "/users/{user_id}")
def user(call: Call) -> Reply:
    """Any account."""
    found = call.world.users.get(call.id("user_id")) if call.user else None
    if found is None:
        raise not_found("User")
    return Reply(body=payloads.user(found))


@routes.add("POST", "/users/@me/channels")
def open_dm(call: Call) -> Reply:
    """Open the direct-message channel with somebody."""
    recipient = str(call.body.get("recipient_id") or "")
    found = call.world.users.get(int(recipient)) if recipient.isdecimal() else None
    if found is None or found is call.user:
        raise not_found("User")
    return Reply(body=payloads.channel(call.world.dm(call.user, found), call.user))


@routes.add("GET", "/applications/@me")
@routes.add("GET", "/oauth2/applications/@me")
def own_application(call: Call) -> Reply:
    """The application of the bot that asks."""
    application = call.application
    guilds = sum(application.id in guild.members for guild in call.world.guilds.values())
    return Reply(body=payloads.application(application, guilds))


@routes.add("GET", "/guilds/{guild_id}")
def guild(call: Call) -> Reply:
    """A guild, counted on request."""
    found = call.guild()
    counts = {}
    if call.query.get("with_counts") in {"true", "True", "1"}:
        counts = {"approximate_member_count": len(found.members), "approximate_presence_count": 0}
    return Reply(body=payloads.guild(found) | counts)


@routes.add("GET", "/guilds/{guild_id}/channels")
def channels(call: Call) -> Reply:
    """A guild's channels, without its threads."""
    return Reply(body=[payloads.channel(each) for each in call.guild().channels.values()])


@routes.add("GET", "/guilds/{guild_id}/roles")
def roles(call: Call) -> Reply:
    """A guild's roles."""
    return Reply(body=[payloads.role(each) for each in call.guild().roles.values()])


@routes.add("GET", "/guilds/{guild_id}/members")
def members(call: Call) -> Reply:
    """A page of a guild's members, by id; for bots only with the members switch on in the portal."""
    application = call.world.applications.get(call.user.id)
    if application is not None and not application.guild_members:
        raise missing_access()
    limit = max(DEFAULT_MEMBERS, min(MAX_MEMBERS, int(call.query.get("limit", DEFAULT_MEMBERS))))
    after = int(call.query.get("after", "0"))
    page = sorted(each for each in call.guild().members if each > after)[:limit]
    return Reply(body=[payloads.member(call.guild().members[each]) for each in page])


@routes.add("GET", "/guilds/{guild_id}/members/{user_id}")
def member(call: Call) -> Reply:
    """One member."""
    found = call.guild().members.get(call.id("user_id"))
    if found is None:
        raise not_found("Member")
    return Reply(body=payloads.member(found))
