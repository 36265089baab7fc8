"""What the doctor looks at that takes care of itself, and takes its time. Pure, as `checks` is."""

from __future__ import annotations

from ...core.speech import counted, sentence
from .checks import Finding, Level


def check_renewal(progress: tuple[int, int] | None, outdated: int) -> list[Finding]:
    """Tell how far the questions of another model are embedded again.

    Args:
        progress: How many are done and how many there are, None while this process is not at it.
        outdated: How many are of another model.
    """
    if not outdated:
        return []
    advice = sentence("Until they are, no report takes them into account. The bot does it by itself.")
    if progress is None:
        what = counted(
            "{count} question was embedded by another model and will be embedded again.",
            "{count} questions were embedded by another model and will be embedded again.",
            outdated,
        )
    else:
        done, total = progress
        what = sentence(
            "Questions that another model embedded are being embedded again: {done} of {total} are done.",
            done=done,
            total=total,
        )
    return [Finding(Level.WARNING, what, advice)]
