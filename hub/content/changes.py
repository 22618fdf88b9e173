"""`hub content plan | history | rollback`: what a change would do, what was in force when, and the way back.

What a command needs is imported inside it, so that the others start at once.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import load
from hub.terminal import count, open_database, start_logging, stop

if TYPE_CHECKING:
    from sqlmodel import Session

    from core.content.catalogue import Catalogue
    from core.content.versions.changes import Changes, ChecklistChange
    from core.people.heads import Heads

MOST_FILES = 20
"""Named when a command refuses because of them, or tells what it did."""


def plan(
    folder: Annotated[Path | None, typer.Argument(help="The new content. Default: HUB_CONTENT or ./content.")] = None,
) -> None:
    """What the folder would change of what is in force, and for how many people. Nothing is changed."""
    from core.content.catalogue import BrokenContent
    from core.content.checking import read_catalogue
    from core.content.versions import history
    from core.content.versions.changes import compare
    from core.content.versions.outline import outline
    from core.people.heads import heads_of

    settings = load()
    start_logging(settings)
    folder = folder or settings.hub_content
    try:
        new = read_catalogue(folder)
    except BrokenContent as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        stop(f"{count(len(broken.problems), 'problem')}. Broken content changes nothing.")
    with open_database(settings) as database:
        row = database.transact_now(history.in_force)
        old = database.transact_now(history.outline_in_force)
        if row is None or old is None:
            typer.echo("Nothing is known of what is in force: `hub run` has not been started with this database yet.")
            return
        typer.echo(f"{folder} against version {row.version}, in force since {row.at:%Y-%m-%d %H:%M} UTC:")
        changes = compare(old, outline(new))
        counts = {name: database.transact_now(heads_of, name) for name in changes.touched}
    if not changes:
        typer.echo("No change.")
    for line in _planned(new, changes, counts):
        typer.echo(line)


def _planned(new: "Catalogue", changes: "Changes", counts: "Mapping[str, Heads]") -> Iterator[str]:
    for one in changes.checklists:
        yield f"{one.id}: {one.title}{_heads(counts[one.id])}"
        yield from _steps(new, one, counts[one.id])
    for came in changes.new:
        yield f"{came.id}: {came.title}: a new checklist"
    for went in changes.retired:
        yield f"{went.id}: {went.title}: retired{_heads(counts[went.id])}; they go on when its file comes back"
    if changes.phrases:
        spoken = sorted({one.language for one in changes.phrases})
        yield f"phrases: {count(len(changes.phrases), 'text')} ({', '.join(spoken)})"
    if changes.languages:
        yield f"new languages: {', '.join(changes.languages)}"
    if changes.languages_gone:
        yield f"languages gone: {', '.join(changes.languages_gone)}"
    if changes.rules:
        yield f"settings: {', '.join(changes.rules)}"
    yield from (f"{one.name}: {one.what}" for one in changes.files)


def _heads(counts: "Heads") -> str:
    if not counts.going and not counts.finished:
        return " (nobody has begun it)"
    return f" ({count(counts.going, 'person', 'people')} on it, {counts.finished} finished and stay so)"


def _steps(new: "Catalogue", change: "ChecklistChange", counts: "Heads") -> Iterator[str]:
    titles = {step.id: step.title.by_language[step.title.default] for step in new.checklists[change.id].steps}
    texts = {text.place.partition(".")[0] for text in (*change.texts, *change.guides)}
    for step in change.kept:
        marks = (("reworded", step in texts), ("moved", step in change.moved), ("other rules", step in change.rules))
        told = ", ".join(word for word, holds in marks if holds)
        yield f"  kept     {step}: {titles[step]}{f' ({told})' if told else ''}"
    for one in change.added:
        whom = f"for the {counts.going} on it, too" if one.everyone else "for newcomers alone"
        yield f"  added    {one.id}: {one.title} ({whom})"
    for one in change.renamed:
        done = count(counts.done.get(one.was, 0), "client")
        yield f"  renamed  {one.was} -> {one.id}: {one.title} (another step to the hub: {done} did it under the old id)"
    for one in change.removed:
        done = count(counts.done.get(one.id, 0), "client")
        yield f"  retired  {one.id}: {one.title} ({done} did it, which stays recorded)"
    own = sorted(text.place for text in change.texts if text.place.partition(".")[0] not in titles)
    if own:
        yield f"  texts    {', '.join(dict.fromkeys(own))}"
    if "" in change.rules:
        yield "  rules    of the checklist itself"


def history(
    most: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 20,
) -> None:
    """Which version was in force since when, what it changed, who was told; refused ones too. The newest last."""
    from core.content.versions.history import how_many, versions

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        rows, there_are = database.transact_now(versions, most), database.transact_now(how_many)
    for row in reversed(rows):
        parts = [f"{row.number}", f"{row.at:%Y-%m-%d %H:%M}", row.version, "broken  " if row.broken else "in force"]
        parts += [row.summary or "the first"]
        if row.told:
            parts.append(f"told: {', '.join(row.told.split())}")
        if row.commit:
            parts.append(f"commit: {row.commit[:12]}")
        typer.echo("  ".join(parts))
    if there_are > len(rows):
        typer.echo(f"The newest {len(rows)} of {there_are} versions; --most {there_are} lists all.", err=True)
    else:
        typer.echo(f"{count(len(rows), 'version')}.", err=True)


def rollback(
    to: Annotated[
        str, typer.Argument(help="A version as `hub content history` lists it, or a commit. Default: the last but one.")
    ] = "",
) -> None:
    """Bring the content folder back to what it was, where it lies in a git repository. Touches nothing else."""
    from hub.content import git

    settings = load()
    start_logging(settings)
    folder = settings.hub_content
    try:
        changed = git.changed(folder)
    except git.GitProblem as problem:
        stop(f"Nothing was done: the way back is kept by git, and {folder} is in no repository ({problem}).")
    if changed:
        for file in changed[:MOST_FILES]:
            typer.echo(file, err=True)
        stop(
            f"{count(len(changed), 'file')} of {folder} not committed: nothing was done, or it would be lost. Keep it:"
            f" git add {folder} && git commit -m 'Draft' -- {folder}\n"
            f"or put it aside: git stash push --include-untracked -- {folder}\nand call this again."
        )
    with open_database(settings) as database:
        commit = database.transact_now(_commit_of, to, folder)
    try:
        commit = git.known_commit(folder, commit or to)
        _expect_sound(folder, commit)
        done = git.bring_back(folder, commit)
    except git.GitProblem as problem:
        stop(f"Nothing was done: {problem}.")
    for file in done[:MOST_FILES]:
        typer.echo(file)
    if not done:
        typer.echo(f"{folder} is as it was in {commit[:12]} already.")
        return
    typer.echo(f"{count(len(done), 'file')} of {folder} as in {commit[:12]}; a running hub takes them within seconds.")
    typer.echo(f"They are not committed yet: git commit -m 'Roll content back' -- {folder}", err=True)


def _commit_of(session: "Session", to: str, folder: Path) -> str:
    """The commit of a version; empty when `to` names none. Ends the command when there is no way back."""
    from core.content.versions import history

    commit = history.commit_of(session, to) if to else history.commit_before(session)
    row = history.named(session, to) if to and commit is None else None
    look = f"Commits that changed it: git log --oneline -- {folder}\nthen: hub content rollback COMMIT"
    if row is not None:
        kept = "was refused" if row.broken else "was never committed: git does not have it"
        stop(f"Nothing was done: version {to} {kept}. {look}")
    if commit is None and not to:
        stop(f"Nothing was done: no earlier version is known that was committed. {look}")
    return commit or ""


def _expect_sound(folder: Path, commit: str) -> None:
    """What is broken today is not brought back: it would not come into force."""
    import tempfile

    from core.content.checking import check_content
    from hub.content import git

    with tempfile.TemporaryDirectory(prefix="hub-content-") as place:
        git.export(folder, commit, Path(place))
        problems = [one for one in check_content(Path(place)) if one.level == "error"]
    for problem in problems[:MOST_FILES]:
        typer.echo(str(problem).replace(f"{place}/", ""), err=True)
    if problems:
        stop(f"{count(len(problems), 'problem')} in {commit[:12]} as content is read today: nothing was done.")
