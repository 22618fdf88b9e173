"""Every mistake an admin can make is told with its file, its line and the way to mend it."""

import shutil
from pathlib import Path

import pytest

from core.content.catalogue import BrokenContent
from core.content.checking import check_content, read_catalogue
from core.content.reading.files import LARGEST_FILE

STEP = "title: Tour\nsteps:\n  - title: Look around\n    text: Open the app.\n"
TEXT = "    asks:\n      kind: text\n      question: What?\n"
SECTION = "title: Tour\nsections:\n  - id: a\n    title: A\n    {}\n    steps:\n      - title: B\n        text: B\n"
REASONS = "    skippable: no\n    skip_reasons: [Later]\n"
ONE_OPTION = "    asks: {kind: choice, question: Which?, options: [One]}\n"
TWO_LINES = "|\n      Look\n      around"
OPEN_PLACE = "|\n      One\n      two {{ name\n      three"
BAD_LINK = "|\n      One\n      [two](www.example.com)"

CHECKLISTS = [
    pytest.param("titel: Tour\n" + STEP, 1, "has no 'titel'", "did you mean 'title'", id="unknown key"),
    pytest.param("steps:\n  - title: A\n    text: B\n", 1, "has no 'title'", "add `title:`", id="missing key"),
    pytest.param("title: Tour\n", 1, "either steps or sections", "write one of them", id="neither steps nor sections"),
    pytest.param("title: Tour\nsteps: []\n", 2, "'steps' is empty", "fill the list", id="no steps"),
    pytest.param("title: Tour\nsteps: look\n", 2, "'steps' must be a list", "write - before", id="steps are no list"),
    pytest.param("title: [Tour]\n" + STEP[12:], 1, "'title' must be a text", "on one line", id="list for a text"),
    pytest.param("title:\n" + STEP[12:], 1, "'title' is empty", "write it", id="empty text"),
    pytest.param("- Tour\n", 1, "must be keys and values", "write `key: value`", id="list for a checklist"),
    pytest.param("title: Tour\ntitle: Tour\n" + STEP[12:], 2, "'title' stands here twice", "line 1", id="double key"),
    pytest.param(STEP + "    id: Look_Around\n", 5, "is no id", "a-z, 0-9", id="bad id"),
    pytest.param(STEP + f"    id: {'a' * 33}\n", 5, "is no id", "at most 32", id="long id"),
    pytest.param(STEP + STEP[19:], 5, "'look-around' is taken by line 3", "of its own", id="double id"),
    pytest.param(STEP.replace("Look around", "Обзор"), 3, "needs an id", "add `id:`", id="no Latin letter"),
    pytest.param(STEP + "    needs: [lok-around]\n", 5, "no step 'lok-around'", "add|delete|mean", id="unknown need"),
    pytest.param(STEP + "    needs: [look-around]\n", 5, "wait for each other", "needs", id="step needs itself"),
    pytest.param(STEP + "    needs: look\n", 5, "'needs' must be a list", "[one, two]", id="need is no list"),
    pytest.param(
        STEP + "    needs: [b]\n  - id: b\n    title: B\n    text: B\n    needs: [look-around]\n",
        5,
        "look-around → b → look-around",
        "delete one",
        id="circle of steps",
    ),
    pytest.param(STEP + "    owner: them\n", 5, "'owner' is 'them'", "client, us", id="unknown owner"),
    pytest.param(STEP + "    due_days: soon\n", 5, "'due_days' is 'soon'", "from 0 to 365", id="word for a number"),
    pytest.param(STEP + "    due_from: checklist\n", 5, "it has no day", "due_days", id="from when without how long"),
    pytest.param(STEP + "    skippable: maybe\n", 5, "'skippable' is 'maybe'", "yes or no", id="bad flag"),
    pytest.param(
        STEP + REASONS,
        6,
        "cannot be skipped",
        "delete one",
        id="reasons for nothing",
    ),
    pytest.param(STEP + "    signal: Was Done\n", 5, "no signal's name", "it_was_done", id="bad signal"),
    pytest.param(
        STEP + "    first_value: yes\n  - title: B\n    text: B\n    first_value: yes\n",
        6,
        "at 'look-around' already",
        "keep it",
        id="two first values",
    ),
    pytest.param(STEP + "    asks: name\n", 5, "must be keys and values", "kind", id="asks is no mapping"),
    pytest.param(STEP + "    asks: {kind: text}\n", 5, "has no 'question'", "add", id="no question"),
    pytest.param(
        STEP + ONE_OPTION,
        5,
        "choice of 1",
        "2 to 10",
        id="one option",
    ),
    pytest.param(
        STEP + "    asks:\n      kind: date\n      question: When?\n      pattern: x\n      hint: y\n",
        8,
        "'pattern' is for kind text",
        "delete it",
        id="pattern of a date",
    ),
    pytest.param(
        STEP + TEXT + "      hint: x\n      pattern: '(['\n",
        9,
        "no regular expression",
        "try it",
        id="bad pattern",
    ),
    pytest.param(
        STEP + TEXT + "      hint: x\n      pattern: '(a+)+b'\n",
        9,
        "take for ever",
        "no groups",
        id="runaway pattern",
    ),
    pytest.param(
        STEP + TEXT + "      pattern: 'a+'\n",
        8,
        "without a hint",
        "add",
        id="no hint",
    ),
    pytest.param(STEP + "    video: videos/tour.mp4\n", 5, "no file 'videos/tour.mp4'", "put it", id="missing video"),
    pytest.param(STEP + "    video: ../../tour.mp4\n", 5, "outside the content folder", "copy it", id="video outside"),
    pytest.param(STEP + "    video: https:///tour\n", 5, "leads nowhere", "https://", id="video without host"),
    pytest.param(STEP + "    video: {label: Watch}\n", 5, "has no 'source'", "add", id="video without source"),
    pytest.param(STEP + f"    guide: {'x' * 12001}\n", 5, "12,001 characters, 12,000 fit", "shorten", id="long guide"),
    pytest.param(STEP.replace("Open", "O" * 3000), 4, "fit", "to a guide", id="long text"),
    pytest.param(STEP.replace("Look", "L" * 150), 3, "150 fit", "shorten", id="long title"),
    pytest.param(STEP + f"    skip_reasons: [{'x' * 41}]\n", 5, "40 fit", "shorten", id="long label"),
    pytest.param(
        STEP.replace("Look around", TWO_LINES),
        3,
        "more than one line",
        "one line",
        id="title of two lines",
    ),
    pytest.param(STEP.replace("Open", '"{{ nme }}" #'), 4, "nothing is known as 'nme'", "name", id="unknown value"),
    pytest.param(
        STEP.replace("Open the app.", OPEN_PLACE),
        7,
        "cannot be read",
        "{{ }}",
        id="open place",
    ),
    pytest.param(
        STEP.replace("Open the app.", BAD_LINK),
        6,
        "leads nowhere",
        "https:",
        id="bad link",
    ),
    pytest.param(STEP.replace("Open", "Open [x](https://)"), 4, "leads nowhere", "whole", id="link to nothing"),
    pytest.param(STEP.replace("Open", "'{{ name() }}'  #"), 4, "a call has no place", "filters", id="call"),
    pytest.param("remind_after: [2 days]\n" + STEP, 1, "no 'remind_after'", "nudges/", id="former reminders"),
    pytest.param("segments: [mid]\n" + STEP, 1, "has no 'segments'", "write when: segment in", id="former segments"),
    pytest.param("when: segmnt == 'mid'\n" + STEP, 1, "called 'segmnt' (character 1)", "mean 'segment'", id="bad when"),
    pytest.param("when: role == 'admin'\n" + STEP, 1, "called 'role'", "use one of", id="a person's fact"),
    pytest.param("when: days_to_renewal < 9\n" + STEP, 1, "'days_to_renewal'", "use|mean", id="a fact of the day"),
    pytest.param("when: [mrr > 5]\n" + STEP, 1, "must be a text", "quotes", id="listed when"),
    pytest.param(STEP + "    when: mrr > 'much'\n", 5, "'mrr' is a number", "write it as", id="bad when of a step"),
    pytest.param("after: tuor\n" + STEP, 1, "no checklist 'tuor'", "mean|delete|use", id="after nothing"),
    pytest.param("after: tour\n" + STEP, 1, "checklists wait for each other", "delete one", id="after itself"),
    pytest.param("title: Tour\nsections:\n  - title: A\n", 3, "has no 'steps'", "add", id="section without steps"),
    pytest.param(
        SECTION.format("after: [c]"),
        5,
        "no section 'c'",
        "delete|mean",
        id="after no section",
    ),
    pytest.param(
        SECTION.format("after: [a]"),
        5,
        "sections wait for each other",
        "delete one",
        id="section after itself",
    ),
    pytest.param(
        SECTION.format("gate: Later."),
        5,
        "nothing before it",
        "after",
        id="gate before nothing",
    ),
    pytest.param("title: 'Tour\nsteps:\n", 2, "no YAML", "quotes", id="half a file"),
    pytest.param("title: Tour\n steps:\n", 2, "no YAML", "indentation", id="bad indentation"),
    pytest.param("title: Tour\nsteps:\n\t- title: A\n", 3, "a tab", "spaces", id="tab"),
    pytest.param("title: !!python/object/apply:os.system [ls]\n", 1, "a tag", "delete it", id="python tag"),
    pytest.param("title: &a Tour\nintro: *a\n", 1, "anchor", "write the value out", id="anchor"),
    pytest.param("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "anchor", "write the value out", id="bomb of aliases"),
    pytest.param(STEP + "---\n" + STEP, 5, "second document", "---", id="two documents"),
    pytest.param("", 1, "the file is empty", "delete it", id="empty file"),
    pytest.param("# nothing yet\n", 1, "the file is empty", "delete it", id="only a comment"),
    pytest.param("[" * 60 + "]" * 60, 1, "levels of nesting", "indentation", id="deep nesting"),
    pytest.param("title: Tour\n\x00\n", 2, "cannot be seen", "delete", id="control character"),
    pytest.param("{{ title }}: Tour\n" + STEP, 1, "no word", "in quotes", id="place for a key"),
    pytest.param("\ufeff" + STEP, 1, "byte order mark", "without BOM", id="byte order mark"),
]


def problems(content: Path, name: str, text: str | bytes) -> list[str]:
    path = content / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [str(problem) for problem in check_content(content)]


@pytest.mark.parametrize(("text", "line", "what", "mend"), CHECKLISTS)
def test_a_broken_checklist_names_the_line(content: Path, text: str, line: int, what: str, mend: str) -> None:
    found = problems(content, "onboarding/tour.yaml", text)

    told = [problem for problem in found if what in problem]
    assert told, found
    assert told[0].startswith(f"content/onboarding/tour.yaml:{line}: ")
    assert any(word in told[0].split("; ", 1)[1] for word in mend.split("|")), told[0]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("title: Обзор\n", 0, ""),
        ("titel: Обзор\n", 1, "has no 'titel'; did you mean 'title'?"),
        ("steps:\n  lok:\n    title: A\n", 2, "has no 'lok'"),
        ("steps:\n  look-around:\n    guide: A\n", 3, "tour.yaml has no such 'guide'"),
        ("steps:\n  look-around:\n    owner: us\n", 3, "has no 'owner'"),
        (
            "steps:\n  look-around:\n    skip_reasons: [А]\n",
            3,
            "1 skip_reasons where tour.yaml has 2",
        ),
        ('title: \'{{ n | plural("а", "б") }}\'\n', 1, "plural has 2 forms, the language 'ru' needs 3"),
    ],
)
def test_a_broken_translation_names_the_line(content: Path, text: str, line: int, what: str) -> None:
    (content / "onboarding/tour.yaml").write_text(STEP + "    skip_reasons: [A, B]\n")

    found = problems(content, "onboarding/tour.ru.yaml", text)

    assert [
        problem for problem in found if f"content/onboarding/tour.ru.yaml:{line}: " in problem and what in problem
    ] or (not line and not found), found


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("onboarding/tour.fr.yaml", "there are no phrases in 'fr'; add phrases/fr.yaml first"),
        ("onboarding/tuor.ru.yaml", "there is no tuor.yaml to translate; did you mean 'tour'?"),
        ("onboarding/tour.en.yaml", "tour.yaml is in 'en' already; delete one of them"),
        ("onboarding/tour.yml", "the file's name says nothing to the hub; delete it, for there is a tour.yaml"),
        ("onboarding/Tour.yaml", "the file's name says nothing to the hub; name it as"),
        ("phrases/english.yaml", "the file's name says nothing to the hub; name it by its language"),
        ("phrases/xx.yaml", "no language is known as 'xx'"),
    ],
)
def test_a_file_that_belongs_nowhere_is_told(content: Path, name: str, what: str) -> None:
    (content / "onboarding/tour.yaml").write_text(STEP)

    (found,) = problems(content, name, "title: Tour\n")

    assert found.startswith(f"content/{name}:1: {what}")


SAID = "texts: [Hello]\n"
NUDGES = [
    ("after: 2 days\n" + SAID, 1, "a nudge has no 'trigger'; add `trigger:`"),
    ("trigger: stalled\n" + SAID, 1, "'trigger' is 'stalled'; did you mean 'stalled_step'?"),
    ("trigger: no_visit\n", 1, "a nudge has no 'texts'"),
    ("trigger: no_visit\ntext: Hello\n", 2, "a nudge has no 'text'; write texts: with a list"),
    ("trigger: no_visit\nafter: soon\n" + SAID, 2, "'soon' is no span of time; write it as 2 days or 12 hours"),
    ("trigger: no_visit\nrepeat: [3 days, 2 days]\n" + SAID, 2, "'2 days' is not later than the one before"),
    ("trigger: no_visit\nstop: 3\n" + SAID, 2, "'stop': said 3 times, but when?; add `repeat:`"),
    ("trigger: no_visit\nthen: csm\n" + SAID, 2, "'then': csm, but when?; add `repeat:`"),
    ("trigger: no_visit\nthen: tell\n" + SAID, 2, "'then' is 'tell'"),
    ("trigger: no_visit\nbefore: 1 day\n" + SAID, 2, "'before' is for trigger date, this is no_visit"),
    ("trigger: date\ndate: renewal\n" + SAID, 1, "a nudge has no 'before'"),
    ("trigger: date\nbefore: 1 day\n" + SAID, 1, "a date, but which?"),
    ("trigger: date\nbefore: 1 day\nafter: 1 day\ndate: renewal\n" + SAID, 3, "a date comes after the nudge"),
    ("trigger: date\nbefore: 1 day\ndate: mrr\n" + SAID, 3, "no field 'mrr' holds a date"),
    ("trigger: signal\n" + SAID, 1, "a nudge has no 'signal'"),
    ("trigger: no_visit\nbutton: {opens: step}\n" + SAID, 2, "no_visit is about no step"),
    ("trigger: no_visit\nbutton: {link: relay}\n" + SAID, 2, "leads nowhere; write it as https://…"),
    ("trigger: no_visit\ntopic: none-such\n" + SAID, 2, "hub.yaml has no topic 'none-such'"),
    ("trigger: no_visit\nwhen: segmnt == 'x'\n" + SAID, 2, "called 'segmnt'"),
    ("trigger: no_visit\ntexts:\n  - Hello\n  - '{{ step.title }}'\n", 4, "'step.title'"),
    ("trigger: date\ndate: renewal\nbefore: 1 day\ntexts: ['{{ nudge.dya }}']\n", 4, "did you mean 'nudge.day'"),
    ("trigger: no_visit\nworth: 101\n" + SAID, 2, "write a whole number from 0 to 100"),
]


@pytest.mark.parametrize(("text", "line", "what"), NUDGES)
def test_a_broken_nudge_names_the_line(content: Path, text: str, line: int, what: str) -> None:
    found = problems(content, "nudges/hello.yaml", text)

    assert [problem for problem in found if f"nudges/hello.yaml:{line}: " in problem and what in problem], found


def test_a_nudges_translation_says_each_time_what_is_said_then(content: Path) -> None:
    (content / "nudges").mkdir(exist_ok=True)
    (content / "nudges/hello.yaml").write_text("trigger: no_visit\nrepeat: [1 day]\ntexts: [One, Two]\n")

    found = problems(content, "nudges/hello.ru.yaml", "texts: [Раз]\nbutton: Вот\n")

    assert any("1 texts where" in one and "translate each of them" in one for one in found), found
    assert any("no such 'button'" in one for one in found), found


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("language: en\n", 1, "hub.yaml has no 'vendor'"),
        ("vendor: Relay\nlanguage: english\n", 2, "'english' is no language"),
        ("vendor: Relay\ntimezone: Mars/Base\n", 2, "no time zone is known as 'Mars/Base'"),
        ("vendor: Relay\ntimezone: ../etc\n", 2, "no time zone is known as '../etc'"),
        ("vendor: Relay\nregion_timezones:\n  UK: London\n", 3, "no time zone is known as 'London'"),
        ("vendor: Relay\nquiet_from: 25:00\n", 2, "'quiet_from' is '25:00'; write a time of day as 20:00"),
        ("vendor: Relay\nquiet_weekdays: [sut]\n", 2, "'sut' is no weekday"),
        ("vendor: Relay\nquiet_weekdays: [mon, tue, wed, thu, fri, sat, sun]\n", 2, "every day is quiet"),
        ("vendor: Relay\nmost_per_day: 9\n", 2, "more messages in a day than in a week"),
        ("vendor: Relay\ninvitation_days: 0\n", 2, "write a whole number from 1 to 90"),
        ("vendor: Relay\nadmins: [Ida]\n", 2, "write it as ida@relay.example"),
        ("vendor: Relay\nquite_from: 20:00\n", 2, "hub.yaml has no 'quite_from'; did you mean 'quiet_from'?"),
    ],
)
def test_a_broken_hub_file_names_the_line(content: Path, text: str, line: int, what: str) -> None:
    found = problems(content, "hub.yaml", text)

    assert [problem for problem in found if problem.startswith(f"content/hub.yaml:{line}: ") and what in problem], found


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("  nothing: ", "  nothin: ", "the phrase 'home.nothing' is missing"),
        ("  nothing: ", "  nothin: ", "the hub never says 'home.nothin'; did you mean 'home.nothing'?"),
        (
            "Hello {{ first_name }}!",
            "Hello {{ frist_name }}!",
            "nothing is known as 'frist_name' here; did you mean 'first_name'?",
        ),
        ("  done: Done\n", f"  done: {'Done' * 20}\n", "the text has 80 characters, 40 fit"),
        ("plural('day', 'days')", "plural('day')", "plural has 1 forms, the language 'en' needs 2"),
        ("| plural(", "| plurall(", "there is no filter 'plurall'"),
    ],
)
def test_a_broken_phrase_names_the_line(content: Path, old: str, new: str, what: str) -> None:
    text = (content / "phrases/en.yaml").read_text()
    assert old in text

    found = problems(content, "phrases/en.yaml", text.replace(old, new, 1))

    line = 1 if "missing" in what else text[: text.index(old)].count("\n") + 1
    assert any(problem.startswith(f"content/phrases/en.yaml:{line}: {what}") for problem in found), found


def test_text_in_another_encoding_is_told_with_its_line(content: Path) -> None:
    (found,) = problems(content, "onboarding/tour.yaml", "title: Tour\nintro: Привет\n".encode("cp1251"))

    assert found == ("content/onboarding/tour.yaml:2: the file is not UTF-8 (Windows-1251 perhaps); save it as UTF-8")


def test_a_file_of_more_than_a_megabyte_is_not_read(content: Path) -> None:
    (found,) = problems(content, "onboarding/tour.yaml", STEP + "#" * LARGEST_FILE)

    assert "has more than 1,000,000 bytes" in found


def test_a_link_out_of_the_folder_is_not_followed(content: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(STEP)
    (content / "onboarding/tour.yaml").symlink_to(tmp_path / "secret.yaml")

    (found,) = check_content(content)

    assert "lies outside the content folder" in found.what


def test_a_loop_of_links_is_told(content: Path) -> None:
    (content / "onboarding/tour.yaml").symlink_to("tour.yaml")

    (found,) = check_content(content)

    assert found.what.startswith("the file cannot be read")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    found = check_content(tmp_path / "nowhere")

    assert [problem.what for problem in found if "cannot be read: No such file" in problem.what] != []


def test_what_editors_leave_behind_is_passed_over(content: Path) -> None:
    for name in (".tour.yaml.swp", "tour.yaml~", "#tour.yaml#", ".#tour.yaml", "tour.yaml.bak"):
        (content / "onboarding" / name).write_text("{{{")

    assert check_content(content) == ()


def test_all_problems_are_told_at_once(content: Path) -> None:
    shutil.rmtree(content / "nudges")  # they name topics of hub.yaml
    (content / "hub.yaml").write_text("vendr: Relay\n")
    (content / "onboarding/a.yaml").write_text("titel: A\n")
    (content / "onboarding/b.yaml").write_text("\t")

    with pytest.raises(BrokenContent) as broken:
        read_catalogue(content)

    assert {problem.file for problem in broken.value.problems} == {
        "content/hub.yaml",
        "content/onboarding/a.yaml",
        "content/onboarding/b.yaml",
    }
    assert list(broken.value.problems) == sorted(broken.value.problems)


def test_circles_of_checklists_are_told(content: Path) -> None:
    (content / "onboarding/a.yaml").write_text("after: b\n" + STEP)

    (found,) = problems(content, "onboarding/b.yaml", STEP + "after: a\n")

    assert found == ("content/onboarding/a.yaml:1: the checklists wait for each other: a → b → a; delete one `after`")


def test_a_checklist_nobody_can_reach_is_told(content: Path) -> None:
    (content / "onboarding/a.yaml").write_text("when: segment == 'small'\n" + STEP)

    (found,) = problems(content, "onboarding/b.yaml", "when: segment == 'large'\nafter: a\n" + STEP)

    assert found.startswith("content/onboarding/b.yaml:2: nobody reaches it: 'a' is for other clients")


def test_a_step_that_needs_one_behind_its_own_gate_is_told(content: Path) -> None:
    text = """\
title: Tour
sections:
  - id: one
    title: One
    steps:
      - id: a
        title: A
        text: A
        needs: [b]
  - id: two
    title: Two
    after: [one]
    steps:
      - id: b
        title: B
        text: B
"""
    (found,) = problems(content, "onboarding/tour.yaml", text)

    assert found.startswith("content/onboarding/tour.yaml:9: the steps wait for each other: a → b → a")


def test_utf_16_is_recognised(content: Path) -> None:
    (content / "onboarding" / "tour.yaml").write_bytes(STEP.encode("utf-16"))

    assert [str(problem) for problem in check_content(content)] == [
        "content/onboarding/tour.yaml:1: the file is UTF-16; save it as UTF-8"
    ]


def test_yml_is_asked_to_be_renamed(content: Path) -> None:
    (content / "onboarding" / "tour.yml").write_text(STEP, "utf-8")

    assert [(problem.file, problem.mend) for problem in check_content(content)] == [
        ("content/onboarding/tour.yml", "rename it to tour.yaml")
    ]


def test_a_default_language_without_phrases_is_told_at_its_own_line(content: Path) -> None:
    (content / "hub.yaml").write_text("vendor: Relay\n\nlanguage: fr\n", "utf-8")

    problems = [problem for problem in check_content(content) if "no phrases in the default language" in problem.what]

    assert [(problem.file, problem.line) for problem in problems] == [("content/hub.yaml", 3)]


def test_a_link_to_a_script_is_no_link(content: Path) -> None:
    (content / "onboarding" / "tour.yaml").write_text(
        STEP.replace("Open the app.", "'[Look](javascript:alert(1))'"), "utf-8"
    )

    assert [(problem.line, problem.what) for problem in check_content(content)] == [
        (4, "the link to 'javascript:alert(1)' leads nowhere")
    ]
