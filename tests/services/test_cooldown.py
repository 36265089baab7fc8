from bot.services import ReplyRef
from bot.services.cooldown import _SWEEP_EVERY, Cooldowns
from tests.fakes.clock import FrozenClock


def test_an_asker_was_told_until_the_cooldown_is_over() -> None:
    clock = FrozenClock()
    cooldowns = Cooldowns(clock)
    assert not cooldowns.was_told(1, 2, "card")
    cooldowns.note_told(1, 2, "card", 60)
    clock.advance(59.9)
    assert cooldowns.was_told(1, 2, "card")
    clock.advance(0.1)
    assert not cooldowns.was_told(1, 2, "card")


def test_servers_askers_and_entries_are_kept_apart() -> None:
    cooldowns = Cooldowns(FrozenClock())
    cooldowns.note_told(1, 2, "card", 60)
    for other in ((9, 2, "card"), (1, 9, "card"), (1, 2, "cost"), (None, 2, "card")):
        assert not cooldowns.was_told(*other)


def test_a_reply_is_found_until_the_answer_is_given_anew() -> None:
    cooldowns = Cooldowns(FrozenClock())
    reply = ReplyRef(1, 10, 100)
    cooldowns.note_told(1, 2, "card", 60)
    assert cooldowns.find_reply(1, 2, "card") is None
    cooldowns.note_reply(1, 2, "card", reply)
    assert cooldowns.find_reply(1, 2, "card") == reply
    cooldowns.note_told(1, 2, "card", 60)
    assert cooldowns.find_reply(1, 2, "card") is None


def test_a_channel_rests() -> None:
    clock = FrozenClock()
    cooldowns = Cooldowns(clock)
    assert not cooldowns.is_channel_quiet(10)
    cooldowns.note_channel(10, 5)
    assert cooldowns.is_channel_quiet(10)
    assert not cooldowns.is_channel_quiet(11)
    clock.advance(5)
    assert not cooldowns.is_channel_quiet(10)


def test_what_has_expired_is_forgotten_and_the_rest_is_kept() -> None:
    clock = FrozenClock()
    cooldowns = Cooldowns(clock)
    for asker in range(_SWEEP_EVERY - 1):
        cooldowns.note_told(1, asker, "card", 10)
        cooldowns.note_reply(1, asker, "card", ReplyRef(1, 1, asker))
        cooldowns.note_channel(asker, 10)
    clock.advance(11)
    cooldowns.note_channel(-1, 10)
    cooldowns.note_told(1, -1, "card", 10)
    assert cooldowns.was_told(1, -1, "card")
    assert cooldowns.is_channel_quiet(-1)
    assert (len(cooldowns._told), len(cooldowns._replies), len(cooldowns._channels)) == (1, 0, 1)


def test_a_reply_has_an_address() -> None:
    assert ReplyRef(1, 2, 3).url == "https://discord.com/channels/1/2/3"
    assert ReplyRef(None, 2, 3).url == "https://discord.com/channels/@me/2/3"


def test_what_reached_nobody_was_not_told() -> None:
    cooldowns = Cooldowns(FrozenClock())
    for asker in (2, 3):
        cooldowns.note_told(1, asker, "card", 60)
        cooldowns.note_reply(1, asker, "card", ReplyRef(1, 10, 100 + asker))
    cooldowns.note_channel(10, 60)
    cooldowns.forget_told(1, 2, "card")
    cooldowns.forget_told(1, 4, "card")
    assert not cooldowns.was_told(1, 2, "card")
    assert cooldowns.find_reply(1, 2, "card") is None
    assert cooldowns.was_told(1, 3, "card")
    assert cooldowns.is_channel_quiet(10)
    cooldowns.forget_channel(10)
    cooldowns.forget_channel(11)
    assert not cooldowns.is_channel_quiet(10)


def test_a_reply_that_is_gone_was_not_told_and_its_channel_need_not_rest() -> None:
    cooldowns = Cooldowns(FrozenClock())
    cooldowns.note_told(1, 2, "card", 60)
    cooldowns.note_reply(1, 2, "card", ReplyRef(1, 10, 100))
    cooldowns.note_channel(10, 60)
    for other in ((10, 101), (11, 100)):
        cooldowns.forget_reply(*other)
        assert cooldowns.was_told(1, 2, "card")
        assert cooldowns.is_channel_quiet(10)
    cooldowns.forget_reply(10, 100)
    assert not cooldowns.was_told(1, 2, "card")
    assert cooldowns.find_reply(1, 2, "card") is None
    assert not cooldowns.is_channel_quiet(10)


def test_a_reply_that_somebody_deleted_is_lost_until_the_answer_is_given_anew() -> None:
    clock = FrozenClock()
    cooldowns = Cooldowns(clock)
    for asker in (2, 3):
        cooldowns.note_told(1, asker, "card", 60)
        cooldowns.note_reply(1, asker, "card", ReplyRef(1, 10, 100 + asker))
    for place in ((10, 102), (10, 109), (11, 103)):
        cooldowns.note_lost(*place)
    assert cooldowns.is_lost(1, 2, "card")
    assert cooldowns.was_told(1, 2, "card")
    assert not cooldowns.is_lost(1, 3, "card")
    cooldowns.note_told(1, 2, "card", 60)
    assert not cooldowns.is_lost(1, 2, "card")
    cooldowns.note_lost(10, 103)
    clock.advance(61)
    for _ in range(_SWEEP_EVERY):
        cooldowns.note_told(1, 4, "card", 60)
    assert cooldowns._lost == set()
