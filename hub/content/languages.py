"""`hub content languages`, `translated` and `variables`: what is translated, and what texts may be filled in with."""

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import load
from hub.terminal import count, stop

if TYPE_CHECKING:
    from core.content.conditions.tree import Kind
    from core.content.texts.translations import Translation
    from core.content.texts.variables import Plain, Variable

FolderOption = Annotated[Path | None, typer.Option("--folder", help="Default: HUB_CONTENT, else ./content.")]


def languages(
    language: Annotated[str | None, typer.Argument(help="Two letters: list what this one lacks.")] = None,
    folder: FolderOption = None,
) -> None:
    """How much of everything is said in each language, what is missing, and what was translated from older words."""
    from core.content.texts.translations import translations

    folder = folder or load().hub_content
    found = translations(folder)
    spoken = sorted({one.language for one in found})
    if language is not None and language not in spoken:
        stop(f"There are no phrases in {language!r}: {', '.join(spoken) or 'only the default language'}.")
    for one in spoken if language is None else [language]:
        _tell_language(one, [each for each in found if each.language == one], whole=language is not None)
    if not spoken:
        typer.echo(f"{folder}: one language.")


def _tell_language(language: str, files: "list[Translation]", *, whole: bool) -> None:
    from babel import Locale

    total = sum(len(one.sources) for one in files)
    missing, stale, unmarked = (
        sum(len(getattr(one, part)) for one in files) for part in ("missing", "stale", "unmarked")
    )
    share = (total - missing) * 100 // total if total else 100
    named = f"{Locale.parse(language).get_display_name('en')} ({language})"
    typer.echo(f"{named}: {share} %, {missing} missing, {stale} stale, {unmarked} never marked as up to date")
    for one in files:
        done = len(one.sources) - len(one.missing)
        if not whole:
            typer.echo(f"  {one.name}: {done * 100 // len(one.sources) if one.sources else 100} %")
            continue
        for slot in one.missing if one.lines else ():
            typer.echo(f"  {one.shown}: {slot} is missing")
        if not one.lines:
            typer.echo(f"  {one.shown}: there is no such file, {count(len(one.sources), 'text')} missing")
        for slot in one.stale:
            typer.echo(f"  {one.shown}:{one.lines[slot]}: {slot} is stale")
        for slot in one.unmarked:
            typer.echo(f"  {one.shown}:{one.lines[slot]}: {slot} was never marked as up to date")


def translated(
    files: Annotated[list[Path], typer.Argument(help="Translations whose every text says what its source says now.")],
    folder: FolderOption = None,
) -> None:
    """Mark translations as up to date: from now on `hub content check` tells when their source changes."""
    from core.content.texts.translations import MARKS, keep_marks, translations

    folder = folder or load().hub_content
    by_name = {one.name: one for one in translations(folder) if one.lines}
    done = []
    for file in files:
        name = _name_in(folder, file)
        if name not in by_name:
            stop(f"{file} is no translation of {folder}: {', '.join(by_name) or 'there are none'}.")
        done.append(by_name[name])
    try:
        keep_marks(folder, done)
    except OSError as error:
        stop(f"{folder / MARKS} cannot be written: {error.strerror}.")
    for one in done:
        now = len(one.stale) + len(one.unmarked)
        typer.echo(f"{one.name}: {count(len(one.sources) - len(one.missing), 'text')} up to date, {now} newly marked.")


def _name_in(folder: Path, file: Path) -> str:
    """The file's name from the content folder on, whether it was given from there or from here."""
    inside = Path(os.path.relpath(file, folder))
    return (file if inside.parts[:1] == ("..",) else inside).as_posix()


def variables(
    kind: Annotated[str | None, typer.Argument(help="checklist, label, or a phrase's key as home.next.")] = None,
    folder: FolderOption = None,
) -> None:
    """What texts may be filled in with: the value's name, an example, and whether it may be empty."""
    from core.content.texts.variables import for_checklists, for_labels, for_phrase
    from core.content.texts.vocabulary import SAID

    own = _own_fields(folder or load().hub_content)
    match kind:
        case None | "checklist":
            typer.echo("The texts of a checklist (intro, finish, text, guide, gate):")
            _tell_variables(for_checklists(own))
            if kind is None:
                typer.echo("\nIts titles, questions, hints, options and buttons: the same without progress.")
                typer.echo("A phrase of phrases/*.yaml: `hub content variables home.next`.")
        case "label":
            _tell_variables(for_labels(own))
        case str() if kind in SAID:
            _tell_variables(for_phrase(kind))
        case _:
            from core.content.reading.sheets import closest

            close = closest(kind, ["checklist", "label", *SAID])
            mend = f"did you mean {close!r}?" if close else "name checklist, label or a phrase's key, as home.next."
            stop(f"Nothing is known as {kind!r}; {mend}")


def _own_fields(folder: Path) -> "dict[str, Kind]":
    from core.content.kinds.hub_file import read_rules
    from core.content.linting.pages import read_pages
    from core.content.reading.sheets import Sheet

    page = next((page for page in read_pages(folder) if page.name == "hub.yaml"), None)
    return {} if page is None else dict(read_rules(Sheet(page.shown, []), page.node).rules.fields)


def _tell_variables(known: "frozenset[Variable]") -> None:
    for one in sorted(known, key=lambda variable: variable.name):
        empty = "may be empty" if one.optional else ""
        typer.echo(f"  {'{{ ' + one.name + ' }}':28}{_example(one.example):26}{empty:14}{one.about}".rstrip())


def _example(value: "Plain") -> str:
    match value:
        case bool():
            return "yes"
        case tuple():
            return ", ".join(value)
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value)
