"""The rules of a checklist hold whatever is recorded, in whatever order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.content.catalogue import Checklist, Section
from core.onboarding.rules import (
    Doer,
    is_finished,
    is_for,
    is_stalled,
    last_by_client,
    missing_for,
    next_step,
    opened_by,
    progress,
    shut_section,
    stand,
)
from storage.tables import StepRecord
from tests.core.stage import START, checklist, step

NAMES = ("a", "b", "c", "d", "e", "f")


@st.composite
def checklists(draw: st.DrawFn) -> Checklist:
    """Steps that need some of those before them, so without cycles; some are ours, some are for a role."""
    steps = []
    for number in range(draw(st.integers(1, len(NAMES)))):
        needs = draw(st.sets(st.sampled_from(NAMES[:number]))) if number else set()
        steps.append(
            step(
                NAMES[number],
                needs=tuple(sorted(needs)),
                owner=draw(st.sampled_from(("client", "client", "us"))),
                role=draw(st.sampled_from(("", "admin", "finance"))),
            )
        )
    return checklist(*steps)


@st.composite
def records(draw: st.DrawFn) -> list[StepRecord]:
    """What may be recorded: also of a step the checklist has never heard of."""
    return [
        StepRecord(
            enrolment_id=1,
            step=name,
            state=draw(st.sampled_from(("open", "done", "skipped"))),
            changed_by=draw(st.sampled_from((None, 1, 2))),
            taken_by=draw(st.sampled_from((None, 1, 2))),
            changed_at=START + timedelta(hours=draw(st.integers(0, 48))),
        )
        for name in draw(st.sets(st.sampled_from((*NAMES, "retired"))))
    ]


def changed(kept: list[StepRecord], name: str, state: str) -> list[StepRecord]:
    """The same records, with this step's state another."""
    others = [record for record in kept if record.step != name]
    return [*others, StepRecord(enrolment_id=1, step=name, state=state, changed_by=1, changed_at=START)]


@given(checklists(), records())
def test_progress_stays_within_its_bounds_and_ends_with_the_checklist(whole: Checklist, kept: list[StepRecord]) -> None:
    standing = stand(whole, kept)

    counted = progress(standing)

    assert 0 <= counted.done <= counted.total == len(whole.steps)
    assert (counted.percent == 100) == is_finished(standing)


@given(checklists(), records(), st.sampled_from((None, 1, 2)), st.sampled_from(("", "admin", "finance", "legal")))
def test_there_is_one_next_step_until_the_end(
    whole: Checklist, kept: list[StepRecord], contact: int | None, role: str
) -> None:
    standing = stand(whole, kept)

    following = next_step(standing, Doer(contact, role), frozenset({"admin", "legal"}))

    assert (following is None) == is_finished(standing)
    assert following is None or following.state in ("open", "ours")


@given(checklists(), records(), st.sampled_from((1, 2)))
def test_nobody_is_shown_a_colleagues_step_while_there_is_one_of_their_own(
    whole: Checklist, kept: list[StepRecord], contact: int
) -> None:
    standing, doer, roles = stand(whole, kept), Doer(contact, "admin"), frozenset({"admin", "finance"})

    following = next_step(standing, doer, roles)

    if any(one.state == "open" and is_for(one, doer, roles) for one in standing.steps):
        assert following is not None
        assert is_for(following, doer, roles)


@given(checklists(), records(), st.sampled_from(NAMES), st.sampled_from(("done", "skipped")))
def test_finishing_a_step_closes_no_gate(whole: Checklist, kept: list[StepRecord], name: str, state: str) -> None:
    before = stand(whole, kept)

    after = stand(whole, changed(kept, name, state))

    for one, other in zip(before.steps, after.steps, strict=True):
        assert one.state == "closed" or other.state != "closed"


@given(checklists(), records(), st.sampled_from(NAMES))
def test_what_is_done_and_undone_stands_as_before(whole: Checklist, kept: list[StepRecord], name: str) -> None:
    kept = changed(kept, name, "open")
    before = stand(whole, kept)

    after = stand(whole, changed(changed(kept, name, "done"), name, "open"))

    assert after == before


@given(checklists(), records(), st.sampled_from(NAMES))
def test_what_a_step_opened_was_closed_and_is_now_to_be_done(
    whole: Checklist, kept: list[StepRecord], name: str
) -> None:
    before, after = stand(whole, kept), stand(whole, changed(kept, name, "done"))

    for one in opened_by(before, after):
        was = before.of(one.step.id)
        assert was is not None
        assert was.state == "closed"
        assert name in one.step.needs
        assert not missing_for(after, one)


@given(checklists(), records(), st.permutations(NAMES))
def test_the_order_of_taps_does_not_matter(whole: Checklist, kept: list[StepRecord], order: list[str]) -> None:
    once, again = list(kept), list(kept)
    for name in NAMES:
        once = changed(once, name, "done")
    for name in order:
        again = changed(again, name, "done")

    assert stand(whole, once) == stand(whole, again)


def test_a_finished_step_stays_finished_when_what_it_needed_is_undone() -> None:
    whole = checklist(step("a"), step("b", needs=("a",)))
    kept = changed(changed([], "b", "done"), "a", "open")

    standing = stand(whole, kept)

    assert [one.state for one in standing.steps] == ["open", "done"]


def test_a_retired_step_neither_counts_nor_holds_anybody_up() -> None:
    whole = checklist(step("b", needs=("a",)))

    standing = stand(whole, changed([], "a", "done"))

    assert [one.state for one in standing.steps] == ["open"]
    assert progress(standing).total == 1


def test_a_step_for_a_role_that_nobody_has_is_everybodys() -> None:
    standing = stand(checklist(step("a", role="finance")), [])

    assert is_for(standing.steps[0], Doer(1, "admin"), frozenset({"admin"}))
    assert not is_for(standing.steps[0], Doer(1, "admin"), frozenset({"admin", "finance"}))


def test_whoever_takes_a_step_does_it_whatever_role_it_was_meant_for() -> None:
    taken = StepRecord(enrolment_id=1, step="a", taken_by=7, changed_at=START)
    standing = stand(checklist(step("a", role="finance")), [taken])

    assert is_for(standing.steps[0], Doer(7, "admin"), frozenset({"finance"}))
    assert not is_for(standing.steps[0], Doer(8, "finance"), frozenset({"finance"}))


def test_a_closed_section_is_named_only_while_the_section_before_it_holds_it_up() -> None:
    sections = (Section("first", step("x").title), Section("second", step("x").title, after=("first",)))
    whole = checklist(
        step("a"),
        step("b", section="second", needs=("a",)),
        step("c", section="second", needs=("a", "b")),
        sections=sections,
    )

    before, after = stand(whole, []), stand(whole, changed([], "a", "done"))

    assert shut_section(before, before.steps[2]) == sections[1]
    assert after.steps[2].state == "closed"
    assert shut_section(after, after.steps[2]) is None


def test_only_what_the_clients_people_did_last_is_offered_for_undoing() -> None:
    by_signal = StepRecord(enrolment_id=1, step="a", state="done", changed_at=START + timedelta(days=1))
    by_dana = StepRecord(enrolment_id=1, step="b", state="skipped", changed_by=1, changed_at=START)
    standing = stand(checklist(step("a"), step("b")), [by_signal, by_dana])

    last = last_by_client(standing)

    assert last is not None
    assert last.step.id == "b"


def test_waiting_for_us_is_not_standing_still() -> None:
    moved_at, now = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)

    assert is_stalled(stand(checklist(step("a")), []), moved_at, timedelta(days=8), now)
    assert not is_stalled(stand(checklist(step("a")), []), moved_at, timedelta(days=9), now)
    assert not is_stalled(stand(checklist(step("a", owner="us")), []), moved_at, timedelta(days=1), now)
