"""How our people see mailings: the list, a preview before it leaves, a live card while it runs, its people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.actions import (
    ApproveMailing,
    DraftFile,
    ListRuns,
    SeeWho,
    ShowRun,
    ShowSample,
    SteerMailing,
    TrySample,
    WriteMailing,
    pack,
)
from core.cards import Button, Card, Progress, Tone
from core.content.catalogue import Catalogue
from core.content.kinds.mailing_rules import MailingFile
from core.mailings.counting import Counts
from core.mailings.drafting import Written
from core.mailings.previewing import Outlook, Sight
from core.mailings.run_words import (
    counted_words,
    foreign_words,
    held_words,
    out_words,
    pace_words,
    state_sentence,
    state_word,
    when_words,
)
from core.markup import Markdown
from core.people.accounts import Colleague
from storage.tables import Mailing

RUNS, FILES, MOST_FILES = 5, 5, 30
"""Runs on a page of the list, files with a button, and files named there."""

MESSENGERS: Final = ("slack", "telegram")

Rows = tuple[tuple[Button, ...], ...]


def list_card(
    who: Colleague,
    runs: Sequence[tuple[Mailing, Counts]],
    files: Sequence[MailingFile],
    page: int,
    *,
    more: bool,
) -> Card:
    """What was sent, the newest first, under the number that `/hub mailings NUMBER` takes, and what may be."""
    voice = who.voice
    lines = [
        voice.say(
            "runs.list_run",
            number=mailing.id,
            title=mailing.title,
            state=state_word(voice, mailing),
            count=counted.total,
        )
        for mailing, counted in runs
    ]
    parts = ["\n".join(lines) if lines else voice.say("runs.list_empty")]
    rows: list[tuple[Button, ...]] = []
    if runs:
        rows.append(
            tuple(
                Button(voice.plain("button.run_open", number=mailing.id), pack(ShowRun(mailing.id or 0)))
                for mailing, _ in runs
            )
        )
    if files:
        told = [voice.say("runs.list_file", name=file.id, title=_title(who, file)) for file in files[:MOST_FILES]]
        parts.append("\n".join((voice.say("runs.list_files"), *told)))
        rows += [
            (Button(cut(voice.plain("button.run_prepare", name=file.id)), pack(DraftFile(file.id))),)
            for file in files[:FILES]
        ]
    last = [Button(voice.plain("button.run_write"), pack(WriteMailing(0)), tone="primary")]
    if page:
        last.append(Button(voice.plain("button.newer"), pack(ListRuns(page - 1))))
    if more:
        last.append(Button(voice.plain("button.older"), pack(ListRuns(page + 1))))
    return Card("\n\n".join(parts), title=voice.plain("runs.list_title"), rows=(*rows, tuple(last)))


def _title(who: Colleague, file: MailingFile) -> str:
    """As it stands in the file: it is filled in for clients alone."""
    titles = file.title.by_language
    return titles.get(who.voice.language) or titles[file.title.default]


def cut(label: str, longest: int = 70) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def preview_card(
    catalogue: Catalogue,
    who: Colleague,
    mailing: Mailing,
    said: Mapping[str, Written],
    expected: Outlook,
    now: datetime,
    *,
    may_edit: bool,
    may_approve: bool,
) -> Card:
    """Before it leaves: whom it reaches and whom not, when, for how long, and what it costs of people's attention."""
    voice, forecast = who.voice, expected.forecast
    people = voice.plain("runs.people", count=forecast.total, total=expected.companies)
    facts = [(voice.plain("runs.fact_people"), people)]
    if expected.named:
        facts.append((voice.plain("runs.fact_sample"), ", ".join(expected.named)))
    facts.append((voice.plain("runs.fact_audience"), mailing.audience or voice.plain("runs.everybody")))
    if mailing.but:
        facts.append((voice.plain("runs.fact_unless"), mailing.but))
    if left_out := out_words(voice, forecast.left_out):
        facts.append((voice.plain("runs.fact_left_out"), left_out))
    facts.append((voice.plain("runs.fact_class"), _class(who, mailing)))
    facts.append((voice.plain("runs.fact_languages"), ", ".join(sorted(said))))
    if foreign := foreign_words(catalogue, voice, said, expected.readers):
        facts.append((voice.plain("runs.fact_foreign"), foreign))
    facts.append((voice.plain("runs.fact_when"), when_words(who, mailing)))
    if forecast.total:
        facts.append((voice.plain("runs.fact_takes"), _takes(who, mailing, expected)))
        facts.append((voice.plain("runs.fact_costs"), voice.plain("runs.costs", count=expected.at_their_cap)))
    return Card(
        text=state_sentence(catalogue, who, mailing, now),
        title=mailing.title,
        facts=tuple(facts),
        note=voice.say("runs.second_note") if mailing.state == "waiting" else "",
        rows=_rows_before(who, mailing, forecast.total, may_edit=may_edit, may_approve=may_approve),
    )


def _class(who: Colleague, mailing: Mailing) -> str:
    voice = who.voice
    category = voice.plain(f"runs.category_{mailing.category}")
    topic = f", {voice.topic(mailing.topic)}" if mailing.topic else ""
    return f"{category}{topic}, {voice.plain('runs.priority', number=mailing.priority)}"


def _takes(who: Colleague, mailing: Mailing, expected: Outlook) -> str:
    voice = who.voice
    span = voice.duration(timedelta(seconds=max(1, round(expected.seconds))))
    if expected.first is None or expected.last is None or expected.last - expected.first < timedelta(minutes=1):
        return span if mailing.category == "mandatory" else voice.plain("runs.takes", span=span)
    first, last = (voice.moment(one, who.zone) for one in (expected.first, expected.last))
    return voice.plain("runs.spread", first=first, last=last)


def _rows_before(who: Colleague, mailing: Mailing, people: int, *, may_edit: bool, may_approve: bool) -> Rows:
    voice, number = who.voice, mailing.id or 0
    first = []
    if may_approve and people:
        label = "button.run_approve" if mailing.state == "waiting" else "button.run_send"
        first.append(Button(voice.plain(label), pack(ApproveMailing(number)), tone="primary"))
    if people:
        first.append(Button(voice.plain("button.run_sample"), pack(ShowSample(number, 0))))
    second = [Button(voice.plain("button.run_edit"), pack(WriteMailing(number)))] if may_edit else []
    if may_edit or may_approve:
        second.append(Button(voice.plain("button.run_discard"), pack(SteerMailing(number, "cancel"))))
    second.append(Button(voice.plain("button.run_list"), pack(ListRuns(0))))
    return tuple(tuple(row) for row in (first, second) if row)


def sample_card(who: Colleague, mailing: Mailing, seen: Sequence[Sight], page: int) -> Card:
    """As one recipient will see it in one messenger; its buttons do nothing here. `page` counts over both."""
    voice, number = who.voice, mailing.id or 0
    pages = len(seen) * len(MESSENGERS)
    page %= max(1, pages)
    sight, messenger = seen[page // len(MESSENGERS)], MESSENGERS[page % len(MESSENGERS)]
    note = voice.say(
        "runs.sample_note",
        number=page // len(MESSENGERS) + 1,
        total=len(seen),
        name=sight.name,
        account=sight.account,
        language=sight.language,
        messenger=messenger.capitalize(),
    )
    other = MESSENGERS[(page + 1) % len(MESSENGERS)]
    turned = Button(voice.plain("button.run_as", messenger=other.capitalize()), pack(ShowSample(number, page ^ 1)))
    following = Button(voice.plain("button.run_next_person"), pack(ShowSample(number, (page + 2) % pages)))
    ours = [turned, following] if len(seen) > 1 else [turned]
    if sight.card is None:
        return Card(voice.say("runs.sample_broken", why=sight.why), note=note, rows=((following,),))
    card = sight.card
    if messenger == "slack":
        inert = tuple(tuple(_inert(button) for button in row) for row in card.rows)
        return Card(card.text, card.title, media=card.media, note=note, rows=(*inert, tuple(ours)))
    labels = "\n".join("> " + Markdown(" ").join(_boxed(one) for one in row) for row in card.rows)
    title = voice.say("runs.sample_title", title=card.title) if card.title else ""
    text = "\n\n".join(part for part in (title, card.text, labels) if part)
    return Card(text, media=card.media, note=note, rows=(tuple(ours),))


def _inert(button: Button) -> Button:
    return Button(button.label, pack(TrySample()), tone=button.tone)


def _boxed(button: Button) -> str:
    label = button.label.replace("`", "'")
    return f"`{label}{' ↗' if button.url else ''}`"


def run_card(
    catalogue: Catalogue,
    who: Colleague,
    mailing: Mailing,
    counted: Counts,
    answers: Mapping[str, str],
    now: datetime,
    *,
    may_steer: bool,
    more: Rows = (),
) -> Card:
    """The live card. `answers`: what each answer's button says, by its id; `more`: rows of other features."""
    voice = who.voice
    facts = [
        (
            voice.plain(f"runs.fact_{state}"),
            held_words(voice, counted.by_reason.get(state, {}), counted[state])
            if state == "held"
            else str(counted[state]),
        )
        for state in ("planned", "held", "queued", "accepted")
        if counted[state] or state == "accepted"
    ]
    if counted["interacted"]:
        facts.append((voice.plain("runs.fact_interacted"), str(counted["interacted"])))
    if counted.answers:
        said = ", ".join(f"{answers.get(one, one)}: {count}" for one, count in counted.answers.items())
        facts.append((voice.plain("runs.fact_answered"), said))
    if counted["up"] or counted["down"]:
        facts.append((voice.plain("runs.fact_opinions"), f"👍 {counted['up']} · 👎 {counted['down']}"))
    for state in ("failed", "uncertain", "expired", "cancelled"):
        if counted[state]:
            reasons = counted.by_reason.get(state, {})
            facts.append((voice.plain(f"runs.fact_{state}"), counted_words(reasons, counted[state])))
    if left_out := out_words(voice, counted.by_reason.get("left out", {})):
        facts.append((voice.plain("runs.fact_left_out"), left_out))
    return Card(
        text=state_sentence(catalogue, who, mailing, now),
        title=mailing.title,
        facts=tuple(facts) if mailing.planned_at is not None else (),
        progress=Progress(counted.done, counted.total) if counted.total else None,
        note=pace_words(voice, counted, mailing) or (voice.say("runs.honest") if counted["accepted"] else ""),
        rows=(*_rows_after(who, mailing, counted, may_steer=may_steer), *more),
    )


def _rows_after(who: Colleague, mailing: Mailing, counted: Counts, *, may_steer: bool) -> Rows:
    voice, number = who.voice, mailing.id or 0
    steering: list[Button] = []

    def steer(label: str, what: str, **values: int) -> None:
        tone: Tone = "danger" if what in ("cancel", "off") else ""
        steering.append(Button(voice.plain(label, **values), pack(SteerMailing(number, what)), tone=tone))

    if may_steer and mailing.state == "running":
        steer("button.run_pause", "pause")
    if may_steer and mailing.state == "paused":
        steer("button.run_resume", "resume")
    if may_steer and mailing.state == "leaving":
        steer("button.run_call_off", "off")
    if may_steer and mailing.state in ("running", "paused"):
        steer("button.run_cancel", "cancel")
    if may_steer and mailing.state in ("running", "paused", "finished"):
        if counted["failed"]:
            steer("button.run_retry", "retry", count=counted["failed"])
        if counted["uncertain"]:
            steer("button.run_again", "again", count=counted["uncertain"])
    looking = [Button(voice.plain("button.run_list"), pack(ListRuns(0)))]
    if mailing.planned_at is not None:
        looking.insert(0, Button(voice.plain("button.run_who"), pack(SeeWho(number, "all", 0))))
    return tuple(tuple(row) for row in (steering, looking) if row)


def who_card(
    who: Colleague, mailing: Mailing, what: str, lines: Sequence[str], page: int, offered: Sequence[str], *, more: bool
) -> Card:
    """Its people, a page of them. `lines` as Markdown; `offered`: what else may be looked at."""
    voice, number = who.voice, mailing.id or 0
    choices = tuple(
        Button(
            voice.plain("button.chosen", choice=_kind(who, one)) if one == what else _kind(who, one),
            pack(SeeWho(number, one, 0)),
        )
        for one in offered
    )
    turning = []
    if page:
        turning.append(Button(voice.plain("button.back"), pack(SeeWho(number, what, page - 1))))
    if more:
        turning.append(Button(voice.plain("button.next"), pack(SeeWho(number, what, page + 1))))
    text = "\n".join(lines) if lines else voice.say("runs.who_nobody")
    rows = tuple(row for row in (choices, tuple(turning)) if row)
    return Card(text, title=voice.plain("runs.who_title", title=mailing.title), rows=rows)


def _kind(who: Colleague, what: str) -> str:
    return who.voice.plain("runs.who_all" if what == "all" else f"runs.fact_{'left_out' if what == 'out' else what}")
