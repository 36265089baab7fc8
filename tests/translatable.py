"""Whether what is said could be said in another language."""

from functools import cache

from bot.core.errors import InvalidInputError
from bot.core.speech import Sentence, labelled, lines
from tools.catalogue import collect

GLUE = {labelled("", lines([])).template}
"""Templates without a word in them."""


@cache
def known() -> frozenset[str]:
    return frozenset(message.text for message in collect()) | GLUE


def untranslatable(said: Sentence) -> list[str]:
    """Return the wordings in a sentence that no catalogue can know."""
    own = [] if said.template in known() else [said.template]
    return own + [
        wording for inner in said.fields.values() if isinstance(inner, Sentence) for wording in untranslatable(inner)
    ]


def tell(error: InvalidInputError) -> list[str]:
    """Return the problems in English, sure that the catalogues have them too."""
    assert [wording for problem in error.problems for wording in untranslatable(problem.message)] == []
    return [str(problem) for problem in error.problems]
