"""The keys of a file of `mailings/`, declared once for the loader and for editors."""

import re
from typing import Final

from core.content.kinds.mailing_rules import CATEGORIES, MOST_BUTTONS
from core.content.reading.shape import (
    Choice,
    Either,
    Expression,
    Field,
    Media,
    Name,
    Said,
    Several,
    Shape,
    Whole,
    texts_of,
)
from core.content.reading.shapes import ID
from core.content.texts.wording import LABEL, TITLE

MOMENT: Final = Name(
    re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[ T](?:[01]?[0-9]|2[0-3]):[0-5][0-9])?"),
    "moment",
    "write it as 2026-12-01 10:00",
    16,
)
WINDOW: Final = Name(
    re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9] ?[-–] ?(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"),
    "window",
    "write it as 10:00-18:00",
    15,
)

MAILING_BUTTON: Final = Shape(
    "a button",
    {
        "label": Field(Said(LABEL), "What it says.", required=True),
        "url": Field(Media(), "The web address it opens; who went there is counted where HUB_PUBLIC_URL is set."),
        "answer": Field(ID, "An id for the answer it is: who gave which is counted."),
    },
    one_of=("url", "answer"),
)

MAILING: Final = Shape(
    "a mailing",
    {
        "title": Field(Said(TITLE), "What it is about, in a few words: it stands above the text.", required=True),
        "when": Field(Expression(), "For whom, as segment in ['enterprise'] and role == 'admin'; all if not given."),
        "unless": Field(Expression(), "Who needs it no more, as product in ['Reports']: they are left out."),
        "topic": Field(ID, "A topic of hub.yaml that people may turn off; none if not given."),
        "category": Field(
            Choice(CATEGORIES),
            "news and service keep to what people chose to hear; mandatory comes to all. news if not given.",
        ),
        "priority": Field(Whole(0, 100), "Of two that are sent at once the higher goes first; 50 if not given."),
        "at": Field(MOMENT, "Not before, on the hub's clock, as 2026-12-01 10:00; once it is approved if not given."),
        "local_hour": Field(Whole(0, 23), "Sent when it is that hour for each reader; all at once if not given."),
        "window": Field(WINDOW, "Sent only then, on the hub's clock, as 10:00-18:00; at any time if not given."),
        "expires": Field(MOMENT, "What was not sent by then is not sent any more, as 2026-12-05 or 2026-12-05 18:00."),
        "canary": Field(Whole(1, 50), "Per cent that go first; the rest waits for what becomes of them."),
        "buttons": Field(Several(MAILING_BUTTON, 1, MOST_BUTTONS), "Below it: links, and answers to tap."),
        "picture": Field(Media(), "A picture above it: a web address, or a file in this folder, up to 50 MB."),
        "file": Field(Media(), "A file with it: a web address, or a file in this folder, up to 50 MB."),
    },
)

BUTTON_TEXTS: Final = texts_of(MAILING_BUTTON, "a button")

MAILING_TRANSLATION: Final = Shape(
    "the translation of a mailing",
    {
        **texts_of(MAILING, "").fields,
        "buttons": Field(
            Several(Either("label", BUTTON_TEXTS), 1, MOST_BUTTONS), "What each button says, in the same order."
        ),
    },
)
