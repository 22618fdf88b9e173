"""What an admin is shown beforehand is what a client would get, and looking changes nothing."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.cards import Card
from core.content.catalogue import Catalogue, Guide, Section, Video
from core.content.conditions.condition import parse_condition
from core.content.texts.phrases import Words
from core.markup import plain
from core.onboarding.enrolments import enrol
from core.onboarding.previews import Preview, Viewer, is_for_them, made_up, viewer_of
from core.previews import NothingToShow, language_of, previews
from storage.tables import Contact, Delivery, Enrolment, StepRecord
from tests.core.stage import START, Stage, asked, catalogue, checklist, labels, sample, stage, step, words

START_FILE = PurePosixPath("onboarding/start.yaml")
DANA = "telegram:1"


def everything() -> Catalogue:
    """A checklist with something of everything."""
    sections = (
        Section("first", words("First part")),
        Section("second", words("Second part"), after=("first",), gate=words("Opens after the first part.")),
    )
    return catalogue(
        checklist(
            step("tour", video=Video(words("https://media.example/tour.mp4"), words("Watch it"))),
            step("domain", asks=asked("text"), needs=("tour",), guide=words("Long and helpful.")),
            step("goal", asks=asked("choice", options=(words("To win"), words("To keep")))),
            step("day", asks=asked("date")),
            step("list", asks=asked("file"), skip_reasons=(words("Sent by mail"), words("No list"))),
            step("check", owner="us", due_days=2, needs=("domain",)),
            step("launch", section="second", needs=("tour", "domain", "goal", "day", "list", "check"), role="admin"),
            sections=sections,
        ),
        checklist(step("more"), name="next", after="start"),
    )


def alex(content: Catalogue, **more: str) -> Viewer:
    return made_up(content, name="Alex Doe", account="Example Ltd", csm="Robin Roe", now=START, **more)


def shown(content: Catalogue, viewer: Viewer, file: PurePosixPath = START_FILE) -> tuple[Preview, ...]:
    return previews(content, file, viewer, START)


def said(card: Card) -> str:
    parts = (card.title, plain(card.text), *(" ".join(fact) for fact in card.facts), plain(card.note), *labels(card))
    return "\n".join(parts)


def texts(value: object) -> list[str]:
    """Every English text in a value of the catalogue."""
    if isinstance(value, Words):
        return [value.by_language["en"]]
    if isinstance(value, tuple):
        return [text for one in value for text in texts(one)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in texts(getattr(value, field.name))]
    return []


def test_every_text_of_a_checklist_is_on_some_card() -> None:
    content = everything()

    all_said = "\n".join(said(one.card) for one in shown(content, alex(content)))

    for text in texts(content.checklists["start"]):
        wanted = text.replace("{{ contact.first_name }}", "Alex").replace("{{ first_name }}", "Alex")
        assert wanted in all_said or "https://media.example" in text


def test_a_step_is_shown_before_it_opens_when_it_is_open_and_when_it_is_done() -> None:
    content = everything()

    launch = {one.shows: one for one in shown(content, alex(content)) if one.key == "launch"}

    assert list(launch) == ["closed", "open", "why", "done"]
    assert "Opens after the first part." in said(launch["closed"].card)
    assert "Done" in labels(launch["open"].card)
    assert "Next step" in labels(launch["done"].card)
    assert all(one.about == "Launch" for one in launch.values())


def test_what_each_button_opens_is_shown_too() -> None:
    content = everything()

    opened = [
        (one.shows, one.key) for one in shown(content, alex(content)) if one.shows in ("guide", "question", "why")
    ]

    assert ("guide", "domain") in opened
    assert {key for shows, key in opened if shows == "question"} == {"domain", "day", "list"}
    assert ("why", "check") not in opened


def test_a_preview_is_the_very_card_the_client_gets() -> None:
    scene = _joined()
    before = _looked(scene)
    scene.command(DANA, "home")
    scene.tap(DANA, "Start")

    assert scene.last(DANA) == before["intro", ""]

    scene.tap(DANA, "Skip")
    assert scene.last(DANA) == before["why", "tour"]

    scene.tap(DANA, "Never mind")
    scene.tap(DANA, "Done")
    scene.tap(DANA, "All steps")
    assert scene.last(DANA) == _looked(scene)["list", ""]

    scene.tap(DANA, "2")
    scene.tap(DANA, "Show me how")
    assert scene.last(DANA) == _looked(scene)["guide", "domain"]


def _joined(language: str | None = None) -> Stage:
    """Dana is here, and Acme's first checklist has begun."""
    scene = stage(*everything().checklists.values())
    account = scene.account("Acme", scene.csm(), language=language)
    scene.person(account, "Dana", DANA, role="admin")
    enrol(scene.session, scene.content, account, scene.now)
    return scene


def _looked(scene: Stage) -> dict[tuple[str, str], Card]:
    scene.session.flush()
    viewer = viewer_of(scene.session, scene.content, "dana@acme.example")
    assert viewer is not None
    return {(one.shows, one.key): one.card for one in previews(scene.content, START_FILE, viewer, scene.now)}


def _begun() -> Stage:
    """Dana of Acme has done the first step."""
    scene = _joined(language="ru")
    scene.command(DANA, "home")
    scene.tap(DANA, "Начать")
    scene.tap(DANA, "Готово")
    return scene


def test_a_contact_is_shown_where_their_account_stands() -> None:
    scene = _begun()

    cards = _looked(scene)

    assert cards["now", ""].title == "Шаг domain"
    assert cards["list", ""].progress is not None
    assert cards["list", ""].progress.done == 1
    assert "Dana" in said(cards["done", "tour"])


def test_a_language_is_tried_on_and_not_kept() -> None:
    scene = _begun()

    viewer = viewer_of(scene.session, scene.content, " Dana@Acme.example ", "en")

    assert viewer is not None
    assert shown(scene.content, viewer)[0].card.title == "Tour"
    assert scene.session.exec(select(Contact.language)).all() == [None]
    assert not scene.session.dirty


def test_looking_writes_nothing() -> None:
    scene = _begun()
    before = _rows(scene)

    _looked(scene)

    assert not scene.session.new
    assert not scene.session.dirty
    assert _rows(scene) == before


def _rows(scene: Stage) -> list[object]:
    kinds = (Enrolment, StepRecord, Delivery, Contact)
    return [[row.model_dump() for row in scene.session.exec(select(kind)).all()] for kind in kinds]


def test_nobody_is_found_by_an_email_nobody_has() -> None:
    assert viewer_of(stage().session, sample(), "nobody@acme.example") is None


def _conditions() -> Catalogue:
    only = parse_condition("segment == 'enterprise'", {"segment": "text"})
    return catalogue(
        checklist(step("all"), step("big", when=only, guide=words("Big guide.")), step("last", needs=("all", "big"))),
        checklist(step("x"), name="grand", when=only),
    )


@pytest.mark.parametrize(("segment", "steps"), [("enterprise", {"all", "big", "last"}), ("smb", {"all", "last"})])
def test_a_contact_sees_the_steps_that_are_for_their_account(segment: str, steps: set[str]) -> None:
    content = _conditions()
    scene = stage(*content.checklists.values())
    scene.person(scene.account("Acme", segment=segment), "Dana", DANA)
    viewer = viewer_of(scene.session, content, "dana@acme.example")
    assert viewer is not None

    cards = shown(content, viewer)
    assert {one.key for one in cards if one.shows == "open"} == steps
    assert {one.key for one in cards if one.shows == "done"} == steps
    assert {one.card.progress.total for one in cards if one.card.progress} == {len(steps)}
    assert is_for_them(content, START_FILE, viewer)
    grand = PurePosixPath("onboarding/grand.yaml")
    assert is_for_them(content, grand, viewer) == (segment == "enterprise")
    assert {one.key for one in shown(content, viewer, grand) if one.shows == "open"} == {"x"}


def test_somebody_made_up_sees_every_step_whomever_it_is_for() -> None:
    content = _conditions()

    cards = shown(content, alex(content))

    assert {one.key for one in cards if one.shows == "open"} == {"all", "big", "last"}
    assert {one.key for one in cards if one.shows == "guide"} == {"big"}
    assert is_for_them(content, PurePosixPath("onboarding/grand.yaml"), alex(content))


def test_a_guide_of_its_own_is_shown_as_its_steps_open_it() -> None:
    guide = Guide(
        "how", words("How to"), words("So and so."), when=parse_condition("segment == 'x'", {"segment": "text"})
    )
    content = replace(
        catalogue(checklist(step("a", guide=guide.text, guide_title=guide.title, guide_when=guide.when))),
        guides={"how": guide, "spare": replace(guide, id="spare", text=words("Not named yet."))},
    )

    (named,) = shown(content, alex(content), PurePosixPath("guides/how.md"))
    (spare,) = shown(content, alex(content), PurePosixPath("guides/spare.ru.md"))

    assert (named.card.title, named.card.text, named.about) == ("How to", "So and so.", "A")
    assert (spare.card.title, spare.card.text, spare.about) == ("How to", "Not named yet.", "")


@pytest.mark.parametrize("file", ["onboarding/gone.yaml", "notes/todo.md", "videos/tour.mp4", ""])
def test_what_makes_no_cards_shows_none(file: str) -> None:
    with pytest.raises(NothingToShow):
        shown(sample(), alex(sample()), PurePosixPath(file))


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("onboarding/quickstart.ru.yaml", "ru"),
        ("onboarding/quickstart.yaml", None),
        ("phrases/de.yaml", "de"),
        ("hub.yaml", None),
        ("guides/create-workspace.ru.md", "ru"),
    ],
)
def test_a_files_name_tells_its_language(file: str, language: str | None) -> None:
    assert language_of(PurePosixPath(file)) == language


@pytest.mark.parametrize("language", sample().phrases.languages)
def test_all_sample_content_can_be_looked_through_in_every_language(language: str) -> None:
    content = sample()
    files = ["hub.yaml", f"phrases/{language}.yaml", *(f"onboarding/{name}.yaml" for name in content.checklists)]

    for role in ("", "admin", "marketing"):
        for file in files:
            assert shown(content, alex(content, role=role, language=language), PurePosixPath(file))


def test_every_phrase_is_shown_with_its_places_filled() -> None:
    cards = shown(sample(), alex(sample()), PurePosixPath("phrases/en.yaml"))

    text = "\n".join(one.card.text for one in cards)

    assert "{{" not in text
    assert "`step.done_by`" in text
    assert cards[0].shows == "home"


@given(name=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40))
def test_a_name_shows_as_it_is_typed(name: str) -> None:
    content = catalogue(checklist(step("a", text=words("Hello {{ contact.name }}."))))
    viewer = made_up(content, name=name, account="A", csm="C", now=START)

    card = next(one.card for one in shown(content, viewer) if one.shows == "open")

    assert plain(card.text) == f"Hello {name}."


def test_the_day_we_promise_is_counted_from_now() -> None:
    content = everything()
    later = replace(content.checklists["start"].steps[5], due_days=3)
    content = catalogue(checklist(step("domain"), later))

    card = next(one.card for one in shown(content, alex(content)) if (one.shows, one.key) == ("open", "check"))

    assert alex(content).who.voice.date((START + timedelta(days=3)).date()) in card.text
