"""Reads the whole content folder and holds its files against each other: all problems at once, or a catalogue."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.content.catalogue import BrokenContent, Catalogue, Checklist, Problem, Rules
from core.content.checklist_files import read_checklist, read_translation
from core.content.drafts import Draft
from core.content.hub_file import HubFile, is_language, read_rules
from core.content.order import check_order
from core.content.phrase_files import read_phrases
from core.content.phrases import Phrases, Words
from core.content.reading import Node, Sheet, meant
from core.content.shapes import LONGEST_ID
from core.content.vocabulary import SAID

_CHECKLIST_FILE = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:\.([a-z]{2}))?\.yaml")
_PHRASES_FILE = re.compile(r"([a-z]{2})\.yaml")
_LEFT_BY_EDITORS: Final = re.compile(r"\..*|.*~|#.*|.*\.(?:swp|bak|tmp|orig)")


def read_catalogue(folder: Path) -> Catalogue:
    """Read all content. Raises BrokenContent with every problem there is."""
    reading = _Reading(folder)
    catalogue = reading.catalogue()
    if reading.problems or catalogue is None:
        raise BrokenContent(tuple(sorted(set(reading.problems))))
    return catalogue


def check_content(folder: Path) -> tuple[Problem, ...]:
    """Everything wrong in the folder, sorted by file and line; empty when `read_catalogue` would succeed."""
    try:
        read_catalogue(folder)
    except BrokenContent as broken:
        return broken.problems
    return ()


@dataclass(slots=True)
class _Reading:
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    read: list[tuple[str, bytes]] = field(default_factory=list)
    """Names and bytes of the files the catalogue is made of."""

    def catalogue(self) -> Catalogue | None:
        hub = self._hub_file()
        rules, texts = hub.rules, self._phrases(hub)
        checklists = self._checklists(rules, texts)
        if self.problems:
            return None
        phrases = Phrases(texts, rules.language, {"vendor": rules.vendor})
        return Catalogue(rules, phrases, checklists, str(self.folder), self._version())

    def _sheet(self, path: Path) -> Sheet:
        return Sheet(str(path), self.problems)

    def _read(self, path: Path) -> tuple[Sheet, Node | None]:
        sheet = self._sheet(path)
        node = sheet.read(path, self.folder)
        self.read.append((str(path.relative_to(self.folder)), sheet.data))
        return sheet, node

    def _version(self) -> str:
        """Of the very bytes that were read, so that a file changed meanwhile makes another version."""
        digest = hashlib.sha256()
        for name, data in sorted(self.read):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
        return digest.hexdigest()[:12]

    def _files(self, part: str, pattern: re.Pattern[str], mend: str) -> Iterator[tuple[Path, re.Match[str]]]:
        """The files of a part of the content, in the order of their names."""
        try:
            paths = sorted((self.folder / part).iterdir())
        except OSError as error:
            self._sheet(self.folder / part).problem(1, f"the folder cannot be read: {error.strerror}", "make it")
            return
        for path in paths:
            if _LEFT_BY_EDITORS.fullmatch(path.name):
                continue
            match = pattern.fullmatch(path.name)
            if match is None:
                if path.suffix == ".yml" and pattern.fullmatch(f"{path.stem}.yaml"):
                    mend = f"rename it to {path.stem}.yaml"
                self._sheet(path).problem(1, "the file's name says nothing to the hub", mend)
            else:
                yield path, match

    def _hub_file(self) -> HubFile:
        sheet, node = self._read(self.folder / "hub.yaml")
        return HubFile(Rules("")) if node is None else read_rules(sheet, node)

    def _phrases(self, hub: HubFile) -> dict[str, dict[str, str]]:
        rules = hub.rules
        texts: dict[str, dict[str, str]] = {}
        for path, match in self._files("phrases", _PHRASES_FILE, "name it by its language, as en.yaml"):
            language = match[1]
            sheet, node = self._read(path)
            if not is_language(language):
                sheet.problem(1, f"no language is known as {language!r}", "use its two letters: en, ru, de …")
                continue
            texts[language] = {} if node is None else read_phrases(sheet, node, language)
            if node is not None and language == rules.language:
                for key in SAID.keys() - texts[language].keys():
                    sheet.problem(1, f"the phrase {key!r} is missing", "add it")
        if rules.language not in texts:
            mend = f"add phrases/{rules.language}.yaml, or change `language`"
            what = f"there are no phrases in the default language {rules.language!r}"
            self._sheet(self.folder / "hub.yaml").problem(hub.language_line, what, mend)
        return texts

    def _checklists(self, rules: Rules, texts: Mapping[str, Mapping[str, str]]) -> dict[str, Checklist]:
        defaults = {key: _default_words(texts, f"checklist.{key}", rules.language) for key in ("intro", "finish")}
        drafts: dict[str, Draft] = {}
        checklists: dict[str, Checklist] = {}
        translations: list[tuple[str, str, Path]] = []
        for path, match in self._files(
            "onboarding", _CHECKLIST_FILE, "name it as quickstart.yaml or quickstart.ru.yaml"
        ):
            if match[2]:
                translations.append((match[1], match[2], path))
                continue
            sheet, node = self._read(path)
            if len(match[1]) > LONGEST_ID:
                sheet.problem(1, f"the file's name is its id, of at most {LONGEST_ID} characters", "shorten it")
            draft = drafts[match[1]] = Draft(match[1], sheet, rules.language, self.folder)
            if node is not None:
                checklists[draft.id] = read_checklist(draft, node, defaults)
        for own, language, path in translations:
            sheet, node = self._read(path)
            if own not in drafts:
                sheet.problem(1, f"there is no {own}.yaml to translate", meant(own, sorted(drafts)))
            elif language == rules.language:
                sheet.problem(1, f"{own}.yaml is in {language!r} already", "delete one of them")
            elif language not in texts:
                sheet.problem(1, f"there are no phrases in {language!r}", f"add phrases/{language}.yaml first")
            elif own in checklists and node is not None:
                read_translation(drafts[own], sheet, node, language)
        return check_order(checklists, drafts)


def _default_words(texts: Mapping[str, Mapping[str, str]], key: str, language: str) -> Words:
    spoken = {spoken: phrases[key] for spoken, phrases in texts.items() if key in phrases}
    return Words(spoken if language in spoken else {language: "…"}, language)
