import asyncio
import logging
from datetime import timedelta

import pytest

from bot.core.errors import EmbedderUnavailableError, StoreUnavailableError
from bot.core.privacy import author_hash
from bot.core.types import Answer, Entry, NoMatch, Query, QuestionRecord, Suggest, VerdictName
from bot.core.vocabulary import Vocabulary
from bot.matching import ADDRESSED, OVERHEARD
from bot.matching.relevance import WEIGHT_MARGIN
from bot.services import Action, Answerer, Budgets, GuildRules, Knowledge, Outcome, Priors, ReplyRef, Rules
from bot.services.answering import LEARN_EVERY
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder
from tests.services.faqs import BIG, CHATTER

KEY = b"0123456789abcdef"
GUILD, CHANNEL, ASKER = 1, 10, 100
BUDGETS = Budgets(overheard=0.02, addressed=0.05)
RULES = GuildRules(BUDGETS, channel_seconds=10, repeat_seconds=60, log_questions=True)
STRICT = 0.0001
CARD = Entry("card", "How do I replace my card?", "Like this.")
PETS = Entry("pets", "Are pets allowed?", "No.")
SURE, LIKELY, NEARLY, UNSURE = "Is it sure?", "Is it likely?", "Is it near?", "Is it far?"
"""Texts with confidences of about 0.91, 0.64, 0.46 and 0.03.

An FAQ this small is judged by the safe samples: of what is addressed, the bot answers from 0.51 on and suggests from
0.37 on; of what is overheard, it answers from 0.54 on and would suggest from 0.42 on; with the strict budget it answers
from 0.72 on.
"""


class House:
    """An answerer with everything that it stands on, in a test's hands."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.clock, self.store, self.embedder = FrozenClock(), MemoryStore(), TableEmbedder()
        # Pets stay where the table puts what it does not know: opposite to the card.
        self.source = ListSource(CARD, PETS)
        self.embedder.place(CARD.question, 1.0)
        self.embedder.place("card?", 1.0)
        for text, similarity in ((SURE, 0.8), (LIKELY, 0.55), (NEARLY, 0.39), (UNSURE, 0.0)):
            self.embedder.place(text, similarity)
        self.knowledge = Knowledge(self.source, self.embedder, self.store, self.clock)
        self.answerer = Answerer(self.knowledge, self.embedder, self.store, self.clock, rules or Rules(RULES), KEY)

    async def answer(
        self, text: str, *, addressed: bool = True, private: bool = False, asker: int = ASKER, channel: int = CHANNEL
    ) -> Outcome:
        query = Query(text, asker, GUILD, channel, message_id=5, addressed=addressed, private=private)
        assert self.answerer.wants(query)
        return await self.answerer.answer(query)

    async def overhear(self, text: str, *, asker: int = ASKER, channel: int = CHANNEL) -> Outcome:
        return await self.answer(text, addressed=False, asker=asker, channel=channel)


@pytest.fixture
async def house() -> House:
    built = House()
    await built.knowledge.reload()
    return built


@pytest.mark.parametrize(
    ("text", "verdict", "addressed", "overheard"),
    [
        (SURE, Answer, Action.REPLY, Action.REPLY),
        (NEARLY, Suggest, Action.REPLY, Action.STAY_SILENT),
        (UNSURE, NoMatch, Action.REPLY, Action.STAY_SILENT),
    ],
)
async def test_who_asks_gets_something_and_who_is_overheard_only_a_sure_answer(
    house: House, text: str, verdict: type, addressed: Action, overheard: Action
) -> None:
    outcome = await house.overhear(text, asker=1)
    assert isinstance(outcome.verdict, verdict)
    assert outcome.action is overheard
    outcome = await house.answer(text, asker=2)
    assert isinstance(outcome.verdict, verdict)
    assert outcome.action is addressed


async def test_an_outcome_says_what_was_found(house: House) -> None:
    outcome = await house.answer("Is **it**\nsure?")
    assert outcome.text == SURE
    assert [(hit.entry.id, round(hit.similarity, 3)) for hit in outcome.hits] == [("card", 0.8), ("pets", -0.8)]
    assert outcome.faq is house.knowledge.current.faq_of(GUILD)
    assert outcome.embedding is not None
    assert outcome.embedding.shape == (2,)


async def test_overheard_statements_are_not_wanted(house: House) -> None:
    for text in ("nice weather today", "", "<@5>", "https://example.com"):
        assert not house.answerer.wants(Query(text, ASKER, GUILD, CHANNEL, addressed=False))
        assert house.answerer.wants(Query(text, ASKER, GUILD, CHANNEL, addressed=True))


async def test_a_new_forum_post_counts_as_a_question_whatever_its_form(house: House) -> None:
    house.embedder.place("Card gone?", 0.9)
    post = Query("Card gone", ASKER, GUILD, CHANNEL, addressed=False, presumed_question=True)
    assert house.answerer.wants(post)
    assert (await house.answerer.answer(post)).action is Action.REPLY
    empty = Query("<:x:1>", ASKER, GUILD, CHANNEL, addressed=False, presumed_question=True)
    assert not house.answerer.wants(empty)


async def test_asking_nothing_readable_gets_no_match_without_the_model(house: House) -> None:
    outcome = await house.answer("<@5> \u200b")
    assert (outcome.text, outcome.hits, outcome.embedding) == ("", (), None)
    assert outcome.verdict == NoMatch()
    assert outcome.action is Action.REPLY
    assert (outcome.grounds.read_as, outcome.grounds.confidence) == ("", 0.0)
    await house.answerer.record(outcome)
    assert house.embedder.queries == []
    assert await house.store.read_questions() == []


async def test_the_same_asker_is_not_told_the_same_twice_within_the_cooldown(house: House) -> None:
    first = await house.answer(SURE)
    reply = ReplyRef(GUILD, CHANNEL, 999)
    await house.answerer.record(first, reply)
    again = await house.answer(SURE)
    assert again.action is Action.POINT_BACK
    assert again.earlier == reply
    house.clock.advance(11)
    assert (await house.overhear(SURE)).action is Action.STAY_SILENT
    assert (await house.answer(SURE, asker=ASKER + 1)).action is Action.REPLY
    house.clock.advance(60)
    assert (await house.answer(SURE)).action is Action.REPLY


async def test_pointing_back_does_not_move_the_earlier_reply(house: House) -> None:
    await house.answerer.record(await house.answer(SURE), ReplyRef(GUILD, CHANNEL, 999))
    again = await house.answer(SURE)
    await house.answerer.record(again, ReplyRef(GUILD, CHANNEL, 1000))
    assert (await house.answer(SURE)).earlier == ReplyRef(GUILD, CHANNEL, 999)


async def test_two_messages_at_the_same_time_get_one_answer(house: House) -> None:
    outcomes = await asyncio.gather(*(house.overhear(SURE) for _ in range(3)))
    assert sorted(outcome.action.name for outcome in outcomes) == ["REPLY", "STAY_SILENT", "STAY_SILENT"]


async def test_private_answers_may_be_repeated(house: House) -> None:
    for _ in range(2):
        assert (await house.answer(SURE, private=True)).action is Action.REPLY
    assert (await house.answer(SURE)).action is Action.REPLY


async def test_a_channel_rests_after_an_overheard_answer(house: House) -> None:
    assert (await house.overhear(SURE, asker=1)).action is Action.REPLY
    assert (await house.overhear(SURE, asker=2)).action is Action.STAY_SILENT
    assert (await house.overhear(SURE, asker=2, channel=CHANNEL + 1)).action is Action.REPLY
    assert (await house.answer(SURE, asker=3)).action is Action.REPLY
    house.clock.advance(10)
    assert (await house.overhear(SURE, asker=4)).action is Action.REPLY


async def test_without_a_channel_nothing_rests(house: House) -> None:
    for asker in (1, 2):
        outcome = await house.answerer.answer(Query(SURE, asker, GUILD, addressed=False))
        assert outcome.action is Action.REPLY


async def test_servers_have_their_own_rules() -> None:
    strict = GuildRules(Budgets(STRICT, STRICT), channel_seconds=0, repeat_seconds=0, log_questions=False)
    house = House(Rules(RULES, {GUILD: strict}))
    await house.knowledge.reload()
    outcome = await house.answer(LIKELY)
    assert isinstance(outcome.verdict, Suggest)
    assert outcome.grounds.budget == STRICT
    await house.answerer.record(outcome)
    assert await house.store.read_questions() == []
    elsewhere = await house.answerer.answer(Query(LIKELY, ASKER, GUILD + 1))
    in_private = await house.answerer.answer(Query(LIKELY, ASKER, None))
    for outcome in (elsewhere, in_private):
        assert isinstance(outcome.verdict, Answer)
        assert outcome.grounds.budget == BUDGETS.addressed


@pytest.mark.parametrize(
    ("budgets", "addressed", "overheard"),
    [
        (BUDGETS, Answer, Answer),
        (Budgets(overheard=STRICT, addressed=0.05), Answer, Suggest),
        (Budgets(overheard=0.02, addressed=STRICT), Suggest, Answer),
        (Budgets(overheard=STRICT, addressed=STRICT), Suggest, Suggest),
    ],
)
async def test_what_is_addressed_and_what_is_overheard_have_budgets_of_their_own(
    budgets: Budgets, addressed: type, overheard: type
) -> None:
    house = House(Rules(GuildRules(budgets, channel_seconds=0, repeat_seconds=0, log_questions=True)))
    await house.knowledge.reload()
    assert isinstance((await house.answer(LIKELY)).verdict, addressed)
    heard = await house.overhear(LIKELY)
    assert isinstance(heard.verdict, overheard)
    assert heard.action is (Action.REPLY if overheard is Answer else Action.STAY_SILENT)


@pytest.mark.parametrize("text", [SURE, LIKELY, NEARLY, UNSURE])
async def test_a_smaller_budget_never_makes_the_bot_say_more(text: str) -> None:
    said = list[int]()
    for budget in (0.5, 0.2, 0.05, 0.02, 0.005, STRICT):
        house = House(Rules(GuildRules(Budgets(budget, budget), 0, 0, log_questions=True)))
        await house.knowledge.reload()
        said.append((NoMatch, Suggest, Answer).index(type((await house.answer(text)).verdict)))
    assert said == sorted(said, reverse=True)


@pytest.mark.parametrize("addressed", [True, False])
@pytest.mark.parametrize("text", [SURE, LIKELY, NEARLY, UNSURE])
async def test_an_outcome_says_why(house: House, text: str, *, addressed: bool) -> None:
    outcome = await house.answer(text, addressed=addressed)
    first, second = outcome.hits
    grounds, calibration = outcome.grounds, outcome.faq.calibration
    assert grounds.read_as == text
    assert grounds.confidence == pytest.approx(
        first.relevance + WEIGHT_MARGIN * (first.relevance - second.relevance), abs=1e-6
    )
    assert grounds.budget == (BUDGETS.addressed if addressed else BUDGETS.overheard)
    assert grounds.prior == (ADDRESSED if addressed else OVERHEARD)
    assert grounds.odds == calibration.odds(grounds.confidence, grounds.prior)
    assert grounds.limits == calibration.limits(grounds.budget, grounds.prior)
    assert not grounds.measured
    assert (grounds.odds.right >= grounds.limits.answer) == isinstance(outcome.verdict, Answer)
    assert (grounds.odds.found >= grounds.limits.suggest) == (not isinstance(outcome.verdict, NoMatch))


async def test_slips_are_repaired_with_the_models_words_before_the_search() -> None:
    house = House()
    house.embedder.vocabulary = Vocabulary.of(("the", "weather", "is", "it"))
    await house.knowledge.reload()
    outcome = await house.answer("How do I replcae my card")
    assert outcome.text == "How do I replcae my card"
    assert outcome.grounds.read_as == "How do I replace my card"
    assert house.embedder.queries == [CARD.question]
    assert isinstance(outcome.verdict, Answer)
    assert outcome.hits[0].terms.spelling == pytest.approx(1.0)
    await house.answerer.record(outcome)
    (question,) = await house.store.read_questions()
    assert question.text == outcome.text


async def test_without_the_models_words_nothing_is_repaired(house: House) -> None:
    outcome = await house.answer("How do I replcae my card")
    assert outcome.grounds.read_as == outcome.text == "How do I replcae my card"
    assert house.embedder.queries == ["How do I replcae my card?"]


async def test_a_question_mark_more_or_less_is_the_same_question(house: House) -> None:
    for text in ("Is it sure", "Is it sure?", "Is it sure??!", "Is it sure…"):
        outcome = await house.answer(text, private=True)
        assert isinstance(outcome.verdict, Answer), text
    assert house.embedder.queries == [SURE] * 4


async def test_a_reload_while_the_model_works_does_not_mix_two_faqs(house: House) -> None:
    asking = asyncio.create_task(house.answer(SURE))
    await asyncio.sleep(0)
    before = house.knowledge.current
    house.source.scopes[None] = []
    await house.knowledge.reload()
    outcome = await asking
    assert outcome.faq is before.faq_of(GUILD)
    assert isinstance(outcome.verdict, Answer)


async def test_a_failing_model_is_told_to_the_caller(house: House) -> None:
    house.embedder.error = EmbedderUnavailableError("broken")
    with pytest.raises(EmbedderUnavailableError):
        await house.answer(SURE)


async def test_a_question_is_logged_with_a_pseudonym(house: House) -> None:
    outcome = await house.answer(SURE)
    await house.answerer.record(outcome, ReplyRef(GUILD, CHANNEL, 999))
    (question,) = await house.store.read_questions()
    assert outcome.embedding is not None
    assert question.embedding.tolist() == outcome.embedding.tolist()
    assert (question.guild_id, question.channel_id, question.message_id, question.reply_id) == (GUILD, CHANNEL, 5, 999)
    assert question.author_hash == author_hash(KEY, ASKER)
    assert (question.text, question.model_id, question.addressed, question.replied) == (SURE, "table", True, True)
    assert (question.verdict, question.entry_id) == (VerdictName.ANSWER, "card")
    assert question.similarity == pytest.approx(0.8)
    assert question.asked_at == house.clock.now()
    assert question.latency == 0


async def test_silence_and_refused_replies_are_logged_as_not_replied(house: House) -> None:
    await house.answerer.record(await house.overhear(NEARLY))
    await house.answerer.record(await house.overhear(SURE), delivered=False)
    questions = await house.store.read_questions()
    assert [(question.verdict, question.replied) for question in questions] == [
        (VerdictName.SUGGEST, False),
        (VerdictName.ANSWER, False),
    ]


async def test_questions_to_an_empty_faq_are_logged_too() -> None:
    house = House()
    house.source.scopes[None] = []
    await house.knowledge.reload()
    await house.answerer.record(await house.answer(SURE))
    (question,) = await house.store.read_questions()
    assert (question.verdict, question.entry_id, question.similarity) == (VerdictName.NO_MATCH, None, None)


async def test_a_log_that_cannot_be_written_is_told_once_and_costs_nobody_the_reply(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = await house.answer(SURE)
    with caplog.at_level(logging.ERROR):
        house.store.error = StoreUnavailableError("disk full")
        await house.answerer.record(outcome)
        await house.answerer.record(outcome)
        assert len(caplog.records) == 1
        assert caplog.records[0].exc_info
        house.store.error = None
        await house.answerer.record(outcome)
        house.store.error = StoreUnavailableError("disk full again")
        await house.answerer.record(outcome)
    assert len(caplog.records) == 2
    assert len(await _questions(house)) == 1
    assert SURE not in caplog.text


async def _questions(house: House) -> list[object]:
    house.store.error = None
    return list(await house.store.read_questions())


CHAT = "lol haha"


class BigHouse:
    """An answerer of an FAQ that is big enough to be calibrated."""

    def __init__(self, store: MemoryStore | None = None, *, log_questions: bool = True) -> None:
        self.store, self.clock, embedder = store or MemoryStore(), FrozenClock(), HashEmbedder()
        self.knowledge = Knowledge(ListSource(*BIG), embedder, self.store, self.clock, CHATTER)
        rules = GuildRules(BUDGETS, channel_seconds=0, repeat_seconds=0, log_questions=log_questions)
        self.answerer = Answerer(self.knowledge, embedder, self.store, self.clock, Rules(rules), KEY)

    @property
    def priors(self) -> Priors:
        return self.knowledge.current.faq_of(GUILD).priors

    async def ask(self, text: str, *, addressed: bool = True) -> Outcome:
        return await self.answerer.answer(Query(text, ASKER, GUILD, CHANNEL, addressed=addressed))


async def test_a_measured_faq_says_so() -> None:
    house = BigHouse()
    await house.knowledge.reload()
    outcome = await house.ask("How do I change my password?")
    assert isinstance(outcome.verdict, Answer)
    assert outcome.grounds.measured
    assert isinstance((await house.ask(CHAT)).verdict, NoMatch)


async def test_the_priors_are_learnt_anew_every_so_many_logged_questions() -> None:
    house = BigHouse()
    await house.knowledge.reload()
    outcome = await house.ask(CHAT)
    for _ in range(LEARN_EVERY - 1):
        await house.answerer.record(outcome)
    assert house.priors == Priors()
    await house.answerer.record(outcome)
    learnt = house.priors
    assert learnt.addressed.in_scope < 0.75 * ADDRESSED.in_scope
    assert learnt.overheard == OVERHEARD
    again = await house.ask(CHAT)
    assert again.grounds.prior == learnt.addressed
    assert again.grounds.odds.right < outcome.grounds.odds.right
    other = await house.ask("How do I change my password?", addressed=False)
    for _ in range(LEARN_EVERY - 1):
        await house.answerer.record(other)
    assert house.priors == learnt
    await house.answerer.record(other)
    assert house.priors.overheard.in_scope > 1.5 * OVERHEARD.in_scope
    assert house.priors.addressed == learnt.addressed


async def test_who_keeps_no_log_learns_nothing() -> None:
    house = BigHouse(log_questions=False)
    await house.knowledge.reload()
    outcome = await house.ask(CHAT)
    for _ in range(LEARN_EVERY):
        await house.answerer.record(outcome)
    await house.knowledge.learn()
    assert house.priors == Priors()


class Unreadable(MemoryStore):
    """A store that takes everything and gives back nothing while `unreadable`."""

    unreadable = False

    async def read_questions(self, **wanted: object) -> list[QuestionRecord]:  # type: ignore[override]
        if self.unreadable:
            raise StoreUnavailableError("the log cannot be read")
        return await super().read_questions(**wanted)  # type: ignore[arg-type]


async def test_a_log_that_cannot_be_read_is_told_once_and_costs_neither_reply_nor_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Unreadable()
    house = BigHouse(store)
    await house.knowledge.reload()
    store.unreadable = True
    outcome = await house.ask(CHAT)
    with caplog.at_level(logging.ERROR):
        for _ in range(LEARN_EVERY + 1):
            await house.answerer.record(outcome)
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info
    assert outcome.text not in caplog.text
    assert len(store.questions) == LEARN_EVERY + 1
    assert house.priors == Priors()
    assert isinstance((await house.ask("How do I change my password?")).verdict, Answer)
    store.unreadable = False
    for _ in range(LEARN_EVERY - 1):
        await house.answerer.record(outcome)
    assert len(caplog.records) == 1
    assert house.priors.addressed.in_scope < ADDRESSED.in_scope


class Witness:
    """An observer that writes down what it is told."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.told: list[tuple[object, ...]] = []

    def passed_over(self, query: Query, /) -> None:
        self.told.append((query.text,))

    def decided(self, outcome: Outcome, reply: ReplyRef | None, /) -> None:
        self.told.append((outcome.text, reply, len(self.store.questions)))


async def test_observers_hear_of_every_outcome_once_it_is_logged(house: House) -> None:
    witness, reply = Witness(house.store), ReplyRef(GUILD, CHANNEL, 999)
    house.answerer.observers.append(witness)
    await house.answerer.record(await house.answer(SURE), reply)
    await house.answerer.record(await house.overhear(UNSURE))
    house.answerer.pass_over(Query("nice weather", ASKER, GUILD, CHANNEL))
    assert witness.told == [(SURE, reply, 1), (UNSURE, None, 2), ("nice weather",)]


async def test_a_reply_that_one_person_sees_is_shown_to_observers_and_neither_logged_nor_pointed_back_at(
    house: House,
) -> None:
    witness, reply = Witness(house.store), ReplyRef(GUILD, CHANNEL, 999)
    house.answerer.observers.append(witness)
    public = await house.answer(SURE)
    await house.answerer.record(await house.answer(SURE, private=True), reply)
    assert witness.told == [(SURE, reply, 1)]
    [logged] = await house.store.read_questions()
    assert (logged.reply_id, logged.replied) == (None, True)
    assert public.action is Action.REPLY
    assert (await house.answer(SURE)).earlier is None


async def test_observers_hear_of_what_a_server_keeps_no_log_of_too() -> None:
    house = House(Rules(GuildRules(BUDGETS, channel_seconds=10, repeat_seconds=60, log_questions=False)))
    await house.knowledge.reload()
    witness = Witness(house.store)
    house.answerer.observers.append(witness)
    await house.answerer.record(await house.answer(SURE))
    assert witness.told == [(SURE, None, 0)]


async def test_thanks_for_an_answer_are_left_alone_and_a_question_in_return_is_not(house: House) -> None:
    def replied(text: str) -> Query:
        return Query(text, ASKER, GUILD, CHANNEL, message_id=5, plain_reply=True)

    house.embedder.place("Thank you so much?", 0.0)
    thanks = await house.answerer.answer(replied("Thank you so much"))
    assert thanks.action is Action.STAY_SILENT
    await house.answerer.record(thanks)
    assert await house.store.read_questions() == []
    for text in (UNSURE, NEARLY, "card"):
        assert (await house.answerer.answer(replied(text))).action is Action.REPLY
    assert (await house.answer("Thank you so much")).action is Action.REPLY


async def test_thanks_in_the_words_of_an_answer_do_not_bring_it_again(house: House) -> None:
    def replied(text: str) -> Query:
        return Query(text, ASKER, GUILD, CHANNEL, message_id=5, plain_reply=True)

    house.embedder.place("thanks, that helped with the card?", 1.0)
    await house.answerer.record(await house.answer(SURE), ReplyRef(GUILD, CHANNEL, 9))
    thanks = await house.answerer.answer(replied("thanks, that helped with the card"))
    assert isinstance(thanks.verdict, Answer)
    assert thanks.action is Action.STAY_SILENT
    assert (await house.answerer.answer(replied(SURE))).action is Action.POINT_BACK


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("I ordered one there https://example.com/shop?article=5", Action.STAY_SILENT),
        ("**how to stop biting nails**", Action.REPLY),
    ],
)
async def test_in_a_reply_it_is_the_words_that_make_a_question(house: House, text: str, action: Action) -> None:
    for words in ("I ordered one there?", "how to stop biting nails?"):
        house.embedder.place(words, 0.0)
    outcome = await house.answerer.answer(Query(text, ASKER, GUILD, CHANNEL, message_id=5, plain_reply=True))
    assert outcome.verdict == NoMatch()
    assert outcome.action is action


async def test_what_somebody_else_put_to_the_bot_is_answered_and_not_logged(house: House) -> None:
    outcome = await house.answerer.answer(Query(SURE, ASKER, GUILD, CHANNEL, kept=False))
    assert outcome.action is Action.REPLY
    await house.answerer.record(outcome, ReplyRef(GUILD, CHANNEL, 9))
    assert await house.store.read_questions() == []
    assert (await house.answer(SURE)).earlier == ReplyRef(GUILD, CHANNEL, 9)


async def test_what_was_written_long_ago_is_logged_as_asked_then(house: House) -> None:
    written_at = house.clock.now() - timedelta(days=30)
    query = Query(SURE, ASKER, GUILD, CHANNEL, written_at=written_at)
    await house.answerer.record(await house.answerer.answer(query))
    await house.answerer.record(await house.answer(SURE))
    assert [question.asked_at for question in await house.store.read_questions()] == [written_at, house.clock.now()]


@pytest.mark.parametrize("addressed", [True, False])
async def test_who_was_not_reached_is_not_told_of_an_earlier_answer(house: House, addressed: bool) -> None:  # noqa: FBT001
    for _ in range(2):
        outcome = await house.answer(SURE, addressed=addressed)
        assert outcome.action is Action.REPLY
        await house.answerer.record(outcome, delivered=False)
    outcome = await house.answerer.answer(Query(SURE, ASKER, GUILD, addressed=False))
    await house.answerer.record(outcome, delivered=False)
    assert (await house.answer(SURE)).action is Action.REPLY


async def test_what_was_taken_back_is_answered_anew(house: House) -> None:
    for message_id in (9, 10):
        outcome = await house.overhear(SURE)
        assert outcome.action is Action.REPLY
        await house.answerer.record(outcome, ReplyRef(GUILD, CHANNEL, message_id))
        house.answerer.take_back(CHANNEL + 1, message_id)
        assert (await house.overhear(SURE)).action is Action.STAY_SILENT
        house.answerer.take_back(CHANNEL, message_id)


async def test_nobody_is_pointed_at_a_reply_that_somebody_deleted(house: House) -> None:
    await house.answerer.record(await house.overhear(SURE), ReplyRef(GUILD, CHANNEL, 999))
    house.answerer.note_deleted(CHANNEL, [998, 999])
    house.clock.advance(11)
    assert (await house.overhear(SURE)).action is Action.STAY_SILENT
    assert (await house.answer(SURE)).action is Action.REPLY
    again = await house.answer(SURE)
    assert (again.action, again.earlier) == (Action.POINT_BACK, None)
