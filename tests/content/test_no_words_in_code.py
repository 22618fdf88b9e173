"""No sentence for people stands in Python: whatever could be one is found, wherever it stands.

A sentence is a text in which at least two words follow each other. It may be a docstring, an error's message, a word
for the log or a pattern; everything else is words that somebody will read, and those live in `content/`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SENTENCE = re.compile(r"(?<![\w{<&?=/-])[^\W\d_]{2,} +[^\W\d_]{2,}(?![\w}=])")

OPERATORS = {
    "core/content": "what is wrong with a file, told with its line to who edits it, where they edit it: in English",
    "hub": "what the operator reads at the terminal, in the log and at /readyz",
}
"""Folders whose words are for those who run the hub or edit its files, and why."""

SPOKEN_IN_HUB = (
    "hub/wiring.py",
    "hub/running.py",
    "hub/content/keeping.py",
    "hub/crew.py",
    "hub/telegram.py",
    "hub/slack.py",
)
"""Files of the hub that come between core and messengers, and so are held to the rule all the same."""

WHOLE_FILES = {
    "core/claims.py": "SQL",
    "core/due.py": "SQL",
    "core/mailings/feeding.py": "SQL",
    "core/campaigns/keeping.py": "SQL",
    "core/campaigns/campaigns_file.py": "what is wrong with a line of an import, told to who runs it",
    "core/campaigns/importing.py": "the same",
    "core/campaigns/listing.py": "lines of `hub campaigns list`, for the terminal",
    "core/campaigns/reasons.py": "words by which providers' reasons are known",
    "core/people/cells.py": "what is wrong with a line of an import, told to who runs it",
    "core/people/importing.py": "the same",
    "core/people/people_file.py": "the same",
    "bots/slack/problems.py": "why Slack refused, for the ledger and the log",
    "bots/slack/sockets.py": "how the connection is, for /readyz and the log",
    "bots/telegram/errors.py": "Telegram's own words, by which its errors are known",
    "scheduler/jobs.py": "names of jobs, for the log",
}
REASONS = frozenset(
    {
        "answer lost",
        "asked to wait",
        "by hand",
        "canary failures",
        "contact gone",
        "does it already",
        "kept back",
        "left out",
        "left out: {}",
        "left to the digest",
        "mailing gone",
        "newer digest",
        "no reason any more",
        "not here yet",
        "open detractor",
        "opted out",
        "other account",
        "our fault: {}",
        "over budget",
        "red health",
        "rule withdrawn",
        "same person",
        "same words",
        "sent again by hand",
        "token refused",
        "too late",
        "topic off",
        "try again in {} s",
        "waits its turn",
    }
)
"""Why a delivery is as it is: kept in the ledger, read by operators with `hub ledger`."""

FOR_THE_LOG = frozenset(
    {
        "cannot connect: {}",
        "does not answer",
        "does not answer: {}",
        "no JSON object",
        "retry after {}",
        "slack courier",
        "slack people",
        "slack share",
        "telegram courier",
        "telegram listener",
        "telegram menu",
        "telegram share",
        "the app was removed from the workspace",
    }
)
"""Names of tasks, and how a messenger's connection is: for the log and /readyz."""

SHOWN = {"Card": ("text", "title", "note"), "Button": ("label",), "Receipt": ("toast",)}
"""By what is shown: the values that are words."""


def files() -> Iterator[Path]:
    for part in ("core", "bots", "scheduler", "hub"):
        for path in sorted((ROOT / part).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name in SPOKEN_IN_HUB or (
                name not in WHOLE_FILES and not any(name.startswith(f"{folder}/") for folder in OPERATORS)
            ):
                yield path


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every text that could be read by somebody."""
    spared = {id(node) for parent in ast.walk(tree) for node in _spared(parent)}
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) in spared:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if SENTENCE.search(text):
                yield node.lineno, text
            waiting += [part for part in node.values if not isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SENTENCE.search(node.value):
                yield node.lineno, node.value
        else:
            waiting += list(ast.iter_child_nodes(node))


def _spared(node: ast.AST) -> Iterator[ast.AST]:
    """What below this node is no word for people."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            yield node  # a docstring, also behind a field or a constant
        case ast.Raise() | ast.Assert() | ast.AnnAssign(annotation=ast.Constant()):
            yield node.exc if isinstance(node, ast.Raise) and node.exc else node
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "re" | "logging" | "warnings"))):
            yield node  # the log; patterns
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log"))))):
            yield node  # log.bind(…).info(…)
        case ast.Call(func=ast.Name(id="text")) | ast.Call(func=ast.Attribute(attr="exec_driver_sql")):
            yield node  # SQL
        case ast.FunctionDef(returns=ast.Constant() as quoted) | ast.AsyncFunctionDef(returns=ast.Constant() as quoted):
            yield quoted  # a type in quotes
        case _:
            pass


def test_no_sentence_for_people_stands_in_the_code() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}: {text}"
        for path in files()
        for line, text in sentences(ast.parse(path.read_text()))
        if text not in REASONS | FOR_THE_LOG
    ]

    assert found == []


def test_no_card_button_or_notice_is_given_words_of_its_own() -> None:
    found = []
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SHOWN:
                words = [*node.args[:1], *(one.value for one in node.keywords if one.arg in SHOWN[node.func.id])]
                found += [f"{path.name}:{one.lineno}" for one in words if _has_letters(one)]

    assert found == []


def _has_letters(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return any(map(str.isalpha, text))
        case ast.JoinedStr():
            return any(_has_letters(part) for part in node.values if isinstance(part, ast.Constant))
        case ast.IfExp():
            return _has_letters(node.body) or _has_letters(node.orelse)
        case _:
            return False


def test_the_walk_sees_a_sentence_and_spares_what_is_none() -> None:
    code = """
'''A docstring of several words.'''
def f(name):
    '''Another one here.'''
    log.info("two words", extra={})
    raise ValueError(f"no such thing as {name}")
card = Card(f"Hello dear {name}")
"""

    assert [text for _, text in sentences(ast.parse(code))] == ["Hello dear {}"]


def test_everything_that_is_allowed_is_still_there() -> None:
    code = "".join(
        path.read_text() for part in ("core", "bots", "scheduler", "hub") for path in (ROOT / part).rglob("*.py")
    )
    gone = [text for text in REASONS | FOR_THE_LOG if text.split("{")[0].strip() not in code]

    assert (gone, [name for name in WHOLE_FILES if not (ROOT / name).is_file()]) == ([], [])
