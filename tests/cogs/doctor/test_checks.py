"""What the doctor finds, and how he says it."""

from dataclasses import replace
from datetime import UTC, datetime

import discord
import pytest

from bot.app import build_settings
from bot.cogs import limits
from bot.cogs.doctor import checks
from bot.cogs.doctor.checks import Finding, Level, find_lacking
from bot.cogs.doctor.examining import render_findings
from bot.cogs.doctor.upkeep import check_renewal
from bot.cogs.places import Place
from bot.cogs.speech import ENGLISH
from bot.config import Config
from bot.core.entries import Listed, Origin
from bot.core.errors import FaqInvalidError, Problem
from bot.core.speech import sentence, verbatim
from bot.core.types import Entry
from bot.matching import Calibration
from bot.services.faq import EMPTY_FAQ

SETTINGS = build_settings(Config(), None)
ALLOWED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
CALIBRATED = replace(EMPTY_FAQ, calibration=Calibration(EMPTY_FAQ.calibration.samples))


def without(*names: str) -> discord.Permissions:
    held = discord.Permissions(ALLOWED.value)
    held.update(**dict.fromkeys(names, False))
    return held


def listed(entry_id: str, question: str = "", *, origin: Origin = Origin.FILE, follow_ups: str = "") -> Listed:
    return Listed(
        Entry(id=entry_id, question=question or entry_id, answer="!", follow_ups=tuple(follow_ups.split())), origin
    )


def worst(findings: list[Finding]) -> Level:
    return max(finding.level for finding in findings)


def test_channels_in_which_all_is_allowed_are_told_in_one_line() -> None:
    [one] = checks.check_watched(SETTINGS, [Place(1, ALLOWED), Place(2, ALLOWED, is_forum=True)])
    assert one == Finding(Level.OK, one.what)
    assert str(one.what) == "I can read and answer in all 2 watched channels."


@pytest.mark.parametrize(
    ("lacking", "level", "told"),
    [
        ({"view_channel", "send_messages", "embed_links"}, Level.FAULT, "View Channel"),
        ({"send_messages", "embed_links", "attach_files"}, Level.FAULT, "Send Messages"),
        ({"embed_links"}, Level.FAULT, "Embed Links"),
        ({"read_message_history"}, Level.FAULT, "Read Message History"),
        ({"attach_files"}, Level.WARNING, "Attach Files"),
        ({"send_messages_in_threads", "attach_files"}, Level.WARNING, "Send Messages in Threads, Attach Files"),
    ],
)
def test_what_is_not_allowed_in_a_channel_is_named(lacking: set[str], level: Level, told: str) -> None:
    [one] = checks.check_watched(SETTINGS, [Place(1, ALLOWED), Place(7, without(*lacking))])
    assert one.level is level
    assert str(one.what) == f"In <#7> I may not: {told}."
    assert one.advice


def test_in_a_forum_it_is_threads_that_count() -> None:
    assert find_lacking(without("send_messages", "embed_links"), is_forum=True, for_report=False) == []
    assert find_lacking(without("send_messages_in_threads"), is_forum=True, for_report=False) == [
        "send_messages_in_threads"
    ]
    [one] = checks.check_watched(SETTINGS, [Place(1, without("send_messages_in_threads"), is_forum=True)])
    assert one.level is Level.FAULT


def test_a_deleted_channel_a_quiet_bot_and_no_channel_at_all_are_warned_of() -> None:
    assert worst(checks.check_watched(SETTINGS, [Place(1, None)])) is Level.WARNING
    assert worst(checks.check_watched(SETTINGS, [])) is Level.WARNING
    quiet = checks.check_watched(replace(SETTINGS, overhear=False), [Place(1, ALLOWED)])
    assert [one.level for one in quiet] == [Level.OK, Level.WARNING]


def test_the_report_needs_a_channel_that_it_can_be_posted_in() -> None:
    [none] = checks.check_report(SETTINGS, None)
    assert none.level is Level.OK
    assert none.advice
    [utc] = checks.check_report(SETTINGS, Place(3, ALLOWED))
    assert str(utc.what) == "The nightly report comes at 07:00 (UTC) in <#3>."
    assert utc.advice
    [local] = checks.check_report(replace(SETTINGS, time_zone="Europe/Berlin"), Place(3, ALLOWED))
    assert local.advice is None
    assert worst(checks.check_report(SETTINGS, Place(3, without("attach_files")))) is Level.FAULT
    assert worst(checks.check_report(SETTINGS, Place(3, None))) is Level.WARNING
    # Or a report would be posted twice whose poster died: it would not be found.
    [blind] = checks.check_report(SETTINGS, Place(3, without("read_message_history")))
    assert blind.level is Level.FAULT
    assert str(blind.what) == "In <#3> I may not: Read Message History."


@pytest.mark.parametrize(
    ("in_code", "granted", "watched", "level"),
    [
        (True, True, True, Level.OK),
        (True, False, True, Level.FAULT),
        (False, True, True, Level.FAULT),
        (False, False, False, Level.OK),
    ],
)
def test_message_content_is_needed_in_code_and_in_the_portal(
    *, in_code: bool, granted: bool, watched: bool, level: Level
) -> None:
    found = checks.check_content(in_code=in_code, granted=granted, watched=watched)
    assert found.level is level
    assert bool(found.advice) is found.is_bad


def test_commands_that_discord_does_not_know_are_named() -> None:
    assert checks.check_commands({"/ask"}, {"/ask"}).level is Level.OK
    missing = checks.check_commands({"/ask", "/faq"}, {"/ask", "/old"})
    assert (missing.level, str(missing.what)) == (Level.FAULT, "Discord does not know these commands: `/faq`.")
    left = checks.check_commands({"/ask"}, {"/ask", "/old"})
    assert left.level is Level.WARNING
    assert "`/old`" in str(left.what)


def test_an_faq_may_be_empty_small_or_large_enough() -> None:
    disabled = Listed(Entry(id="a", question="a", answer="!", enabled=False), Origin.OWN)
    assert checks.check_faq(EMPTY_FAQ, [disabled])[0].level is Level.FAULT
    [small] = checks.check_faq(EMPTY_FAQ, [listed("a")])
    assert small.level is Level.WARNING
    assert str(small.what).startswith("The FAQ has 1 entry with 1 phrasing: too little")
    [enough] = checks.check_faq(CALIBRATED, [listed("a"), listed("b")])
    assert (enough.level, str(enough.what)) == (Level.OK, "The FAQ has 2 entries with 2 phrasings.")


def test_follow_ups_that_lead_nowhere_are_named_by_their_entries() -> None:
    found = checks.check_faq(CALIBRATED, [listed("a", follow_ups="b"), listed("b", follow_ups="gone a")])
    assert [one.level for one in found] == [Level.OK, Level.WARNING]
    assert "`b`" in str(found[1].what)
    assert "`a`" not in str(found[1].what)


def test_phrasings_of_two_entries_are_named_with_the_servers_own_first() -> None:
    listing = [listed("own", "How much?", origin=Origin.OWN), listed("file", "how much")]
    found = checks.check_faq(CALIBRATED, listing)
    assert [str(one.what) for one in found if one.is_bad] == [
        "“How much?” belongs to `own` and to `file`, so I cannot tell them apart."
    ]
    assert len(checks.check_faq(CALIBRATED, [listed(f"e{number}", "same") for number in range(30)])) == 6


def test_files_are_in_order_changed_or_broken() -> None:
    assert checks.check_files(None, unchanged=True).level is Level.OK
    assert checks.check_files(None, unchanged=False).level is Level.WARNING
    broken = checks.check_files(FaqInvalidError([Problem("faq.yaml", 3, verbatim("has *no* answer"))]), unchanged=False)
    assert broken.level is Level.FAULT
    assert r"faq.yaml:3: has \*no\* answer" in str(broken.what)


def test_a_damaged_database_is_a_fault() -> None:
    assert checks.check_damage([]).level is Level.OK
    assert "2 places; the first: row 1" in str(checks.check_damage(["row 1", "row 2"]).what)


def test_the_log_may_be_off_empty_or_recent() -> None:
    assert checks.check_log(log_questions=False, newest=None).level is Level.WARNING
    assert checks.check_log(log_questions=True, newest=None).level is Level.OK
    when = datetime(2026, 5, 4, tzinfo=UTC)
    assert "<t:1777852800:R>" in str(checks.check_log(log_questions=True, newest=when).what)


def test_deleted_roles_are_named() -> None:
    assert checks.check_roles((1,), {1, 2}) == []
    assert "`3`" in str(checks.check_roles((1, 3), {1, 2})[0].what)


def test_the_worst_comes_first_and_each_says_what_to_do() -> None:
    findings = [
        Finding(Level.OK, sentence("Fine.")),
        Finding(Level.WARNING, sentence("Hm."), sentence("Look.")),
        Finding(Level.FAULT, sentence("Broken."), sentence("Mend it.")),
    ]
    [embed] = render_findings(findings, ENGLISH).embeds
    assert embed.title == "Something is broken"
    assert embed.description == "❌ Broken.\n→ Mend it.\n⚠️ Hm.\n→ Look.\n✅ Fine."
    assert render_findings(findings[:2], ENGLISH).embeds[0].title == "It works, but look at this"
    assert render_findings(findings[:1], ENGLISH).embeds[0].title == "All is well"


def test_more_findings_than_a_message_holds_are_counted() -> None:
    findings = [Finding(Level.WARNING, sentence("{text}", text="x" * 2000)) for _ in range(30)]
    [embed] = render_findings(findings, ENGLISH).embeds
    assert embed.description
    assert len(embed.description) <= limits.EMBED_DESCRIPTION
    assert embed.description.endswith("… and 27 more")


def test_how_far_another_model_is_replaced() -> None:
    assert check_renewal(None, 0) == []
    [waiting] = check_renewal(None, 1)
    assert (waiting.level, str(waiting.what)) == (
        Level.WARNING,
        "1 question was embedded by another model and will be embedded again.",
    )
    [working] = check_renewal((32, 100), 68)
    assert "32 of 100" in str(working.what)
    assert working.advice
    # The last batch is kept, and who did it has not said so yet.
    assert check_renewal((100, 100), 0) == []
