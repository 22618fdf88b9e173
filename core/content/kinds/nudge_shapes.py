"""The keys of a file of `nudges/`, declared once for the loader and for editors."""

from typing import Final

from core.content.kinds.nudge_rules import THENS, TRIGGERS
from core.content.reading.shape import Choice, Either, Expression, Field, Media, Said, Several, Shape, Whole, texts_of
from core.content.reading.shapes import ANSWER_OF, FIELD, ID, SIGNAL, SPAN
from core.content.texts.wording import LABEL, TEXT

NUDGE_BUTTON: Final = Shape(
    "a button",
    {
        "label": Field(Said(LABEL), "What it says; the usual words if not given."),
        "opens": Field(Choice(("step", "home")), "step or home; the step if there is one, if not given."),
        "link": Field(Media(), "A web address it opens instead."),
    },
)

NUDGE: Final = Shape(
    "a nudge",
    {
        "trigger": Field(Choice(TRIGGERS), "What makes us speak.", required=True),
        "after": Field(SPAN, "How long after that, as 2 days."),
        "date": Field(FIELD, "The field that holds the date: renewal, or one of yours.", False, ("trigger", "date")),
        "answer": Field(
            ANSWER_OF,
            "Instead: the step that asks for it, as quickstart/launch-date.",
            False,
            ("trigger", "date"),
        ),
        "owner": Field(
            Choice(("client", "us")), "Whose step is overdue; both if not given.", False, ("trigger", "step_overdue")
        ),
        "before": Field(SPAN, "How long before that date, as 30 days.", True, ("trigger", "date")),
        "signal": Field(SIGNAL, "What your product reports, as usage_dropped.", True, ("trigger", "signal")),
        "when": Field(Expression(), "For whom, as segment in ['enterprise'] and role == 'admin'; all if not given."),
        "texts": Field(
            Several(Said(TEXT), 1, 10), "What we say the first time, the second …: Markdown.", required=True
        ),
        "button": Field(Either("label", NUDGE_BUTTON), "Its button: what it says, or more about it."),
        "repeat": Field(Several(SPAN), "How long until we say it again, and again, as [1 day, 3 days, 7 days]."),
        "stop": Field(Whole(1, 20), "How often it is said at most; once and at each repeat if not given."),
        "then": Field(Choice(THENS), "When nothing came of it: tell the csm, ask whether to stop, or nothing."),
        "topic": Field(ID, "A topic of hub.yaml that people may turn off; none if not given."),
        "worth": Field(Whole(0, 100), "Of several that want the same moment the highest goes first; 50 if not given."),
        "good_for": Field(SPAN, "Not said within that time, it is dropped; 8 days if not given."),
    },
    former={"text": "write texts: with a list, one for each time", "escalate": "write then: csm, or then: ask"},
)

NUDGE_TRANSLATION: Final = Shape(
    "the translation of a nudge",
    {
        **texts_of(NUDGE, "").fields,
        "button": Field(Either("label", texts_of(NUDGE_BUTTON, "a button")), "What its button says."),
    },
)
