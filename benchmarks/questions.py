"""Measure which overheard lines are taken for questions, on labelled lines of open channels; or fit the weights again.

    python benchmarks/questions.py [--splits choose confirm] [--errors]
    python benchmarks/questions.py --fit

The lines are in tests/core/channel_lines.csv: half of them (split "choose") are for choosing cues and weights, the
other half (split "confirm") says what the choice is worth and is for nothing else. The hard lines are questions
without the usual form and chatter that has it. `--errors` lists the lines of the first half that are judged wrongly.
`--fit` prints the constants of bot/core/questions.py, fitted by logistic regression (scikit-learn).
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.core.question_words import is_topic
from bot.core.questions import MIN_SCORE, WEIGHTS, find_cues, question_score
from bot.core.text import clean

LINES = Path(__file__).parent.parent / "tests" / "core" / "channel_lines.csv"
SEED = 7
COPIES = 4
"""How often a line is read again with some of its topics hidden: the list of topics never knows every FAQ's words."""

HIDDEN = 0.5
"""Share of the topics that are hidden in a copy."""

PENALTY = 0.5
"""Weight of the squared weights beside the log loss (scikit-learn's 1 / C).

Cross-validated with all topics hidden, it finds more than the usual 1; with none hidden it makes no difference.
"""


def read(split: str) -> list[dict[str, str]]:
    """Return the lines of one half."""
    with LINES.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def measure(rows: list[dict[str, str]]) -> str:
    """Return how many lines were taken for questions rightly (precision) and how many questions were found (recall)."""
    asks = [row["question"] == "yes" for row in rows]
    taken = [question_score(clean(row["text"])) >= MIN_SCORE for row in rows]
    both = sum(a and t for a, t in zip(asks, taken, strict=True))
    precision, recall = both / max(1, sum(taken)), both / max(1, sum(asks))
    f1 = 2 * both / max(1, sum(asks) + sum(taken))
    return f"lines {len(rows):4}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"


def hide_topics(text: str, rng: random.Random) -> str:
    """Return a text with about half of its topics replaced by a word that means nothing."""
    return re.sub(r"\w+", lambda m: "thing" if is_topic(m[0].casefold()) and rng.random() < HIDDEN else m[0], text)


def fit() -> None:
    """Print the constants that the first half of the lines gives."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import and needed only here

    rng = random.Random(SEED)  # noqa: S311 - a repeatable choice, no secret
    features, asks = [], []
    for row in read("choose"):
        text = clean(row["text"])
        for read_as in (text, *(hide_topics(text, rng) for _ in range(COPIES))):
            found = find_cues(read_as)
            features.append([cue in found for cue in WEIGHTS])
            asks.append(row["question"] == "yes")
    model = LogisticRegression(C=1 / PENALTY, max_iter=10_000)
    model.fit(features, asks, sample_weight=[1 / (1 + COPIES)] * len(asks))
    print(f"BIAS = {np.ravel(model.intercept_)[0]:.1f}\nWEIGHTS = {{")  # noqa: T201 - to be copied
    for cue, weight in zip(WEIGHTS, model.coef_[0], strict=True):
        print(f'    "{cue}": {weight:.1f},')  # noqa: T201
    print("}")  # noqa: T201


def main() -> None:
    """Print a table, the errors or the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", choices=("choose", "confirm"), nargs="+", default=("choose", "confirm"))
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    if arguments.fit:
        fit()
        return
    for split in arguments.splits:
        rows = read(split)
        print(f"{split:8} all   {measure(rows)}")  # noqa: T201 - the table
        for name, hard in (("easy", "no"), ("hard", "yes")):
            print(f"{split:8} {name}  {measure([row for row in rows if row['hard'] == hard])}")  # noqa: T201
    if arguments.errors:
        for row in read("choose"):
            text = clean(row["text"])
            if (question_score(text) >= MIN_SCORE) != (row["question"] == "yes"):
                cues = ", ".join(sorted(find_cues(text)))
                print(f"{question_score(text):.2f} labelled {row['question']:3} {row['text']} [{cues}]")  # noqa: T201


if __name__ == "__main__":
    main()
