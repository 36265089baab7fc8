from dataclasses import fields, replace

import pytest

from bot.core.edits import ChangeKind, SettingEdit, SettingValue
from bot.core.errors import EditConflictError, EditRefusedError
from bot.core.types import NoMatch, Query
from bot.services import SETTABLE, Answerer, Budgets, GuildRules, GuildSettings, Settings
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, CARD, DEFAULTS, GUILD, PETS, Place, Process

OTHERS: dict[str, SettingValue] = {
    "watch": [6, 7],
    "overhear": False,
    "admin_roles": [8],
    "overheard_budget": 0.5,
    "addressed_budget": 50.0,
    "channel_seconds": 0.0,
    "repeat_seconds": 1.5,
    "report_channel": 9,
    "report_hour": 0,
    "time_zone": "Europe/Berlin",
    "language": "de",
}


async def begin() -> tuple[Process, Place]:
    place = Place(ListSource(CARD, PETS))
    return await place.start(), place


def test_everything_but_logging_can_be_set() -> None:
    assert {field.name for field in fields(GuildSettings)} - {"log_questions"} == SETTABLE == OTHERS.keys()


async def test_what_nobody_set_is_the_configurations() -> None:
    here, _ = await begin()
    assert here.settings.read(GUILD) == here.settings.read(None) == DEFAULTS
    assert not any(here.settings.is_own(GUILD, name) for name in SETTABLE)


@pytest.mark.parametrize("name", sorted(SETTABLE))
async def test_each_setting_is_set_for_one_server_and_given_back(name: str) -> None:
    here, _ = await begin()
    value = OTHERS[name]
    await here.set({name: value})
    expected = tuple(value) if isinstance(value, list) else value
    assert here.settings.read(GUILD) == replace(DEFAULTS, **{name: expected})
    assert here.settings.is_own(GUILD, name)
    assert here.settings.read(2) == here.settings.read(None) == DEFAULTS
    await here.set({name: None})
    assert here.settings.read(GUILD) == DEFAULTS
    assert not here.settings.is_own(GUILD, name)


async def test_several_settings_are_one_change_that_says_what_was_before() -> None:
    here, place = await begin()
    await here.set(OTHERS)
    await here.set({"language": "fr", "report_hour": None, "overhear": False})
    assert here.settings.read(GUILD) == GuildSettings(
        watch=(6, 7),
        overhear=False,
        admin_roles=(8,),
        overheard_budget=0.5,
        addressed_budget=50.0,
        channel_seconds=0.0,
        repeat_seconds=1.5,
        report_channel=9,
        report_hour=8,
        time_zone="Europe/Berlin",
        language="fr",
        log_questions=True,
    )
    last = (await place.history())[-1]
    assert (last.kind, last.by, last.edits) == (ChangeKind.SETTINGS, ADMIN, ())
    assert last.settings == (SettingEdit("language", "de", "fr"), SettingEdit("report_hour", 0, None))


async def test_an_own_setting_stays_when_the_configuration_changes_and_the_others_follow() -> None:
    here, _ = await begin()
    # Set to what the configuration says already: that, too, is the server's own word.
    await here.set({"language": "en"})
    german = replace(DEFAULTS, language="de", report_hour=3)
    settings = Settings(here.knowledge, lambda guild_id: german if guild_id == GUILD else DEFAULTS)
    assert settings.read(GUILD) == replace(DEFAULTS, report_hour=3)


async def test_setting_what_is_set_already_changes_nothing() -> None:
    here, place = await begin()
    await here.set({"watch": [1]})
    for values in ({"watch": [1]}, {"language": None}, {}):
        with pytest.raises(EditRefusedError, match="change nothing"):
            await here.set(values)
    assert len(await place.history()) == 1


async def test_what_cannot_be_set_is_named() -> None:
    here, _ = await begin()
    with pytest.raises(ValueError, match="no settings: colour, log_questions"):
        here.settings.propose(GUILD, {"log_questions": False, "language": "de", "colour": "red"})


async def test_what_an_older_program_set_and_this_one_does_not_know_is_ignored() -> None:
    here, place = await begin()
    await here.save(replace(here.settings.propose(GUILD, {}), settings=(SettingEdit("colour", None, "red"),)))
    await here.save(
        replace(here.settings.propose(GUILD, {}), settings=(SettingEdit("log_questions", None, after=False),))
    )
    assert here.settings.read(GUILD) == DEFAULTS
    assert (await place.start()).settings.read(GUILD) == DEFAULTS


async def test_of_two_who_set_the_same_the_second_is_told() -> None:
    here, place = await begin()
    there = await place.start()
    await here.set({"language": "de"})
    with pytest.raises(EditConflictError, match="language"):
        await there.set({"language": "fr"})
    # What the other did not touch is nobody's conflict.
    await there.set({"report_hour": 3})
    assert (there.settings.read(GUILD).language, there.settings.read(GUILD).report_hour) == ("de", 3)
    await here.knowledge.follow()
    assert here.settings.read(GUILD) == there.settings.read(GUILD)


async def test_the_bot_reads_along_where_it_overhears() -> None:
    here, _ = await begin()
    assert here.settings.read(GUILD).overheard_in == {5}
    await here.set({"watch": [6, 7]})
    assert here.settings.read(GUILD).overheard_in == {6, 7}
    await here.set({"overhear": False})
    assert here.settings.read(GUILD).overheard_in == frozenset()


async def test_per_cent_become_shares_in_the_rules() -> None:
    here, _ = await begin()
    await here.set({"overheard_budget": 0.5, "channel_seconds": 0.0})
    assert here.settings.of(GUILD) == GuildRules(Budgets(0.005, 0.05), 0.0, 60.0, log_questions=True)
    assert here.settings.of(None) == GuildRules(Budgets(0.02, 0.05), 10.0, 60.0, log_questions=True)


async def test_what_is_set_counts_for_the_next_question() -> None:
    here, place = await begin()
    answerer = Answerer(here.knowledge, here.embedder, place.store, place.clock, here.settings, b"0" * 16)
    query = Query("How do I replace a card", guild_id=GUILD, private=True)
    before = await answerer.answer(query)
    assert not isinstance(before.verdict, NoMatch)
    await here.set({"addressed_budget": 0.0001})
    after = await answerer.answer(query)
    assert after.grounds.budget == pytest.approx(0.000001)
    assert after.grounds.limits.answer > before.grounds.limits.answer
    assert (await answerer.answer(replace(query, guild_id=2))).grounds == before.grounds
