"""Languages: which there are, and how a command or a choice reads in one of them.

Source: Discord's API reference, "Locales"; "Application Commands", "Localization" and "Locale fallback".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._json import as_list, as_object

if TYPE_CHECKING:
    from ._json import Json

LOCALES = frozenset(
    {
        *("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr"),
        *("hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk"),
        *("vi", "zh-CN", "zh-TW"),
    }
)

_FALLBACKS = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}
_TRANSLATED = ("name", "description")


def localized(thing: Json, key: str, locale: str) -> str | None:
    """A text of a command, option or choice in a language or the one that stands in for it; None: as it is."""
    translations = as_object(thing.get(f"{key}_localizations"))
    return translations.get(locale) or translations.get(_FALLBACKS.get(locale, ""))


def shown_name(thing: Json, locale: str) -> str:
    """The name that a client in a language shows."""
    return localized(thing, "name", locale) or thing["name"]


def in_language(thing: Json, locale: str | None) -> Json:
    """A command, option or choice without its translations, but with those of one language, if any, beside it.

    So are commands listed where `with_localizations` is not set: `name_localized` and `description_localized` are there
    only for who has a locale and where there is a translation.
    """
    done = {key: value for key, value in thing.items() if not key.endswith("_localizations")}
    for key in _TRANSLATED if locale is not None else ():
        text = localized(thing, key, locale or "")
        if text is not None:
            done[f"{key}_localized"] = text
    for key in ("options", "choices"):
        if key in done:
            done[key] = [in_language(each, locale) for each in as_list(done[key])]
    return done
