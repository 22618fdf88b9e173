"""Every key an author may write, declared once: the loader takes keys, bounds and choices from here, and so do editors.

To add a key: declare it here, read it in the loader of its file, then `hub content schema` tells the editors.
"""

import re
from typing import Final

from core.content.catalogue import Cadence, Importance
from core.content.conditions.known_fields import OWN_KINDS
from core.content.kinds.mailing_rules import APPROVALS
from core.content.reading.shape import (
    Choice,
    Either,
    Expression,
    Field,
    Flag,
    Media,
    Name,
    Said,
    Several,
    Shape,
    Table,
    Whole,
    texts_of,
)
from core.content.texts.wording import GUIDE, LABEL, QUESTION, SUMMARY, TEXT, TITLE

LONGEST_ID: Final = 32
"""Characters: an id travels in a button's 64 bytes (Bot API: InlineKeyboardButton.callback_data)."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Patterns say the same in Python and in JSON Schema (ECMA 262): no flags, no \d, no (?s).
ID: Final = Name(
    re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"),
    "id",
    f"use at most {LONGEST_ID} of a-z, 0-9, with single hyphens between",
    LONGEST_ID,
)
ANSWER_OF: Final = Name(
    re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*"),
    "step of a checklist",
    "write the checklist's id and the step's, as quickstart/launch-date",
    65,
)
SIGNAL: Final = Name(
    re.compile(r"[a-z0-9]+(?:[_.-][a-z0-9]+)*"), "signal's name", "use a-z, 0-9, _ . - as in it_was_done", 64
)
SPAN: Final = Name(
    re.compile(r"0{0,3}[1-9][0-9]{0,3} ?(?:hour|day|week)s?"), "span of time", "write it as 2 days or 12 hours", 12
)
CLOCK: Final = Name(re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"), "time of day", "write a time of day as 20:00", 5)
WEEKDAY: Final = Name(
    re.compile("|".join("".join(f"[{letter}{letter.upper()}]" for letter in day) for day in WEEKDAYS)),
    "weekday",
    f"use {', '.join(WEEKDAYS)}",
    words=WEEKDAYS,
)
EMAIL: Final = Name(re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@.]{2,}"), "e-mail address", "write it as ida@relay.example")
ZONE: Final = Name(re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*"), "time zone", "write it as Europe/Berlin", 40)
LANGUAGE: Final = Name(re.compile(r"[a-z]{2}"), "language", "use its two letters: en, ru, de …", 2)
CURRENCY: Final = Name(re.compile(r"[A-Z]{3}"), "currency", "use its three capital letters: EUR, USD …", 3)
COUNTRY: Final = Name(re.compile(r"[A-Z]{2}"), "country", "use its two capital letters: GB, DE …", 2)
KIND_SAID: Final = Name(
    re.compile("nudge|update|digest|survey|mailing|campaign"),
    "kind of message",
    "use nudge, update, digest, survey, mailing or campaign",
    words=("nudge", "update", "digest", "survey", "mailing", "campaign"),
)
CADENCES: Final[tuple[Cadence, ...]] = ("instant", "daily", "weekly", "off")
DAY: Final = Name(
    re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"), "day", "write it as 2026-12-31", 10
)
PRODUCT: Final = Name(
    re.compile(r"""[^'"\s](?:[^'"\n]*[^'"\s])?"""), "product", "write it as in the import, without quotes", 100
)
IMPORTANCES: Final[tuple[Importance, ...]] = ("normal", "high", "urgent", "mandatory")
FIELD: Final = Name(
    re.compile(r"[a-z][a-z0-9_]*"), "field's name", "use a-z, 0-9 and _, beginning with a letter", LONGEST_ID
)
ANYTHING: Final = Name(re.compile(r"[\s\S]*[^\s][\s\S]*"), "name", "write it", 200)

VIDEO: Final = Shape(
    "a video",
    {
        "source": Field(Media(), "Its web address, or a file in this folder, up to 50 MB.", required=True),
        "label": Field(Said(LABEL), "What its button says."),
    },
)

ASKED: Final = Shape(
    "what a step asks",
    {
        "kind": Field(Choice(("text", "choice", "file", "date")), "What the client answers with.", required=True),
        "question": Field(Said(QUESTION), "What we ask, in one line.", required=True),
        "options": Field(Several(Said(LABEL), 2, 10), "The answers to tap.", required=True, only=("kind", "choice")),
        "shortest": Field(Whole(1, 3000), "Characters the answer has at least; 1 if not given.", only=("kind", "text")),
        "longest": Field(Whole(1, 3000), "Characters the answer has at most; 1000 if left out.", only=("kind", "text")),
        "pattern": Field(ANYTHING, "A regular expression for the whole answer, with a hint.", only=("kind", "text")),
        "hint": Field(Said(TEXT), "Said when an answer does not fit."),
        "not_before_today": Field(Flag(), "Whether days gone by are refused.", only=("kind", "date")),
    },
)

STEP_GUIDE: Final = Shape(
    "a guide",
    {
        "text": Field(Said(GUIDE), "The explanation: Markdown."),
        "file": Field(ID, "The id of a file in guides/, as first-campaign for guides/first-campaign.md."),
    },
    one_of=("text", "file"),
)

GUIDE_FILE: Final = Shape(
    "a guide",
    {
        "title": Field(Said(TITLE), "What it is called.", required=True),
        "summary": Field(Said(TITLE), "What it is about, in one line."),
        "when": Field(Expression(), "For which clients, as segment in ['enterprise']; for all if not given."),
    },
)

GUIDE_TRANSLATION: Final = texts_of(GUIDE_FILE, "the translation of a guide")

UPDATE: Final = Shape(
    "an update",
    {
        "title": Field(Said(TITLE), "What is new, in a few words.", required=True),
        "summary": Field(Said(SUMMARY), "What it is about, in one line: this is what is sent.", required=True),
        "topic": Field(ID, "A topic of hub.yaml; the first of them if not given."),
        "importance": Field(
            Choice(IMPORTANCES),
            "urgent does not wait for a digest; mandatory is asked for until it is read. normal if not given.",
        ),
        "when": Field(Expression(), "For whom, as role == 'admin' and mrr > 1000; for all if not given."),
        "product": Field(PRODUCT, "For clients who bought this product; for all if not given."),
        "valid_until": Field(DAY, "The last day on which it is news, as 2026-12-31."),
        "picture": Field(Media(), "A picture above it: a web address, or a file in this folder, up to 50 MB."),
        "video": Field(Either("source", VIDEO), "A film: an address, a file, or both with a label."),
    },
)

UPDATE_TRANSLATION: Final = texts_of(UPDATE, "the translation of an update")

STEP: Final = Shape(
    "a step",
    {
        "id": Field(ID, "Which step it is; keep it when you change the title. Made of the title if not given."),
        "title": Field(Said(TITLE), "What is done in this step.", required=True),
        "text": Field(Said(TEXT), "How it is done: Markdown.", required=True),
        "guide": Field(Either("text", STEP_GUIDE), "A longer explanation behind a button: Markdown, or `file: …`."),
        "video": Field(Either("source", VIDEO), "A film behind a button: an address, a file, or both with a label."),
        "owner": Field(Choice(("client", "us")), "Whose turn it is; client if not given."),
        "due_days": Field(
            Whole(0, 365), "Days until it is to be done, from when it opens; of a step of ours, until we promise it."
        ),
        "due_from": Field(Choice(("step", "checklist")), "checklist: due_days count from its beginning; step if not."),
        "role": Field(ID, "The role in the import it is meant for; anybody if not given."),
        "needs": Field(Several(ID), "Ids of the steps that come first."),
        "asks": Field(ASKED, "The answer it takes to be done."),
        "signal": Field(SIGNAL, "What your product reports when it is done."),
        "skippable": Field(Flag(), "Whether clients may skip it; yes if not given."),
        "skip_reasons": Field(Several(Said(LABEL), 1, 8), "Reasons to tap when it is skipped."),
        "when": Field(Expression(), "For which clients it is part of the checklist, as mrr > 1000; all if not given."),
        "first_value": Field(Flag(), "Whether your product shows its worth here; one step at most."),
        "applies_to": Field(
            Choice(("newcomers", "everyone")),
            "Of a step you add: is it put ahead of those, too, who are on their way? newcomers if not given.",
        ),
    },
)

SECTION: Final = Shape(
    "a section",
    {
        "id": Field(ID, "Which section it is.", required=True),
        "title": Field(Said(TITLE), "What it is called.", required=True),
        "after": Field(Several(ID), "Ids of the sections that are finished first."),
        "gate": Field(Said(TEXT), "Said while it is closed: what opens it."),
        "steps": Field(Several(STEP), "Its steps, in the order shown.", required=True),
    },
)

CHECKLIST: Final = Shape(
    "a checklist",
    {
        "title": Field(Said(TITLE), "What it is called.", required=True),
        "intro": Field(Said(TEXT), "Said at the beginning."),
        "finish": Field(Said(TEXT), "Said once, when the last step is done."),
        "when": Field(Expression(), "For which clients, as segment in ['enterprise']; for all if not given."),
        "due_days": Field(Whole(1, 365), "Days until all of it is to be done, from when it begins; none if not given."),
        "after": Field(ID, "The checklist that is finished before this one starts; on joining if not given."),
        "sections": Field(Several(SECTION), "Its parts, each with steps."),
        "steps": Field(Several(STEP), "Its steps, in the order shown."),
    },
    one_of=("steps", "sections"),
    former={
        "segments": "write when: segment in ['enterprise'], with your segments",
        "remind_after": "delete it, and say it in nudges/stalled-step.yaml: after: 2 days, repeat: [1 day, 3 days]",
    },
)

STEP_TEXTS: Final = texts_of(STEP, "the translation of a step")
SECTION_TEXTS: Final = texts_of(SECTION, "the translation of a section")

TRANSLATION: Final = Shape(
    "a translation",
    {
        **texts_of(CHECKLIST, "").fields,
        "sections": Field(Table(SECTION_TEXTS, ID), "By the section's id: its title and gate."),
        "steps": Field(Table(STEP_TEXTS, ID), "By the step's id: its texts."),
    },
)

MAILING_RULES: Final = Shape(
    "mailings",
    {
        "approval": Field(Choice(APPROVALS), "second: somebody else than the author says yes; one if not given."),
        "cancel_minutes": Field(Whole(0, 60), "How long it can be called off after the yes; 2 if not given."),
        "failures_in_a_row": Field(Whole(2, 1000), "After so many it pauses by itself; 20 if not given."),
        "canary_minutes": Field(Whole(1, 1440), "How long the rest waits for the first ones; 30 if not given."),
        "canary_failures": Field(Whole(1, 100), "Per cent of the first ones that may fail; 10 if not given."),
        "canary_dislikes": Field(Whole(1, 100), "Per cent of them that may answer 👎; 5 if not given."),
    },
)

RULES: Final = Shape(
    "hub.yaml",
    {
        "vendor": Field(ANYTHING, "Our company's name, as clients know it.", required=True),
        "language": Field(LANGUAGE, "Of files without a language in their name; en if not given."),
        "timezone": Field(ZONE, "The clock of people whose own zone nobody knows; UTC if not given."),
        "region_timezones": Field(Table(ZONE), "By the region in the import: its clock."),
        "region_languages": Field(Table(LANGUAGE), "By the region in the import: its language."),
        "currency": Field(CURRENCY, "Three letters of the currency money is in, as EUR; a bare number if not given."),
        "quiet_from": Field(CLOCK, "Nothing is said unasked from then on, on the reader's clock; 20:00 if not given."),
        "quiet_until": Field(CLOCK, "… until then; 09:00 if not given."),
        "quiet_weekdays": Field(
            Several(WEEKDAY, 1, 7), "Days on which nothing is said unasked; sat, sun if not given."
        ),
        "spread_minutes": Field(
            Whole(0, 60), "Mornings and digests of all do not begin at once, but within so long; 10 if not given."
        ),
        "most_per_day": Field(Whole(1, 20), "Unasked messages to one person in 24 hours; 2 if not given."),
        "most_per_week": Field(Whole(1, 100), "Unasked messages to one person in 7 days; 5 if not given."),
        "most_per_week_of": Field(Table(Whole(1, 100), KIND_SAID), "The same in 7 days for one kind, as nudge: 3."),
        "country": Field(COUNTRY, "Two letters of the country whose public holidays are kept; none are if not given."),
        "region_countries": Field(Table(COUNTRY), "By the region in the import: its country."),
        "topics": Field(
            Table(Choice(CADENCES), ID), "What people may hear of, and how often those do who chose nothing."
        ),
        "invitation_days": Field(Whole(1, 90), "Days an invitation can be used; 7 if not given."),
        "campaigns_followed": Field(
            Flag(), "Whether people hear of their campaigns unless they choose otherwise; yes if not given."
        ),
        "campaign_stalls_after": Field(
            Whole(1, 1440), "Minutes without news after which a running campaign stands still; 30 if not given."
        ),
        "feed_silent_after": Field(
            Whole(1, 720), "Hours without a word from a feed with running campaigns until we are told; 6 if not given."
        ),
        "fields": Field(Table(Choice(OWN_KINDS), FIELD), "What else is known of clients, by column of the import."),
        "values": Field(
            Table(Several(ANYTHING)), "All that a text may be, as segment: [smb, enterprise]: slips are found."
        ),
        "admins": Field(Several(EMAIL), "E-mails of those of us who hear what nobody else does."),
        "mailings": Field(MAILING_RULES, "Who says yes to a mailing, and when one stops by itself."),
    },
)
