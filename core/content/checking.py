"""Reads the whole content folder and holds its files against each other: all problems at once, or a catalogue."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar, cast

from core.content.catalogue import BrokenContent, Catalogue, Checklist, Guide, Problem, Rules, Update, causes_first
from core.content.kinds.checklist_family import CHECKLISTS, Outline, with_guides
from core.content.kinds.guide_files import GUIDES
from core.content.kinds.hub_file import HubFile, is_language, read_rules
from core.content.kinds.mailing_files import MAILINGS
from core.content.kinds.nudge_files import NUDGES
from core.content.kinds.nudge_rules import NudgeRule
from core.content.kinds.order import check_checklists
from core.content.kinds.phrase_files import read_phrases
from core.content.kinds.update_files import UPDATES, Told, in_order
from core.content.reading.families import Around, Family, Leaf, Media, Piece, Shelf, left_by_editors
from core.content.reading.files import OURS, Files, is_about_files
from core.content.reading.sheets import Sheet, closest, meant
from core.content.texts.phrases import Phrases, Words
from core.content.texts.unfinished import NAME, unfinished
from core.content.texts.variables import for_checklists, for_labels
from core.content.texts.vocabulary import SAID

T = TypeVar("T")

_PHRASES_FILE: Final = re.compile(r"([a-z]{2})\.yaml")
_OF_A_COUNTRY: Final = re.compile(r"((?:[a-z0-9-]+\.)?)([a-z]{2})[-_][A-Za-z]{2,4}\.(yaml|md)")
_NOTHING: Final = Around("", ())


def read_catalogue(folder: Path) -> Catalogue:
    """Read all content. Raises BrokenContent with every problem there is."""
    return Reader(folder).read()


def check_content(folder: Path) -> tuple[Problem, ...]:
    """Everything wrong in the folder, sorted by file and line; empty when `read_catalogue` would succeed."""
    try:
        read_catalogue(folder)
    except BrokenContent as broken:
        return broken.problems
    return ()


class Reader:
    """Reads a content folder again and again: what did not change since is not read, parsed or checked again.

    Not for two threads at a time.
    """

    def __init__(self, folder: Path, *, drafts: bool = False) -> None:
        """`drafts`: as if languages that are drafts were spoken."""
        self.folder = folder
        self.public_url = ""
        """What `Catalogue.public_url` is of all that is read from now on."""
        self.drafts: tuple[str, ...] = ()
        """The languages that the last reading found to be drafts."""
        self._with_drafts = drafts
        self._files = Files(folder)
        self._pieces: dict[str, Piece[object]] = {}
        """What was made of files, by the name of the main one."""
        self._last: Catalogue | None = None

    def read(self) -> Catalogue:
        """All of the folder as it is now: the same catalogue as the last time when nothing changed.

        Raises BrokenContent with every problem there is.
        """
        reading = _Reading(self._files, self._pieces, self._with_drafts)
        catalogue = reading.catalogue()
        self.drafts = reading.drafts
        before, self._pieces = self._pieces, reading.used
        if reading.problems or catalogue is None:
            raise BrokenContent(causes_first(reading.problems))
        catalogue = replace(catalogue, public_url=self.public_url) if self.public_url else catalogue
        last = self._last
        if last is not None and _is(last) == _is(catalogue) and _same(before, self._pieces):
            return last  # with the texts that were compiled for it
        self._last = catalogue
        return catalogue


def _is(catalogue: Catalogue) -> tuple[str, str]:
    return catalogue.version, catalogue.public_url


def _same(before: Mapping[str, Piece[object]], now: Mapping[str, Piece[object]]) -> bool:
    return before.keys() == now.keys() and all(piece is before[name] for name, piece in now.items())


class _Reading:
    """One reading of the folder. `remembered` are the pieces of earlier ones."""

    def __init__(self, files: Files, remembered: Mapping[str, Piece[object]], with_drafts: bool) -> None:
        self.problems: list[Problem] = []
        self.drafts: tuple[str, ...] = ()
        self._with_drafts = with_drafts
        self.used: dict[str, Piece[object]] = {}
        self._files = files
        self._remembered = remembered

    def catalogue(self) -> Catalogue | None:
        gone = self._files.begin()
        if gone:
            self._sheet("").problem(1, f"the folder cannot be read: {gone}", "make it, or set HUB_CONTENT to yours")
            return None
        hub = self._hub_file()
        rules, texts = hub.rules, self._phrases(hub)
        usual = {key: _usual(texts, key, rules.language) for key in ("checklist.intro", "checklist.finish")}
        around = Around(
            rules.language,
            tuple(texts),
            usual,
            rules.fields,
            rules.values,
            tuple(rules.topics),
            () if self._with_drafts else self.drafts,
            labels=for_labels(rules.fields),
            texts=for_checklists(rules.fields),
        )
        guides = self._families(GUIDES, around)
        checklists = self._checklists(self._families(CHECKLISTS, around), guides)
        updates = self._updates(self._families(UPDATES, around))
        nudges = self._families(NUDGES, around)
        self._check_answers(nudges, checklists)
        mailings = self._families(MAILINGS, around)
        if self.problems:
            return None
        phrases = Phrases(texts, rules.language, {"vendor": rules.vendor}, rules.currency, rules.fields)
        folder, version = str(self._files.folder), self._files.version()
        return Catalogue(rules, phrases, checklists, folder, version, guides, updates, nudges, mailings)

    def _sheet(self, name: str) -> Sheet:
        return Sheet(self._files.shown(name), self.problems)

    def _names(self, part: str, *, optional: bool = False) -> Iterator[str]:
        """What lies in a part of the content, but for what editors leave there."""
        try:
            names = self._files.names(part)
        except OSError as error:
            if optional and isinstance(error, FileNotFoundError):
                return
            self._sheet(part).problem(1, f"the folder cannot be read: {error.strerror}", "make it")
            return
        yield from (name for name in names if not left_by_editors(name))

    def _misnamed(self, part: str, name: str, mend: str, right: bool) -> None:
        """`right`: it would be named well if it did not end in .yml."""
        if not name.endswith(OURS) or is_about_files(name):
            return  # nobody meant it for us: a warning, see lint.py
        spoken = _OF_A_COUNTRY.fullmatch(name)
        if spoken is not None:
            what, better = "languages have two letters here, without a country", f"{spoken[1]}{spoken[2]}.{spoken[3]}"
            mend = (
                f"there is a {better} already: put what differs there"
                if self._files.has(f"{part}/{better}")
                else (f"rename it to {better}: it is for all who speak it")
            )
            self._sheet(f"{part}/{name}").problem(1, what, mend)
            return
        better = f"{name.removesuffix('.yml')}.yaml"
        if right and self._files.has(f"{part}/{better}"):
            mend = f"delete it, for there is a {better}, or name it differently"
        elif right:
            mend = f"rename it to {better}"
        self._sheet(f"{part}/{name}").problem(1, "the file's name says nothing to the hub", mend)

    def _hub_file(self) -> HubFile:
        return self._piece(_HUB_FILE, "hub", "hub.yaml", {}, _NOTHING) or HubFile(Rules(""))

    def _phrases(self, hub: HubFile) -> dict[str, dict[str, str]]:
        language = hub.rules.language
        texts: dict[str, dict[str, str]] = {}
        troubles: dict[str, list[Problem]] = {}
        for name in self._names("phrases"):
            match = _PHRASES_FILE.fullmatch(name)
            if match is None:
                right = _PHRASES_FILE.fullmatch(f"{name.removesuffix('.yml')}.yaml") is not None
                self._misnamed("phrases", name, "name it by its language, as en.yaml", right)
            elif not is_language(match[1]):
                what = f"no language is known as {match[1]!r}"
                self._sheet(f"phrases/{name}").problem(1, what, "use its two letters: en, ru, de …")
            else:
                piece = self._piece_of(_PHRASES, match[1], f"phrases/{name}", {}, _NOTHING)
                found = cast("dict[str, str] | None", piece.value)
                texts[match[1]], troubles[match[1]] = found or {}, list(piece.problems)
                for key in SAID.keys() - found.keys() if found is not None and match[1] == language else ():
                    self._sheet(f"phrases/{name}").problem(1, f"the phrase {key!r} is missing", "add it")
        read = {one: phrases.get(NAME, "") for one, phrases in texts.items() if phrases or not troubles[one]}
        self.drafts = tuple(unfinished(read, language))
        for one in () if self._with_drafts else self.drafts:
            del texts[one], troubles[one]
        for problems in troubles.values():
            self.problems += problems
        if language not in texts:
            what = f"there are no phrases in the default language {language!r}"
            mend = f"add phrases/{language}.yaml, or change `language`"
            self._sheet("hub.yaml").problem(hub.language_line, what, mend)
        return texts

    def _check_answers(self, nudges: Mapping[str, NudgeRule], checklists: Mapping[str, Checklist]) -> None:
        """A nudge before a date that a step asks for: is there such a step, and does it?"""
        dates = [
            f"{name}/{step.id}"
            for name, checklist in checklists.items()
            for step in checklist.steps
            if step.asks is not None and step.asks.kind == "date"
        ]
        for name, rule in nudges.items():
            checklist, _, step = rule.trigger.name.partition("/")
            if step and checklist in checklists and rule.trigger.name not in dates:
                what = f"no step {rule.trigger.name!r} asks for a date"
                self._sheet(f"nudges/{name}.yaml").problem(1, what, meant(rule.trigger.name, dates))

    def _families(self, kind: Shelf[T], around: Around) -> dict[str, T]:
        """What all files of a kind say, by id in the order of their files; without those that cannot be looked at."""
        mains: dict[str, str] = {}
        translations: dict[str, dict[str, str]] = {}
        for name in self._names(kind.part, optional=kind.optional):
            sorted_out = kind.sorted_out(name)
            if sorted_out is None:
                right = kind.ending == "yaml" and kind.sorted_out(f"{name.removesuffix('.yml')}.yaml") is not None
                self._misnamed(kind.part, name, kind.mend, right)
            elif sorted_out[1]:
                translations.setdefault(sorted_out[0], {})[sorted_out[1]] = f"{kind.part}/{name}"
            else:
                mains[sorted_out[0]] = f"{kind.part}/{name}"
        for own in translations.keys() - mains.keys():
            for name in translations[own].values():
                what = f"there is no {own}.{kind.ending} to translate"
                close = closest(own, sorted(mains))
                mend = f"did you mean {close!r}?" if close else f"delete this file, too, or write {own}.{kind.ending}"
                self._sheet(name).problem(1, what, mend)
        found = ((own, self._piece(kind, own, name, translations.get(own, {}), around)) for own, name in mains.items())
        return {own: made for own, made in found if made is not None}

    def _piece(self, kind: Shelf[T], own: str, main: str, translations: Mapping[str, str], around: Around) -> T | None:
        """What one family says, and its problems noted. `main` and `translations` (by language) name its files."""
        piece = self._piece_of(kind, own, main, translations, around)
        self.problems += piece.problems
        return cast("T | None", piece.value)  # what stands under a name was made by this kind's `read`

    def _piece_of(
        self, kind: Shelf[T], own: str, main: str, translations: Mapping[str, str], around: Around
    ) -> Piece[object]:
        """The same with the problems beside it, remembered or read anew."""
        names = (main, *translations.values())
        digests = tuple((name, self._files.page(name).digest) for name in names)
        piece = self._remembered.get(main)
        if piece is None or not piece.still_holds(digests, around, self._files.folder):
            piece = self._made(kind, own, main, translations, around, digests)
        self.used[main] = piece
        return piece

    def _made(
        self,
        kind: Shelf[T],
        own: str,
        main: str,
        translations: Mapping[str, str],
        around: Around,
        digests: tuple[tuple[str, bytes], ...],
    ) -> Piece[object]:
        problems: list[Problem] = []
        media = Media(self._files.folder)
        leaf = self._leaf(main, problems)
        if len(own) > kind.longest:
            what = f"the file's name is its id, of at most {kind.longest} characters"
            leaf.sheet.problem(1, what, "shorten it")
        others: list[tuple[str, Leaf]] = []
        for language, name in translations.items():
            other = self._leaf(name, problems)
            if language == around.language:
                other.sheet.problem(1, f"{own}.{kind.ending} is in {language!r} already", "delete one of them")
            elif language in around.drafts:
                continue  # with its phrases: nobody reads it yet
            elif language not in around.languages:
                other.sheet.problem(1, f"there are no phrases in {language!r}", f"add phrases/{language}.yaml first")
            else:
                others.append((language, other))
        value = kind.read(Family(own, leaf, tuple(others), around, media))
        return Piece(value, tuple(problems), digests, around, media.asked)

    def _leaf(self, name: str, problems: list[Problem]) -> Leaf:
        sheet, page = Sheet(self._files.shown(name), problems), self._files.page(name)
        if page.trouble is not None:
            sheet.problem(1, *page.trouble)
        return Leaf(sheet, None if page.trouble is not None else page.data)

    def _checklists(self, outlines: Mapping[str, Outline], guides: Mapping[str, Guide]) -> dict[str, Checklist]:
        found = {own: outline.checklist for own, outline in outlines.items() if outline.checklist is not None}
        drafts = {
            own: replace(outline.draft, sheet=Sheet(outline.draft.sheet.name, self.problems))
            for own, outline in outlines.items()
        }
        check_checklists(found, drafts)
        return {own: with_guides(checklist, drafts[own], guides) for own, checklist in found.items()}

    def _updates(self, told: Mapping[str, Told]) -> dict[str, Update]:
        return in_order([(one.update, Sheet(one.sheet.name, self.problems)) for one in told.values()])


def _read_hub_file(family: Family) -> HubFile | None:
    node = family.main.node()
    return None if node is None else read_rules(family.main.sheet, node)


def _read_phrases(family: Family) -> dict[str, str] | None:
    node = family.main.node()
    return None if node is None else read_phrases(family.main.sheet, node, family.id)


_HUB_FILE: Final = Shelf("", "yaml", "hub", _read_hub_file)
_PHRASES: Final = Shelf("phrases", "yaml", "en", _read_phrases)


def _usual(texts: Mapping[str, Mapping[str, str]], key: str, language: str) -> Words:
    spoken = {spoken: phrases[key] for spoken, phrases in texts.items() if key in phrases}
    return Words(spoken if language in spoken else {language: "…"}, language)
