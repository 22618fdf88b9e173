"""What a simulation has to tell: totals per week, laws kept, what waited, alerts, people; and two runs compared."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from core.attention.caps import DAY, WEEK
from core.attention.preferences import caps_of
from core.people.accounts import local
from hub.simulation.books import Turn, Unasked
from hub.simulation.run import Run
from hub.terminal import count

MOST_DIFFERENCES: Final = 200


def as_json(run: Run) -> str:
    """Everything, for other programs: sorted, so that the same run is the same text."""
    books = run.books
    return json.dumps(
        {
            "content": run.content,
            "since": run.since.isoformat(),
            "days": run.days,
            "seed": run.seed,
            "clients": run.clients,
            "people": len(run.cast.people),
            "weeks": [dict(sorted(week.items())) for week in _weeks(run)],
            "laws": {
                "quiet_hours_broken": len(books.loud),
                "caps_broken": books.above_caps,
                "most_in_a_day": books.most_within(DAY),
                "most_in_a_week": books.most_within(WEEK),
                "faults": books.faults,
            },
            "waited": dict(run.kept.waited),
            "dropped": dict(run.kept.dropped),
            "alerts": {email: dict(sorted(kinds.items())) for email, kinds in _alerts(run).items()},
            "said": [_said(one) for one in books.said],
        },
        ensure_ascii=False,
        indent=1,
    )


def _said(one: Unasked) -> dict[str, object]:
    return {
        "at": one.at.isoformat(),
        "email": one.email,
        "client": one.account,
        "messenger": one.messenger,
        "kind": one.kind,
        "rule": one.rule,
        "with": list(one.merged),
        "text": one.text,
    }


def lines(run: Run) -> Iterator[str]:
    """The same for people to read."""
    books, caps = run.books, caps_of(run.rules)
    yield (
        f"{run.days} days from {run.since:%a %Y-%m-%d}, seed {run.seed}: {count(run.clients, 'client')}, "
        f"{len(run.cast.people)} people, content {run.content}."
    )
    yield ""
    yield from _table(run)
    yield ""
    total = len(books.said)
    yield f"Said unasked: {total}, besides {books.cards - total} answers and edits to {books.acts} acts of clients."
    yield f"Quiet hours: {_law(len(books.loud), 'message', total)}."
    reached = run.kept.waited.get("capped", 0)
    yield (
        f"Caps: {_law(books.above_caps, 'message', total)}; the most for one person was {books.most_within(DAY)} in a "
        f"day (of {caps.per_day}) and {books.most_within(WEEK)} in a week (of {caps.per_week}); "
        f"{reached} had to wait for it."
    )
    yield f"Waited: {_listed(run.kept.waited)}."
    yield f"Not said by itself: {_listed(run.kept.dropped)}."
    if books.faults:
        yield f"FAULTS of the hub: {books.faults}; the log above tells which."
    yield ""
    yield "Alerts to our people:"
    for email, kinds in _alerts(run).items():
        yield f"  {email}: {sum(kinds.values())} ({_listed(dict(sorted(kinds.items())))})"
    yield ""
    yield "Clients' people:"
    yield from _people(run)


def _law(broken: int, what: str, total: int) -> str:
    return f"kept, 0 of {total} broke them" if not broken else f"BROKEN by {broken} {what}{'s' if broken > 1 else ''}"


def _weeks(run: Run) -> list[Counter[str]]:
    weeks: list[Counter[str]] = [Counter() for _ in range((run.days + 6) // 7)]
    for one in run.books.said:
        weeks[min((one.at - run.since).days // 7, len(weeks) - 1)][one.kind] += 1
    return weeks


def _table(run: Run) -> Iterator[str]:
    weeks = _weeks(run)
    kinds = sorted({kind for week in weeks for kind in week})
    width = max([len("all"), *map(len, kinds)])
    yield f"{'week':<{width}}  " + " ".join(f"{number:>4}" for number in range(1, len(weeks) + 1)) + "   sum"
    for kind in kinds:
        row = [week[kind] for week in weeks]
        yield f"{kind:<{width}}  " + " ".join(f"{number:>4}" for number in row) + f"  {sum(row):>4}"
    row = [sum(week.values()) for week in weeks]
    yield f"{'all':<{width}}  " + " ".join(f"{number:>4}" for number in row) + f"  {sum(row):>4}"


def _alerts(run: Run) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {email: Counter() for email in sorted(run.cast.ours.values())}
    for one in run.books.told:
        found[one.email][one.kind] += 1
    return found


def _people(run: Run) -> Iterator[str]:
    by_person: dict[str, Counter[str]] = {person.email: Counter() for person in run.cast.people}
    for one in run.books.said:
        by_person[one.email][one.rule] += 1
    for person in sorted(run.cast.people, key=lambda one: (one.account, one.email)):
        got = by_person[person.email]
        told = _listed(dict(sorted(got.items()))) if got else "nothing"
        yield f"  {person.account}, {person.email} ({person.persona.name}): {told}"


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{what} {number}" for what, number in counted.items()) or "nothing"


def chat_lines(run: Run) -> Iterator[str]:
    """The watched person's whole chat, on their own clock."""
    person = next((one for one in run.cast.people if one.email == run.books.watched), None)
    if person is None:
        return
    yield f"{person.name} of {person.account} ({person.persona.name}), {person.zone}"
    for turn in run.books.chat:
        yield from _turn_lines(turn, person.zone)


def _turn_lines(turn: Turn, zone: str) -> Iterator[str]:
    at = f"{local(turn.at, zone):%a %Y-%m-%d %H:%M}"
    if not turn.ours:
        yield f"\n{at}  {turn.where}  > {turn.text}"
        return
    yield f"\n{at}  {turn.where}{'  (changed)' if turn.edits else ''}"
    yield from (f"    {line}" for line in turn.text.splitlines())
    if turn.buttons:
        yield "    " + " ".join(f"[{label}]" for label in turn.buttons)


# Two runs


def differences(old: Run, new: Run) -> Iterator[str]:
    """What `new` says to whom that `old` did not, message by message; empty when they say the same."""
    totals = Counter(one.rule for one in new.books.said)
    totals.subtract(Counter(one.rule for one in old.books.said))
    changed = {rule: number for rule, number in sorted(totals.items()) if number}
    by_client_old, by_client_new = _by_client(old), _by_client(new)
    told = list(_client_differences(by_client_old, by_client_new))
    if changed or told:
        yield f"In all: {', '.join(f'{number:+d} {rule}' for rule, number in changed.items()) or 'as many of each'}"
    yield from told[:MOST_DIFFERENCES]
    if len(told) > MOST_DIFFERENCES:
        yield f"… and {len(told) - MOST_DIFFERENCES} lines more; --json has them all"


def _by_client(run: Run) -> dict[str, dict[tuple[str, str], list[Unasked]]]:
    """By client, by person and rule, in the order in which they were said."""
    found: dict[str, dict[tuple[str, str], list[Unasked]]] = {}
    for one in run.books.said:
        found.setdefault(one.account, {}).setdefault((one.email, one.rule), []).append(one)
    return found


def _client_differences(
    old: Mapping[str, Mapping[tuple[str, str], Sequence[Unasked]]],
    new: Mapping[str, Mapping[tuple[str, str], Sequence[Unasked]]],
) -> Iterator[str]:
    for client in sorted({*old, *new}):
        before, after = old.get(client, {}), new.get(client, {})
        counts: Counter[str] = Counter()
        details: list[str] = []
        for key in sorted({*before, *after}):
            was, now = before.get(key, ()), after.get(key, ())
            counts[key[1]] += len(now) - len(was)
            details += _pair_differences(key[0], was, now)
        if details:
            summary = ", ".join(f"{number:+d} {rule}" for rule, number in sorted(counts.items()) if number)
            yield f"{client}: {summary or 'other words or other moments'}"
            yield from details


def _pair_differences(email: str, was: Sequence[Unasked], now: Sequence[Unasked]) -> Iterator[str]:
    for one, other in zip(was, now, strict=False):
        if one.text != other.text:
            yield f"  ~ {email}, {_when(other)}: {other.line}"
        elif one.at != other.at:
            yield f"  > {email}, {_when(one)} → {_when(other)}: {other.line}"
    for one in was[len(now) :]:
        yield f"  - {email}, {_when(one)}: {one.line}"
    for one in now[len(was) :]:
        yield f"  + {email}, {_when(one)}: {one.line}"


def _when(one: Unasked) -> str:
    return f"{local(one.at, one.zone):%a %Y-%m-%d %H:%M}"
