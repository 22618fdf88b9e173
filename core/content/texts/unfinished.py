"""Tells languages from drafts of them: a language is spoken from the moment its file says what it is called."""

from collections.abc import Mapping

from babel import Locale

NAME = "language.name"
"""The phrase that says so."""


def unfinished(names: Mapping[str, str], default: str) -> dict[str, tuple[str, str]]:
    """By language, of those that are drafts still: why, and what is to be done.

    `names`: by language what its file calls it; empty when it does not. The default is never one. Of two called the
    same the copy is: the one that is not called so by those who speak it.
    """
    owners: dict[str, str] = {}
    for language in sorted(names, key=lambda one: (one != default, not _is_own(one, names[one]), one)):
        if names[language]:
            owners.setdefault(names[language].casefold(), language)
    found: dict[str, tuple[str, str]] = {}
    for language, name in names.items():
        if language == default or owners.get(name.casefold()) == language:
            continue
        what = "it does not say what the language is called, so this is a draft"
        mend = "add `name:` below `language:`, and clients can choose it"
        if name:
            what = f"{name!r} is what {owners[name.casefold()]!r} is called, so this is a draft"
            mend = "write what speakers of this language call it, and clients can choose it"
        found[language] = what, mend
    return found


def _is_own(language: str, name: str) -> bool:
    return (Locale.parse(language).get_language_name(language) or "").casefold() == name.casefold()
