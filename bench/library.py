"""Makes a content folder of any size, as a company with many products and four languages would have it."""

import random
import textwrap
from pathlib import Path

from bench.hub_process import CONTENT

LANGUAGES = ("en", "ru", "de", "es")
"""The first is the default one; the others are translations beside it."""

STEPS = 6
_WORDS = {
    "en": "open the settings choose your workspace invite colleagues check contacts first campaign report and send",
    "ru": "откройте настройки выберите рабочее пространство пригласите коллег проверьте контакты первая рассылка отчёт",
    "de": "öffnen einstellungen wählen arbeitsbereich kolleginnen einladen kontakte prüfen erste kampagne bericht",
    "es": "abra ajustes elija espacio de trabajo invite colegas revise contactos primera campaña informe y envíe",
}


def write_library(folder: Path, files: int) -> None:
    """So many files of checklists with their translations, beside the sample's `hub.yaml` and phrases."""
    (folder / "phrases").mkdir(parents=True)
    (folder / "onboarding").mkdir()
    (folder / "hub.yaml").write_bytes((CONTENT / "hub.yaml").read_bytes())
    for language in LANGUAGES:
        phrases = f"phrases/{language}.yaml"
        (folder / phrases).write_bytes((CONTENT / phrases).read_bytes())
    luck = random.Random(3)
    for at in range(files):
        number, language = at // len(LANGUAGES), LANGUAGES[at % len(LANGUAGES)]
        name = f"product-{number}" if language == LANGUAGES[0] else f"product-{number}.{language}"
        text = _checklist(luck, number) if language == LANGUAGES[0] else _translation(luck, number, language)
        (folder / "onboarding" / f"{name}.yaml").write_text(text, "utf-8")


def _said(luck: random.Random, language: str, words: int) -> str:
    """Some words, wrapped at 100 characters, with a value and emphasis."""
    known = _WORDS[language].split()
    said = [luck.choice(known) for _ in range(words)]
    said[0], said[-1] = said[0].capitalize(), f"**{said[-1]}** {{{{ client.name }}}}."
    return textwrap.fill(" ".join(said), 100)


def _block(text: str, indent: int) -> str:
    return "|\n" + textwrap.indent(text, " " * indent)


def _checklist(luck: random.Random, number: int) -> str:
    lines = [f"title: Product {number}", f"intro: {_block(_said(luck, 'en', 25), 2)}"]
    lines.append("steps:")
    for step in range(STEPS):
        lines += [
            f"  - id: step-{step}",
            f"    title: Step {step} of product {number}",
            f"    text: {_block(_said(luck, 'en', 30), 6)}",
            "    role: admin",
        ]
        if step:
            lines.append(f"    needs: [step-{step - 1}]")
    return "\n".join(lines) + "\n"


def _translation(luck: random.Random, number: int, language: str) -> str:
    lines = [
        f"title: {_WORDS[language].split()[0]} {number}",
        f"intro: {_block(_said(luck, language, 25), 2)}",
        "steps:",
    ]
    for step in range(STEPS):
        lines += [
            f"  step-{step}:",
            f"    title: {step} / {number}",
            f"    text: {_block(_said(luck, language, 30), 6)}",
        ]
    return "\n".join(lines) + "\n"
