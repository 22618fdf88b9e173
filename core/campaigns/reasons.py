"""Why things do not arrive, in a few words: whatever a provider writes becomes one code, for which there is advice."""

import re
from typing import Final, Literal, TypeAlias, get_args

Reason: TypeAlias = Literal[
    "unknown_address",
    "mailbox_full",
    "blocked",
    "spam",
    "authentication",
    "too_large",
    "unsubscribed",
    "invalid_device",
    "budget",
    "rejected_content",
    "temporary",
    "other",
]
"""Each has a name and advice: phrases `campaigns.reason.…` and `campaigns.advice.…`."""

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

LONGEST_WORDS: Final = 500
"""Characters of a provider's words that are looked at."""

_TELLING: Final[tuple[tuple[Reason, str], ...]] = (
    # More telling signs go first: a status code says less than the words behind it.
    ("unsubscribed", r"unsubscri|suppress|opted[ _-]?out|group.?block"),
    ("invalid_device", r"unregistered|not.?registered|invalid.?(?:token|device|registration)|bad.?device"),
    ("budget", r"budget|billing|insufficient.?(?:funds|balance|credit)"),
    ("mailbox_full", r"mailbox.?(?:is.?)?full|over.?quota|quota|insufficient.?storage|\b[45]\.2\.2\b"),
    ("authentication", r"\bspf\b|\bdkim\b|\bdmarc\b|authenticat|\b[45]\.7\.2[0-9]\b"),
    ("spam", r"spam|complain|abuse|reputation"),
    ("blocked", r"block(?:ed|list)|blacklist|denylist|listed at|rbl\b|\bpolicy\b|\b[45]\.7\.\d+\b"),
    ("too_large", r"too.?(?:large|big)|exceeds.*size|size.*exceeded|\b[45]\.3\.4\b"),
    ("rejected_content", r"content|virus|malware|template|rendering|attachment"),
    (
        "unknown_address",
        r"no.?such.?(?:user|mailbox|recipient|person)|user.?unknown|unknown.?(?:user|address|recipient)",
    ),
    ("unknown_address", r"does.?n.?t.?exist|does not exist|invalid.?(?:recipient|address|mailbox|email)|no.?email"),
    ("unknown_address", r"bad.?mailbox|hard.?bounce|permanent|\b5\.1\.\d+\b|\b550\b"),
    ("temporary", r"temporar|transient|timed? ?out|try again|greylist|defer|throttl|rate.?limit|soft.?bounce"),
    ("temporary", r"\b4\d\d\b"),
)
_SIGNS: Final = tuple((reason, re.compile(sign)) for reason, sign in _TELLING)


def reason_of(words: str) -> Reason:
    """The code itself, or what a provider's words come to; `other` when they say nothing that we know."""
    words = words[:LONGEST_WORDS].strip().lower()
    for reason in REASONS:
        if words == reason:
            return reason
    return next((reason for reason, sign in _SIGNS if sign.search(words)), "other")
