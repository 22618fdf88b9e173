"""The difference of two catalogues, and the few words it is told in."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.content.catalogue import Catalogue, Checklist, Section
from core.content.texts.phrases import Phrases
from core.content.versions.changes import Changes, compare, difference, summary
from core.content.versions.outline import outline, read_outline, write_outline
from tests.core.stage import asked, catalogue, checklist, sample, step, words


def told(before: Catalogue, after: Catalogue, language: str = "en") -> str:
    return summary(difference(before, after), after.voice(language))


def change(before: Checklist, after: Checklist) -> str:
    return told(catalogue(before), catalogue(after))


ONE = checklist(step("a"), step("b"), step("c"))


def test_nothing_changed_is_nothing() -> None:
    assert not difference(sample(), sample())
    assert told(sample(), sample()) == "nothing that people see"


def test_texts_and_new_steps_are_counted_each_in_its_language() -> None:
    after = checklist(step("a", text=words("Else", "Иначе")), step("b"), step("c"), step("d"))

    assert change(ONE, after) == "2 texts, 1 new step"
    assert told(catalogue(ONE), catalogue(after), "ru") == "2 текста, 1 новый шаг"


def test_what_is_behind_a_button_is_counted_apart() -> None:
    assert change(ONE, checklist(step("a", guide=words("How")), step("b"), step("c"))) == "1 text of a guide"


def test_a_step_that_stands_elsewhere_has_moved_and_the_others_have_not() -> None:
    found = difference(catalogue(ONE), catalogue(checklist(step("b"), step("c"), step("a"))))

    assert found.checklists[0].moved == ("a",)
    assert found.checklists[0].texts == ()


def test_a_step_in_another_section_has_moved() -> None:
    sections = (Section("first", words("First")), Section("second", words("Second")))
    before = checklist(step("a"), step("b"), sections=sections)
    after = checklist(step("a"), step("b", section="second"), sections=sections)

    assert difference(catalogue(before), catalogue(after)).checklists[0].moved == ("b",)


def test_another_id_with_the_same_words_is_called_a_renaming() -> None:
    after = checklist(step("a"), step("bee", title=words("B", "Шаг b"), text=words("Please do b.")), step("c"))
    (found,) = difference(catalogue(ONE), catalogue(after)).checklists

    assert [(one.was, one.id) for one in found.renamed] == [("b", "bee")]
    assert (found.added, found.removed) == ((), ())


def test_rules_are_told_by_step_and_those_of_the_checklist_apart() -> None:
    before = replace(ONE, after="welcome")
    after = checklist(step("a", needs=("b",)), step("b"), step("c", asks=asked("date")))
    (found,) = difference(catalogue(before), catalogue(after)).checklists

    assert found.rules == ("", "a", "c")


def test_checklists_come_and_go() -> None:
    other = checklist(step("a"), name="other")
    found = difference(catalogue(ONE), catalogue(other))

    assert [one.id for one in found.new] == ["other"]
    assert [one.id for one in found.retired] == ["start"]
    assert set(found.touched) == {"other", "start"}


def test_phrases_languages_and_settings_are_told() -> None:
    before = sample()
    texts = {language: dict(of) for language, of in before.phrases.texts.items()}
    texts["en"]["home.nothing"] = "Nothing at all."
    texts["fr"] = {"home.nothing": "Rien."}
    phrases = Phrases(texts, "en", {"vendor": "Relay"})
    after = replace(before, phrases=phrases, rules=replace(before.rules, most_per_day=1))

    assert told(before, after) == "1 phrase, 1 new language, 1 setting"


def test_when_a_step_was_there_is_no_change_of_it() -> None:
    assert compare(outline(catalogue(ONE)), outline(catalogue(ONE))) == Changes()


def test_what_another_release_wrote_is_not_read() -> None:
    assert read_outline('{"shape": 0}') is None
    assert read_outline(None) is None


names = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@st.composite
def checklists(draw: st.DrawFn) -> Checklist:
    return checklist(*(step(name, text=words(draw(st.sampled_from(("x", "y", "ж"))))) for name in draw(names)))


@given(checklists(), checklists())
def test_every_step_is_kept_added_removed_or_renamed_and_never_two_of_these(one: Checklist, other: Checklist) -> None:
    before, after = outline(catalogue(one)), outline(catalogue(other))
    found = compare(before, after)
    mine = found.checklists[0] if found.checklists else None
    if mine is None:
        assert [(step.id, step.text) for step in one.steps] == [(step.id, step.text) for step in other.steps]
        return

    after_ids = [*mine.kept, *(it.id for it in mine.added), *(it.id for it in mine.renamed)]
    before_ids = [*mine.kept, *(it.id for it in mine.removed), *(it.was for it in mine.renamed)]
    assert sorted(after_ids) == sorted(step.id for step in other.steps)
    assert sorted(before_ids) == sorted(step.id for step in one.steps)


@given(checklists())
def test_an_outline_reads_back_as_it_was_written(one: Checklist) -> None:
    written = outline(catalogue(one))

    assert not compare(written, read_outline(write_outline(written)) or outline(sample()))


def test_an_update_a_nudge_and_a_guide_are_named_as_the_files_they_are() -> None:
    before = sample()
    export, *_ = before.updates.values()
    nudge = before.nudges["stalled-step"]
    after = replace(
        before,
        updates={"brand-new": replace(export, id="brand-new")},
        nudges={**before.nudges, "stalled-step": replace(nudge, stop=nudge.stop + 1)},
    )

    files = {one.name: one.what for one in difference(before, after).files}

    assert files[f"updates/{export.published}-brand-new"] == "new"
    assert files[f"updates/{export.published}-{export.id}"] == "gone"
    assert files["nudges/stalled-step"] == "changed"
    assert len(files) == len(before.updates) + 2
    assert difference(before, after).rules == ()
    assert "files" in told(before, after)
