"""What works but could be better is told as a warning, and stops nobody."""

import re
import shutil
from pathlib import Path

import pytest

from core.content.checking import check_content, read_catalogue
from core.content.linting.lint import lint
from core.content.linting.pages import read_pages
from core.content.linting.tone import tone
from core.content.texts.wording import GUIDE, LABEL, TEXT, TITLE, Sort

STEP = "title: Tour\nsteps:\n  - title: Look around\n    text: Open the app and look around.\n"
LONG = "Paste all the addresses of your colleagues at once, one per line, and press Invite."


def warned(content: Path, name: str, text: str) -> list[str]:
    (content / name).parent.mkdir(exist_ok=True)
    (content / name).write_text(text, "utf-8")
    assert check_content(content) == ()
    problems = lint(content, tuple(read_pages(content)), read_catalogue(content).rules)
    assert {problem.level for problem in problems} <= {"warning"}
    return [str(problem).removeprefix("content/") for problem in problems]


def test_the_sample_needs_nothing() -> None:
    sample = Path(__file__).parents[2] / "content"

    assert [str(problem) for problem in lint(sample, tuple(read_pages(sample)), read_catalogue(sample).rules)] == []


@pytest.mark.parametrize(
    ("text", "sort", "what"),
    [
        ("Invite every colleague of yours now", LABEL, "a button of 35 characters"),
        ("Continue.", LABEL, "ends with '.'"),
        ("Continue!", LABEL, "ends with '!'"),
        ("DO IT NOW", LABEL, "shouting"),
        ("IMPORTANT", LABEL, "shouting"),
        ("Look around " * 7, TITLE, "a title of 83 characters"),
        ("Please DO NOT CLOSE THIS window", TEXT, "shouting"),
        ("Welcome!!", TEXT, "several exclamation"),
        ("Press <b>Save</b>", TEXT, "<b> is shown letter by letter"),
        ("Look<br/>here", LABEL, "<br/> is shown letter by letter"),
        ('<A href="https://example.com">Here</A>', TEXT, "is shown letter by letter"),
        ("![Our office](https://example.com/a.png)", GUIDE, "a picture cannot stand in a text"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", GUIDE, "a table"),
        ("words " * 200, TEXT, "more than a phone's screen"),
        ("words " * 800, GUIDE, "in several messages"),
    ],
)
def test_the_tone_of_a_text_is_told(text: str, sort: Sort, what: str) -> None:
    (told,) = tone(text, sort)

    assert what in told[0]


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("Done", LABEL),
        ("Why not?", LABEL),
        ("Later …", LABEL),
        ("GDPR", LABEL),
        ("Continue: {{ title }}", LABEL),
        ("{{ client.name }} " * 4, LABEL),
        ("Export a CSV", TITLE),
        ("Set up SAML SSO", TITLE),
        ("Use `SELECT NAME FROM CLIENTS`!", TEXT),
        ("[Here](https://example.com/WHAT-A-LONG-NAME?!!)", TEXT),
        ("日本語のテキスト", LABEL),
        ("Write `<b>` or ```\n![a](b)\n```", TEXT),
        ("Fewer than < 5 & > 2, <your name>, <https://example.com>", TEXT),
        ("Great! [Look](https://example.com)", TEXT),
        ("One\n\n---\n\nTwo", GUIDE),
    ],
)
def test_a_good_text_is_left_alone(text: str, sort: Sort) -> None:
    assert list(tone(text, sort)) == []


def test_a_step_without_anything_to_do_is_told(content: Path) -> None:
    text = "title: Tour\nsteps:\n  - title: Reports\n    text: Look.\n  - title: Look around\n    text: look around\n"

    assert warned(content, "onboarding/tour.yaml", text) == [
        "onboarding/tour.yaml:4: warning: a step without anything to do; say how it is done, or where",
        "onboarding/tour.yaml:6: warning: the text says what the title says; say how it is done, or where",
    ]


def test_a_short_step_that_asks_or_waits_is_fine(content: Path) -> None:
    text = "title: Tour\nsteps:\n  - {title: Size, text: Tell us., asks: {kind: text, question: How many are you?}}\n"

    assert warned(content, "onboarding/tour.yaml", text + "  - {title: Start, text: Go!, signal: started}\n") == []


def test_copied_texts_and_titles_are_told(content: Path) -> None:
    text = f"title: Tour\nsteps:\n  - title: Invite\n    text: {LONG}\n  - id: b\n    title: Invite\n    text: {LONG}\n"

    told = warned(content, "onboarding/tour.yaml", text)

    assert [line.split("; ")[0] for line in told] == [
        "onboarding/tour.yaml:6: warning: a step is called so already, in line 3",
        "onboarding/tour.yaml:7: warning: the same text as in line 4",
    ]


def test_a_rule_that_never_fires_is_told(content: Path) -> None:
    (told,) = warned(content, "onboarding/tour.yaml", "when: mrr > 10 and mrr < 5\n" + STEP)

    assert told.startswith("onboarding/tour.yaml:1: warning: 'when' never holds: ")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("segment == 'enterprize' or product in ['SAML']", "'when': no segment is called 'enterprize'"),
        ("segment == 'enterprize' and mrr > 5", "'when' never holds: no segment is called 'enterprize'"),
    ],
)
def test_a_rule_that_names_what_there_is_not_is_told_and_how_sad_that_is(content: Path, when: str, told: str) -> None:
    hub = content / "hub.yaml"
    hub.write_text(hub.read_text("utf-8") + "\nvalues:\n  segment: [smb, enterprise]\n", "utf-8")

    warnings = warned(content, "onboarding/tour.yaml", f"when: {when}\n{STEP}")

    assert warnings == [f"onboarding/tour.yaml:1: warning: {told}; did you mean 'enterprise'?"]


def test_files_nobody_reads_are_told(content: Path) -> None:
    (content / "media").mkdir()
    (content / "media/tour.mp4").write_bytes(b"film")
    (content / "media/old.mp4").write_bytes(b"film")
    (content / "README.md").write_text("What is what.")
    (content / "onbording").mkdir()
    (content / "onbording/tour.yaml").write_text(STEP)

    told = warned(content, "onboarding/tour.yaml", STEP + "    video: media/tour.mp4\n")

    assert told == [
        "media/old.mp4:1: warning: no text shows this file; name it where it belongs, or delete it",
        "onbording/tour.yaml:1: warning: the hub does not read this file; did you mean 'onboarding'?",
    ]


def test_a_guide_no_step_names_is_told(content: Path) -> None:
    for name in ("one", "two"):
        (content / f"guides/{name}.md").write_text("---\ntitle: Look\n---\n\nOpen the **app** and look around.\n")

    told = warned(content, "onboarding/tour.yaml", STEP + "    guide: {file: two}\n")

    assert told == [
        "guides/one.md:1: warning: no step names this guide; write `guide: {file: one}` where it belongs, or delete it"
    ]


def test_topics_without_a_name_and_names_without_a_topic_are_told(content: Path) -> None:
    for part in ("updates", "nudges", "mailings"):  # which name topics of the sample
        shutil.rmtree(content / part, ignore_errors=True)
    phrases = (content / "phrases/en.yaml").read_text("utf-8")
    named = phrases.split("\ntopics:")[0] + "\ntopics:\n  news: News\n  tipps: Tips\n"
    rest = phrases.split("\ntopics:")[1].split("\n\n", 1)[1] if "\ntopics:" in phrases else ""
    (content / "phrases/en.yaml").write_text(f"{named}\n{rest}", "utf-8")
    hub = re.sub(r"\ntopics:\n(?:  .*\n)+", "\n", (content / "hub.yaml").read_text("utf-8"))

    told = warned(content, "hub.yaml", f"{hub.rstrip()}\ntopics: {{news: instant, tips: weekly}}\n")

    assert [line.split(": warning: ")[1] for line in told if line.startswith(("hub.yaml", "phrases/en.yaml"))] == [
        "nobody knows what the topic 'tips' is called; add it under `topics` in phrases/en.yaml",
        "hub.yaml has no topic 'tipps'; did you mean 'tips'?",
    ]


def test_a_broken_folder_is_looked_over_as_far_as_it_can_be_read(content: Path) -> None:
    (content / "hub.yaml").write_text("vendr: Relay\n")
    (content / "onboarding/tour.yaml").write_text(STEP + "    skip_reasons: [Not now!]\n    when: '('\n")
    (content / "onboarding/other.yaml").write_text("[")

    assert [problem.what for problem in lint(content, tuple(read_pages(content)), None)] == [
        "a button that ends with '!'"
    ]
    assert lint(content / "nowhere", tuple(read_pages(content / "nowhere")), None) == ()
