"""Every error that Faqtotum raises on purpose.

::

    FaqtotumError
    ├── InvalidInputError(problems)     something a person wrote has to be mended
    │   ├── ConfigError                 the configuration file
    │   └── FaqInvalidError             the FAQ files
    ├── EditRefusedError(reasons)       an edit from within Discord cannot be made
    │   └── EditConflictError           somebody else was faster
    ├── EmbedderUnavailableError        the model is missing, altered or failed
    └── StoreUnavailableError           the database cannot be opened, read or written

Services raise them, cogs and commands decide what people see. Each message is one line that says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .speech import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .speech import Sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a file, with the place where a person finds it.

    Attributes:
        path: The file, as the user named it.
        line: Line number from 1, or 0 where the problem belongs to the whole file.
        message: What is wrong and what to do, in one sentence or two.
    """

    path: str
    line: int
    message: Sentence

    @property
    def place(self) -> str:
        """File and line, as people name them."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def _by_place(problem: Problem) -> tuple[str, int, str]:
    return problem.path, problem.line, str(problem.message)


class FaqtotumError(Exception):
    """Base of all errors that Faqtotum raises on purpose."""


class InvalidInputError(FaqtotumError):
    """Something a person wrote has to be mended; carries all problems at once, sorted by place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_by_place))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConfigError(InvalidInputError):
    """The configuration cannot be used."""


class FaqInvalidError(InvalidInputError):
    """The FAQ files cannot be used; the FAQ in service, if any, stays as it was."""


class EditRefusedError(FaqtotumError):
    """An edit cannot be made; carries all reasons at once. Nothing was changed."""

    def __init__(self, *reasons: Sentence) -> None:
        self.reasons = reasons
        super().__init__(" ".join(map(str, reasons)))


class EditConflictError(EditRefusedError):
    """What was to be edited is not what it was when the edit began. Nothing was changed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            sentence("“{name}” was changed meanwhile; look at it as it is now and edit it again.", name=name)
        )


class EmbedderUnavailableError(FaqtotumError):
    """The embedding model is missing, is not what it claims to be, or failed while embedding."""


class StoreUnavailableError(FaqtotumError):
    """The database cannot be opened, read or written."""
