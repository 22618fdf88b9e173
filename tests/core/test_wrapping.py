"""How authors wrap their lines is their own affair: readers get whole paragraphs."""

import pytest

from core.content.texts.phrases import Phrases
from core.content.texts.templates import unwrapped
from core.markup import parse


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("One sentence\nin two lines.\n\nAnother\none.\n", "One sentence in two lines.\n\nAnother one.\n"),
        ("- a long\n  item\n- b\n", "- a long item\n- b\n"),
        ("1. a\n   b\n2) c", "1. a b\n2) c"),
        ("## Heading\nText\nmore", "## Heading\nText more"),
        ("> quoted\n> twice\nbelow", "> quoted\n> twice\nbelow"),
        ("```\na\nb\n```\nc\nd", "```\na\nb\n```\nc d"),
        ("kept\\\nbreak", "kept\\\nbreak"),
        ("kept  \nbreak", "kept  \nbreak"),
        ("Two days\n- or three", "Two days\n- or three"),
    ],
)
def test_wrapped_lines_are_joined_where_no_break_is_meant(written: str, meant: str) -> None:
    assert unwrapped(written) == meant
    assert unwrapped(meant) == meant


def test_line_breaks_in_somebodys_words_stay() -> None:
    voice = Phrases({"en": {"said": "{{ name }} wrote\nthis:\n> {{ words }}"}}, "en").voice("en")

    blocks = parse(voice.say("said", name="Ida", words="first\nsecond"))

    assert [block.text for block in blocks] == ["Ida wrote this:", "first\nsecond"]
