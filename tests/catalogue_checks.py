"""What may be wrong with a catalogue: each check yields what it found, in words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from string import Formatter
from typing import TYPE_CHECKING

from tools.catalogue import Message, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import polib

CODE = re.compile(r"`([^`]*)`")
COMMAND = re.compile(r"(?<!\w)/([a-z]+(?: [a-z]+)*)")
QUOTED = re.compile("“([^”]*)”")
VERBATIM = re.compile("'[^']*'")
"""What stands in a file, and is the same in every language."""
QUOTES = {"de": ("„", "“", "\"”«»'‚‘")}
"""By language: what opens a quotation, what closes it, and marks that are none of its own."""


def find_faults(language: str, catalogue: polib.POFile, wanted: set[Message], commands: Iterable[str]) -> list[str]:
    """Return everything that is wrong with a catalogue.

    Args:
        language: Its tag.
        catalogue: The catalogue.
        wanted: What it should translate.
        commands: The commands' full English names, such as "faq add".
    """
    found = {key_of(entry): entry for entry in catalogue}
    faults = [f"missing: {message}" for message in wanted - found.keys()]
    faults += [f"said no more: {message}" for message in found.keys() - wanted]
    faults += [f"twice: {message}" for message, times in Counter(map(key_of, catalogue)).items() if times > 1]
    names = {entry.msgid: entry.msgstr for entry in catalogue if entry.msgctxt}
    labels = {entry.msgid: entry.msgstr for entry in catalogue if not entry.msgctxt and "{" not in entry.msgid}
    longest_first = sorted(commands, key=len, reverse=True)
    for message, entry in found.items():
        if not entry.translated() or entry.obsolete or entry.fuzzy:
            faults.append(f"not translated: {message}")
            continue
        for english, said in pairs_of(entry):
            problems = [
                *_compare_fields(english, said, may_lack="count" if said is entry.msgstr_plural.get(0) else None),
                *_compare_form(english, said),
                *_compare_commands(english, said, longest_first, names),
                *_compare_references(english, said, labels, language),
                *_find_quotes(english, said, language),
            ]
            faults += [f"{problem}: {english!r}, {said!r}" for problem in problems]
    return faults


def pairs_of(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Return the English wordings of an entry, each with its translation; other plural forms are as the last."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid if number == 0 else entry.msgid_plural, said) for number, said in entry.msgstr_plural.items()]


def fields_of(template: str) -> Counter[tuple[str, str, str]]:
    """Return the fields of a template: name, format and conversion, and how often each is there."""
    parts = Formatter().parse(template)
    return Counter((name, spec or "", conversion or "") for _, name, spec, conversion in parts if name is not None)


def say(template: str) -> str:
    """Return a template with something in its fields."""
    names = fields_of(template)
    return template.format(**{name: 60 if spec else "one thing" for name, spec, _ in names})


def _compare_fields(english: str, said: str, may_lack: str | None) -> Iterator[str]:
    try:
        wanted, found = (
            {field: times for field, times in fields_of(each).items() if field[0] != may_lack}
            for each in (english, said)
        )
        say(said)
    except (ValueError, KeyError, IndexError) as error:
        yield f"cannot be said ({error})"
        return
    if wanted != found:
        yield "other fields"


def _compare_form(english: str, said: str) -> Iterator[str]:
    for name, form in (
        ("space before it", lambda text: text[: len(text) - len(text.lstrip())]),
        ("space after it", lambda text: text[len(text.rstrip()) :]),
        ("lines", lambda text: text.count("\n")),
        ("Markdown", lambda text: text.count("**")),
        ("emoji", lambda text: Counter(char for char in text if unicodedata.category(char) == "So")),
        ("code", lambda text: Counter(code for code in CODE.findall(text) if not code.startswith("/"))),
    ):
        if form(english) != form(said):
            yield f"other {name}"


def _compare_commands(english: str, said: str, commands: Iterable[str], names: Mapping[str, str]) -> Iterator[str]:
    """Whoever reads of a command finds it in his client under the name that he reads."""
    for match in COMMAND.finditer(english):
        known = [name for name in commands if f"{match[1]} ".startswith(f"{name} ")]
        if not known:
            yield f"no command /{match[1]}"
        elif (wanted := "/" + " ".join(names[word] for word in known[0].split())) not in said:
            yield f"no {wanted}"


def _compare_references(english: str, said: str, labels: Mapping[str, str], language: str) -> Iterator[str]:
    """What a sentence calls a button or a page is what stands on it."""
    opening, closing, _ = QUOTES[language]
    for quoted in QUOTED.findall(english):
        if quoted in labels and f"{opening}{labels[quoted]}{closing}" not in said:
            yield f"no {opening}{labels[quoted]}{closing}"


def _find_quotes(english: str, said: str, language: str) -> Iterator[str]:
    opening, closing, foreign = QUOTES[language]
    for code in VERBATIM.findall(english):
        said = said.replace(code, "")
    marks = "".join(char for char in said if char in opening + closing + foreign)
    if marks != (opening + closing) * (len(marks) // 2):
        yield f"quotation marks {marks}"
