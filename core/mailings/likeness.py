"""Which replies ask the same, by a rule that can be told in one sentence: most of their words are the same."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SHARE: Final = 0.6
"""Of all the different words of two replies, so many have to stand in both."""

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """Replies that ask the same, the oldest first; the others are each like the first."""

    replies: tuple[T, ...]

    @property
    def first(self) -> T:
        return self.replies[0]


def core_words(said: str) -> frozenset[str]:
    """What of a reply is compared: its words and numbers in lower case, without accents, marks and repetitions.

    What has no words at all (a thumb, three dots) is compared as it is written.
    """
    bare = unicodedata.normalize("NFKD", said.casefold())
    words = _WORD.findall("".join(sign for sign in bare if not unicodedata.combining(sign)))
    return frozenset(words) if words else frozenset({"".join(said.split())})


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Do two replies share most of their words?"""
    every = one | other
    return not every or len(one & other) >= SHARE * len(every)


def grouped(replies: Sequence[tuple[T, str]]) -> list[Group[T]]:
    """Each reply with its words, oldest first, put to the first group whose first reply it is like."""
    groups: list[tuple[frozenset[str], list[T]]] = []
    for reply, said in replies:
        words = core_words(said)
        for first, members in groups:
            if alike(first, words):
                members.append(reply)
                break
        else:
            groups.append((words, [reply]))
    return [Group(tuple(members)) for _, members in groups]
