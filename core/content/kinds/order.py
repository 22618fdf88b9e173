"""Holds a catalogue's checklists against each other: every step can be reached, nothing waits for itself."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.content.catalogue import Checklist, Step
from core.content.conditions.condition import both
from core.content.kinds.drafts import Draft
from core.content.reading.sheets import closest, meant


def check_checklists(checklists: Mapping[str, Checklist], drafts: Mapping[str, Draft]) -> None:
    """Note which checklists nobody can ever start."""
    for own, checklist in checklists.items():
        sheet, line = drafts[own].sheet, drafts[own].lines["after",]
        before = checklists.get(checklist.after)
        if not checklist.after:
            continue
        if checklist.after not in drafts:
            what = f"there is no checklist {checklist.after!r}"
            others = sorted(drafts.keys() - {own})
            close = closest(checklist.after, others)
            named = f", or name one of: {', '.join(others)}" if others else ""
            mend = f"did you mean {close!r}?" if close else f"delete the line `after: {checklist.after}`{named}"
            sheet.problem(line, what, mend)
        elif before and both(before.when, checklist.when).impossible() is not None:
            what = f"nobody reaches it: {checklist.after!r} is for other clients"
            sheet.problem(line, what, "let both conditions hold for somebody, or delete `after`")
    circle = _circle({own: (checklist.after,) for own, checklist in checklists.items()})
    if circle:
        sheet = drafts[circle[0]].sheet
        sheet.problem(drafts[circle[0]].lines["after",], _told("checklists", circle), "delete one `after`")


def check_steps(checklist: Checklist, draft: Draft) -> Checklist:
    """Note which steps nobody can ever reach; returns the checklist with the gates of sections among their needs."""
    sheet = draft.sheet
    sections = {section.id: section for section in checklist.sections}
    steps = {step.id: step for step in checklist.steps}
    for section in checklist.sections:
        line = draft.lines.get(("sections", section.id, "after"), 1)
        for other in section.after:
            if other not in sections:
                sheet.problem(
                    line, f"there is no section {other!r}", meant(other, sorted(sections.keys() - {section.id}))
                )
    for step in checklist.steps:
        for other in step.needs:
            if other not in steps:
                line = draft.lines["steps", step.id, "needs"]
                sheet.problem(line, f"there is no step {other!r}", meant(other, sorted(steps.keys() - {step.id})))
    first = [step.id for step in checklist.steps if step.first_value]
    for extra in first[1:]:
        line = draft.lines["steps", extra]
        sheet.problem(line, f"first_value is at {first[0]!r} already", "keep it at one step")
    circle = _circle({section.id: section.after for section in checklist.sections})
    if circle:
        sheet.problem(draft.lines["sections", circle[0], "after"], _told("sections", circle), "delete one `after`")
        return checklist
    gated = tuple(_with_gates(step, checklist) for step in checklist.steps)
    circle = _circle({step.id: step.needs for step in gated})
    if circle:
        own = [step for step in circle if steps[step].needs] or circle
        mend = "delete one of their `needs`, or move a step to another section"
        sheet.problem(draft.lines["steps", own[0], "needs"], _told("steps", circle), mend)
    return replace(checklist, steps=gated)


def _with_gates(step: Step, checklist: Checklist) -> Step:
    """The step with all steps of the sections before its own among its needs."""
    before = next(section.after for section in checklist.sections if section.id == step.section)
    gates = tuple(other.id for other in checklist.steps if other.section in before and other.id not in step.needs)
    return replace(step, needs=step.needs + gates) if gates else step


def _circle(waits: Mapping[str, Iterable[str]]) -> list[str]:
    """A circle of ids that wait for each other, each before what it waits for; empty when there is none."""
    done: set[str] = set()
    for start in waits:
        path: list[str] = []
        branches = [iter((start,))]
        while branches:
            own = next(branches[-1], None)
            if own is None:
                branches.pop()
                if path and branches:
                    done.add(path.pop())
            elif own in path:
                return path[path.index(own) :]
            elif own not in done and own in waits:
                path.append(own)
                branches.append(iter(waits[own]))
    return []


def _told(what: str, circle: list[str]) -> str:
    return f"the {what} wait for each other: {' → '.join([*circle, circle[0]])}"
